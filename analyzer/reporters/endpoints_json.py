"""The endpoints of a project → JSON, schema 1, published as `schema/endpoints-1.json`: an object for each of them.

Fields may be added within a schema; one that is renamed, removed or means something else makes a new schema.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from ..model.answer import Known, Unknown
from ..model.contract import Comparison, Difference
from ..model.endpoint import App, Guarded, Input, Protection
from ..model.exposure import Exposed
from ..model.location import Location
from ..model.reached import Reach
from ..model.surface import Guard, Surface, guarded
from .ascii_json import ascii_json
from .endpoints_reach import reaches
from .endpoints_words import state

SCHEMA = 1

Json = dict[str, Any]


def endpoints_json(surface: Surface) -> str:
    """The listing, indented. Lines count from 1."""
    value: Json = {
        "schema": SCHEMA,
        "tool": "backend-audit",
        "version": surface.version,
        "targets": list(surface.targets),
        "all": surface.all,
        "frameworks": list(surface.frameworks),
        "apps": [_app(app) for app in surface.apps],
        "endpoints": [_endpoint(one, reach) for one, reach in zip(surface.endpoints, _reach(surface), strict=True)],
        "problems": [
            {"stage": p.stage, "path": p.path, "message": p.message, "note": p.note} for p in surface.problems
        ],
        "openapi": _comparison(surface.comparison) if surface.comparison else None,
    }
    return ascii_json(value, indent=2)


def _reach(surface: Surface) -> Sequence[Reach | None]:
    return surface.reach or (None,) * len(surface.endpoints)


def _app(app: App) -> Json:
    return {
        "key": app.key,
        "framework": app.framework,
        "name": app.name,
        "serves": app.serves,
        **_place(app.at),
        "endpoints": len(app.endpoints),
        "complete": _known(app.complete),
    }


def _endpoint(one: Exposed, reach: Reach | None) -> Json:
    endpoint = one.endpoint
    return {
        "methods": list(endpoint.methods),
        "path": endpoint.path,
        "framework": endpoint.framework,
        "app": endpoint.app,
        "serves": one.serves,
        "handler": endpoint.handler,
        "file": endpoint.handler_at.path,
        "line": endpoint.handler_at.span.line,
        "registered": _place(endpoint.registered_at),
        "async": endpoint.is_async,
        "purpose": endpoint.purpose,
        "audience": endpoint.audience,
        "exposure": one.exposure,
        "protections": {guard: _guarded(guarded(endpoint, guard)) for guard in Guard},
        "middleware": [_protection(protection) for protection in endpoint.middleware],
        "all_middleware": _known(endpoint.all_middleware),
        "inputs": [_input(value) for value in endpoint.inputs],
        "all_inputs": _known(endpoint.all_inputs),
        "response": _known(endpoint.response),
        "pagination": _guarded(endpoint.pagination),
        "reaches": reaches(reach) if reach is not None else None,
    }


def _guarded(found: Guarded) -> Json:
    by = [] if isinstance(found, Unknown) else [_protection(protection) for protection in found.value]
    return {"state": state(found), "why": found.why if isinstance(found, Unknown) else None, "by": by}


def _known(found: Known[Any] | Unknown) -> Json:
    """An answer that may be missing: `value` is null where `why` says why."""
    if isinstance(found, Unknown):
        return {"value": None, "why": found.why}
    return {"value": _plain(found.value), "why": None}


def _plain(value: Any) -> Any:
    """JSON knows no infinity, and nothing that is not a number."""
    return str(value) if isinstance(value, float) and not isfinite(value) else value


def _protection(protection: Protection) -> Json:
    return {"kind": protection.kind, "what": protection.what, **_place(protection.at)}


def _input(one: Input) -> Json:
    return {
        "name": one.name,
        "in": one.place,
        "type": one.type or None,
        "required": one.required,
        "bounds": [{"name": name, "value": _plain(value)} for name, value in one.bounds],
        "default": None if one.required else _known(one.default),
        **_place(one.at),
    }


def _place(at: Location) -> Json:
    return {"path": at.path, "line": at.span.line}


def _comparison(comparison: Comparison) -> Json:
    return {
        "document": comparison.document,
        "version": comparison.version,
        "operations": comparison.operations,
        "matched": comparison.matched,
        "differences": [_difference(difference) for difference in comparison.differences],
        "unjudged": [{"why": why, "count": count} for why, count in comparison.unjudged],
    }


def _difference(difference: Difference) -> Json:
    at = difference.at
    return {
        "kind": difference.kind,
        "method": difference.method,
        "path": difference.path,
        "says": difference.says,
        "file": at.path if at else None,
        "line": at.span.line if at else None,
    }
