"""Python files → suspicions by bandit's tests, run as a library in processes of ours, told in our words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from ...model.finding import Suspicion
from ...model.location import Location
from ...model.rule import Engine, LoadedRule, Node
from ...model.source import FileKind
from ..detected import Detected
from . import notes
from .definitions import FAMILY, Definition, load, load_rules
from .installed import identity, version

if TYPE_CHECKING:
    from ...model.source import SourceFile
    from ...store import Store
    from .replies import Found

_NAMELESS: dict[str, str] = {Node.CALL: "this call", Node.EXPRESSION: "this text"}

__all__ = ["detect", "identity", "load_rules", "version"]


def detect(
    rules: Sequence[LoadedRule],
    files: Sequence[SourceFile],
    *,
    superseded: Collection[str],
    unread: Collection[str],
    jobs: int,
    store: Store | None,
    advance: Callable[[int], None],
) -> Detected:
    """Run the tests that `rules` stand for over the Python files that they can match and that are no test code.

    Those in `superseded` ("bandit:B113") look only at the paths in `unread`; `jobs` processes (0: one per core);
    `advance` is told how many more files are done. Nothing is raised but KeyboardInterrupt.
    """
    chosen = {loaded.rule.id.partition(":")[2]: loaded for loaded in rules if loaded.engine is Engine.BANDIT}
    python = [file for file in files if file.kind is FileKind.PYTHON]
    if not chosen:
        return Detected()
    if not version():
        return Detected(problems=(notes.missing(),))
    asked = {file.path: (file, tests) for file in python if (tests := _tests_for(file, chosen, superseded, unread))}
    advance(len(files) - len(asked))
    if not asked:
        return Detected()
    from .asking import ask

    answers = ask([(file, tests) for _, (file, tests) in sorted(asked.items())], jobs, store, advance)
    definitions, _ = load()
    suspicions = tuple(
        _suspicion(path, found, definitions[found.test], chosen[found.test])
        for path, reply in answers.replies
        for found in reply.found
        if found.test in chosen
    )
    problems = notes.of(answers, sorted(chosen), definitions, unread)
    return Detected(suspicions, (), problems, len(asked), answers.lasting)


def _tests_for(
    file: SourceFile, chosen: Mapping[str, LoadedRule], superseded: Collection[str], unread: Collection[str]
) -> tuple[str, ...]:
    from .prefilter import matching

    definitions, _ = load()
    tests = [
        test
        for test, loaded in sorted(chosen.items())
        if (loaded.rule.tests or not file.test) and (loaded.rule.id not in superseded or file.path in unread)
    ]
    return matching(file.content, tests, {test: definitions[test].needs for test in tests}) if tests else ()


def _suspicion(path: str, found: Found, said: Definition, loaded: LoadedRule) -> Suspicion:
    verdict = said.verdicts.get(found.verdict)
    message = (verdict.message if verdict else "") or said.message
    name = f"`{found.name}`" if found.name else _NAMELESS.get(found.node, "this")
    return Suspicion(
        rule=loaded.rule.id,
        at=Location(path, found.span),
        message=message.replace("`{name}`", name),
        subject="",
        confidence=verdict.confidence if verdict else None,
        severity=verdict.severity if verdict else None,
        node=None if found.node == said.node else found.node,
        engine=FAMILY,
    )
