"""Semgrep rules and files → suspicions: from the cache, else from the program, which gets only what can match."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import msgspec

from ...model.finding import Problem, Suspicion
from ...model.location import Location
from ...model.rule import Engine, LoadedRule
from ...model.source import SourceFile
from ...pool import workers
from ...store import Store
from ..detected import Detected
from . import binary, prefilter
from .batches import Answer, Runs, Target, read
from .binary import LARGEST, Fault
from .definitions import given
from .places import bytes_of
from .reach import Reach, covers, reach_of, suffix_of
from .results import Hit, Record, guarded, record, refusal

_EXAMPLES = 3
_TOO_BIG = "over 1 MB"
_NO_TEXT = "no text"
_CODE = tuple(sorted(Path(__file__).parent.glob("*.py")))


@dataclass(frozen=True, slots=True)
class _Looked:
    """A file that rules look at, and which."""

    file: SourceFile
    rules: tuple[int, ...]  # positions in the sequence of rules
    key: bytes


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

    `advance` is told how many more files are done. Nothing is raised: what went wrong is a note of the outcome.
    """
    reaches = [reach_of(loaded) for loaded in rules]
    identity = binary.identity(root)
    if not rules:
        return Detected()
    if not identity:
        return Detected(problems=(_note(f"`semgrep` is not installed: {_count(len(rules), 'rule')} did not run"),))
    looked = _looked(rules, reaches, files, identity)
    advance(len(files) - len(looked))
    records = _cached(store, looked)
    advance(sum(one.key in records for one in looked))
    missing = {one.key: one for one in looked if one.key not in records}
    notes: list[Problem] = []
    if missing:
        fresh, notes = _read(rules, list(missing.values()), root, jobs)
        records |= fresh
        advance(sum(one.key in missing for one in looked))
        if store and not notes:
            store.put_many((key, msgspec.msgpack.encode(one)) for key, one in fresh.items() if _lasts(one))
    return _outcome(rules, reaches, looked, records, notes)


def _looked(
    rules: Sequence[LoadedRule], reaches: Sequence[Reach], files: Sequence[SourceFile], identity: str
) -> list[_Looked]:
    """The files that can match, in path order, each with the key of everything that its record depends on."""
    ours = blake2b(b"".join(path.read_bytes() for path in _CODE), digest_size=16).digest()
    found = []
    for file in sorted(files, key=lambda file: file.path):
        chosen = tuple(number for number, reach in enumerate(reaches) if covers(reach, file))
        if any(prefilter.may_match(reaches[number].clauses, file.content) for number in chosen):
            parts = (file.digest, str(file.kind), suffix_of(file), identity, *(rules[n].digest for n in chosen))
            key = blake2b("\0".join(parts).encode() + ours, digest_size=32).digest()
            found.append(_Looked(file, chosen, key))
    return found


def _cached(store: Store | None, looked: Sequence[_Looked]) -> dict[bytes, Record]:
    """What the store holds; an entry that is no record is as good as none."""
    found = {}
    for key, value in (store.get_many(sorted({one.key for one in looked})) if store else {}).items():
        try:
            found[key] = msgspec.msgpack.decode(value, type=Record)
        except (msgspec.DecodeError, msgspec.ValidationError):
            continue
    return found


def _read(
    rules: Sequence[LoadedRule], looked: Sequence[_Looked], root: str, jobs: int
) -> tuple[dict[bytes, Record], list[Problem]]:
    """A record for each file, and notes on the program itself."""
    program = binary.find(root)
    assert program is not None  # it has an identity
    found: dict[bytes, Record] = {}
    targets: dict[str, tuple[_Looked, Target]] = {}
    for number, one in enumerate(looked):
        content = bytes_of(one.file)
        if content is None or len(content) > LARGEST:
            found[one.key] = Record(skips=(_NO_TEXT if content is None else _TOO_BIG,))
        else:
            name = f"{number:06}.{suffix_of(one.file)}"
            targets[name] = one, Target(name, content)
    wanted = sorted({number for one, _ in targets.values() for number in one.rules})
    size = sum(len(target.content) for _, target in targets.values())
    runs = Runs(program, {f"r{n}": given(rules[n], f"r{n}") for n in wanted}, workers(jobs, size))
    for target, answer in read(runs, [target for _, target in targets.values()]) if targets else ():
        one = targets[target.name][0]
        found[one.key] = _record(one, target.content, answer, rules) if not runs.broken else Record()
    return found, list(_of_program(runs, rules))


def _record(one: _Looked, content: bytes, answer: Answer, rules: Sequence[LoadedRule]) -> Record:
    if answer.failed:
        return Record(skips=(f"{_FAILED}{answer.failed}",))
    names = {f"r{number}": rules[number].rule.id for number in one.rules}
    own = [fault for fault in answer.faults if fault.rule_id is None or fault.rule_id in names]
    refused = {names[fault.rule_id]: refusal(fault) for fault in own if fault.rule_id and _refuses(fault)}
    faults = [fault for fault in own if not _refuses(fault)]
    return msgspec.structs.replace(
        record(content, one.file.kind, answer.matches, faults, names), refused=tuple(sorted(refused.items()))
    )


_FAILED = "semgrep "


def _refuses(fault: Fault) -> bool:
    """Whether a fault is of a rule as such, on whichever file."""
    return fault.rule_id is not None and fault.type in ("Rule parse error", "IncompatibleRule", "Incompatible rule")


def _lasts(one: Record) -> bool:
    return not guarded(one.skips) and not any(skip.startswith((_FAILED, _TOO_BIG)) for skip in one.skips)


def _of_program(runs: Runs, rules: Sequence[LoadedRule]) -> Iterator[Problem]:
    if runs.broken:
        yield _note(f"`semgrep` does not work here: it {runs.broken}; {_count(len(rules), 'rule')} did not run")
    if runs.ordinary:
        yield _note(f"the native front of `semgrep` {runs.ordinary}; its ordinary one ran instead")
    for name in sorted(runs.unbearable):
        rule = rules[int(name.removeprefix("r"))].rule
        yield Problem("detect", "", f"`{rule.id}` was not run: `semgrep` fails on it before it reads any file")


def _outcome(
    rules: Sequence[LoadedRule],
    reaches: Sequence[Reach],
    looked: Sequence[_Looked],
    records: dict[bytes, Record],
    notes: list[Problem],
) -> Detected:
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
    problems = [*notes]
    problems += [Problem("detect", "", f"semgrep refuses `{rule}`: {why}") for rule, why in sorted(refused.items())]
    problems += [_note(_skip(reason, paths)) for reason, paths in sorted(skipped.items())]
    idle = [loaded.rule.id for loaded, reach in zip(rules, reaches, strict=True) if not reach.kinds]
    if idle:
        named = ", ".join(f"`{name}`" for name in idle[:_EXAMPLES])
        problems.append(_note(f"{_count(len(idle), 'semgrep rule')} for languages that are not read: {named}"))
    lasting = all(_lasts(records[one.key]) or _TOO_BIG in records[one.key].skips for one in looked)
    return Detected(tuple(suspicions), (), tuple(problems), len(looked), lasting and not notes)


def _suspicion(rule: str, path: str, hit: Hit) -> Suspicion:
    return Suspicion(rule, Location(path, hit.at), hit.message, "", node=hit.node or None, engine=str(Engine.SEMGREP))


def _skip(reason: str, paths: Sequence[str]) -> str:
    shown = ", ".join(f"`{path}`" for path in paths[:_EXAMPLES]) + (", …" if len(paths) > _EXAMPLES else "")
    return f"semgrep: {_count(len(paths), 'file')} {reason.removeprefix(_FAILED)}: {shown}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _note(message: str) -> Problem:
    return Problem("detect", "", message, note=True)
