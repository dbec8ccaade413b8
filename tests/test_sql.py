"""SQL of any dialect: what its statements change, where they stand, what comments say, and what hostile text costs."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from analyzer.cli.app import app
from analyzer.extract.entries import read
from analyzer.link.index import build
from analyzer.link.migrations import _natural, _sql_series
from analyzer.model.facts import Extracted, Statement, TextFacts
from analyzer.model.source import FileKind
from analyzer.sql.lexer import Kind, tokens


def facts(text: str) -> TextFacts:
    found = read(text.encode(), FileKind.SQL)
    assert isinstance(found, TextFacts), found
    return found


def told(statement: Statement) -> str:
    """A statement in one line: "create table a.b of c, guarded"."""
    words = f"{statement.verb} {statement.object} {statement.name}".strip()
    words += f" to {statement.new_name}" if statement.new_name else ""
    words += f" of {statement.source}" if statement.source else ""
    flags = [name for name in ("guarded", "temporary", "deferred", "undo") if getattr(statement, name)]
    return ", ".join([words, *flags])


def said(text: str) -> list[str]:
    return [told(statement) for statement in facts(text).statements]


CASES = {
    "CREATE TABLE a.b (x int)": ["create table a.b"],
    'create table if not exists "A"."b c" as select 1': ["create table A.b c, guarded"],
    "CREATE TABLE a AS SELECT * FROM ONLY b.c": ["create table a of b.c"],
    "CREATE TABLE a (x, y) AS (SELECT extract(year FROM t), u FROM b)": ["create table a of b"],
    "CREATE TABLE a AS WITH w AS (DELETE FROM b RETURNING *) SELECT * FROM w": ["create table a of b"],
    "CREATE TABLE a AS TABLE b WITH NO DATA": ["create table a of b"],
    "CREATE UNLOGGED TABLE a (LIKE b INCLUDING ALL)": ["create table a of b"],
    "CREATE TABLE a (x int, LIKE b)": ["create table a of b"],
    "CREATE TABLE `a` LIKE `b`": ["create table a of b"],
    "CREATE TABLE a (x text CHECK (x LIKE 'y%'))": ["create table a"],
    "CREATE TABLE a CLONE b": ["create table a of b"],
    "CREATE TABLE a PARTITION OF b FOR VALUES FROM (1) TO (2)": ["create partition a"],
    "CREATE TABLE a (LIKE b) INHERITS (b)": ["create partition a"],
    "CREATE GLOBAL TEMPORARY TABLE a (x int)": ["create table a, temporary"],
    "CREATE OR REPLACE VIEW a AS SELECT 1; CREATE MATERIALIZED VIEW b AS SELECT 1": ["create view a", "create view b"],
    "CREATE SCHEMA IF NOT EXISTS a": ["create schema a, guarded"],
    "CREATE INDEX a ON b (c); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'": [],
    "SELECT a, (SELECT 1) INTO b FROM c.d": ["create table b of c.d"],
    "SELECT * INTO TEMP a FROM b; SELECT * INTO #c FROM d": ["create table a of b, temporary", "create table #c of d, temporary"],
    "WITH w AS (SELECT 1) SELECT * INTO a FROM w": ["create table a of w"],
    "INSERT INTO a SELECT * FROM b; SELECT 1 FROM a INTO OUTFILE 'x'; SELECT 1 INTO @v": [],
    "ALTER TABLE IF EXISTS ONLY a.b RENAME TO c": ["rename table a.b to c, guarded"],
    "ALTER TABLE a RENAME COLUMN b TO c; ALTER TABLE a RENAME b TO c; ALTER TABLE a RENAME CONSTRAINT b TO c": [],
    "ALTER TABLE a RENAME AS b; ALTER TABLE a RENAME b": ["rename table a to b", "rename table a to b"],
    "RENAME TABLE a TO b, c.d TO e": ["rename table a to b", "rename table c.d to e"],
    "EXEC sp_rename 'dbo.a', 'b'; EXEC sp_rename '[dbo].[a]', 'c'": ["rename table dbo.a to b", "rename table dbo.a to c"],
    "EXEC sp_rename 'a.x', 'y', 'COLUMN'": [],
    "ALTER TABLE a SET SCHEMA b; ALTER TABLE a ATTACH PARTITION c DEFAULT": ["move table a to b", "attach table a to c"],
    "ALTER TABLE a DROP COLUMN b, DROP CONSTRAINT c": [],
    "DROP TABLE IF EXISTS a, b.c CASCADE; DROP VIEW d": ["drop table a, guarded", "drop table b.c, guarded", "drop view d"],
    "DROP SCHEMA a CASCADE": ["drop schema a"],
    "CREATE TABLE {{ s }}.a_{{ x }} (y int)": ["create table ….a_…"],
    "DROP TABLE :schema.a; DROP TABLE %s; DROP TABLE ${T}": ["drop table ….a", "drop table …", "drop table …"],
    "COMMENT ON TABLE a IS 'DROP TABLE b'; -- DROP TABLE c\n/* DROP TABLE d /* e */ DROP TABLE f */ DROP TABLE g": ["drop table g"],
    "DO $$ BEGIN IF x THEN DROP TABLE a; END IF; SELECT 1 INTO b FROM c; END $$": ["drop table a"],
    "DO $$ BEGIN EXECUTE format('DROP TABLE %I.a', s); EXECUTE 'DROP TABLE ' || t; END $$": ["drop table ….a", "drop table …"],
    "CREATE FUNCTION f() RETURNS void AS $f$ BEGIN DROP TABLE a; EXECUTE $$DROP TABLE b$$; END $f$": [
        "drop table a, deferred", "drop table b, deferred",
    ],
    "DELIMITER //\nCREATE PROCEDURE p() BEGIN DROP TABLE a; SELECT 1 INTO b; END //\nDELIMITER ;\nDROP TABLE c;": [
        "drop table a, deferred", "drop table c",
    ],
    "COPY a FROM stdin;\n1\tit's; DROP TABLE b;\n\\.\nDROP TABLE c;": ["drop table c"],
    "\\echo it's\n  \\set x 'y\nDROP TABLE a;": ["drop table a"],
    "IF OBJECT_ID('a') IS NOT NULL DROP TABLE a\nCREATE TABLE b (x int)\n  GO\nSELECT 1 INTO c FROM d": [
        "drop table a", "create table b", "create table c of d",
    ],
    "INSERT INTO a VALUES (E'it\\'s; DROP TABLE b;'); DROP TABLE c": ["drop table c"],
    "INSERT INTO `a` VALUES ('it\\'s; DROP TABLE b;'); DROP TABLE c": ["drop table c"],
    "INSERT INTO a VALUES ('C:\\'); DROP TABLE c": ["drop table c"],
    "-- migrate:up\nDROP TABLE a;\n-- migrate:down transaction:false\nDROP TABLE b;\n": ["drop table a", "drop table b, undo"],
    "-- +goose Up\nDROP TABLE a;\n-- +goose Down\nDROP TABLE b;\n-- +goose Up\nDROP TABLE c": [
        "drop table a", "drop table b, undo", "drop table c",
    ],
    "# --- !Ups\nDROP TABLE a;\n# --- !Downs\nDROP TABLE b;": ["drop table a", "drop table b, undo"],
    "-- Down to the smallest\nDROP TABLE a;": ["drop table a"],
    "DROP TABLE a; INSERT INTO b VALUES ('never ends; DROP TABLE c;": ["drop table a", "unread"],
    "DROP TABLE a; /* never ends; DROP TABLE c;": ["drop table a", "unread"],
    "DROP TABLE a; DO $$ never ends; DROP TABLE c;": ["drop table a", "unread"],
    "-- PostgreSQL database dump\nCREATE TABLE a (x int);": [],
}  # fmt: skip


@pytest.mark.parametrize("text", CASES)
def test_what_statements_change(text: str) -> None:
    assert said(text) == CASES[text]
    assert said(text.replace("\n", "\r\n")) == CASES[text]


def test_a_statement_stands_from_its_first_word_to_its_name() -> None:
    text = "SELECT '日本';\n\tCREATE TABLE IF NOT EXISTS\n    größe.a_bak (x int); DROP TABLE b\n"
    lines = text.split("\n")
    first, second = (statement.at for statement in facts(text).statements)
    assert (first.line, first.column, first.end_line, first.end_column) == (2, 1, 3, len("    größe.a_bak"))
    assert lines[second.line - 1][second.column : second.end_column] == "DROP TABLE b"


def test_directives() -> None:
    text = (
        "DROP TABLE a;  -- backend-audit: ignore[x] -- why\n"
        "/* first\n   backend-audit: ignore[y] -- because */\n"
        "SELECT '-- backend-audit: ignore[z] -- no comment';\n"
        "DO $$ -- backend-audit: ignore[z] -- a comment of the body, not of the script\n$$;\n# nosec\n"
    )
    found = facts(text).directives
    assert [(d.tool, d.text, d.at.line, d.alone) for d in found] == [
        ("backend-audit", "backend-audit: ignore[x] -- why", 1, False),
        ("backend-audit", "backend-audit: ignore[y] -- because */", 3, True),
        ("nosec", "nosec", 7, True),
    ]
    assert text.split("\n")[0][found[0].at.column :] == "-- backend-audit: ignore[x] -- why"


def test_a_comment_silences_a_statement(tmp_path: Path) -> None:
    (tmp_path / "migrations").mkdir()
    (tmp_path / "main.py").write_text("import json\n")
    script = tmp_path / "migrations" / "1_copy.sql"
    (tmp_path / "migrations" / "2_next.sql").write_text("SELECT 1;\n")
    rule = "backup-table-never-dropped"

    def run(text: str) -> tuple[int, str]:
        script.write_text(text)
        command = [str(tmp_path), "--root", str(tmp_path), "--select", rule, "--isolated", "--no-cache", "-j1", "-f", "concise", "-q"]
        result = CliRunner().invoke(app, command)
        return result.exit_code, result.stdout

    copy = "CREATE TABLE\n  a_backup AS SELECT * FROM a;\n"
    loud = run(copy)
    assert loud[0] == 1 and f"migrations/1_copy.sql:1:1: info {rule} no later migration drops `a_backup`" in loud[1]
    for comment in (f"-- backend-audit: ignore[{rule}] -- kept", f"/* backend-audit: ignore[{rule}] -- kept */"):
        quiet = run(f"{comment}\n{copy}")
        assert quiet[0] == 0 and "1 suppressed" in quiet[1]
    assert run(f"-- backend-audit: ignore[{rule}]\n{copy}")[0] == 1, "no reason is given"


SERIES = {
    "db/migrations": ["db/migrations/0001_a.sql", "db/migrations/0002/up.sql", "db/migrations/0003_seat.sql"],
    "sql": ["sql/V1__a.sql", "sql/V2__b.sql"],
    "deploy": ["deploy/users.sql"],
}
NO_MIGRATIONS = [
    "db/migrations/0002/down.sql", "db/migrations/0003_seat.down.sql", "db/migrations/seed.sql", "sql/U2__b.sql", "queries/users.sql",
    "one/0001_alone.sql", "revert/users.sql", "db/migrations/seeds/1_a.sql", "db/migrations/rollback/1_a.sql", "other/deploy/orders.sql",
]  # fmt: skip


def test_which_scripts_are_migrations() -> None:
    paths = [*NO_MIGRATIONS, *(path for group in SERIES.values() for path in group)]
    assert _sql_series(build([Extracted(path, TextFacts((), (), 0)) for path in paths], ())) == SERIES


def test_migrations_run_in_natural_order() -> None:
    names = ["m/V1__a.sql", "m/V1.2__b.sql", "m/V2__a.sql", "m/V10__a.sql"]
    assert sorted(reversed(names), key=_natural) == names
    names = ["1_a.sql", "2_a.sql", "10_a.sql", "20240101_a.sql"]
    assert sorted(reversed(names), key=_natural) == names


HOSTILE = {
    "quotes": "'" * 1_000_001, "comments": "/*" * 500_000, "balanced": "/*/**/" * 60_000, "dollars": "$$" * 150_001,
    "tags": "".join(f"$a{n}$" for n in range(100_000)), "braces": "{{" * 100_000, "percents": "{%" * 100_000,
    "brackets": "[a " * 60_000, "parens": "create table a as select (" * 15_000, "selects": "select " * 60_000,
    "nested": "select (" * 60_000, "creates": "create table a as " * 15_000, "names": "drop table " + "a." * 50_000,
    "commas": "drop table a" + ", a" * 9_000, "lines": "table" + "\n\\x" * 100_000, "mixed": "select a (b select c (d " * 10_000, "with": "with " * 60_000,
    "bodies": "do $a$ do $b$ do $c$ do $d$ drop table x $d$ $c$ $b$ $a$;" * 3_000,
    "execute": "execute 'drop table ' || x " * 9_000, "likes": "create table a (like " * 20_000,
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(HOSTILE))
def test_hostile_text_costs_little(case: str) -> None:
    begin = time.process_time()
    read(f"table {HOSTILE[case]}".encode(), FileKind.SQL)
    assert time.process_time() - begin < 6


def test_too_many_statements_are_named() -> None:
    found = read(b"DROP TABLE a;" * 20_001, FileKind.SQL)
    assert getattr(found, "why", "") == "holds more than 20000 statements"


_PIECES = st.sampled_from(
    ["CREATE TABLE ", "DROP TABLE ", "SELECT ", "INTO ", "FROM ", "AS ", "a", ".", '"b"', "'", "''", "$$", "$x$", "/*", "*/", "--", "\n",
     ";", "(", ")", ",", "\\", "{{", "}}", ":v", "LIKE ", "RENAME TO ", "ALTER TABLE ", "DO ", "EXECUTE ", "é", "\x0c", "\u2028", "GO"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(_PIECES, max_size=40).map("".join))
def test_tokens_are_in_order_and_statements_lie_in_the_text(text: str) -> None:
    found = list(tokens(text))
    assert all(one.end <= two.start for one, two in zip(found, found[1:], strict=False))
    assert all(0 <= token.start < token.end <= len(text) for token in found)
    assert [token.kind for token in found].count(Kind.BROKEN) == (bool(found) and found[-1].kind is Kind.BROKEN)
    rows = text.replace("\r\n", "\n").split("\n")
    for statement in facts(text).statements:
        at = statement.at
        assert (at.line, at.column) <= (at.end_line, at.end_column) and at.end_column <= len(rows[at.end_line - 1])
