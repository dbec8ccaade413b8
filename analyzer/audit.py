"""The pipeline: a configuration → the report. Only this module knows the order of the stages."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from . import __version__, assemble, assets
from .discover import discover
from .engines import native
from .extract import extract
from .frameworks import ALL as FRAMEWORKS
from .frameworks import MOST_ENDPOINTS
from .inspect import inspect
from .libraries import load_libraries
from .link import Index, LinkedProject, build, link, top_packages
from .model.config import Config
from .model.facts import Extracted, Unread
from .model.finding import Finding, Problem, Unjudged
from .model.report import EndpointSummary, Report
from .model.rule import LoadedRule
from .model.source import FileKind, Snapshot
from .registry import choose, load_rules
from .store import Store, open_store, user_directory
from .triage import triage


class Watch(Protocol):
    """Somebody who wants to see how far the audit is."""

    def stage(self, name: str, total: int) -> None:
        """A stage begins that has this many steps (0: not known)."""

    def advance(self, steps: int) -> None:
        """So many steps are done."""


class _Unwatched:
    def stage(self, name: str, total: int) -> None:
        pass

    def advance(self, steps: int) -> None:
        pass


class Judged(msgspec.Struct, frozen=True):
    """Everything that depends on the files and rules alone: kept under the hash of both."""

    findings: tuple[Finding, ...]
    cleared: tuple[tuple[str, str], ...]  # rule, "path:line"
    unjudged: tuple[Unjudged, ...]
    problems: tuple[Problem, ...]
    endpoints: tuple[EndpointSummary, ...]
    frameworks: tuple[str, ...]


def audit(config: Config, watch: Watch | None = None, examples: int = assemble.EXAMPLES) -> Report:
    """Audit a project; `examples` places are named of what is only counted.

    Raises UserError for input that cannot be used and NothingToScan where there is no Python to report on.
    """
    watch = watch or _Unwatched()
    registry = load_rules(config.rules)
    rules = choose(registry.rules, config.select, config.ignore)
    watch.stage("discover", 0)
    snapshot, unseen = discover(config)
    store = open_store(Path(config.cache_dir) if config.cache_dir else user_directory()) if config.cache else None
    try:
        extracted, judged = _judge(config, snapshot, rules, store, watch)
    finally:
        notes = tuple(store.problems) if store else ()
        if store:
            store.close()
    watch.stage("triage", 0)
    today = datetime.date.today()
    facts = {e.path: e.facts for e in extracted if not isinstance(e.facts, Unread)}
    everything = {loaded.rule.id: loaded for loaded in registry.rules}
    ran = {loaded.rule.id for loaded in rules}
    triaged = triage(judged.findings, snapshot, config, everything, facts, today, ran)
    problems = (*registry.problems, *unseen, *judged.problems, *notes, *triaged.problems)
    return assemble.report(__version__, config, snapshot, extracted, rules, judged, triaged, problems, examples)


def _judge(
    config: Config, snapshot: Snapshot, rules: Sequence[LoadedRule], store: Store | None, watch: Watch
) -> tuple[tuple[Extracted, ...], Judged]:
    """Facts and findings of the whole project, whatever PATH is; from the cache where nothing has changed."""
    watch.stage("extract", len(snapshot.files))
    extracted = extract(
        snapshot.files, jobs=config.jobs, front_end=config.front_end, store=store, advance=watch.advance
    )
    key = _key(config, snapshot, rules)
    known = store.get(key) if store else None
    if known is not None:
        try:
            return extracted, msgspec.msgpack.decode(known, type=Judged)
        except (msgspec.DecodeError, msgspec.ValidationError):
            pass  # a bad entry is a miss
    judged, lasting = _detect(config, snapshot, rules, extracted, watch)
    if store and lasting:
        store.put(key, msgspec.msgpack.encode(judged))
    return extracted, judged


def _detect(
    config: Config, snapshot: Snapshot, rules: Sequence[LoadedRule], extracted: tuple[Extracted, ...], watch: Watch
) -> tuple[Judged, bool]:
    watch.stage("link", 0)
    tests = frozenset(file.path for file in snapshot.files if file.test)
    index = build(extracted, tests)
    libraries = load_libraries(assets.rules() / "libraries", top_packages(index), tuple(map(Path, config.libraries)))
    project = link(index, libraries, FRAMEWORKS, with_tests=any(loaded.rule.tests for loaded in rules))
    watch.stage("detect", len(rules))
    detected = native.detect(rules, project, tests, project.endpoints_reaching, watch.advance)
    watch.stage("inspect", 0)
    inspected = inspect(
        detected.suspicions,
        {file.path: file for file in snapshot.files},
        {e.path: e.facts for e in extracted if not isinstance(e.facts, Unread)},
        {loaded.rule.id: loaded for loaded in rules},
    )
    # A deployment file that cannot be read (a Helm template, say) leaves the Python whole: worth a note.
    python = frozenset(file.path for file in snapshot.files if file.kind is FileKind.PYTHON)
    unread = tuple(
        Problem("extract", path, facts.why, note=path not in python) for path, facts in sorted(index.unread.items())
    )
    cut = (*project.problems, *project.bounds_met(), *_too_many(project))
    judged = Judged(
        inspected.findings,
        tuple((s.rule, f"{s.at.path}:{s.at.span.line}") for s, _ in inspected.cleared),
        detected.unjudged,
        (*unread, *cut, *detected.problems, *inspected.problems),
        assemble.endpoints(project.endpoints()),
        project.frameworks_seen(),
    )
    return judged, not _guarded(index)


def _too_many(project: LinkedProject) -> tuple[Problem, ...]:
    """Applications whose table of endpoints was cut off."""
    return tuple(
        Problem("link", app.at.path, f"`{app.name}` has {MOST_ENDPOINTS} endpoints or more: the others were not read")
        for app in project.apps()
        if len(app.endpoints) >= MOST_ENDPOINTS
    )


def _guarded(index: Index) -> bool:
    """Whether a time or memory guard touched the facts: then nothing derived from them is kept."""
    return any("process" in facts.why or "seconds" in facts.why for facts in index.unread.values())


def _key(config: Config, snapshot: Snapshot, rules: Sequence[LoadedRule]) -> bytes:
    """The hash of everything that findings depend on."""
    parts = [__version__, _own_digest(), config.front_end, *(f"{r.rule.id}={r.digest}" for r in rules)]
    parts += [f"{file.path}\0{file.digest}\0{file.kind}\0{file.test}" for file in snapshot.files]
    for folder in config.libraries:
        parts += [hashlib.blake2b(path.read_bytes()).hexdigest() for path in sorted(Path(folder).glob("*.yaml"))]
    return hashlib.blake2b("\n".join(parts).encode("utf-8", "surrogateescape"), digest_size=32).digest()


def _own_digest() -> str:
    """The hash of our own sources and library models: another version never reads what this one wrote."""
    digest = hashlib.blake2b(digest_size=16)
    for folder, pattern in ((Path(__file__).parent, "**/*.py"), (assets.rules() / "libraries", "*.yaml")):
        for path in sorted(folder.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()
