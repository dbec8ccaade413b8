"""Files and the rules that look at them → a record of each, by starting the program; and notes on the program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from ...model.finding import Problem
from ...model.rule import LoadedRule
from ...model.source import FileKind, SourceFile
from ...pool import Failure, run, workers
from . import binary
from .batches import Answer, Runs, Target, read
from .binary import LARGEST, Fault
from .definitions import given
from .nodes import Found
from .places import bytes_of
from .reach import suffix_of
from .results import Record, guarded, record, refusal

FAILED = "semgrep "  # begins a reason that says nothing of the file
TOO_BIG = "over 1 MB"
_NO_TEXT = "no text"
_NODES = "analyzer.engines.semgrep.nodes:run"
_NodesSaid = list[Found] | str
_REFUSALS = ("Rule parse error", "IncompatibleRule", "Incompatible rule")


@dataclass(frozen=True, slots=True)
class Looked:
    """A file that rules look at, and which."""

    file: SourceFile
    rules: tuple[int, ...]  # positions in the sequence of rules
    key: bytes  # the hash of everything that its record depends on


def read_files(
    rules: Sequence[LoadedRule], looked: Sequence[Looked], root: str, jobs: int
) -> tuple[dict[bytes, Record], tuple[Problem, ...]]:
    """A record for each file by its key, and what went wrong with the program; there must be one."""
    program = binary.find(root)
    assert program is not None
    found: dict[bytes, Record] = {}
    ones: dict[str, Looked] = {}
    targets: list[Target] = []
    for number, one in enumerate(looked):
        content = bytes_of(one.file)
        if content is None or len(content) > LARGEST:
            found[one.key] = Record(skips=(_NO_TEXT if content is None else TOO_BIG,))
        else:
            targets.append(Target(f"{number:06}.{suffix_of(one.file)}", content))
            ones[targets[-1].name] = one
    wanted = sorted({number for one in ones.values() for number in one.rules})
    size = sum(len(target.content) for target in targets)
    runs = Runs(program, {f"r{n}": given(rules[n], f"r{n}") for n in wanted}, workers(jobs, size))
    answers = list(read(runs, targets))
    nodes = _nodes([pair for pair in answers if ones[pair[0].name].file.kind is FileKind.PYTHON], jobs)
    for target, answer in answers:
        told = _record(ones[target.name], target.content, answer, rules, nodes.get(target.name))
        found[ones[target.name].key] = told if not runs.broken else Record()
    return found, tuple(_of_program(runs, rules))


def lasts(one: Record) -> bool:
    """Whether a record may be kept: it tells of the file, and no clock or memory guard was met."""
    return not guarded(one.skips) and not any(skip.startswith(FAILED) for skip in one.skips)


def _nodes(answers: Sequence[tuple[Target, Answer]], jobs: int) -> dict[str, Sequence[Found] | str]:
    """What stands at each match in each Python file that has some, by its name, or why that cannot be told."""
    asked = [(target, answer) for target, answer in answers if answer.matches]
    payloads = [
        msgspec.msgpack.encode((target.content, [(m.start.offset, m.end.offset) for m in answer.matches]))
        for target, answer in asked
    ]
    found: dict[str, Sequence[Found] | str] = {}
    try:
        for index, result in run(_NODES, payloads, jobs=jobs):
            name = asked[index][0].name
            if isinstance(result, Failure):
                found[name] = f"{FAILED}{result.why}"
            else:
                found[name] = msgspec.msgpack.decode(result, type=_NodesSaid)
    except OSError as error:
        found = {target.name: f"{FAILED}cannot be confirmed: {error.strerror or error}" for target, _ in asked}
    return found


def _record(
    one: Looked,
    content: bytes,
    answer: Answer,
    rules: Sequence[LoadedRule],
    nodes: Sequence[Found] | str | None,
) -> Record:
    if answer.failed:
        return Record(skips=(f"{FAILED}{answer.failed}",))
    names = {f"r{number}": rules[number].rule.id for number in one.rules}
    own = [fault for fault in answer.faults if fault.rule_id is None or fault.rule_id in names]
    refused = {names[fault.rule_id]: refusal(fault) for fault in own if fault.rule_id and _refuses(fault)}
    told = record(content, answer.matches, [fault for fault in own if not _refuses(fault)], names, nodes)
    return msgspec.structs.replace(told, refused=tuple(sorted(refused.items())))


def _refuses(fault: Fault) -> bool:
    """Whether a fault is of a rule as such, on whichever file."""
    return fault.rule_id is not None and fault.type in _REFUSALS


def _of_program(runs: Runs, rules: Sequence[LoadedRule]) -> Iterator[Problem]:
    if runs.broken:
        many = f"{len(rules)} rule{'' if len(rules) == 1 else 's'}"
        why = f"`semgrep` does not work here: it {runs.broken}; {many} did not run"
        yield Problem("detect", "", why, note=True)
    if runs.ordinary:
        why = f"the native front of `semgrep` {runs.ordinary}; its ordinary one ran instead"
        yield Problem("detect", "", why, note=True)
    for name in sorted(runs.unbearable):
        rule = rules[int(name.removeprefix("r"))].rule
        yield Problem("detect", "", f"`{rule.id}` was not run: `semgrep` fails on it before it reads any file")
