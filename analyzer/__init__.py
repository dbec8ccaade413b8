"""The authoring API: the names that a rule file may import.

They are loaded when asked for, so that `analyzer.start` can secure the interpreter before anything else is imported.
"""

TYPE_CHECKING = False  # not imported: `typing` alone loads a dozen modules before the interpreter is secured

if TYPE_CHECKING:
    from .model.finding import Edit, Fix, Suspicion, Unjudged
    from .model.location import Location, Span, Step
    from .model.project import App, Argument, Endpoint, Hole, Known, Origin, Project, Purpose, Text, Unknown
    from .model.provenance import Derivation, Part, Source, Writing, WrittenText
    from .model.rule import Confidence, Node, Rule, Severity, Standard

__version__ = "0.1.0"

_HOME = {
    **dict.fromkeys(("Edit", "Fix", "Suspicion", "Unjudged"), "finding"),
    **dict.fromkeys(("Location", "Span", "Step"), "location"),
    **dict.fromkeys(
        ("App", "Argument", "Endpoint", "Hole", "Known", "Origin", "Project", "Purpose", "Text"), "project"
    ),
    "Unknown": "project",
    **dict.fromkeys(("Derivation", "Part", "Source", "Writing", "WrittenText"), "provenance"),
    **dict.fromkeys(("Confidence", "Node", "Rule", "Severity", "Standard"), "rule"),
}

__all__ = [
    "App", "Argument", "Confidence", "Derivation", "Edit", "Endpoint", "Fix", "Hole", "Known", "Location", "Node", "Origin",
    "Part", "Project",
    "Purpose", "Rule", "Severity", "Source", "Span", "Standard", "Step", "Suspicion", "Text", "Unjudged", "Unknown", "Writing",
    "WrittenText",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'analyzer' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"analyzer.model.{_HOME[name]}"), name)
