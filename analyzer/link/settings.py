"""Names of settings modules, and keys of an app's configuration → their values and whether production loads them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from ..model import project as answers
from ..model.answer import Known, Unknown
from ..model.code import (
    AnnAssign,
    Assign,
    Body,
    Call,
    Expr,
    ExprStmt,
    Literal,
    Name,
    Raise,
    Subscript,
    Try,
    With,
)  # fmt: skip
from ..model.facts import ScopeKind
from ..model.location import Location, Span
from .calls import constant
from .environment import fallback
from .evaluate import Evaluator
from .imports import import_path
from .index import ScopeRef, body, call_at
from .values import Frame
from .walk import contains, dotted, nodes, statements

# Module names that say for which environment they are.
_ELSEWHERE = re.compile(
    r"(^|[_\-/.])(dev|devel|develop|development|local|locals|test|tests|testing|ci|debug|example|sample|playground|"
    r"demo|docker_dev|e2e)([_\-/.]|$)"
)
_PRODUCTION = re.compile(r"(^|[_\-/.])(prod|production|live|deploy|deployment|release|heroku)([_\-/.]|$)")
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NAMED = "DJANGO_SETTINGS_MODULE"
_OWN = re.compile(r"local|settings|config|secret|private|override")  # modules that whoever runs it writes himself
_ENDING = frozenset({"exit", "_exit", "abort", "quit"})
CONDITION = Unknown("a setting that depends on a condition")
REPLACED = Unknown("a module that is not in the project must be there, and may say otherwise")


def settings(ev: Evaluator, name: str) -> Iterator[answers.Setting]:
    """Every place that gives a setting its value, sorted by place."""
    for path, facts in sorted(ev.index.python.items()):
        if is_settings_module(ev, path) and name in facts.names:
            yield from _django(ev, path, name)
        elif "config" in facts.attributes and path not in ev.index.tests:
            yield from _flask(ev, path, name)


def is_settings_module(ev: Evaluator, path: str) -> bool:
    """Whether a file is a Django settings module by its name, its content or who names it."""
    stem = posixpath.splitext(posixpath.basename(path))[0]
    folder = posixpath.basename(posixpath.dirname(path))
    if (
        "settings" not in stem
        and folder != "settings"
        and not (folder == "config" and stem in ("base", "common", "production", "local"))
    ):
        return False
    names = set(ev.index.python[path].names)
    return bool(
        names & {"INSTALLED_APPS", "MIDDLEWARE", "ROOT_URLCONF", "DATABASES", "SECRET_KEY", "DEBUG", "REST_FRAMEWORK"}
    )


def environment(path: str) -> Known[bool] | Unknown:
    """Whether a settings module is production's, by its path."""
    stem = posixpath.splitext(path)[0].lower()
    last = "/".join(stem.split("/")[-2:])
    if _ELSEWHERE.search(last):
        return Known(False)
    if _PRODUCTION.search(last):
        return Known(True)
    return Unknown("a settings module for no named environment")


def _django(ev: Evaluator, path: str, name: str) -> Iterator[answers.Setting]:
    ref = ScopeRef(path, 0)
    found = _given(body(ev.index, ref), name)
    always = [at for at, _, unconditional in found if unconditional]
    production = in_production(ev, path)
    for at, value, unconditional in found:
        known = constant(ev.expr(value, Frame(ref))) if unconditional else CONDITION
        after = next((other for other in always if other.span > at.span), None) if unconditional else None
        after = after or (_replaced(ev, path, name) if unconditional else None)
        default = fallback(value) if unconditional and isinstance(known, Unknown) else None
        if isinstance(known, Known) and replaceable(ev, path, at.span):
            known = REPLACED
        place = Location(path, at.span)
        yield answers.Setting(
            name, known, place, "django", path, production, default, after and Location(after.path or path, after.span)
        )


def replaceable(ev: Evaluator, path: str, at: Span) -> bool:
    """Whether a later `from local import *` of a module that is not in the project cannot be done without."""
    absent = [
        item.at
        for item in ev.index.python[path].imports
        if item.name == "*" and item.scope == 0 and item.at.line > at.line
        and import_path(ev, item, path) not in ev.index.python and (item.level or _OWN.search(item.module))
    ]  # fmt: skip
    tries = [s for s in statements(body(ev.index, ScopeRef(path, 0))) if isinstance(s, Try)] if absent else []
    for span in absent:
        around = [handler for t in tries if contains(t.at, span) for handler in t.handlers]
        if not around or any(_ends(handler.body) for handler in around):
            return True
    return False


def _ends(block: Body) -> bool:
    """Whether a block ends the program: it raises, or calls something named for that."""
    return any(
        isinstance(node, Raise) or (isinstance(node, Call) and dotted(node.callee).rpartition(".")[2] in _ENDING)
        for node in nodes(block)
    )


def _given(block: Body, name: str) -> list[tuple[Location, Expr, bool]]:
    """The assignments to a module-level name: place, value, and whether they are made in any case."""
    always = {id(statement) for statement in _unconditional(block)}
    found = []
    for statement in statements(block):
        match statement:
            case Assign(targets=(Name(id=target),), value=value) | AnnAssign(target=Name(id=target), value=value):
                if target == name and value is not None:
                    found.append((Location("", statement.at), value, id(statement) in always))
            case _:
                pass
    return found


def _unconditional(block: Body) -> Iterator[object]:
    """Statements that run whenever a body does."""
    for statement in block:
        yield statement
        if isinstance(statement, With | Try):
            yield from _unconditional(statement.body)


def in_production(ev: Evaluator, path: str) -> Known[bool] | Unknown:
    """Whether production loads a settings module: by its path, or because the server's entry point names it."""
    by_path = environment(path)
    if isinstance(by_path, Known):
        return by_path
    own = set(ev.index.names.get(path, ()))
    last = [
        i for i in ev.index.python[path].imports if i.name == "*" and import_path(ev, i, path) not in ev.index.python
    ]
    for where, named in entry_points(ev):
        if named in own and not last and posixpath.basename(where) != "manage.py":
            return Known(True)
    return by_path


def entry_points(ev: Evaluator) -> Iterator[tuple[str, str]]:
    """Which file names which settings module: `os.environ.setdefault(…)` in Python, or a deployment file."""
    for site in ev.index.sites.get("setdefault", ()):
        call = call_at(ev.index, site)
        match call:
            case Call(args=(Literal(value=first), Literal(value=str() as named))) if first == _NAMED:
                if site.path not in ev.index.tests:
                    yield site.path, named
            case _:
                pass
    for path, facts in sorted(ev.index.text.items()):
        for entry in facts.entries:
            if entry.key.endswith(_NAMED) and not isinstance(environment(path), Known):
                yield path, entry.value


def _replaced(ev: Evaluator, path: str, name: str, seen: tuple[str, ...] = ()) -> Location | None:
    """Where the modules that build on this one (`from .base import *`) replace a value, if all for production do."""
    places: list[Location] = []
    own = set(ev.index.names.get(path, ()))
    if any(named in own for where, named in entry_points(ev) if posixpath.basename(where) != "manage.py"):
        return None
    for other, facts in sorted(ev.index.python.items()):
        builds = any(i.name == "*" and import_path(ev, i, other) == path for i in facts.imports)
        if other in (path, *seen) or not builds or environment(other) == Known(False):
            continue
        given = [at for at, _, unconditional in _given(body(ev.index, ScopeRef(other, 0)), name) if unconditional]
        deeper = _replaced(ev, other, name, (*seen, path)) if not given else None
        if not given and deeper is None:
            return None
        places.append(Location(other, given[-1].span) if given else deeper or Location(other, facts.scopes[0].at))
    return places[0] if places else None


def _flask(ev: Evaluator, path: str, name: str) -> Iterator[answers.Setting]:
    """`app.config["NAME"] = value`, `app.config.update(NAME=value)`, and classes that hold a configuration."""
    for number, scope in enumerate(ev.index.python[path].scopes):
        ref = ScopeRef(path, number)
        block = body(ev.index, ref)
        always = {id(statement) for statement in _unconditional(block)}
        for statement in statements(block):
            value = _configured(statement, name)
            if value is None:
                continue
            known = constant(ev.expr(value, Frame(ref))) if id(statement) in always else CONDITION
            default = fallback(value) if isinstance(known, Unknown) and id(statement) in always else None
            words = _WORD.sub("_", scope.qualname.replace(".", "_")).lower()
            production = (
                environment(words)
                if isinstance(environment(words), Known) and scope.kind is ScopeKind.FUNCTION
                else environment(path)
            )
            called = isinstance(statement, ExprStmt)
            yield answers.Setting(
                name, known, Location(path, statement.at), "flask", path, production, default, None, called
            )


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
