"""What is asked of other services: a library of the user's own is understood, and what its file says wrong is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.audit import audit
from analyzer.libraries import load_libraries
from analyzer.library_files import LibraryError
from analyzer.model.config import Config

MODEL = """\
library: ledger
version: "1"
imports: [ledger]
functions:
  ledger.connect: {returns: ledger.Ledger, shared: "each one opens ten connections (ledger/pool.py:9)"}
classes:
  ledger.Ledger:
    methods:
      book: {asks: database}
      draft: {asks: ""}
"""
BACKEND = """\
import ledger
from fastapi import FastAPI

app = FastAPI()


@app.post("/book")
def book(entries: list[dict]):
    books = ledger.connect()
    for entry in entries:
        books.draft(entry)
        books.book(entry)


@app.post("/again")
def again(entry: dict):
    books = ledger.connect()
    for attempt in range(4):
        try:
            return books.book(entry)
        except ledger.Busy:
            continue
"""


def model(folder: Path, text: str) -> Path:
    """A folder with one library model."""
    (folder / "models").mkdir()
    (folder / "models" / "ledger.yaml").write_text(text, encoding="utf-8")
    return folder / "models"


def test_a_library_of_ones_own(tmp_path: Path) -> None:
    models = model(tmp_path, MODEL)
    (tmp_path / "main.py").write_text(BACKEND, encoding="utf-8")
    config = Config(paths=(str(tmp_path),), root=str(tmp_path), cache=False, jobs=1, libraries=(str(models),))
    report = audit(config)
    found = {(f.rule, f.at.span.line) for f in report.findings}
    wanted = {"client-created-per-request", "query-in-loop", "retry-without-backoff"}
    assert {(rule, line) for rule, line in found if rule in wanted} == {
        ("client-created-per-request", 9),
        ("query-in-loop", 12),
        ("client-created-per-request", 17),
    }  # a database's own transaction that is tried again is of low confidence


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("asks: database", "asks: databse", 'asks "databse" is not declared; did you mean "database"?'),
        ('asks: ""', "pause: growing", 'pause "growing" is not declared; did you mean "grows"?'),
    ],
)
def test_a_wrong_word_is_named(tmp_path: Path, right: str, wrong: str, told: str) -> None:
    models = model(tmp_path, MODEL.replace(right, wrong))
    with pytest.raises(LibraryError, match="ledger.yaml: classes.ledger.Ledger.methods") as caught:
        load_libraries(Path("rules/libraries"), {"ledger"}, [models])
    assert told in str(caught.value)
