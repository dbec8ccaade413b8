"""The harness itself: a fixture that says something untrue is told so."""

from collections.abc import Mapping

import pytest
from marks import Case, Mark, _unmarked, disagreements, mended

from analyzer import Edit, Fix, Span

PASTED = b"import sqlite3\n\n\ndef find(name):\n    sqlite3.connect('a').execute(f\"SELECT 1 WHERE a = '{name}'\")\n"
CLEARED = b"import sqlite3\n\n\ndef find(ids):\n    sqlite3.connect('a').execute(f\"SELECT {','.join(map(lambda _: '?', ids))}\")\n"
LIMITS = b"from fastapi import FastAPI\nfrom x import y\n\napp = FastAPI()\n\n\n@app.get('/a')\n@y\ndef a():\n    return 1\n"


def case(files: Mapping[str, bytes], *marks: Mark, rule: str = "raw-sql") -> Case:
    return Case("made/up/case", rule, files, marks, 0, {}, ())


def at(line: int, kind: str = "expect", **more: str) -> Mark:
    return Mark(kind, "a.py", line, "raw-sql", **more)


def test_a_true_case_has_no_disagreement() -> None:
    assert disagreements(case({"a.py": PASTED}, at(5))) == []
    assert disagreements(case({"a.py": PASTED}, at(5, confidence="medium", severity="high"))) == []
    assert disagreements(case({"a.py": PASTED}, at(5, "noise"))) == []
    assert disagreements(case({"a.py": PASTED}, at(5), at(4, "missed"))) == []


@pytest.mark.parametrize(
    ("marks", "told"),
    [
        ((), "not marked: raw-sql at a.py:5"),
        ((at(5), at(5)), "silent:"),
        ((at(5), at(4)), "silent:"),
        ((at(5, "noise"), at(5, "missed")), "a missed alarm is found now"),
        ((at(5, confidence="low"),), "not marked"),
        ((at(5, severity="critical"),), "not marked"),
    ],
)
def test_a_wrong_mark_is_told(marks: tuple[Mark, ...], told: str) -> None:
    assert told in "\n".join(disagreements(case({"a.py": PASTED}, *marks)))


def test_what_is_cleared_unknown_or_unread_must_be_said() -> None:
    assert disagreements(case({"a.py": CLEARED})) == ["cleared: expected 0, got 1"]
    (unknown,) = disagreements(case({"a.py": LIMITS}, rule="endpoint-without-rate-limit"))
    assert unknown.startswith("unknown: expected {}, got {'a decorator that is not understood': 1}")
    (unread,) = disagreements(case({"a.py": b"def (\n"}))
    assert unread.startswith("problems: (Problem(stage='extract', path='a.py'")


def test_marks_are_taken_away_before_anything_reads_the_file() -> None:
    text, marks = _unmarked("a.py", b"try: f()\nexcept E: pass  # expect: x-y confidence=low, x-y\n# noise of a fan\n")
    assert text == b"try: f()\nexcept E: pass\n# noise of a fan\n"
    assert marks == [Mark("expect", "a.py", 2, "x-y", "low"), Mark("expect", "a.py", 2, "x-y")]
    assert _unmarked("a.sql", b"SELECT 1; -- missed: x-y") == (b"SELECT 1;", [Mark("missed", "a.sql", 1, "x-y")])
    assert _unmarked("a.py", b"\xff # expect: x-y") == (b"\xff # expect: x-y", [])


def test_a_fix_is_applied_from_the_end_and_must_parse() -> None:
    edits = (Edit(Span(1, 0, 1, 1), "xx"), Edit(Span(1, 4, 2, 1), "(\n3"))
    assert mended(b"a = (\n2)\n", Fix("t", edits, safe=True, imports=("import os",))) == b"import os\nxx = (\n3)\n"
    with pytest.raises(SyntaxError):
        mended(b"a = 1\n", Fix("t", (Edit(Span(1, 0, 1, 5), "("),), safe=True))
