"""The nesting scan lets through what people write and stops what would overflow libcst's stack."""

from __future__ import annotations

import time

import pytest

from analyzer.nesting import too_deep

NEST = "x = {}a{}"
DEEP_INDENT = "".join(" " * i + "if a:\n" for i in range(101)) + " " * 101 + "pass"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x = " + "(" * 200 + "a" + ")" * 200,
        "x = " + "-" * 200 + "1",
        "x = a" + ".b" * 499,
        "x = f" + "()" * 499,
        "x = [\n" + "a + b.c(d),\n" * 5000 + "]",
        "x = {\n" + "'a': b | c,\n" * 5000 + "}",
        "a + b\n" * 5000,
        "x = 1.5" + " + 1.5" * 499,
        "a + b; " * 5000,
        "x = '" + "(" * 1000 + "'",
        'x = """' + "(\n" * 1000 + '"""',
        "x = r'" + "\\'(" * 1000 + "'",
        "x = f'" + "{{" * 1000 + "'",
        "x = f'" + "{a}" * 1000 + "'",
        "# " + "(" * 1000,
        "x = (  # '''" + "(" * 1000 + "\n)",
        'x = f\'{a["("]}\' + "((" \n' * 300,
        "x = f'{a!r:>{b}}' # (\n" * 300,
        "if a: pass\n" + "elif a: pass\n" * 500,
        ("if a: pass\n" + "elif a: pass\n" * 300) * 5,
        "for a in b:\n  if a:\n    pass\n# c\n  else:\n    pass\n" * 200,
        "match a:\n case [[[[[[b]]]]]] if f(((((((((c))))))))): pass",
        "case = " + "(" * 50 + "a" + ")" * 50,
        "x = a\\\n + b\n" * 600,
    ],
)
def test_what_people_write_passes(text: str) -> None:
    assert too_deep(text) is None


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("\nx = " + "(" * 201 + ")" * 201, "brackets", 2),
        ("x = " + "[(" * 101, "brackets", 1),
        ("x = (\n" + "f(\n" * 201, "brackets", 201),
        ("x = " + "-" * 201 + "1", "unary", 1),
        ("x = " + "not " * 201 + "1", "unary", 1),
        ("x = " + "- " * 201 + "1", "unary", 1),
        ("x = a" + ".b" * 501, "chain", 1),
        ("x = a" + " + a" * 501, "chain", 1),
        ("x = a" + "[0]" * 501, "chain", 1),
        ("x = a" + " and a" * 501, "chain", 1),
        ("x = " + "a if b else " * 300 + "c", "chain", 1),
        ("x = " + "lambda a: " * 501 + "c", "chain", 1),
        ("x = " + "lambda a=" * 501 + "c", "chain", 1),
        ("x = (" + "'a'\n" * 502 + ")", "chain", 502),
        ("x = a\\\n" + " + a\\\n" * 501, "chain", 502),
        ("x = " + ("(" + "a + " * 150) * 7 + "1" + ")" * 7, "expressions", 1),
        (DEEP_INDENT, "indented", 102),
        ("if a: pass\n" + "elif a: pass\n" * 501, "elif", 502),
        ("match a:\n case " + "[" * 7 + "b" + "]" * 7 + ": pass", "case", 2),
        ("x = f'{" + "(" * 201 + ")" * 201 + "}'", "brackets", 1),
        ('x = f"""\n{' + "(" * 201 + ")" * 201 + '}"""', "brackets", 2),
        ("x = f'{a:{" + "(" * 201 + ")" * 201 + "}}'", "brackets", 1),
        ("x = f'{a[\"#\"]}' + " + "(" * 201, "brackets", 1),
        ("x = f'\\{" + "(" * 201 + "}'", "brackets", 1),
        ("x = rf'\\N{" + "(" * 201 + "}'", "brackets", 1),
        ("x = " + "f'{" * 201 + "a" + "}'" * 201, "brackets", 1),
        ("x = t'{" + "(" * 201 + "}'", "brackets", 1),
        ("x = 'a\\\n'; y = " + "(" * 201, "brackets", 2),
    ],
)
def test_what_would_overflow_is_stopped(text: str, what: str, line: int) -> None:
    found = too_deep(text)
    assert found is not None
    assert what in found[0]
    assert found[1] == line


@pytest.mark.parametrize(
    "text",
    [
        "'" * 300_000,
        '"""' * 100_000,
        "f'{" * 100_000,
        "f'" * 150_000,
        "'\\" * 150_000,
        "x\\" * 150_000,
        "\n" * 300_000,
        "f'{a:" * 60_000,
    ],
)
def test_the_scan_is_linear_in_anything(text: str) -> None:
    started = time.perf_counter()
    too_deep(text)
    assert time.perf_counter() - started < 5
