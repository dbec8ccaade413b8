"""The authoring API: the names that a rule file may import.

They are loaded when asked for, so that `analyzer.start` can secure the interpreter before anything else is imported.
"""

TYPE_CHECKING = False  # not imported: `typing` alone loads a dozen modules before the interpreter is secured

if TYPE_CHECKING:
    from .model.deployment import Probe, Start
    from .model.finding import Edit, Fix, Suspicion, Unjudged
    from .model.location import Location, Span, Step
    from .model.outbound import Created, Repeated, Retry
    from .model.project import (
        App,
        Argument,
        Audience,
        Endpoint,
        Hole,
        Known,
        Origin,
        Project,
        Purpose,
        Setting,
        Text,
        Unknown,
    )  # fmt: skip
    from .model.provenance import (
        Builds,
        Credential,
        Decoding,
        Derivation,
        Hashing,
        Look,
        Part,
        Source,
        Writing,
        WrittenText,
    )  # fmt: skip
    from .model.rule import Confidence, Node, Rule, Severity, Standard
    from .model.schema import MadeTable

__version__ = "0.1.0"

_HOME = {
    **dict.fromkeys(("Probe", "Start"), "deployment"),
    **dict.fromkeys(("Edit", "Fix", "Suspicion", "Unjudged"), "finding"),
    **dict.fromkeys(("Location", "Span", "Step"), "location"),
    **dict.fromkeys(("Created", "Repeated", "Retry"), "outbound"),
    **dict.fromkeys(
        (
            "App",
            "Argument",
            "Audience",
            "Endpoint",
            "Hole",
            "Known",
            "Origin",
            "Project",
            "Purpose",
            "Setting",
            "Text",
        ),
        "project",
    ),  # fmt: skip
    "Unknown": "project",
    **dict.fromkeys(
        (
            "Builds",
            "Credential",
            "Decoding",
            "Derivation",
            "Hashing",
            "Look",
            "Part",
            "Source",
            "Writing",
            "WrittenText",
        ),
        "provenance",
    ),  # fmt: skip
    **dict.fromkeys(("Confidence", "Node", "Rule", "Severity", "Standard"), "rule"),
    "MadeTable": "schema",
}

__all__ = [
    "App", "Argument", "Audience", "Builds", "Confidence", "Created", "Credential", "Decoding", "Derivation",
    "Edit", "Endpoint", "Fix", "Hashing", "Hole", "Known", "Location", "Look", "MadeTable", "Node", "Origin",
    "Part", "Probe", "Project", "Purpose", "Repeated", "Retry", "Rule", "Setting", "Severity", "Source", "Span",
    "Standard", "Start", "Step", "Suspicion", "Text", "Unjudged", "Unknown", "Writing", "WrittenText",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'analyzer' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"analyzer.model.{_HOME[name]}"), name)
