"""Expressions of audited code → what frameworks ask of them: sites by word, arguments, list items, texts, names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from re import escape, fullmatch

from ..link import imports
from ..link.bindings import Bind
from ..link.calls import given
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef, body, call_at
from ..link.values import Const, Frame, Module, Thunk, Txt, Values
from ..link.walk import contains, dotted, statements
from ..model.code import AnnAssign, Assign, Attribute, Call, Expr, Name
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


def definition(ev: Evaluator, expr: Expr, frame: Frame, depth: int = 0) -> tuple[Expr, Frame] | None:
    """The expression that a name, or a module's attribute, was assigned, wherever that is; None where it is no one."""
    if depth > MOST_DEEP:
        return None
    if isinstance(expr, Attribute):
        paths = [v.path for v in ev.expr(expr.value, frame) if isinstance(v, Module) and v.path]
        return definition(ev, Name(END, expr.name), Frame(ScopeRef(paths[0], 0)), depth + 1) if paths else None
    if not isinstance(expr, Name):
        return None
    given = next((held for name, held in frame.known if name == expr.id), None)
    if isinstance(given, Thunk):
        return given.expr, given.frame
    for where in dict.fromkeys((frame.ref, ScopeRef(frame.ref.path, 0))):
        for binding in reversed(ev.bindings(where).get(expr.id, ())):
            if binding.how is Bind.VALUE and binding.expr is not None and not contains(binding.expr.at, expr.at):
                return binding.expr, frame if where == frame.ref else Frame(where)
            if binding.how is Bind.IMPORTED:
                item = ev.index.python[where.path].imports[binding.number]
                path = imports.import_path(ev, item, where.path) if item.name else None
                if path and path in ev.index.python:
                    return definition(ev, Name(END, item.name), Frame(ScopeRef(path, 0)), depth + 1)
    return None


def text(values: Values) -> str:
    """The text that the values agree on; "…" stands for what is not known, or not the same in all of them."""
    found = sorted({_written(value) for value in values})
    if len(found) == 1:
        return found[0]
    if whole := _covering(found):
        return whole
    ends = [one.split("/") for one in found if one]
    shared: list[str] = []
    while ends and all(len(end) > len(shared) for end in ends) and len({end[-1 - len(shared)] for end in ends}) == 1:
        shared.insert(0, ends[0][-1 - len(shared)])
    return "/".join([HOLE, *shared]) if any(shared) and len(ends) == len(found) else HOLE


def _covering(found: list[str]) -> str:
    """The one text that says more than "…" and stands for all of them: "…orders" for itself and "/orders"."""
    for one in found:
        parts = one.split(HOLE)
        if len(parts) > 1 and any(parts) and all(fullmatch(".*".join(map(escape, parts)), other) for other in found):
            return one
    return ""


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
