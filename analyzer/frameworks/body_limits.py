"""The call that makes an application or a server, and configuration → what refuses a request that is too large."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ..libraries import canonical
from ..link import calling
from ..link.bindings import Bind
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef
from ..link.pins import defaults
from ..link.settings import settings
from ..link.values import Const, External, Frame, Values
from ..model.answer import Known
from ..model.code import Call
from ..model.facts import ScopeKind
from ..model.library import Parameter
from ..model.location import Location
from .evidence import BODY_LIMIT, Evidence, doubt, merged, protection
from .sources import argument, code, read, sites

_ROLE = "body-limit"  # of parameters, in the library models
_HIDDEN = "arguments that are not understood"
_RELEASES = "releases with and without a limit of their own are allowed"
# What fills a configuration with what only stands where the backend runs.
_READERS = ("from_envvar", "from_prefixed_env", "from_file", "from_pyfile", "update_config", "load_environment_vars")
_ELSEWHERE = "a configuration that is read where the backend runs"


def body_limit(ev: Evaluator, site: SiteRef) -> Evidence:
    """What the call itself is told, else what the library does where it is told nothing."""
    called = read(ev, site)
    return merged(_of_call(ev, *called)) if called is not None else Evidence()


def _of_call(ev: Evaluator, call: Call, frame: Frame) -> Iterator[Evidence]:
    for value in ev.expr(call.callee, frame):
        operation = calling.operation(ev, value) if isinstance(value, External) else None
        for name, parameter in sorted(operation.parameters.items()) if operation is not None else ():
            if isinstance(value, External) and parameter.role == _ROLE:
                yield _given(ev, call, frame, f"{canonical(ev.libraries, value.name)}.{name}", parameter)


def _given(ev: Evaluator, call: Call, frame: Frame, what: str, parameter: Parameter) -> Evidence:
    name = what.rpartition(".")[2]
    given = argument(ev, call, frame, name, parameter.position)
    if given.expr is not None:
        at = Location(given.frame.ref.path, given.expr.at)
        return Evidence() if _none(ev.expr(given.expr, given.frame)) else protection(what, at, BODY_LIMIT)
    if given.hidden:
        return doubt(_HIDDEN, BODY_LIMIT)
    limited = [one is not msgspec.UNSET and one not in (None, 0) for one in defaults(ev, parameter)]
    if any(limited) and not all(limited):
        return doubt(_RELEASES, BODY_LIMIT)
    return protection(what, Location(frame.ref.path, call.at), BODY_LIMIT) if limited[0] else Evidence()


def _none(values: Values) -> bool:
    """Whether it is told that there is no limit."""
    return bool(values) and all(isinstance(v, Const) and v.value in (None, 0, -1) for v in values)


def configured(
    ev: Evaluator, setting: str, default: Location | None = None, what: str = "", owner: str = "config"
) -> Evidence:
    """The limit that a key of the configuration sets; the library's own, told at the application, where none does."""
    found = [s for s in settings(ev, setting) if s.framework == "flask"]
    values = [(s.at, isinstance(s.value, Known) and s.value.value is None) for s in found]
    values += list(_held(ev, setting, owner))
    if values:
        return merged(protection(setting, at, BODY_LIMIT) for at, none in sorted(values) if not none)
    if any(path not in ev.index.tests for word in _READERS for path in {site.path for site in sites(ev, word)}):
        return doubt(_ELSEWHERE, BODY_LIMIT)
    return protection(what or setting, default, BODY_LIMIT) if default is not None else Evidence()


def _held(ev: Evaluator, setting: str, owner: str) -> Iterator[tuple[Location, bool]]:
    """`MAX_CONTENT_LENGTH = …` in a module or class that holds a configuration, and `app.config.NAME = …`."""
    for path, facts in code(ev):
        if setting not in (*facts.names, *facts.attributes):
            continue
        for number, scope in enumerate(facts.scopes):
            whole = not number or scope.kind is ScopeKind.CLASS
            for name, bindings in sorted(ev.bindings(ScopeRef(path, number)).items()):
                if not (whole and name == setting) and not f".{name}".endswith(f".{owner}.{setting}"):
                    continue
                for one in bindings:
                    if one.how is Bind.VALUE and one.expr is not None:
                        yield Location(path, one.at), _none(ev.expr(one.expr, Frame(ScopeRef(path, number))))
