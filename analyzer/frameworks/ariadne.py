"""Ariadne: executable schemas, the objects that bind functions to their fields, and the fields that come out."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..link.declared import Declared
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef
from ..link.values import Frame
from ..model.answer import Known
from ..model.code import Expr, Sequence
from ..model.endpoint import Input
from ..model.location import Location
from .adding import Adding, applied, calls, decorators
from .evidence import NONE, merged
from .graphql_fields import ROOTS, Field, Whole, arguments, camel, declared
from .graphql_limits import elsewhere
from .graphql_serving import serving
from .guards import Guards
from .lists import items
from .objects import Made, meant, objects
from .routes import Handler, of_function, of_reference
from .sources import HOLE, argument, read, sites, text, text_of, uses, variable
from .tree import Tree

MAKERS = frozenset({"make_executable_schema", "make_federated_schema"})
_OF_ROOT = {"QueryType": "Query", "MutationType": "Mutation", "SubscriptionType": "Subscription"}
_BINDERS = (
    "ariadne.QueryType", "ariadne.MutationType", "ariadne.SubscriptionType", "ariadne.ObjectType",
    "ariadne.InterfaceType", "ariadne.contrib.federation.FederatedObjectType",
    "ariadne.contrib.relay.RelayObjectType", "ariadne.contrib.relay.RelayQueryType",
)  # fmt: skip
_GIVEN = frozenset({"obj", "parent", "root", "info", "_", "__", "_info", "source", "self", "_obj", "_parent", "_root"})
_WORDS = frozenset({"field", "source"})
_LISTED = re.compile(r"\[\s*(\w+)\s*!?\s*\]")


def declare(ev: Evaluator) -> Iterable[Declared]:
    """Every executable schema with the fields of its root types, in the order of their places."""
    if not uses(ev, "ariadne", "ariadne_django"):
        return
    tree = Tree(Guards(ev), objects(ev, _BINDERS))
    bound = _bound(tree)
    schemas = [site for site in sites(ev, *sorted(MAKERS)) if _is_schema(ev, site)]
    for site in schemas:
        yield declared(tree.guards, _whole(tree, site, bound, alone=len(schemas) == 1))


def _is_schema(ev: Evaluator, site: SiteRef) -> bool:
    found = read(ev, site)
    return found is not None and any(name.startswith("ariadne.") for name in ev.qualified(found[0].callee, found[1]))


def _whole(tree: Tree, site: SiteRef, bound: dict[SiteRef, list[Field]], alone: bool) -> Whole:
    ev, guards = tree.guards.ev, tree.guards
    called = read(ev, site)
    assert called is not None
    call, frame = called
    keys, sure = _bindables(tree, Sequence(call.at, "tuple", call.args[1:]), frame)
    if alone and not (sure and keys):
        keys = set(bound)  # what a list cannot be read of holds, nothing else can
    fields = tuple(one for key in sorted(keys) for one in bound.get(key, ()))
    if argument(ev, call, frame, "convert_names_case").expr is not None:
        fields = tuple(replace(one, inputs=tuple(_renamed(i) for i in one.inputs)) for one in fields)
    written = text_of(ev, argument(ev, call, frame, "type_defs", 0))
    in_lists = frozenset(_LISTED.findall(written))
    name, at = variable(ev, site) or "schema", Location(site.path, call.at)
    served = serving(guards, "ariadne", Known(True), Known(1))
    limits = merged([served.limits, NONE if served.limits.found else elsewhere(ev)])
    return Whole(
        "ariadne", f"{site.path}:{name}", name, at, fields, in_lists, tree.hidden, limits, served.masks, served
    )


def _renamed(taken: Input) -> Input:
    """`convert_names_case=True`: what Python calls "trail_id" is the client's "trailId"."""
    return replace(taken, name=camel(taken.name))


def _bindables(tree: Tree, expr: Expr, frame: Frame, depth: int = 0) -> tuple[set[SiteRef], bool]:
    """The objects among the arguments of a schema, which may stand in lists; and whether these are all."""
    held = items(tree.guards.ev, expr, frame)
    keys: set[SiteRef] = set()
    sure = held.complete
    for one, where in held.found:
        found = meant(tree.objects, one, where)
        inner = _bindables(tree, one, where, depth + 1) if not found.keys and depth < 2 else (set[SiteRef](), True)
        keys.update((*found.keys, *inner[0]))
        sure = sure and inner[1]
    return keys, sure


# ------------------------------------------------------------------------------- bound functions


def _bound(tree: Tree) -> dict[SiteRef, list[Field]]:
    """The fields that each binding object is given: by decorator, by call of it, and by `set_field`."""
    found: dict[SiteRef, list[Field]] = defaultdict(list)
    sources = list[tuple[Adding, Handler]]()
    for one in decorators(tree, _WORDS):
        above = Frame(ScopeRef(one.ref.path, tree.guards.ev.scope(one.ref).parent))
        sources.append((one.adding, of_function(tree.guards, one.ref, one.below, above)))
    for adding, given in applied(tree, _WORDS):
        sources.append((adding, of_reference(tree.guards, given, adding.frame)))
    for adding in calls(tree, frozenset({"set_field", "set_source"})):
        held = argument(tree.guards.ev, adding.call, adding.frame, "resolver", 1)
        if held.expr is not None:
            sources.append((adding, of_reference(tree.guards, held.expr, held.frame)))
    for adding, handler in sources:
        for owner in adding.owners:
            found[owner] += _field(tree, tree.objects.made[owner], adding, handler)
    return found


def _field(tree: Tree, made: Made, adding: Adding, handler: Handler) -> Iterator[Field]:
    """`@query.field("orders")`; a subscription's `source` and `field` are one."""
    ev = tree.guards.ev
    word = made.kind.rpartition(".")[2].removeprefix("Relay")
    type_ = _OF_ROOT.get(word) or text_of(ev, argument(ev, made.call, made.frame, "name", 0)) or HOLE
    name = text(ev.expr(adding.call.args[0], adding.frame)) if adding.call.args else HOLE
    if type_ == "Subscription" and adding.word in ("field", "set_field"):
        return
    ref = handler.ref
    taken = arguments(ev, ref, _GIVEN, plain=True) if ref is not None else ()
    known = type_ if type_ in ROOTS or type_ != HOLE else HOLE
    yield Field(known, name, handler, adding.at, taken, False, NONE, (ref,) if ref is not None else ())
