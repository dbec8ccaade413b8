"""The linked project's answers about GraphQL schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..model.answer import Known
from ..model.endpoint import Audience, Endpoint, Purpose, Serves
from ..model.graphql import AskedPerObject, FieldNorm, ListedTable, Schema, SchemaField
from .linked import Linked
from .per_object import asked_per_object
from .served_schemas import serving
from .whole_tables import whole_tables

SIBLINGS = 8  # fewer make no norm
NEARLY_ALL = 0.9
UNDERSTOOD = 0.8  # of the siblings, or a norm of the few that are would pass for one of all
# What everybody asks before anything is known of him, or what tells no more than who he is.
_OPEN = re.compile(
    r"^(?:me|viewer|nodes?|_service|_entities|whoami|logout)$|^(?:token|jwt)(?:Auth|Create|Obtain|Verify|Refresh|Revoke)"
    r"|(?:verify|refresh|revoke|obtain|delete)\w*Token|^(?:social|token)Auth|confirm|invitation"
)


class GraphqlQuestions(Linked):
    """A part of `LinkedProject`."""

    __slots__ = ()

    def schemas(self) -> Sequence[Schema]:
        """Every GraphQL schema, sorted by place."""
        return [declared.schema for declared in self._declared() if declared.schema is not None]

    def field_norms(self) -> Sequence[FieldNorm]:
        """What most root fields beside each other carry and a few do not, sorted by schema and type."""
        return self._once("field norms", lambda: tuple(self._norms()))

    def _norms(self) -> Iterator[FieldNorm]:
        open_to_all = {
            (app.key, e.handler_at)
            for app in self.apps(Serves.GRAPHQL)
            for e in app.endpoints
            if e.purpose is not Purpose.OTHER or e.audience is Audience.ANYBODY
        }
        for schema in self.schemas():
            for type_ in ("Mutation", "Query", "Subscription"):
                held = [f for f in schema.fields if f.root and f.type == type_ and not _OPEN.search(f.name)]
                held = [field for field in held if (schema.app, field.at) not in open_to_all]
                sure = [(field, field.guards.value) for field in held if isinstance(field.guards, Known)]
                followed = sum(1 for _, found in sure if found)
                strangers = tuple(field for field, found in sure if not found)
                enough = len(sure) >= SIBLINGS and len(sure) >= UNDERSTOOD * len(held)
                if strangers and enough and followed >= NEARLY_ALL * len(sure):
                    yield FieldNorm(schema.app, type_, followed, len(sure), strangers)

    def asked_per_object(self) -> Sequence[AskedPerObject]:
        """Every field of a type that comes in lists which asks another service by itself, sorted by place."""

        def compute() -> tuple[AskedPerObject, ...]:
            asks = self._asking()
            found = (one for schema in self.schemas() for one in asked_per_object(asks, schema))
            return tuple(sorted(found, key=lambda one: (one.at, one.field.at)))

        return self._once("asked per object", compute)

    def listed_tables(self) -> Sequence[ListedTable]:
        """Every field that answers with all rows of a table, sorted by place."""

        def compute() -> tuple[ListedTable, ...]:
            lists: dict[str, SchemaField] = {
                f"{field.type}.{field.name}": field
                for schema in self.schemas()
                for field in schema.fields
                if field.root and field.lists
            }
            found = whole_tables(self.ev, self.call_graph(), self.apps(Serves.GRAPHQL), self._served())
            kept = [ListedTable(lists[t.endpoint.path], t) for t in found if t.endpoint.path in lists]
            return tuple(sorted(kept, key=lambda one: (one.table.at, one.field.name)))

        return self._once("listed tables", compute)

    def serving_endpoints(self, schema: Schema) -> Sequence[Endpoint]:
        """The HTTP endpoints that answer queries against a schema, as far as they are seen."""
        return serving(schema, (endpoint for app in self.apps() for endpoint in app.endpoints))
