"""No report repeats a secret that a finding points at, whatever the format and whoever else points at the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer import assets
from analyzer.audit import audit
from analyzer.masking import masked_line
from analyzer.model.config import Config
from analyzer.model.location import Span
from analyzer.model.report import Report
from analyzer.reporters import FORMATS, render

SECRET = "kJ8vQ2mxR7tLp9zW4nYb6sDc"
SOURCE = f"""\
import jwt


def token(user):
    return jwt.encode({{"sub": user}}, "{SECRET}", algorithm="HS256")


SIGNING_KEY = '{SECRET}'
"""


def audited(folder: Path, comment: str = "", **settings: object) -> Report:
    (folder / "app.py").write_text(SOURCE.replace("HS256\")", f"HS256\"){comment}"))
    (folder / "compose.yaml").write_text(f"services:\n  api:\n    image: x:1\n    environment:\n      JWT_SECRET: {SECRET}\n")
    config = {"paths": (str(folder),), "root": str(folder), "cache": False, "jobs": 1, "confidence": "low", **settings}
    return audit(Config(**config))  # type: ignore[arg-type]  # fields of Config


@pytest.mark.parametrize("format", sorted(FORMATS))
def test_no_format_repeats_it(format: str, tmp_path: Path) -> None:
    report = audited(tmp_path)
    assert {f.at.path for f in report.findings if f.rule == "secret-in-source"} >= {"app.py"}
    text = render(report, format, width=200, templates=assets.templates())
    assert "app.py" in text and SECRET not in text and SECRET[4:] not in text


def test_nor_where_it_is_suppressed_or_another_tool_points_at_it(tmp_path: Path) -> None:
    silenced = audited(tmp_path, "  # backend-audit: ignore[secret-in-source] -- rotated in May")
    assert [s.finding.rule for s in silenced.suppressed] == ["secret-in-source"]
    for report in (silenced, audited(tmp_path, supersede=False), audited(tmp_path, engines=("bandit",))):
        for format in ("json", "sarif", "terminal"):
            assert SECRET not in render(report, format, width=200, show_suppressed=True)


def test_a_line_keeps_its_length_and_what_stands_around_the_value() -> None:
    line = f'    token = encode(user, "{SECRET}", 1)  # {SECRET}'
    at = line.index('"')
    span = Span(3, at, 3, at + len(SECRET) + 2)
    assert masked_line(line, 3, [span]) == f'    token = encode(user, "{"•" * len(SECRET)}", 1)  # {SECRET}'
    assert masked_line(line, 4, [span]) == line
    assert masked_line("JWT_SECRET: abc def", 1, [Span(1, 0, 1, 19)]) == "JWT_SECRET: ••• •••"
    many = [Span(1, 6, 3, 3)]
    assert [masked_line(text, n, many) for n, text in enumerate(('key = """abc', "def ghi", '"""; x = 1'), 1)] == [
        'key = """•••', "••• •••", '"""; x = 1'
    ]  # fmt: skip
