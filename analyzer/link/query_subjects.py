"""A call of a database → what it does there, and the tables that it names, as far as the code says it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..model.code import Attribute, Call, Expr, Name
from . import classes
from .calls import KnownCall
from .evaluate import Evaluator
from .index import ScopeRef
from .tables_of import TABLES
from .values import ClassRef, Const, External, Instance, Txt, Value
from .walk import nodes

_MOST_DEEP = 3  # what holds something that holds a row
_MOST_TABLES = 4  # of one call
# What a call does → its last word; what only runs a statement is asked for that.
_DOES = {
    "select": frozenset({
        "select", "query", "filter", "filter_by", "get", "all", "first", "one", "one_or_none", "count", "scalar",
        "scalars", "scalar_one", "fetchone", "fetchall", "fetchmany", "exists", "iterator", "get_or_404",
        "first_or_404", "one_or_404", "paginate", "values", "values_list", "earliest", "latest",
        "aget", "afirst", "acount", "aexists", "refresh", "refresh_from_db", "in_bulk", "aggregate", "last", "alast",
    }),
    "insert": frozenset({
        "add", "add_all", "insert", "create", "acreate", "bulk_create", "bulk_save_objects", "get_or_create",
        "aget_or_create",
    }),
    "update": frozenset({
        "update", "aupdate", "bulk_update", "merge", "save", "asave", "update_or_create", "aupdate_or_create",
    }),
    "delete": frozenset({"delete", "adelete"}),
}  # fmt: skip
_RUNS = frozenset(
    {"execute", "scalars", "scalar", "exec", "executemany", "fetch", "fetchrow", "fetchval", "execute_sql"}
)
_STATEMENT = re.compile(r"(?is)^[\s(]*(?:with\b.*?\)\s*)?(select|insert|update|delete)\b")
_NAMES = re.compile(r"(?i)\b(?:from|into|update|join)\s+(?:only\s+)?[\"`\[]?([a-z_][\w.]*)")


def subject(ev: Evaluator, known: KnownCall) -> tuple[str, tuple[str, ...]]:
    """What a call does ("select", "insert", "update", "delete"; "" where that is not seen), and to which tables."""
    call, word = known.call, known.target.name.rpartition(".")[2]
    said = [inner for arg in call.args[:1] for inner in (arg, *(arg.args[:1] if isinstance(arg, Call) else ()))]
    sql = next(filter(None, map(_sql, (v for one in said for v in ev.expr(one, known.frame)))), "")
    if sql and (found := _STATEMENT.match(sql)):
        return found[1].lower(), tuple(dict.fromkeys(_NAMES.findall(sql)))[:_MOST_TABLES]
    does = next((verb for verb, words in _DOES.items() if word in words), "")
    if word in _RUNS and call.args:
        does = next((n for n in _makers(call.args[0]) if n in _DOES), does)
    receiver = (call.callee.value,) if isinstance(call.callee, Attribute) else ()
    tables: dict[ScopeRef, None] = {}
    for expr in (*receiver, *call.args[:2]):
        for value in ev.expr(expr, known.frame):
            tables.update(dict.fromkeys(_tables(ev, value, 0)))
    return does, tuple(sorted(ev.scope(ref).name for ref in tables))[:_MOST_TABLES]


def _makers(expr: Expr) -> Iterator[str]:
    """The last words of what is called within an expression."""
    for node in nodes(expr):
        if isinstance(node, Call):
            callee = node.callee
            yield callee.name if isinstance(callee, Attribute) else callee.id if isinstance(callee, Name) else ""


def _sql(value: Value) -> str:
    match value:
        case Const(value=str(text)):
            return text
        case Txt(pieces=pieces):
            return "".join(piece if isinstance(piece, str) else "…" for piece in pieces)
        case Instance(cls=str(), of=(inner, *_)) if isinstance(inner, Const | Txt):
            return _sql(inner)
        case _:
            return ""


def _tables(ev: Evaluator, value: Value, depth: int) -> Iterator[ScopeRef]:
    """The table classes that a value is, or holds rows of."""
    match value:
        case ClassRef(ref=ref) | Instance(cls=ScopeRef() as ref) if classes.derives(ev, ref, *TABLES):
            yield ref
        case Instance(of=held) if depth < _MOST_DEEP:
            for inner in held:
                yield from _tables(ev, inner, depth + 1)
        case External():
            pass
        case _:
            pass
