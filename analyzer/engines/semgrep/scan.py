"""Semgrep rules and files → suspicions: from the cache, else from the program, which gets only what can match."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

import msgspec

from ...model.finding import Problem, Suspicion
from ...model.location import Location
from ...model.rule import Engine, LoadedRule
from ...model.source import SourceFile
from ...store import Store
from ..detected import Detected
from . import binary, prefilter
from .reach import Reach, covers, reach_of, suffix_of
from .reading import FAILED, Looked, lasts, read_files
from .results import Hit, Record

_EXAMPLES = 3
_CODE = tuple(sorted(Path(__file__).parent.glob("*.py")))


def detect(
    rules: Sequence[LoadedRule],
    files: Sequence[SourceFile],
    *,
    root: str,
    jobs: int,
    store: Store | None,
    advance: Callable[[int], None],
) -> Detected:
    """Run the rules over those files that they look at and that can match.

    `advance` is told how many more files are done. Nothing is raised: what went wrong is a problem of the outcome.
    """
    if not rules:
        return Detected()
    identity = binary.identity(root)
    if not identity:
        return Detected(problems=(_note(f"`semgrep` is not installed: {_count(len(rules), 'rule')} did not run"),))
    reaches = [reach_of(loaded) for loaded in rules]
    looked = _looked(rules, reaches, files, identity)
    records = _cached(store, looked)
    missing = {one.key: one for one in looked if one.key not in records}
    advance(len(files) - sum(one.key in missing for one in looked))
    notes: tuple[Problem, ...] = ()
    if missing:
        fresh, notes = read_files(rules, list(missing.values()), root, jobs)
        records |= fresh
        if store and not notes:
            store.put_many((key, msgspec.msgpack.encode(one)) for key, one in fresh.items() if lasts(one))
        advance(sum(one.key in missing for one in looked))
    suspicions, problems = _told(rules, looked, records)
    problems = (*_general(rules, reaches, root), *notes, *problems)
    lasting = not notes and all(lasts(records[one.key]) for one in looked)
    return Detected(suspicions, (), problems, len(looked), lasting)


def _looked(
    rules: Sequence[LoadedRule], reaches: Sequence[Reach], files: Sequence[SourceFile], identity: str
) -> list[Looked]:
    """The files that can match, in path order, each with the key of everything that its record depends on."""
    ours = blake2b(b"".join(path.read_bytes() for path in _CODE), digest_size=16).digest()
    found = []
    for file in sorted(files, key=lambda file: file.path):
        chosen = tuple(number for number, reach in enumerate(reaches) if covers(reach, file))
        clauses = sorted((reaches[number].clauses for number in chosen), key=len)  # the quickest answer first
        if any(prefilter.may_match(each, file.content) for each in clauses):
            parts = (file.digest, str(file.kind), suffix_of(file), identity)
            of_rules = (f"{rules[number].rule.id}={rules[number].digest}" for number in chosen)
            key = blake2b("\0".join((*parts, *of_rules)).encode() + ours, digest_size=32).digest()
            found.append(Looked(file, chosen, key))
    return found


def _cached(store: Store | None, looked: Sequence[Looked]) -> dict[bytes, Record]:
    """What the store holds; an entry that is no record is as good as none."""
    found = {}
    for key, value in (store.get_many(sorted({one.key for one in looked})) if store else {}).items():
        try:
            found[key] = msgspec.msgpack.decode(value, type=Record)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
    return found


def _told(
    rules: Sequence[LoadedRule], looked: Sequence[Looked], records: Mapping[bytes, Record]
) -> tuple[tuple[Suspicion, ...], tuple[Problem, ...]]:
    """The records of all files as suspicions, and what was skipped or refused, each reason once."""
    reports = {loaded.rule.id: loaded.reports or loaded.rule.id for loaded in rules}
    suspicions: list[Suspicion] = []
    skipped: dict[str, list[str]] = {}
    refused: dict[str, str] = {}
    for one in looked:
        kept = records[one.key]
        refused |= dict(kept.refused)
        for reason in kept.skips:
            skipped.setdefault(reason, []).append(one.file.path)
        suspicions += [_suspicion(reports[hit.rule], one.file.path, hit) for hit in kept.hits]
    problems = [Problem("detect", "", f"semgrep refuses `{rule}`: {why}") for rule, why in sorted(refused.items())]
    problems += [_note(_skip(reason, paths)) for reason, paths in sorted(skipped.items())]
    return tuple(suspicions), tuple(problems)


def _general(rules: Sequence[LoadedRule], reaches: Sequence[Reach], root: str) -> list[Problem]:
    """What is worth saying whatever the files are."""
    found = []
    if old := binary.outdated(root):
        found.append(_note(f"semgrep {old} is older than the rules, some of which it may not understand"))
    idle = [loaded.rule.id for loaded, reach in zip(rules, reaches, strict=True) if not reach.kinds]
    if idle:
        named = ", ".join(f"`{name}`" for name in idle[:_EXAMPLES])
        found.append(_note(f"{_count(len(idle), 'semgrep rule')} for languages that are not read: {named}"))
    return found


def _suspicion(rule: str, path: str, hit: Hit) -> Suspicion:
    return Suspicion(rule, Location(path, hit.at), hit.message, "", node=hit.node or None, engine=str(Engine.SEMGREP))


def _skip(reason: str, paths: Sequence[str]) -> str:
    shown = ", ".join(f"`{path}`" for path in paths[:_EXAMPLES]) + (", …" if len(paths) > _EXAMPLES else "")
    return f"semgrep: {_count(len(paths), 'file')} {reason.removeprefix(FAILED)}: {shown}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _note(message: str) -> Problem:
    return Problem("detect", "", message, note=True)
