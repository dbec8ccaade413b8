"""The pipeline: a configuration → the report. Only this module knows the order of the stages."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import msgspec

from . import __version__, assemble, assets
from .catalogue import Chosen, catalogue, choose, identities
from .discover import discover
from .extract import extract
from .model.config import Config
from .model.facts import Extracted, Unread
from .model.judged import Judged
from .model.known import NOTHING, Known
from .model.report import Report
from .model.rule import LoadedRule
from .model.source import Snapshot
from .store import Store, open_store, user_directory
from .triage import triage

if TYPE_CHECKING:
    from .link import LinkedProject

T = TypeVar("T")


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


def audit(
    config: Config, watch: Watch | None = None, examples: int = assemble.EXAMPLES, before: Known = NOTHING
) -> Report:
    """Audit a project; `examples` places are named of what is only counted, what was known `before` is not shown.

    Raises UserError for input that cannot be used and NothingToScan where there is no Python to report on.
    """
    watch = watch or _Unwatched()
    known = catalogue(config)
    chosen = choose(known.rules, config)
    watch.stage("discover", 0)
    snapshot, unseen = discover(config)
    store = open_store(Path(config.cache_dir) if config.cache_dir else user_directory()) if config.cache else None
    everything = {loaded.rule.id: loaded for loaded in known.rules}
    try:
        extracted, judged = _judge(config, snapshot, chosen, everything, store, watch)
    finally:
        notes = tuple(store.problems) if store else ()
        if store:
            store.close()
    watch.stage("triage", 0)
    today = datetime.date.today()
    facts = {e.path: e.facts for e in extracted if not isinstance(e.facts, Unread)}
    ran = {loaded.rule.id for loaded in chosen.rules}
    triaged = triage(judged.findings, snapshot, config, everything, facts, today, ran, before, judged.problems)
    problems = (*known.problems, *unseen, *judged.problems, *notes, *triaged.problems, *before.notes)
    return assemble.report(
        __version__, config, snapshot, extracted, chosen, judged, triaged, problems, examples, before.name
    )


def ask(config: Config, question: Callable[[LinkedProject, Snapshot], T], watch: Watch | None = None) -> T:
    """The answer to a question about the linked project; no rule is run. Raises what `audit` raises."""
    watch = watch or _Unwatched()
    watch.stage("discover", 0)
    snapshot, _ = discover(config)
    store = open_store(Path(config.cache_dir) if config.cache_dir else user_directory()) if config.cache else None
    try:
        watch.stage("extract", len(snapshot.files))
        extracted = extract(
            snapshot.files, jobs=config.jobs, front_end=config.front_end, store=store, advance=watch.advance
        )
        watch.stage("link", 0)
        from . import detection  # as in `_judge`

        project = detection.linked(config, snapshot, extracted, store, _own_digest(), with_tests=False)
        return question(project, snapshot)
    finally:
        if store:
            store.close()


def _judge(
    config: Config,
    snapshot: Snapshot,
    chosen: Chosen,
    rules: dict[str, LoadedRule],
    store: Store | None,
    watch: Watch,
) -> tuple[tuple[Extracted, ...], Judged]:
    """Facts and findings of the whole project, whatever PATH is; from the cache where nothing has changed."""
    watch.stage("extract", len(snapshot.files))
    extracted = extract(
        snapshot.files, jobs=config.jobs, front_end=config.front_end, store=store, advance=watch.advance
    )
    key = _key(config, snapshot, chosen)
    known = store.get(key) if store else None
    if known is not None:
        try:
            return extracted, msgspec.msgpack.decode(known, type=Judged)
        except (msgspec.DecodeError, msgspec.ValidationError):
            pass  # a bad entry is a miss
    from .detection import detect  # what links and detects is loaded only where something has changed

    judged, lasting = detect(
        config, snapshot, chosen, rules, extracted, store, _own_digest(), watch.stage, watch.advance
    )
    if store and lasting:
        store.put(key, msgspec.msgpack.encode(judged))
    return extracted, judged


def _key(config: Config, snapshot: Snapshot, chosen: Chosen) -> bytes:
    """The hash of everything that findings depend on."""
    parts = [__version__, _own_digest(), config.front_end, *(f"{r.rule.id}={r.digest}" for r in chosen.rules)]
    parts += [*chosen.superseded, *identities(chosen, snapshot.root)]
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
