"""Calls whose receiver is not understood but whose method and text speak for themselves: `cur.execute("SELECT …" + x)`."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
_METHODS = ("execute", "executemany", "executescript", "fetch", "fetchrow", "fetchval", "mogrify", "exec_driver_sql")
_SQL = Parameter(role="sql", position=0)


def sql_arguments(ev: Evaluator, with_tests: bool) -> Iterator[answers.Argument]:
    """First arguments of database-like methods on receivers that are not understood, where the text is a statement."""
    for word in _METHODS:
        for site in ev.index.sites.get(word, ()):
            if with_tests or site.path not in ev.index.tests:
                yield from _argument(ev, site, word)


def _argument(ev: Evaluator, site: SiteRef, word: str) -> Iterator[answers.Argument]:
    call = call_at(ev.index, site)
    if call is None or not isinstance(call.callee, Attribute) or not call.args:
        return
    frame = Frame(ScopeRef(site.path, ev.index.site(site).scope))
    receivers = ev.expr(call.callee.value, frame)
    if not any(isinstance(v, Opaque) for v in receivers):
        return
    found = given(ev, call, frame, "", _SQL)
    if found.expr is None:
        return
    values = ev.expr(found.expr, found.frame)
    texts = tuple(t for t in texts_of(values) if is_statement(t))
    if texts:
        yield answers.Argument(
            "sql", _described(ev, site, call, frame, word), True, constant(values), texts, Location(site.path, found.expr.at)
        )


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
