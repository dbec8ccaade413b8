"""The files of a project, their facts and the chosen rules → what all engines found, as the visitor flagged it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

from . import assemble, assets
from .catalogue import Chosen
from .engines import bandit, native, semgrep
from .engines.detected import Detected
from .frameworks import ALL as FRAMEWORKS
from .frameworks import MOST_ENDPOINTS
from .inspect import inspect
from .libraries import load_libraries
from .link import Index, Keeping, LinkedProject, build, link, top_packages
from .model.config import Config
from .model.facts import Extracted, Unread
from .model.finding import Finding, Problem, Suspicion
from .model.judged import Judged
from .model.report import EngineSummary
from .model.rule import Engine, LoadedRule
from .model.source import FileKind, Snapshot
from .store import Store


def detect(
    config: Config,
    snapshot: Snapshot,
    chosen: Chosen,
    rules: Mapping[str, LoadedRule],
    extracted: tuple[Extracted, ...],
    store: Store | None,
    tool: str,
    stage: Callable[[str, int], None],
    advance: Callable[[int], None],
) -> tuple[Judged, bool]:
    """Run every engine and look closer at what they say; False where a guard was met, so that nothing may be kept.

    `rules` are all that are known, by id: a second detector's rule may not run itself. `tool` is our sources' hash.
    """
    stage("link", 0)
    ours = chosen.of(Engine.NATIVE)
    project = linked(config, snapshot, extracted, store, tool, with_tests=any(loaded.rule.tests for loaded in ours))
    index = project.ev.index
    stage("detect", len(ours))
    detected = {Engine.NATIVE: native.detect(ours, project, index.tests, project.endpoints_reaching, advance)}
    detected |= _side_engines(config, snapshot, chosen, index, store, stage, advance)
    stage("inspect", 0)
    inspected = inspect(
        [_reached(suspicion, project) for found in detected.values() for suspicion in found.suspicions],
        {file.path: file for file in snapshot.files},
        {e.path: e.facts for e in extracted if not isinstance(e.facts, Unread)},
        rules,
    )
    judged = Judged(
        tuple(_exposed(finding, project) for finding in inspected.findings),
        tuple((s.rule, f"{s.at.path}:{s.at.span.line}") for s, _ in inspected.cleared),
        tuple(unjudged for found in detected.values() for unjudged in found.unjudged),
        (*_problems(index, snapshot, project, detected), *inspected.problems),
        assemble.endpoints(project.surface()),
        project.frameworks_seen(),
        _engines(chosen, detected, snapshot),
        project.receivers(),
    )
    return judged, not _guarded(index) and all(found.lasting for found in detected.values())


def linked(
    config: Config,
    snapshot: Snapshot,
    extracted: tuple[Extracted, ...],
    store: Store | None,
    tool: str,
    *,
    with_tests: bool,
) -> LinkedProject:
    """The project that the files' facts make, with the models of the libraries that it imports."""
    keeping = Keeping(store, {file.path: file.digest for file in snapshot.files}, tool, config.jobs)
    index = build(extracted, frozenset(file.path for file in snapshot.files if file.test))
    libraries = load_libraries(assets.rules() / "libraries", top_packages(index), tuple(map(Path, config.libraries)))
    return link(index, libraries, FRAMEWORKS, with_tests=with_tests, keeping=keeping)


def _side_engines(
    config: Config,
    snapshot: Snapshot,
    chosen: Chosen,
    index: Index,
    store: Store | None,
    stage: Callable[[str, int], None],
    advance: Callable[[int], None],
) -> dict[Engine, Detected]:
    found: dict[Engine, Detected] = {}
    if patterns := chosen.of(Engine.SEMGREP):
        stage("semgrep", 0)
        found[Engine.SEMGREP] = semgrep.detect(
            patterns, snapshot.files, root=snapshot.root, jobs=config.jobs, store=store, advance=advance
        )
    if tests := chosen.of(Engine.BANDIT):
        stage("bandit", 0)
        found[Engine.BANDIT] = bandit.detect(
            tests, snapshot.files, superseded=frozenset(chosen.superseded), unread=frozenset(index.unread),
            jobs=config.jobs, store=store, advance=advance,
        )  # fmt: skip
    return found


def _reached(suspicion: Suspicion, project: LinkedProject) -> Suspicion:
    """With the endpoints that lead to it; the native engine has filled in its own."""
    if suspicion.engine == Engine.NATIVE:
        return suspicion
    return msgspec.structs.replace(suspicion, endpoints=project.endpoints_reaching(suspicion.at))


def _exposed(finding: Finding, project: LinkedProject) -> Finding:
    """With how open its place is, and the endpoints that are registered there where none reaches it."""
    concerned = finding.endpoints or project.endpoints_concerned(finding.at)
    return msgspec.structs.replace(finding, endpoints=concerned, exposure=project.exposure(finding.at))


def _problems(
    index: Index, snapshot: Snapshot, project: LinkedProject, detected: Mapping[Engine, Detected]
) -> Iterator[Problem]:
    """What was not read, where linking failed or met a bound, tables that were cut off, and engines' complaints."""
    python = frozenset(file.path for file in snapshot.files if file.kind is FileKind.PYTHON)
    for path, facts in sorted(index.unread.items()):
        # A deployment file that cannot be read (a Helm template, say) leaves the Python whole: worth a note.
        yield Problem("extract", path, facts.why, note=path not in python)
    yield from project.problems
    yield from project.bounds_met()
    for app in project.apps():
        if len(app.endpoints) >= MOST_ENDPOINTS:
            message = f"`{app.name}` has {MOST_ENDPOINTS} endpoints or more: the others were not read"
            yield Problem("link", app.at.path, message)
    for found in detected.values():
        yield from found.problems


def _guarded(index: Index) -> bool:
    """Whether a time or memory guard touched the facts: then nothing derived from them is kept."""
    return any("process" in facts.why or "seconds" in facts.why for facts in index.unread.values())


def _engines(chosen: Chosen, detected: Mapping[Engine, Detected], snapshot: Snapshot) -> tuple[EngineSummary, ...]:
    """Who took part. What a rule of ours replaces is not counted among an engine's rules."""
    versions = {
        Engine.NATIVE: lambda: "",
        Engine.SEMGREP: lambda: semgrep.version(snapshot.root),
        Engine.BANDIT: bandit.version,
    }
    python = sum(file.kind is FileKind.PYTHON for file in snapshot.files)
    return tuple(
        EngineSummary(
            engine,
            versions[engine](),
            sum(loaded.rule.id not in chosen.superseded for loaded in chosen.of(engine)),
            python if engine is Engine.NATIVE else found.files,
        )
        for engine, found in detected.items()
        if chosen.of(engine)
    )
