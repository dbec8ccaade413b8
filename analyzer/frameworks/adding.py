"""Calls and decorators that add routes to objects → each time that they do, with the frame that they are read in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..link import classes
from ..link.bindings import Bind
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef, enclosing_class
from ..link.parameters import bind, callers
from ..link.values import Frame, Instance, Opaque, Thunk
from ..link.walk import nodes
from ..model.code import Attribute, Call, Expr, Name, Sequence, Starred
from ..model.facts import ScopeKind
from ..model.location import Location
from .lists import in_turn, reaching
from .objects import meant, rounds
from .sources import code, read, sites
from .tree import Tree

LOOP = "routes that are added in a loop over something unknown"
# Methods whose names alone say that they add routes.
TELLING = frozenset({
    "add_get", "add_post", "add_put", "add_patch", "add_delete", "add_head", "add_options", "add_view", "add_route",
    "add_routes", "add_subapp", "add_domain", "add_websocket_route", "add_handlers", "add_rules", "add_sink",
    "add_url_rule", "blueprint",
})  # fmt: skip
_MOST_CALLERS = 1_000  # of one helper that adds routes: some backends register each of theirs by one
_MOST_HOPS = 3  # helpers that call helpers


# The last word of a callee, and the objects that calling it adds to.
Owned = Callable[[Expr, Frame], tuple[str, tuple[SiteRef, ...]]]


@dataclass(frozen=True, slots=True)
class Adding:
    """One time that something is added to objects."""

    word: str  # the last word of what is called: "add_get"
    call: Call
    frame: Frame  # in which its arguments are read: loop variables and parameters stand for one round, one caller
    owners: tuple[SiteRef, ...]
    at: Location


@dataclass(frozen=True, slots=True)
class Decorating:
    """A decorator that adds what it decorates to objects."""

    adding: Adding
    ref: ScopeRef  # what is decorated
    is_class: bool
    below: tuple[Expr, ...]  # the decorators that stand between: those above wrap it after it has been added


def of_objects(tree: Tree, words: frozenset[str]) -> Owned:
    """Methods with these names of the objects of a tree."""

    def owned(callee: Expr, frame: Frame) -> tuple[str, tuple[SiteRef, ...]]:
        if not isinstance(callee, Attribute) or callee.name not in words:
            return "", ()
        return callee.name, meant(tree.objects, callee.value, frame).keys

    return owned


def calls(
    tree: Tree, words: frozenset[str], owned: Owned | None = None, may: Callable[[Call], bool] = lambda _: True
) -> Iterator[Adding]:
    """Every call with one of these words that adds to objects, in each of its rounds; `may` looks at it first."""
    ev, owned = tree.guards.ev, owned or of_objects(tree, words)
    for site in sites(ev, *sorted(words)):
        found = read(ev, site)
        if found is None or not may(found[0]) or _forwarding(tree, found[1].ref, words):
            continue
        for frame, sure in frames(ev, *found):
            word, owners = owned(found[0].callee, frame)
            if not owners and words <= TELLING and unseen(tree, found[0].callee, frame):
                tree.loose |= word == "blueprint"
            if not owners or word not in words:
                continue
            if not sure:
                tree.hidden = tree.hidden or LOOP
            yield Adding(word, found[0], frame, owners, Location(site.path, found[0].at))


def unseen(tree: Tree, callee: Expr, frame: Frame) -> bool:
    """Whether routes may be added to a tree by a name for something that is not known; the tree remembers it."""
    kinds = {made.kind for made in tree.objects.made.values()}
    values = tree.guards.ev.expr(callee.value, frame) if isinstance(callee, Attribute) else ()
    if not any(isinstance(v, Opaque) or (isinstance(v, Instance) and v.cls in kinds) for v in values):
        return False
    tree.hidden = tree.hidden or "routes of an object that is not known"
    return True


def frames(ev: Evaluator, call: Call, frame: Frame, hops: int = 0) -> list[tuple[Frame, bool]]:
    """The frames in which a call runs: one for each round of a loop around it and each caller of a helper around it.

    They are not sure where such a round or caller is not known.
    """
    named = {node.id for node in nodes(call) if isinstance(node, Name)} | _behind(ev, call, frame.ref)
    found: list[tuple[Frame, bool]] = []
    for outer, sure in _callers(ev, named, frame, hops):
        turns = rounds(ev, call, outer)
        if turns is None:
            found.append((outer, False))
            continue
        for turn in turns:
            kept = {name: held for name, held in turn.items() if _holds(ev, name, call, outer)}
            found.append((in_turn(ev, kept, outer), sure))
    return found


def _behind(ev: Evaluator, call: Call, ref: ScopeRef) -> set[str]:
    """The names of which a function makes the arguments of a call: `view = resource.as_view(…)` before it."""
    given = (*call.args, *(keyword.value for keyword in call.keywords))
    names = {node.id for part in given for node in nodes(part) if isinstance(node, Name)}
    made = [bound.expr for name in sorted(names) for bound in ev.bindings(ref).get(name, ()) if bound.expr is not None]
    return {node.id for expr in made for node in nodes(expr) if isinstance(node, Name)}


def _holds(ev: Evaluator, name: str, call: Call, frame: Frame) -> bool:
    """Whether a loop variable still is what the loop gave it at a call; decorators stand in no statement."""
    state = reaching(ev, name, call.at, frame.ref) or tuple(ev.bindings(frame.ref).get(name, ()))
    return [binding.how for binding in state] == [Bind.ELEMENT]


def _callers(ev: Evaluator, named: set[str], frame: Frame, hops: int) -> list[tuple[Frame, bool]]:
    """A helper's frame for each call of it, where what it adds depends on its parameters."""
    scope, whole = ev.scope(frame.ref), [(frame, True)]
    if scope.kind is not ScopeKind.FUNCTION or not named & {p.name for p in scope.params.items[_first(ev, frame) :]}:
        return whole
    around = callers(ev, frame.ref)
    if not around or len(around) > _MOST_CALLERS or hops >= _MOST_HOPS:
        return whole
    found: list[tuple[Frame, bool]] = []
    for site in around:
        called = read(ev, site)
        if called is None:
            return [(frame, False)]
        for outer, sure in frames(ev, *called, hops + 1):
            bound = bind(ev, frame.ref, called[0], outer, has_receiver=bool(_first(ev, frame)))
            bound |= _collected(ev, called[0], frame, outer)
            found.append((ev.frame(frame.ref, tuple(bound.items()), 0), sure))
    return found


def _collected(ev: Evaluator, call: Call, frame: Frame, outer: Frame) -> dict[str, Thunk]:
    """What `*rest` of a helper collects of a call."""
    items = ev.scope(frame.ref).params.items[_first(ev, frame) :]
    named = sum(param.kind in ("positional", "normal") for param in items)
    if any(isinstance(arg, Starred) for arg in call.args):
        return {}
    rest = Sequence(call.at, "tuple", call.args[named:])
    return {param.name: Thunk(call.at, outer, rest) for param in items if param.kind == "vararg"}


def _first(ev: Evaluator, frame: Frame) -> int:
    return int(enclosing_class(ev.index, frame.ref) is not None)


def _forwarding(tree: Tree, ref: ScopeRef, words: frozenset[str]) -> bool:
    """Whether a place is inside a subclass's own version of a method that adds: it hands on what others add."""
    ev, kinds = tree.guards.ev, {made.kind for made in tree.objects.made.values() if made.cls is not None}
    while ref.scope and kinds:
        owner = enclosing_class(ev.index, ref)
        if owner is not None and ev.scope(ref).name in words and classes.derives(ev, owner, *sorted(kinds)):
            return True
        ref = ScopeRef(ref.path, ev.scope(ref).parent)
    return False


def decorators(tree: Tree, words: frozenset[str], owned: Owned | None = None) -> Iterator[Decorating]:
    """Every decorator with one of these words that adds to objects, in each of its rounds: `@owner.word("/x")`."""
    ev, owned = tree.guards.ev, owned or of_objects(tree, words)
    for path, facts in code(ev):
        for number, scope in enumerate(facts.scopes):
            frame = Frame(ScopeRef(path, scope.parent))
            mine = [_mine(one, frame, owned, words) for one in scope.decorators]
            for position, found in enumerate(mine):
                if found is None:
                    continue
                below = tuple(d for n, d in enumerate(scope.decorators) if n > position and mine[n] is None)
                for inner, _ in frames(ev, found.call, frame):
                    again = _mine(found.call, inner, owned, words) or found
                    yield Decorating(again, ScopeRef(path, number), scope.kind is ScopeKind.CLASS, below)


def _mine(expr: Expr, frame: Frame, owned: Owned, words: frozenset[str]) -> Adding | None:
    if not isinstance(expr, Call):
        return None
    word, owners = owned(expr.callee, frame)
    adds = bool(owners) and word in words
    return Adding(word, expr, frame, owners, Location(frame.ref.path, expr.at)) if adds else None


def applied(tree: Tree, words: frozenset[str], owned: Owned | None = None) -> Iterator[tuple[Adding, Expr]]:
    """`owner.word("/x")(handler)`: what is added, and the handler."""
    ev, owned = tree.guards.ev, owned or of_objects(tree, words)
    for site in ev.index.sites.get("?", ()):
        called = read(ev, site) if site.path not in ev.index.tests else None
        if called is None or not called[0].args or not isinstance(called[0].callee, Call):
            continue
        for frame, _ in frames(ev, *called):
            found = _mine(called[0].callee, frame, owned, words)
            if found is not None:
                yield found, called[0].args[0]
