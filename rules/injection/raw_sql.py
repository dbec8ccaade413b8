"""
Text from outside is pasted into an SQL statement.

The database cannot tell your SQL from what was pasted in. A name like `x'; DELETE FROM orders; --`, or a sort column
that holds a sub-select, runs with all the rights of the backend: it reads other customers' rows, changes them, or holds
locks until the service is down. Escaping by hand fails at the first encoding, number or quote that nobody thought of.

Pass values as parameters: `cursor.execute("… WHERE name = %s", (name,))`, or `text("… = :name")` with a dictionary.
Table and column names cannot be parameters: choose them from a fixed list, or quote them (`psycopg.sql.Identifier`,
`connection.ops.quote_name`). For a list of values write one placeholder each, or `= ANY(%s)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from analyzer import Argument, Confidence, Hole, Node, Origin, Project, Rule, Severity, Standard, Step, Suspicion, Text

if TYPE_CHECKING:
    import libcst

RULE = Rule(
    id="raw-sql",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    cwe=89, standard=Standard.SECURITY, node=Node.CALL,
    aliases=("bandit:B608", "bandit:B610", "bandit:B611", "ruff:S608", "ruff:S610", "ruff:S611"),
    supersedes=("bandit:B608",),
    since="0.1",
    bad="""
        import psycopg

        def find(connection: psycopg.Connection, name):
            return connection.execute(f"SELECT id FROM users WHERE name = '{name}'").fetchall()
    """,
    good="""
        import psycopg

        def find(connection: psycopg.Connection, name):
            return connection.execute("SELECT id FROM users WHERE name = %s", (name,)).fetchall()
    """,
)  # fmt: skip
_NAME = re.compile(
    r"(?i)(?:\b(?:FROM|INTO|TABLE|JOIN|UPDATE|INDEX|VIEW|SCHEMA|DATABASE|COLUMN|BY|ON|SELECT|DISTINCT|EXISTS|TO|AS|"
    r"TRUNCATE|VACUUM|TRIGGER|ROLE|USER|SAVEPOINT|PRAGMA|CONSTRAINT|REFERENCES)\s*|\w\.|[\"`\[]|\w\s*\()\Z"
)
_DEFINES = re.compile(r"(?i)\s*(?:ALTER|CREATE|DROP|PRAGMA|ATTACH|DETACH)\b")
_VALUE = re.compile(r"(?i)(?:[=<>~]|\b(?:I?LIKE|(?:VALUES|IN|ANY)\s*\(|BETWEEN|AND|LIMIT|OFFSET|THEN|ELSE))\s*\Z")
# Quoted by a function that says so, or a name that the project's own models give; a variable's name says nothing.
_SAFE = re.compile(r"(?i)(?:^|[`._])(?:quot|escape|ident|mogrify|literal|as_string|compil|sanitize)")
_MIGRATION, _KEY = re.compile(r"(^|/)(migrations|versions|alembic)/"), re.compile(r"(?:user|active_\w+)\.(?:id|pk)$")
_MADE, _TRUSTED = (Origin.CALL, Origin.ATTRIBUTE, Origin.UNKNOWN), (Origin.OPERATOR, Origin.ESCAPED)
_PLACEHOLDER = re.compile(r"""[rbuRBU]*['"](?:%s|\?|:\w+|\$\d+|[ ,()])+['"]""")


def detect(project: Project) -> Iterator[Suspicion]:
    found = [argument for role in ("sql", "sql-fragment") for argument in project.arguments(role)]
    for _, same in groupby(sorted(found, key=lambda a: (a.call.at, a.at, a.role)), key=lambda a: a.call.at):
        first, *more = same
        holes = dict.fromkeys(pair for a in (first, *more) for text in a.texts for pair in _holes(text))
        if holes:
            reached, unused = bool(project.endpoints_reaching(first.call.at)), project.unused(first.call.at)
            bare = "quoted value" if any(place == "name" for _, place in holes) else "value"  # names and no quotes: SQL
            sure = {pair: Confidence.LOW if unused else _confidence(first, *pair, reached, bare) for pair in holes}
            worst, *others = sorted(holes, key=lambda pair: (list(Confidence).index(sure[pair]), pair[0].at))
            yield _suspicion(first, *worst, sure[worst], [hole for hole, _ in others])


def _holes(text: Text) -> Iterator[tuple[Hole, str]]:
    """Each hole with what the words before it make it: a quoted value, a value, a name, a part, the beginning."""
    before = ""
    for piece in text.pieces:
        if isinstance(piece, Hole):
            said = piece.trace[-1].message if piece.trace else piece.written
            safe = "__table" in piece.written or (piece.origin in _MADE and _SAFE.search(said))
            yield from [] if safe else [(piece, _place(before))]
        before += piece if isinstance(piece, str) else "x"


def _place(before: str) -> str:
    if re.fullmatch(r"(?is)[\s(]*(?:EXPLAIN\b(?!.*\bSELECT\b).*)?", before):
        return "beginning"
    if _DEFINES.match(before) or before.count("'") % 2:
        return "definition" if _DEFINES.match(before) else "quoted value"
    return "value" if _VALUE.search(before) else "name" if _NAME.search(before) else "part"


def _confidence(argument: Argument, hole: Hole, place: str, reached: bool, bare: str) -> Confidence:
    """Sure where the client's own words arrive; a function's parameter may be anything where a value is pasted in."""
    by_operator = argument.call.main_guard or hole.origin in _TRUSTED or _MIGRATION.search(argument.call.at.path)
    given = hole.origin is Origin.PARAMETER or (hole.origin is Origin.LOOP and reached)
    pasted = Confidence.MEDIUM if given and place in ("quoted value", bare) and not by_operator else Confidence.LOW
    sure = Confidence.HIGH if hole.origin is Origin.REQUEST and not _KEY.search(hole.written) else pasted
    return sure if argument.call.library else Confidence.LOW  # else nothing but the text says that it is SQL


def _suspicion(argument: Argument, hole: Hole, place: str, confidence: Confidence, more: list[Hole]) -> Suspicion:
    what = f"`{hole.written}`" if hole.written else "something computed"
    step = Step(hole.at, f"{what} is pasted into the SQL text as {'its' if place == 'beginning' else 'a'} {place}")
    others = tuple(Step(h.at, f"`{h.written or '…'}` is pasted in as well") for h in more if h.at != hole.at)[:5]
    what, severity = ("what the client sent", Severity.CRITICAL) if confidence is Confidence.HIGH else (what, None)
    message = f"`{argument.call.name}` runs SQL with {what} pasted in"
    return Suspicion(RULE.id, argument.call.at, message, "", (*hole.trace, step), others, confidence, severity)


def confirm(node: libcst.Call, suspicion: Suspicion) -> bool:
    """`f"… IN ({','.join(map(lambda _: '%s', ids))})"` pastes nothing but placeholders: only the source shows it."""
    from libcst import matchers as m

    mark = m.SimpleString(value=m.MatchIfTrue(lambda text: _PLACEHOLDER.fullmatch(text) is not None))
    mapped = m.Call(m.Name("map"), [m.Arg(m.Lambda(body=mark)), m.AtLeastN(n=1)])
    times = m.Call(m.Name("repeat") | m.Attribute(attr=m.Name("repeat")), [m.Arg(mark), m.AtLeastN(n=1)])
    joined = m.Call(m.Attribute(value=m.SimpleString(), attr=m.Name("join")), [m.Arg(mapped | times)])
    field = m.FormattedStringText() | m.FormattedStringExpression(joined)
    text = m.FormattedString([m.ZeroOrMore(field)]) | m.BinaryOperation(m.SimpleString(), m.Modulo(), joined)
    return not (node.args and m.matches(node.args[0].value, text))
