"""Call sites → calls of library operations, found by name and proved by value; and the meaning of their arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from ..libraries import canonical, constructor
from ..model import project as answers
from ..model.answer import Constant, Known, Unknown
from ..model.code import Call, Compare, Dict, Expr, If, Literal, Name, Starred
from ..model.facts import ScopeKind
from ..model.library import Operation, Parameter
from ..model.location import Location
from . import calling, classes
from .callgraph import CallGraph
from .class_names import class_names
from .evaluate import Evaluator
from .index import ScopeRef, SiteRef, body, call_at
from .parameters import callers
from .pins import defaults
from .scripts import is_script
from .switches import SWITCHED, is_switched
from .values import ClassRef, Const, Container, External, Frame, Opaque, Txt, Value, Values
from .walk import contains


@dataclass(frozen=True, slots=True)
class KnownCall:
    """A call of something that a library model knows."""

    site: SiteRef
    call: Call
    frame: Frame
    target: External
    operation: Operation
    sure: bool  # every value of the callee is this operation

    @property
    def at(self) -> Location:
        return Location(self.site.path, self.call.at)


def words(ev: Evaluator, tells: Callable[[Operation], bool] | None = None) -> frozenset[str]:
    """Last words of the callees that a library model says something of, or what is asked for."""
    tells = tells or _tells
    found: set[str] = set()
    for name, operation in ev.libraries.functions.items():
        if tells(operation):
            found.add(name.rpartition(".")[2])
    for name, model in ev.libraries.classes.items():
        made = constructor(ev.libraries, name)
        if made is not None and tells(made[1]):
            found.add(name.rpartition(".")[2])
        found.update(word for word, operation in model.methods.items() if tells(operation))
    return frozenset(found)


def waits(operation: Operation) -> bool:
    """Whether a call leaves the process, or blocks its thread."""
    return bool(operation.blocks or operation.waits or operation.asks)


def _tells(operation: Operation) -> bool:
    told = operation.blocks or operation.waits or operation.asks or operation.shared
    return bool(told or operation.parameters or operation.overrides) or operation.constructs is not None


def known_calls(ev: Evaluator, with_tests: bool) -> tuple[KnownCall, ...]:
    """Every call of a library operation, sorted by place: by the call graph, in tests by words."""
    graph = ev.graph or CallGraph()
    telling = {name for name in {e.callee for e in graph.edges if isinstance(e.callee, str)} if _is_telling(ev, name)}
    sites = {site for site, edges in graph.sites.items() if any(edge.callee in telling for edge in edges)}
    if with_tests:
        sites |= {site for word in sorted(words(ev)) for site in ev.index.sites.get(word, ()) if _tested(ev, site)}
    found = (known_call(ev, site) for site in sorted(sites))
    return tuple(known for known in found if known is not None)


def _is_telling(ev: Evaluator, name: str) -> bool:
    operation = calling.operation(ev, External(name))
    return operation is not None and _tells(operation)


def _tested(ev: Evaluator, site: SiteRef) -> bool:
    return site.path in ev.index.tests


def known_call(ev: Evaluator, site: SiteRef) -> KnownCall | None:
    """The library operation that a site calls, or None."""
    call = call_at(ev.index, site)
    if call is None:
        return None
    frame = Frame(ScopeRef(site.path, ev.index.site(site).scope))
    values = ev.expr(call.callee, frame)
    matching = [(v, o) for v in values if isinstance(v, External) and (o := calling.operation(ev, v)) is not None]
    matching = [(v, o) for v, o in matching if _tells(o)]
    if not matching:
        return None
    target, operation = matching[0]
    others = [v for v in values if not (isinstance(v, Const) and v.value is None)]
    if operation.constructs is not None:
        target, operation = _constructed(ev, call, frame, operation.constructs) or matching[0]
    return KnownCall(site, call, frame, target, operation, len(matching) == len(others))


def _constructed(ev: Evaluator, call: Call, frame: Frame, position: int) -> tuple[External, Operation] | None:
    """The library's class that a call makes with its arguments by name: `app.add_middleware(CORSMiddleware, …)`."""
    for value in ev.expr(call.args[position], frame) if position < len(call.args) else ():
        for base in classes.bases(ev, value.ref) if isinstance(value, ClassRef) else ():
            if isinstance(base, str) and (made := constructor(ev.libraries, base)):
                return External(base), made[1]
        if isinstance(value, External) and (made := constructor(ev.libraries, value.name)):
            return External(canonical(ev.libraries, value.name)), made[1]
    return None


def describe(ev: Evaluator, known: KnownCall) -> answers.Call:
    """A call as rules see it."""
    scope = ev.scope(known.frame.ref)
    library = ev.libraries.owner.get(known.target.name) or ev.libraries.owner.get(
        known.target.name.rpartition(".")[0], ""
    )
    return answers.Call(
        name=known.target.name,
        library=library,
        at=known.at,
        within=scope.qualname,
        in_async=scope.is_async,
        main_guard=in_main_guard(ev, known.site.path, known.call)
        or only_from_main(ev, known.frame.ref)
        or is_script(ev, known.site.path),
        sure=known.sure,
    )


def in_main_guard(ev: Evaluator, path: str, expr: Expr) -> bool:
    """Whether a place stands under `if __name__ == "__main__":`."""
    guards = ev.guards.get(path)
    if guards is None:
        guards = tuple(
            statement.at
            for statement in body(ev.index, ScopeRef(path, 0))
            if isinstance(statement, If) and isinstance(statement.test, Compare)
            and isinstance(statement.test.left, Name) and statement.test.left.id == "__name__"
        )  # fmt: skip
        ev.guards[path] = guards
    return any(contains(guard, expr.at) for guard in guards)


def only_from_main(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a function is called from under `if __name__ == "__main__":` of its own file and nowhere else."""
    scope = ev.scope(ref)
    if scope.kind is not ScopeKind.FUNCTION or scope.parent != 0 or not _guarded_names(ev, ref.path, scope.name):
        return False
    found = callers(ev, ref)
    calls = [call_at(ev.index, site) for site in found]
    return bool(found) and all(
        call is not None and site.path == ref.path and in_main_guard(ev, site.path, call)
        for site, call in zip(found, calls, strict=True)
    )


def _guarded_names(ev: Evaluator, path: str, name: str) -> bool:
    """Whether a function's name is called under the guard at all: proving who calls it costs more."""
    sites = (site for site in ev.index.sites.get(name, ()) if site.path == path)
    return any((call := call_at(ev.index, site)) is not None and in_main_guard(ev, path, call) for site in sites)


# -------------------------------------------------------------------- arguments


@dataclass(frozen=True, slots=True)
class Given:
    """An argument where it stands, in the frame that it is read in; `why` where it may be there but cannot be seen."""

    expr: Expr | None
    frame: Frame
    why: str = ""


def given(ev: Evaluator, call: Call, frame: Frame, name: str, parameter: Parameter) -> Given:
    """The expression that a call gives to a parameter."""
    carrier, _, key = parameter.path.partition(".")
    if key:
        whole = given(ev, call, frame, carrier, msgspec.structs.replace(parameter, path=""))
        inside = _in_mapping(ev, whole.expr, whole.frame, key) if whole.expr is not None else whole
        return inside or Given(None, frame)
    for keyword in call.keywords:
        if keyword.name == name:
            return Given(keyword.value, frame)
    if parameter.position is not None:
        for position, arg in enumerate(call.args[: parameter.position + 1]):
            if isinstance(arg, Starred):
                return Given(None, frame, "arguments passed on with `*`")
            if position == parameter.position:
                return Given(arg, frame)
    for keyword in call.keywords:
        if keyword.name is None:
            inside = _in_mapping(ev, keyword.value, frame, name)
            if inside is not None:
                return inside
    return Given(None, frame)


def _in_mapping(ev: Evaluator, mapping: Expr, frame: Frame, name: str) -> Given | None:
    """What `**mapping` gives to a parameter; None when it is known to hold no such key."""
    for value in ev.expr(mapping, frame):
        if not (isinstance(value, Container) and isinstance(value.expr, Dict)):
            return Given(None, frame, "arguments passed on with `**`")
        for key, item in zip(value.expr.keys, value.expr.values, strict=True):
            if key is None:
                return Given(None, frame, "arguments passed on with `**`")
            if isinstance(key, Literal) and key.value == name:
                return Given(item, value.frame)
    return None


def constant(values: Values) -> Known[Constant] | Unknown:
    """The constant that the values agree on."""
    constants = [v for v in values if isinstance(v, Const)]
    if constants and len(constants) == len(values):
        first = constants[0]
        if all(c.value == first.value for c in constants):
            return Known(first.value, (first.at,) if first.at else ())
        return Unknown("one of several constants")
    opaque = [v for v in values if isinstance(v, Opaque)]
    return Unknown(opaque[0].why if opaque else "not a constant")


def arguments(ev: Evaluator, calls: tuple[KnownCall, ...], role: str) -> Iterator[answers.Argument]:
    """Every use of a parameter with this role."""
    for known in calls:
        for name, parameter in known.operation.parameters.items():
            if parameter.role == role:
                yield from _argument(ev, known, name, parameter)


def _argument(ev: Evaluator, known: KnownCall, name: str, parameter: Parameter) -> Iterator[answers.Argument]:
    call = describe(ev, known)
    found = given(ev, known.call, known.frame, name, parameter)
    switched = parameter.role in SWITCHED and is_switched(ev, known.frame.ref, known.call.at)
    if found.expr is None:
        if found.why:
            yield answers.Argument(parameter.role, call, True, Unknown(found.why), (), known.at)
        elif parameter.default is not msgspec.UNSET:
            value = _default(ev, parameter)
            yield answers.Argument(parameter.role, call, False, value, (), known.at, switched=switched)
        return
    values = elements(ev, ev.expr(found.expr, found.frame), parameter)
    at = Location(found.frame.ref.path, found.expr.at)
    if at.path != known.site.path:
        at = known.at
    named = class_names(ev, found.expr, found.frame)
    texts = texts_of(values)
    yield answers.Argument(parameter.role, call, True, constant(values), texts, at, switched=switched, classes=named)


def _default(ev: Evaluator, parameter: Parameter) -> Known[Constant] | Unknown:
    """What holds where nothing is given, if it is alike in all releases that may be installed."""
    first, *others = [None if one is msgspec.UNSET else one for one in defaults(ev, parameter)]
    return Unknown("releases with different defaults are allowed") if others else Known(first)


def elements(ev: Evaluator, values: Values, parameter: Parameter) -> Values:
    """For a parameter whose texts sit in a list or dict: these; else the values themselves."""
    if not parameter.element:
        return values
    found: list[Value] = []
    for value in values:
        if isinstance(value, Container):
            expr = value.expr
            parts = expr.values if isinstance(expr, Dict) else getattr(expr, "items", ())
            for part in parts:
                found += ev.expr(part, value.frame)
        else:
            found.append(value)
    return tuple(found)


def texts_of(values: Values) -> tuple[answers.Text, ...]:
    """The texts among the values."""
    found: list[answers.Text] = []
    for value in values:
        if isinstance(value, Txt):
            found.append(answers.Text(value.pieces))
        elif isinstance(value, Const) and isinstance(value.value, str):
            found.append(answers.Text((value.value,)))
    return tuple(found)
