"""Calls of something not understood whose method and text speak for themselves: `cur.execute("SELECT …" + x)`.

A method's name alone says nothing here, however telling: the first argument must be a text that is one for that method.
`execute` and `fetch` are what tasks, commands and caches have too, so that the text must begin like an SQL statement,
and so must it be for the names that only database drivers have. What is found so has no library and is not `sure`:
rules say it with low confidence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ..model import project as answers
from ..model.code import Attribute, Call
from ..model.library import Parameter
from ..model.location import Location
from .calls import constant, given, in_main_guard, texts_of
from .evaluate import Evaluator
from .index import ScopeRef, SiteRef, call_at
from .values import Frame, Opaque
from .walk import dotted

# A statement's first words. One word alone ("update", "set") is English as often as SQL.
_STATEMENT = re.compile(
    r"\s*(?:--[^\n]*\n\s*)*(?:select\s.+\sfrom\s|select\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|with\s+\S+\s+as\s*\(|"
    r"(?:create|alter|drop|truncate)\s+(?:table|index|view|schema|database|user|role|unique|materialized|function)\b|"
    r"merge\s+into\s|replace\s+into\s|copy\s+\S+\s+(?:from|to)\s|grant\s|revoke\s|call\s|explain\s|pragma\s|show\s)",
    re.IGNORECASE | re.DOTALL,
)
_EXECUTING = ("execute", "executemany", "executescript", "fetch", "fetchrow", "fetchval", "mogrify", "exec_driver_sql")
# What supabase-py and postgrest-py call `from`; nothing else of Python's has that method but their file storage.
_SELECTING = ("from_",)
_STORAGE = frozenset({"storage", "buckets", "bucket"})


def arguments(ev: Evaluator, role: str, with_tests: bool) -> Iterator[answers.Argument]:
    """First arguments of telling methods on receivers that are not understood, for the roles that have such methods."""
    methods, telling = _TELLING.get(role, ((), is_statement))
    for word in methods:
        for site in ev.index.sites.get(word, ()):
            if with_tests or site.path not in ev.index.tests:
                yield from _argument(ev, site, word, Parameter(role=role, position=0), telling)


def _argument(
    ev: Evaluator, site: SiteRef, word: str, parameter: Parameter, telling: Callable[[answers.Text], bool]
) -> Iterator[answers.Argument]:
    call = call_at(ev.index, site)
    if call is None or not isinstance(call.callee, Attribute) or not call.args:
        return
    frame = Frame(ScopeRef(site.path, ev.index.site(site).scope))
    opaque = [v for v in ev.expr(call.callee.value, frame) if isinstance(v, Opaque)]
    written = (dotted(call.callee.value), *(v.written for v in opaque))
    if not opaque or any(name.rpartition(".")[2] in _STORAGE for name in written):
        return
    found = given(ev, call, frame, "", parameter)
    if found.expr is None:
        return
    values = ev.expr(found.expr, found.frame)
    texts = tuple(t for t in texts_of(values) if telling(t))
    if texts:
        described, at = _described(ev, site, call, frame, word), Location(site.path, found.expr.at)
        yield answers.Argument(parameter.role, described, True, constant(values), texts, at)


def _is_text(text: answers.Text) -> bool:
    return bool(text.pieces)


def is_statement(text: answers.Text) -> bool:
    """Whether a text begins like an SQL statement."""
    return bool(text.pieces) and isinstance(text.pieces[0], str) and _STATEMENT.match(text.pieces[0]) is not None


def _described(ev: Evaluator, site: SiteRef, call: Call, frame: Frame, word: str) -> answers.Call:
    scope = ev.scope(frame.ref)
    return answers.Call(
        name=dotted(call.callee) or word,
        library="",
        at=Location(site.path, call.at),
        within=scope.qualname,
        in_async=scope.is_async,
        main_guard=in_main_guard(ev, site.path, call),
        sure=False,
    )


_TELLING: dict[str, tuple[tuple[str, ...], Callable[[answers.Text], bool]]] = {
    "sql": (_EXECUTING, is_statement),
    "table-name": (_SELECTING, _is_text),
}
