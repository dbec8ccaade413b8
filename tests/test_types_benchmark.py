"""The benchmark of types counts right: what is asked, found, answered and missed on a project of a few lines."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
CODE = """\
import shapes


class Box:
    def __init__(self, width):
        self.width = width


def half(n):
    yield n / 2


box = Box("wide")
items = [1, "a"]
named = {"key": items}
round = shapes.Round()
text = elsewhere()
twice = [n for n in (1, 2)]
"""
TRUTH = [
    ({"line_number": 5, "col_offset": 24, "function": "Box.__init__", "parameter": "width"}, ["str"], True),
    ({"line_number": 6, "col_offset": 9, "function": "Box.__init__", "variable": "self.width"}, ["STR"], True),
    ({"line_number": 9, "col_offset": 5, "function": "half"}, ["generator"], True),
    ({"line_number": 13, "col_offset": 1, "variable": "box"}, ["Box"], True),
    ({"line_number": 14, "col_offset": 1, "variable": "items"}, ["List[int]"], True),
    ({"line_number": 14, "col_offset": 1, "variable": "items[1]"}, ["str"], True),
    ({"line_number": 14, "col_offset": 1, "variable": "items[0]"}, ["str"], False),
    ({"line_number": 15, "col_offset": 1, "variable": "named['key'][1]"}, ["str"], True),
    ({"line_number": 16, "col_offset": 1, "variable": "round"}, ["shapes.Round"], True),
    ({"line_number": 17, "col_offset": 1, "variable": "text"}, ["str"], False),
    ({"line_number": 17, "col_offset": 2, "variable": "text"}, ["str"], False),
    ({"line_number": 18, "col_offset": 16, "variable": "n"}, ["int"], True),
]


@pytest.fixture
def inference(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(BENCHMARKS)
    import inference

    return inference


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    case = tmp_path / "features" / "names" / "all"
    case.mkdir(parents=True)
    (case / "main.py").write_text(CODE)
    (case / "shapes.py").write_text("class Round:\n    pass\n")
    (case / "main_gt.json").write_text(
        json.dumps([{"file": "main.py", **entry, "type": said} for entry, said, _ in TRUTH])
    )
    return tmp_path


def test_every_entry_is_judged(inference: ModuleType, folder: Path) -> None:
    asked = list(inference.questions(folder))
    assert [question.right for question in asked] == [right for *_, right in TRUTH]
    assert {question.case for question in asked} == {"features/names/all"}


def test_an_unknown_answer_is_no_answer(inference: ModuleType, folder: Path) -> None:
    rows = {line[:47].strip(): line[47:].split() for line in inference.table(list(inference.questions(folder)))}
    assert rows["all"] == ["12", "9", "10", "90.0%", "75.0%"]
    assert rows["features/names"] == rows["all"]
    assert rows["function returns"] == ["1", "1", "1", "100.0%", "100.0%"]
    assert (
        inference.whole(list(inference.questions(folder))) == "of 1 projects 0 have every answer right, 0 no wrong one"
    )


def test_misses_have_a_cause(inference: ModuleType, folder: Path) -> None:
    lines = list(inference.misses(list(inference.questions(folder))))
    assert [line.split(maxsplit=1)[1] for line in lines if not line.startswith("      ")] == [
        "a call of something not understood", "int where str is true", "the place was not found",
    ]  # fmt: skip
    assert "        features/names/all/main.py:17:1 text: str; here unknown" in lines
