"""Plain names → values: reaching bindings, closures, parameters, imports, built-ins."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

from ..libraries import canonical
from ..model.code import Expr, Name, Param
from ..model.facts import Import, ScopeKind
from ..model.location import Location, Span
from ..model.project import Origin
from . import allowed, containers, parameters, typehints
from .bindings import Bind, Binding
from .flow import Flow
from .index import ScopeRef, body, is_folder, module_path
from .values import ClassRef, Const, External, Frame, Function, Instance, Module, Opaque, Txt, Values, join
from .walk import contains

if TYPE_CHECKING:
    from .evaluate import Evaluator

_BUILTINS = frozenset(dir(builtins))


def name(ev: Evaluator, expr: Name, frame: Frame) -> Values:
    """What a name means where it stands."""
    values = _unchecked(ev, expr, frame)
    if any(isinstance(v, Opaque | Txt) for v in values):
        narrowed = allowed.checked(ev, expr, frame)
        if narrowed is not None:
            return join(tuple(v for v in values if not isinstance(v, Opaque | Txt)), narrowed)
    return values


def _unchecked(ev: Evaluator, expr: Name, frame: Frame) -> Values:
    for known, values in frame.known:
        if known == expr.id and not _rebound(ev, expr, frame):
            return ev.force(values)
    key = ("name", frame.ref, expr.id, expr.at) if not frame.known else ("in", frame, expr.id, expr.at)
    return ev.remember(
        key,
        lambda: _look_up(ev, expr.id, frame, expr.at),
        lambda: ev.opaque("a name that depends on itself", frame, expr.at, expr.id),
    )


def _rebound(ev: Evaluator, expr: Name, frame: Frame) -> bool:
    return expr.id in ev.bindings(frame.ref) and ev.scope(frame.ref).kind is ScopeKind.FUNCTION


def _look_up(ev: Evaluator, wanted: str, frame: Frame, at: Span) -> Values:
    ref = frame.ref
    scope = ev.scope(ref)
    outer = ev.outer_names(ref).get(wanted)
    if outer is None:
        found = _local(ev, wanted, frame, at)
        if found is not None:
            return found
    parent = scope.parent
    while parent > 0 and outer != "global":
        above = ev.index.python[ref.path].scopes[parent]
        if above.kind is ScopeKind.FUNCTION:
            found = _anywhere(ev, wanted, Frame(ScopeRef(ref.path, parent)))
            if found is not None:
                return found
        parent = above.parent
    if ref.scope != 0:
        found = _anywhere(ev, wanted, Frame(ScopeRef(ref.path, 0)))
        if found is not None:
            return found
    found = _of_comprehension(ev, wanted, frame, at)
    if found is not None:
        return found
    if wanted in _BUILTINS:
        return (External(f"builtins.{wanted}"),)
    return ev.opaque("a name that is not defined here", frame, at, wanted)


def _of_comprehension(ev: Evaluator, wanted: str, frame: Frame, at: Span) -> Values | None:
    """A loop variable of the innermost comprehension around a place; they are no bindings of the scope."""
    around = [b for b in ev.loop_variables(frame.ref).get(wanted, ()) if contains(b.at, at)]
    if not around or around[-1].expr is None:
        return None
    return containers.element(ev, around[-1].expr, around[-1].path, frame)


def _local(ev: Evaluator, wanted: str, frame: Frame, at: Span) -> Values | None:
    """The values by the bindings that reach the place, the parameter included; None when the scope binds it nowhere."""
    param = _param(ev, wanted, frame.ref)
    bound = ev.bindings(frame.ref).get(wanted)
    if bound is None:
        return None if param is None else parameters.value(ev, frame, param)
    facts = ev.index.python[frame.ref.path]
    if len(bound) == 1 and param is None:
        return of_binding(ev, bound[0], frame)
    entry = (Binding(Bind.MATCHED, wanted, param.at),) if param is not None else ()
    state = Flow(wanted, at, tuple(bound), facts.scopes, facts.imports).reaching(body(ev.index, frame.ref), entry)
    if not state:
        state = tuple(bound)
    return _joined(ev, wanted, state, frame, param)


def _joined(ev: Evaluator, wanted: str, state: tuple[Binding, ...], frame: Frame, param: Param | None) -> Values:
    from .texts import added

    values: Values = ()
    for binding in state:
        if param is not None and binding.at == param.at and binding.how is Bind.MATCHED:
            given = [ev.force(values_) for known, values_ in frame.known if known == wanted]
            values = join(values, given[0] if given else parameters.value(ev, frame, param))
        elif binding.how is Bind.ADDED:
            more = of_binding(ev, binding, frame)
            # In a branch too: the longer text holds everything that the shorter one does.
            values = added(values, more, Location(frame.ref.path, binding.at))
        else:
            values = join(values, of_binding(ev, binding, frame))
    return values


def _param(ev: Evaluator, wanted: str, ref: ScopeRef) -> Param | None:
    return next((param for param in ev.scope(ref).params.items if param.name == wanted), None)


def _anywhere(ev: Evaluator, wanted: str, frame: Frame) -> Values | None:
    """The values by every binding of a scope, whatever the order; None when it binds the name nowhere."""
    bound = ev.bindings(frame.ref).get(wanted)
    param = _param(ev, wanted, frame.ref)
    if bound is None and param is None:
        return _starred(ev, wanted, frame.ref.path) if frame.ref.scope == 0 else None
    key = ("any", frame.ref, wanted)

    def compute() -> Values:
        return (
            _joined(ev, wanted, tuple(bound or ()), frame, None)
            if param is None
            else join(parameters.value(ev, frame, param), *(of_binding(ev, b, frame) for b in bound or ()))
        )

    at = bound[0].at if bound else param.at if param else Span(1, 0, 1, 0)
    return ev.remember(key, compute, lambda: ev.opaque("a name that depends on itself", frame, at, wanted))


def member(ev: Evaluator, path: str, wanted: str) -> Values | None:
    """What a module of the project binds to a name; None when it does not."""
    return _anywhere(ev, wanted, Frame(ScopeRef(path, 0)))


def _starred(ev: Evaluator, wanted: str, path: str) -> Values | None:
    """A name that only `from m import *` can have brought."""
    key = (path, wanted)
    if key in ev.starred:
        return None
    ev.starred.add(key)
    try:
        for item in ev.index.python[path].imports:
            if item.name != "*":
                continue
            source = import_path(ev, item, path)
            if source and source in ev.index.python:
                found = member(ev, source, wanted)
                if found is not None:
                    return found
    finally:
        ev.starred.discard(key)
    return None


def of_binding(ev: Evaluator, binding: Binding, frame: Frame) -> Values:
    """What one binding gives its name."""
    at = Location(frame.ref.path, binding.at)
    unknown: Values = (Opaque("bound in a way that is not followed", Origin.UNKNOWN, at, binding.name),)
    match binding.how:
        case Bind.VALUE | Bind.NAMED | Bind.ADDED:
            assert binding.expr is not None
            values = ev.expr(binding.expr, frame)
            if binding.annotation is not None and all(isinstance(v, Opaque | Const) for v in values):
                return _typed(ev, binding.annotation, frame, values)
            return values
        case Bind.ANNOTATED:
            assert binding.annotation is not None
            return typehints.instances(ev, binding.annotation, frame) or unknown
        case Bind.ENTERED:
            return (
                containers.entered(ev, binding.expr, binding.is_async, frame) if binding.expr is not None else unknown
            )
        case Bind.ELEMENT:
            assert binding.expr is not None
            return containers.element(ev, binding.expr, binding.path, frame)
        case Bind.ITEM:
            assert binding.expr is not None
            return containers.unpacked(ev, binding.expr, binding.path, frame)
        case Bind.IMPORTED:
            return imported(ev, ev.index.python[frame.ref.path].imports[binding.number], frame.ref.path)
        case Bind.DEFINED:
            return _defined(ev, ScopeRef(frame.ref.path, binding.number))
        case _:
            return unknown


def _typed(ev: Evaluator, annotation: Expr, frame: Frame, values: Values) -> Values:
    """`x: T | None = None`: the class is known although the value is not."""
    found = typehints.instances(ev, annotation, frame)
    return join(tuple(v for v in values if isinstance(v, Const) and v.value is not None), found) if found else values


def _defined(ev: Evaluator, ref: ScopeRef) -> Values:
    if ev.scope(ref).kind is ScopeKind.CLASS:
        return (ClassRef(ref),)
    return (Function(ref),)


def import_path(ev: Evaluator, item: Import, path: str) -> str | None:
    """The project's file that an import's module part names, or None."""
    if item.level == 0:
        return module_path(ev.index, item.module, path) if item.module else None
    return relative_path(ev, item.module, item.level, path)


def relative_path(ev: Evaluator, module: str, level: int, path: str) -> str | None:
    """The file that `from ..module import` means in a file, "" for a folder without `__init__.py`, None if outside."""
    parts = path.split("/")[:-level]
    if len(path.split("/")) < level:
        return None
    target = "/".join([*parts, *(module.split(".") if module else [])])
    for candidate in (f"{target}.py", f"{target}/__init__.py", "__init__.py" if not target else ""):
        if candidate in ev.index.python:
            return candidate
    return ""


def imported(ev: Evaluator, item: Import, path: str) -> Values:
    """What one imported name is."""
    if not item.name:
        dotted = item.module if item.whole else item.module.partition(".")[0]
        return module(ev, dotted, path)
    source = import_path(ev, item, path)
    if source and source in ev.index.python:
        # A package that imports from itself (`from shop.api import users` in shop/api/__init__.py) means its module.
        found = member(ev, source, item.name) if source != path else None
        if found is not None:
            return found
        if source.endswith("__init__.py"):
            return _submodule(ev, source.removesuffix("/__init__.py"), item.name, path, item.at)
        return ev.opaque("a name that its module does not define", Frame(ScopeRef(path, 0)), item.at, item.name)
    if item.level:
        folder = "/".join([*path.split("/")[: -item.level], *filter(None, item.module.split("."))])
        return _submodule(ev, folder, item.name, path, item.at)
    inside = module_path(ev.index, f"{item.module}.{item.name}", path)
    if inside is not None:
        return (Module(inside, f"{item.module}.{item.name}"),)
    return external(ev, f"{item.module}.{item.name}")


def _submodule(ev: Evaluator, folder: str, wanted: str, path: str, at: Span) -> Values:
    for candidate in (f"{folder}/{wanted}.py", f"{folder}/{wanted}/__init__.py"):
        if candidate in ev.index.python:
            return (Module(candidate, wanted),)
    return ev.opaque("a name that its module does not define", Frame(ScopeRef(path, 0)), at, wanted)


def module(ev: Evaluator, dotted: str, importer: str) -> Values:
    """A module by its dotted name: the project's, a folder of the project, or a library's."""
    path = module_path(ev.index, dotted, importer)
    if path is not None and path in ev.index.python:
        return (Module(path, dotted),)
    if path is None and is_folder(ev.index, dotted, importer):
        return (Module("", dotted),)
    return external(ev, dotted)


def external(ev: Evaluator, name: str) -> Values:
    """Something of a library by its qualified name: an instance, a constant, or the name itself."""
    full = canonical(ev.libraries, name)
    if full in ev.libraries.constants:
        return (Const(ev.libraries.constants[full]),)
    if full in ev.libraries.instances:
        return (Instance(ev.libraries.instances[full]),)
    return (External(full),)
