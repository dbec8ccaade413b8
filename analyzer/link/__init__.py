"""Facts of all files → one project that answers questions: names, values, calls, deadlines, settings."""

from .callgraph.rounds import Keeping
from .index import Index, build, top_packages
from .project import LinkedProject, link

__all__ = ["Index", "Keeping", "LinkedProject", "build", "link", "top_packages"]
