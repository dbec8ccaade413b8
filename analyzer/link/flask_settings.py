"""Keys of a Flask application's configuration → the places that set them, and what each says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ..model import project as answers
from ..model.answer import Known, Unknown
from ..model.code import AnnAssign, Assign, Body, Call, Expr, ExprStmt, Literal, Name, Subscript, Try, With
from ..model.facts import ScopeKind
from ..model.location import Location
from .calls import constant
from .configured_from import Source, named, read_at_run_time, sources
from .environment import fallback
from .evaluate import Evaluator
from .index import ScopeRef, body
from .named_environment import environment
from .values import Frame
from .walk import dotted, statements

CONDITION = Unknown("a setting that depends on a condition")
DISAGREE = Unknown("several configurations that disagree, and nothing says which one production has")
ELSEWHERE = Unknown("a configuration that is read where the backend runs may say otherwise")


@dataclass(frozen=True, slots=True)
class _Given:
    """An assignment in a class or module of a configuration."""

    at: Location
    ref: ScopeRef
    value: Expr = field(compare=False)
    always: bool  # it is made in any case


def of_assignments(ev: Evaluator, path: str, name: str) -> Iterator[answers.Setting]:
    """`app.config["NAME"] = value`, `app.config.update(NAME=value)`."""
    for number, scope in enumerate(ev.index.python[path].scopes):
        ref = ScopeRef(path, number)
        block = body(ev.index, ref)
        always = {id(statement) for statement in always_run(block)}
        for statement in statements(block):
            value = _configured(statement, name)
            if value is None:
                continue
            known = constant(ev.expr(value, Frame(ref))) if id(statement) in always else CONDITION
            default = fallback(value) if isinstance(known, Unknown) and id(statement) in always else None
            by_name = named(ev, ref) if scope.kind is ScopeKind.FUNCTION else environment(path)
            called = isinstance(statement, ExprStmt)
            yield answers.Setting(
                name, known, Location(path, statement.at), "flask", path, by_name, default, None, called
            )


def of_objects(ev: Evaluator, name: str, replaced: Location | None) -> Iterator[answers.Setting]:
    """What the classes and modules say that applications are configured from; `replaced` by an assignment elsewhere."""
    users: dict[_Given, list[Source]] = defaultdict(list)
    live = set[object]()
    for group in sources(ev):
        chosen = _of_production(group)
        said = {source: _nearest(ev, source, name) for source in group}
        for source, given in said.items():
            if given is not None:
                users[given].append(source if source in chosen else replace(source, production=Known(False)))
        if any(said[source] is not None for source in chosen):
            live.update(_value(ev, said[source]) for source in chosen)
    elsewhere = read_at_run_time(ev)
    for given, by in sorted(users.items(), key=lambda item: item[0].at):
        known = constant(ev.expr(given.value, Frame(given.ref))) if given.always else CONDITION
        default = fallback(given.value) if given.always and isinstance(known, Unknown) else None
        production = next((s.production for s in by if s.production != Known(False)), Known(False))
        if isinstance(known, Known) and production != Known(False) and len(live) > 1:
            known = DISAGREE
        elif isinstance(known, Known) and production != Known(False) and elsewhere:
            default = known.value
            known = ELSEWHERE
        yield answers.Setting(name, known, given.at, "flask", given.at.path, production, default, replaced)


def _of_production(group: tuple[Source, ...]) -> list[Source]:
    """The sources that production may have: its own where there is one, else all that are not for something else."""
    own = [source for source in group if source.production == Known(True)]
    return own or [source for source in group if source.production != Known(False)]


def _nearest(ev: Evaluator, source: Source, name: str) -> _Given | None:
    return next((found for part in source.parts if (found := _last(ev, part, name)) is not None), None)


def _value(ev: Evaluator, given: _Given | None) -> object:
    """What tells whether two sources agree: the constant, or else the place; None for the library's default."""
    known = constant(ev.expr(given.value, Frame(given.ref))) if given is not None else None
    return known.value if isinstance(known, Known) else given and given.at


def _last(ev: Evaluator, ref: ScopeRef, name: str) -> _Given | None:
    """The last assignment to a name in a class or module."""
    if name not in ev.index.python[ref.path].names:
        return None
    block = body(ev.index, ref)
    always = {id(statement) for statement in always_run(block)}
    found = None
    for statement in statements(block):
        match statement:
            case Assign(targets=(Name(id=target),), value=value) | AnnAssign(target=Name(id=target), value=value):
                if target == name and value is not None:
                    found = _Given(Location(ref.path, statement.at), ref, value, id(statement) in always)
            case _:
                pass
    return found


def always_run(block: Body) -> Iterator[object]:
    """Statements that run whenever a body does."""
    for statement in block:
        yield statement
        if isinstance(statement, With | Try):
            yield from always_run(statement.body)


def _configured(statement: object, name: str) -> Expr | None:
    """What a statement gives to a key of an app's configuration."""
    match statement:
        case Assign(targets=(Subscript(value=owner, index=Literal(value=key)),), value=value):
            if key == name and dotted(owner).endswith(".config"):
                return value
        case ExprStmt(value=Call(callee=callee, keywords=keywords)):
            if dotted(callee).endswith((".config.update", ".config.from_mapping")):
                return next((k.value for k in keywords if k.name == name), None)
        case _:
            pass
    return None
