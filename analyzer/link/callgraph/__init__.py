"""Who calls whom in the project, how, and on what it runs."""

from .graph import CallGraph, Context, Edge, EdgeKind, Entry

__all__ = ["CallGraph", "Context", "Edge", "EdgeKind", "Entry"]
