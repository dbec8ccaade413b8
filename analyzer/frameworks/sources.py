"""Expressions of audited code → what frameworks ask of them: sites by word, arguments, list items, texts, names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..link.bindings import Bind, Binding, Flow
from ..link.calls import given
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef, body, call_at
from ..link.values import Const, Container, Frame, Txt, Values
from ..link.walk import dotted, statements
from ..model.code import AnnAssign, Assign, BinOp, BoolOp, Call, Comprehension, Dict, Expr, IfExp, Name, Sequence, Starred
from ..model.facts import PythonFacts
from ..model.library import Parameter
from ..model.location import Location, Span

HOLE = "…"
MOST_DEEP = 12  # lists inside lists that are followed
END = Span(10**9, 0, 10**9, 0)  # a place after everything in a file


def code(ev: Evaluator) -> Iterator[tuple[str, PythonFacts]]:
    """The project's Python files that are no test code, sorted by path."""
    for path, facts in sorted(ev.index.python.items()):
        if path not in ev.index.tests:
            yield path, facts


def uses(ev: Evaluator, *packages: str) -> bool:
    """Whether any file that is no test code imports one of these top-level packages."""
    return any(
        item.level == 0 and item.module.partition(".")[0] in packages for _, facts in code(ev) for item in facts.imports
    )


def sites(ev: Evaluator, *words: str) -> list[SiteRef]:
    """The calls whose callee ends with one of these words, or with a name that an import gave such a thing."""
    found = {site for word in words for site in ev.index.sites.get(word, ())}
    wanted = frozenset(words)
    for path, facts in code(ev):
        for item in facts.imports:
            if item.name in wanted and item.bound not in wanted:
                found.update(site for site in ev.index.sites.get(item.bound, ()) if site.path == path)
    return sorted((s for s in found if s.path not in ev.index.tests), key=lambda s: (s.path, s.site))


def read(ev: Evaluator, site: SiteRef) -> tuple[Call, Frame] | None:
    """A call site's expression and the frame that it is read in."""
    call = call_at(ev.index, site)
    return None if call is None else (call, Frame(ScopeRef(site.path, ev.index.site(site).scope)))


@dataclass(frozen=True, slots=True)
class Argument:
    """What a call gives to a parameter; `hidden` where `*` or `**` may bring it without being understood."""

    expr: Expr | None
    frame: Frame
    hidden: bool


def argument(ev: Evaluator, call: Call, frame: Frame, name: str, position: int | None = None) -> Argument:
    """The argument of a call by its parameter's name and position."""
    found = given(ev, call, frame, name, Parameter(role="", position=position))
    return Argument(found.expr, found.frame, bool(found.why))


@dataclass(frozen=True, slots=True)
class Items:
    """The items of a list expression with their frames; `complete` is False where some could not be seen."""

    found: tuple[tuple[Expr, Frame], ...]
    complete: bool


def items(ev: Evaluator, expr: Expr, frame: Frame, depth: int = 0) -> Items:
    """Every item that a list expression may hold: literals, sums, both ways of a condition, names, returned lists."""
    if depth > MOST_DEEP:
        return Items((), False)
    match expr:
        case Sequence(items=parts):
            return _merged([_item(ev, part, frame, depth) for part in parts])
        case BinOp(op="+", left=left, right=right):
            return _merged([items(ev, left, frame, depth + 1), items(ev, right, frame, depth + 1)])
        case IfExp(body=then, orelse=other):
            return _merged([items(ev, then, frame, depth + 1), items(ev, other, frame, depth + 1)])
        case BoolOp(values=parts):
            return _merged([items(ev, part, frame, depth + 1) for part in parts])
        case Name(id=name) if name in ev.bindings(frame.ref) and not any(known == name for known, _ in frame.known):
            return _named(ev, name, expr.at, frame, depth)
        case _:
            return _evaluated(ev, expr, frame, depth)


def _item(ev: Evaluator, part: Expr, frame: Frame, depth: int) -> Items:
    return items(ev, part.value, frame, depth + 1) if isinstance(part, Starred) else Items(((part, frame),), True)


def _merged(groups: list[Items]) -> Items:
    return Items(tuple(one for group in groups for one in group.found), all(group.complete for group in groups))


def reaching(ev: Evaluator, name: str, until: Span, ref: ScopeRef) -> tuple[Binding, ...]:
    """The bindings of a name in a scope that may hold at a place, in source order."""
    facts = ev.index.python[ref.path]
    return Flow(name, until, tuple(ev.bindings(ref).get(name, ())), facts.scopes, facts.imports).reaching(body(ev.index, ref))


def _named(ev: Evaluator, name: str, at: Span, frame: Frame, depth: int) -> Items:
    """The items of a list by every binding that reaches the place, with what is appended to it in the same scope."""
    state = reaching(ev, name, at, frame.ref)
    if not state or any(b.how not in (Bind.VALUE, Bind.ADDED) or b.expr is None for b in state):
        return _evaluated(ev, Name(at, name), frame, depth)
    groups = [items(ev, b.expr, frame, depth + 1) for b in state if b.expr is not None]
    return _merged([*groups, appended(ev, name, frame, depth)])


def appended(ev: Evaluator, name: str, frame: Frame, depth: int = 0) -> Items:
    """What `name.append/insert/extend(…)` in the same scope puts into a list."""
    groups: list[Items] = []
    for word, position in (("append", 0), ("insert", 1), ("extend", 0)):
        for site in ev.index.sites.get(word, ()):
            if site.path != frame.ref.path or ev.index.site(site).callee != f"{name}.{word}":
                continue
            found = read(ev, site)
            if found is None or found[1].ref != frame.ref or len(found[0].args) <= position:
                continue
            part = found[0].args[position]
            groups.append(items(ev, part, frame, depth + 1) if word == "extend" else _item(ev, part, frame, depth))
    return _merged(groups)


def _evaluated(ev: Evaluator, expr: Expr, frame: Frame, depth: int) -> Items:
    groups: list[Items] = []
    for value in ev.expr(expr, frame):
        if isinstance(value, Container) and not isinstance(value.expr, Comprehension | Dict) and value.expr is not expr:
            groups.append(items(ev, value.expr, value.frame, depth + 1))
        elif not (isinstance(value, Const) and not value.value):
            groups.append(Items((), False))
    return _merged(groups)


def text(values: Values) -> str:
    """The one text that the values agree on; "…" stands for what is not known."""
    found = {_written(value) for value in values}
    return found.pop() if len(found) == 1 else HOLE


def _written(value: object) -> str:
    if isinstance(value, Const):
        return value.value if isinstance(value.value, str) else "" if value.value is None else HOLE
    if isinstance(value, Txt):
        return "".join(part if isinstance(part, str) else HOLE for part in value.pieces)
    return HOLE


def text_of(ev: Evaluator, found: Argument) -> str:
    """The text of an argument: "" where it is not given, "…" where it is hidden."""
    if found.expr is None:
        return HOLE if found.hidden else ""
    return text(ev.expr(found.expr, found.frame))


def strings(ev: Evaluator, found: Argument) -> tuple[str, ...] | None:
    """The strings of a list argument; None where one of them is not known."""
    if found.expr is None:
        return None if found.hidden else ()
    held = items(ev, found.expr, found.frame)
    texts = [text(ev.expr(expr, frame)) for expr, frame in held.found]
    return tuple(texts) if held.complete and HOLE not in texts else None


def qualified(ev: Evaluator, ref: ScopeRef) -> str:
    """The qualified name of a project's scope: module as imported, then the name within."""
    return ".".join(filter(None, (module_name(ev, ref.path), ev.scope(ref).qualname)))


def module_name(ev: Evaluator, path: str) -> str:
    """The dotted name of a file: from the top package where there are `__init__` files, else from the root or `src`."""
    folders = path.split("/")[:-1]
    start = len(folders)
    while start and "/".join([*folders[:start], "__init__.py"]) in ev.index.names:
        start -= 1
    parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
    if start == len(folders):
        return ".".join(parts[1:] if parts[0] == "src" and len(parts) > 1 else parts)
    return ".".join(parts[start:])


def name_place(ev: Evaluator, ref: ScopeRef) -> Location:
    """The name of a function or class in its header."""
    return Location(ref.path, ev.scope(ref).name_at)


def variable(ev: Evaluator, site: SiteRef) -> str:
    """The name that the result of a call is assigned to; "" where it is none."""
    found = read(ev, site)
    if found is None:
        return ""
    call, frame = found
    for statement in statements(body(ev.index, frame.ref)):
        match statement:
            case Assign(targets=targets, value=Call(site=number)) if number == call.site:
                return next(filter(None, map(dotted, targets)), "")
            case AnnAssign(target=target, value=Call(site=number)) if number == call.site:
                return dotted(target)
            case _:
                pass
    return ""
