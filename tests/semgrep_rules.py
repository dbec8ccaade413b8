"""Semgrep rules and files → what the real program finds, in as few starts as may be; and the fixtures' marks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from marks import _MARK, example

from analyzer.discover.kinds import by_name, settle
from analyzer.discover.testcode import is_test
from analyzer.engines import semgrep
from analyzer.engines.detected import Detected
from analyzer.model.finding import Suspicion
from analyzer.model.rule import LoadedRule
from analyzer.model.source import FileKind, SourceFile
from analyzer.store import Store

FIXTURES = Path(__file__).resolve().parent / "fixtures" / "semgrep"
NOWHERE = "/nowhere"  # an audited root in which no program lies


@cache
def rules() -> tuple[LoadedRule, ...]:
    """The built-in ones."""
    loaded, problems = semgrep.load_rules(())
    assert not problems
    return loaded


def file(path: str, content: bytes | str) -> SourceFile:
    """A file as `discover` hands it on."""
    content = content.encode() if isinstance(content, str) else content
    name = path.rpartition("/")[2]
    kind = settle(by_name(name, ""), name, content)
    assert kind is not None, path
    digest = hashlib.blake2b(content, digest_size=16).hexdigest()
    return SourceFile(path, content, digest, kind, True, kind is FileKind.PYTHON and is_test(path, content))


def detect(files: Sequence[SourceFile], loaded: Sequence[LoadedRule], store: Store | None = None) -> Detected:
    """Run the engine as the pipeline does."""
    return semgrep.detect(loaded, files, root=NOWHERE, jobs=1, store=store, advance=lambda _: None)


def examples() -> dict[str, bytes]:
    """The `bad` and `good` of every rule, under "<rule>/bad/<path>"."""
    return {
        f"{loaded.rule.id.partition(':')[2]}/{which}/{path}": content
        for loaded in rules()
        for which, text in (("bad", loaded.rule.bad), ("good", loaded.rule.good))
        for path, content in example(text).items()
    }


def fixtures() -> tuple[dict[str, bytes], set[tuple[str, str, int, str]]]:
    """The files without marks, and each mark: "expect", "missed" or "noise", path, line, rule."""
    files: dict[str, bytes] = {}
    marks: set[tuple[str, str, int, str]] = set()
    for path in sorted(each for each in FIXTURES.rglob("*") if each.is_file()):
        name = path.relative_to(FIXTURES).as_posix()
        rows = path.read_text(encoding="utf-8").split("\n")
        for number, row in enumerate(rows, 1):
            if match := _MARK.search(row):
                rows[number - 1] = row[: match.start()]
                marks |= {(match[1], name, number, rule.strip()) for rule in match[2].split(",")}
        files[name] = "\n".join(rows).encode()
    return files, marks


@cache
def everything() -> tuple[Mapping[str, SourceFile], Detected]:
    """All rules over all examples and fixtures: the one start that most tests share."""
    files = {path: file(path, content) for path, content in {**examples(), **fixtures()[0]}.items()}
    return files, detect(list(files.values()), rules())


def cut(files: Mapping[str, SourceFile], suspicion: Suspicion) -> str:
    """The text at a place, of one line or several."""
    rows = files[suspicion.at.path].content.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    span = suspicion.at.span
    if span.line == span.end_line:
        return rows[span.line - 1][span.column : span.end_column]
    inner = rows[span.line : span.end_line - 1]
    return "\n".join([rows[span.line - 1][span.column :], *inner, rows[span.end_line - 1][: span.end_column]])
