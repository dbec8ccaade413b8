"""GraphQL fields, of which only their own guards were known → what guards the HTTP endpoints that serve them, too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..model.answer import Known, Unknown
from ..model.endpoint import App, Endpoint, Guarded, Serves
from ..model.graphql import Schema
from .declared import Declared
from .walk import contains

BEHIND = "what guards its HTTP endpoint"  # what a framework module says of a field that asks nothing by itself


def with_served(declared: Sequence[Declared]) -> list[Declared]:
    """The same, with each schema's fields behind what all HTTP endpoints that serve it ask."""
    http = [endpoint for one in declared if one.app.serves is Serves.HTTP for endpoint in one.app.endpoints]
    return [
        replace(one, app=_behind(one.app, serving(one.schema, http))) if one.schema is not None else one
        for one in declared
    ]


def serving(schema: Schema, http: Iterable[Endpoint]) -> list[Endpoint]:
    """The HTTP endpoints that answer queries against a schema, as far as they are seen."""
    places = [one.at for one in schema.served]
    return [
        endpoint
        for endpoint in http
        if any(
            at.path == endpoint.registered_at.path and contains(endpoint.registered_at.span, at.span) for at in places
        )
    ]


def _behind(app: App, front: Sequence[Endpoint]) -> App:
    asks, limits = _all([one.authentication for one in front]), _all([one.limits for one in front])
    told = tuple(
        replace(e, authentication=_settled(e.authentication, asks), limits=_settled(e.limits, limits))
        for e in app.endpoints
    )
    return replace(
        app, endpoints=told, authentication=_settled(app.authentication, asks), limits=_settled(app.limits, limits)
    )


def _settled(own: Guarded, front: Guarded) -> Guarded:
    return front if isinstance(own, Unknown) and own.why == BEHIND else own


def _all(front: Sequence[Guarded]) -> Guarded:
    """What each of the endpoints asks: nothing where one of them asks nothing, since a client takes that one."""
    bare = [one for one in front if isinstance(one, Known) and not one.value]
    unknown = [one for one in front if isinstance(one, Unknown)]
    if not front or (unknown and not bare):
        return unknown[0] if unknown else Unknown(BEHIND)
    return bare[0] if bare else front[0]
