"""The authoring API: the names that a rule file may import.

They are loaded when asked for, so that `analyzer.start` can secure the interpreter before anything else is imported.
"""

TYPE_CHECKING = False  # not imported: `typing` alone loads a dozen modules before the interpreter is secured

if TYPE_CHECKING:
    from .model.access import AdminView, Believed, CachedAnswer, IdleLimit, LimitKey, Loaded, LogOut, Norm, Override
    from .model.answer import Known, Unknown
    from .model.api import Filled, GivenAway, HiddenFailure, LostBody, ToldError, UploadPath, UploadRead, WholeTable
    from .model.deployment import Probe, Start
    from .model.endpoint import App, Audience, Endpoint, Guarded, Idle, Input, Place, Protection, Purpose, Serves
    from .model.finding import Edit, Fix, Suspicion, Unjudged
    from .model.graphql import AskedPerObject, FieldNorm, ListedTable, Schema, SchemaField, Serving
    from .model.location import Location, Span, Step
    from .model.options import Claims, CrossOrigin, Option, SettingOption, Unset
    from .model.outbound import Created, Repeated, Retry
    from .model.project import Argument, Hole, Origin, Project, Setting, Text
    from .model.provenance import (
        Builds,
        Comparison,
        Credential,
        Decoding,
        Derivation,
        Hashing,
        Look,
        Part,
        Side,
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
        "access": "AdminView Believed CachedAnswer IdleLimit LimitKey Loaded LogOut Norm Override",
        "answer": "Known Unknown",
        "api": "Filled GivenAway HiddenFailure LostBody ToldError UploadPath UploadRead WholeTable",
        "deployment": "Probe Start",
        "endpoint": "App Audience Endpoint Guarded Idle Input Place Protection Purpose Serves",
        "graphql": "AskedPerObject FieldNorm ListedTable Schema SchemaField Serving",
        "finding": "Edit Fix Suspicion Unjudged",
        "location": "Location Span Step",
        "options": "Claims CrossOrigin Option SettingOption Unset",
        "outbound": "Created Repeated Retry",
        "project": "Argument Hole Origin Project Setting Text",
        "provenance": "Builds Comparison Credential Decoding Derivation Hashing Look Part Side Source Writing "
        "WrittenText",
        "rule": "Confidence Node Rule Severity Standard",
        "schema": "MadeTable",
    }.items()
    for name in names.split()
}

__all__ = [
    "AdminView", "App", "Argument", "AskedPerObject", "Audience", "Believed", "Builds", "CachedAnswer", "Claims",
    "Comparison", "Confidence", "Created", "Credential", "CrossOrigin", "Decoding", "Derivation", "Edit", "Endpoint",
    "FieldNorm", "Filled", "Fix", "GivenAway", "Guarded", "Hashing", "HiddenFailure", "Hole", "Idle", "IdleLimit",
    "Input", "Known", "LimitKey", "ListedTable", "Loaded", "Location", "LogOut", "Look", "LostBody", "MadeTable",
    "Node", "Norm", "Option", "Origin", "Override", "Part", "Place", "Probe", "Project", "Protection", "Purpose",
    "Repeated", "Retry", "Rule", "Schema", "SchemaField", "Serves", "Serving", "Setting", "SettingOption", "Severity",
    "Side", "Source", "Span", "Standard", "Start", "Step", "Suspicion", "Text", "ToldError", "Unjudged", "Unknown",
    "Unset", "UploadPath", "UploadRead", "WholeTable", "Writing", "WrittenText",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'analyzer' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"analyzer.model.{_HOME[name]}"), name)
