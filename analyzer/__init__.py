"""The authoring API: the names that a rule file may import.

They are loaded when asked for, so that `analyzer.start` can secure the interpreter before anything else is imported.
"""

TYPE_CHECKING = False  # not imported: `typing` alone loads a dozen modules before the interpreter is secured

if TYPE_CHECKING:
    from .model.answer import Known, Unknown
    from .model.deployment import Probe, Start
    from .model.endpoint import App, Audience, Endpoint, Guarded, Input, Place, Protection, Purpose, Serves
    from .model.finding import Edit, Fix, Suspicion, Unjudged
    from .model.location import Location, Span, Step
    from .model.outbound import Created, Repeated, Retry
    from .model.project import Argument, Hole, Origin, Project, Setting, Text
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
    name: module
    for module, names in {
        "answer": "Known Unknown",
        "deployment": "Probe Start",
        "endpoint": "App Audience Endpoint Guarded Input Place Protection Purpose Serves",
        "finding": "Edit Fix Suspicion Unjudged",
        "location": "Location Span Step",
        "outbound": "Created Repeated Retry",
        "project": "Argument Hole Origin Project Setting Text",
        "provenance": "Builds Credential Decoding Derivation Hashing Look Part Source Writing WrittenText",
        "rule": "Confidence Node Rule Severity Standard",
        "schema": "MadeTable",
    }.items()
    for name in names.split()
}

__all__ = [
    "App", "Argument", "Audience", "Builds", "Confidence", "Created", "Credential", "Decoding", "Derivation", "Edit",
    "Endpoint", "Fix", "Guarded", "Hashing", "Hole", "Input", "Known", "Location", "Look", "MadeTable", "Node",
    "Origin", "Part", "Place", "Probe", "Project", "Protection", "Purpose", "Repeated", "Retry", "Rule", "Serves",
    "Setting", "Severity", "Source", "Span", "Standard", "Start", "Step", "Suspicion", "Text", "Unjudged", "Unknown", "Writing",
    "WrittenText",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'analyzer' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"analyzer.model.{_HOME[name]}"), name)
