"""GraphQL schemas, their fields and what serves them, as questions that a rule may ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from .answer import Known, Unknown
from .endpoint import Guarded, Input
from .location import Location, Step

if TYPE_CHECKING:
    from .api import WholeTable
    from .endpoint import Endpoint

Flag = Known[bool] | Unknown


@dataclass(frozen=True, slots=True)
class SchemaField:
    """One field of one type of a schema, with what answers it."""

    type: str  # "Query", "Mutation" or "Subscription", else the class that declares it: "Order"
    name: str  # as the client writes it
    at: Location  # the name of its resolver; where the field is declared, if it has none
    is_class: bool  # what stands there is a class
    root: bool
    many: bool  # objects of its type come in lists
    lists: bool  # it answers with a list that nothing cuts into pages
    guards: Guarded  # what asks, for this field alone, who is calling or whether he may
    takes: tuple[Input, ...]  # its arguments


@dataclass(frozen=True, slots=True)
class Serving:
    """What answers queries against a schema over HTTP, with the switches that it was given."""

    at: Location  # the call that makes it
    what: str  # "strawberry.fastapi.GraphQLRouter"
    explorer: Flag  # it shows a page to write queries in
    introspects: Flag  # it tells anybody what the schema holds
    gets: Flag  # it answers queries by GET, which any page may make a browser send
    forms: Flag  # it takes forms, which any page may make a browser send
    exempt: bool  # it stands in Django's `csrf_exempt`
    debug: Flag  # it answers with the traceback of an error
    batches: Known[int | None] | Unknown  # operations in one request at most; None: as many as the client likes


@dataclass(frozen=True, slots=True)
class Schema:
    """A GraphQL schema."""

    app: str  # the key of its App
    name: str
    framework: str
    at: Location  # the call that makes it
    limits: Guarded  # what bounds how large a query may be: its depth, its cost, its tokens
    masks: Guarded  # what keeps the words of an unexpected error from the client
    fields: tuple[SchemaField, ...]  # sorted by type and name
    served: tuple[Serving, ...]


@dataclass(frozen=True, slots=True)
class FieldNorm:
    """What most fields of a root type carry, and the few that do not."""

    schema: str  # the key of the App
    type: str
    followed: int
    total: int
    strangers: tuple[SchemaField, ...]


@dataclass(frozen=True, slots=True)
class AskedPerObject:
    """A field that asks another service once for each object of a list."""

    field: SchemaField
    at: Location  # the call that asks, in the resolver or below it
    what: str  # what it asks: "database"
    path: tuple[Step, ...]
    sure: bool


@dataclass(frozen=True, slots=True)
class ListedTable:
    """A field that answers with a list of all rows of a table."""

    field: SchemaField
    table: WholeTable


class GraphqlQuestions(Protocol):
    """What a rule may ask about GraphQL schemas."""

    def schemas(self) -> Sequence[Schema]:
        """Every GraphQL schema, sorted by place."""

    def field_norms(self) -> Sequence[FieldNorm]:
        """What most root fields beside each other carry and a few do not, sorted by schema and type."""

    def asked_per_object(self) -> Sequence[AskedPerObject]:
        """Every field of a type that comes in lists which asks another service by itself, sorted by place."""

    def listed_tables(self) -> Sequence[ListedTable]:
        """Every field that answers with all rows of a table, sorted by place."""

    def serving_endpoints(self, schema: Schema) -> Sequence[Endpoint]:
        """The HTTP endpoints that answer queries against a schema, as far as they are seen."""
