"""Names of settings modules, and keys of an app's configuration → their values and whether production loads them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from ..model import project as answers
from ..model.code import AnnAssign, Assign, Literal, Name, Subscript
from ..model.location import Location
from ..model.project import Known, Unknown
from .calls import constant
from .evaluate import Evaluator
from .index import ScopeRef, body
from .values import Frame
from .walk import dotted, statements

# Module names that say for which environment they are.
_ELSEWHERE = re.compile(r"(^|[_\-/.])(dev|devel|develop|development|local|locals|test|tests|testing|ci|debug|example|sample|playground|demo|docker_dev|e2e)([_\-/.]|$)")
_PRODUCTION = re.compile(r"(^|[_\-/.])(prod|production|live|deploy|deployment|release|heroku)([_\-/.]|$)")


def settings(ev: Evaluator, name: str) -> Iterator[answers.Setting]:
    """Every place that gives a setting its value, sorted by place."""
    for path, facts in sorted(ev.index.python.items()):
        if is_settings_module(ev, path) and name in facts.names:
            yield from _django(ev, path, name)
        elif "config" in facts.attributes:
            yield from _flask(ev, path, name)


def is_settings_module(ev: Evaluator, path: str) -> bool:
    """Whether a file is a Django settings module by its name, its content or who names it."""
    stem = posixpath.splitext(posixpath.basename(path))[0]
    folder = posixpath.basename(posixpath.dirname(path))
    if "settings" not in stem and folder != "settings" and not (folder == "config" and stem in ("base", "common", "production", "local")):
        return False
    names = set(ev.index.python[path].names)
    return bool(names & {"INSTALLED_APPS", "MIDDLEWARE", "ROOT_URLCONF", "DATABASES", "SECRET_KEY", "DEBUG", "REST_FRAMEWORK"})


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
    for statement in statements(body(ev.index, ref)):
        match statement:
            case Assign(targets=(Name(id=target),), value=value) | AnnAssign(target=Name(id=target), value=value):
                if target == name and value is not None:
                    at = Location(path, statement.at)
                    yield answers.Setting(name, constant(ev.expr(value, Frame(ref))), at, "django", path, environment(path))
            case _:
                pass


def _flask(ev: Evaluator, path: str, name: str) -> Iterator[answers.Setting]:
    """`app.config["NAME"] = value`."""
    for number in range(len(ev.index.python[path].scopes)):
        ref = ScopeRef(path, number)
        for statement in statements(body(ev.index, ref)):
            match statement:
                case Assign(targets=(Subscript(value=owner, index=Literal(value=key)),), value=value):
                    if key == name and dotted(owner).endswith(".config"):
                        values = ev.expr(value, Frame(ref))
                        at = Location(path, statement.at)
                        yield answers.Setting(name, constant(values), at, "flask", path, environment(path))
                case _:
                    pass
