"""The pool: results in order whatever happens, and a payload that crashes, stalls or bloats costs itself alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

import pytest

from analyzer import pool
from analyzer.extract import extract, keys
from analyzer.model.facts import Extracted, PythonFacts, TextFacts, Unread
from analyzer.model.source import FileKind, SourceFile
from analyzer.pool import Failure, Limits, run
from analyzer.store import open_store

ODD = '''\
"""A reader that does what its payload says."""
import ctypes, os, sys, time


def answer(payload: bytes) -> bytes:
    match payload.rstrip():
        case b"crash":
            ctypes.string_at(0)
        case b"exit":
            os._exit(7)
        case b"once":
            if not os.path.exists(__file__ + ".once"):
                open(__file__ + ".once", "w").close()
                os._exit(7)
        case b"stall":
            time.sleep(60)
        case b"bloat":
            bytearray(8 << 30)
        case b"deep":
            def down(): down()
            down()
        case b"wrong":
            raise ValueError("no")
        case b"print":
            print("noise", flush=True)
            os.write(1, b"noise")
        case b"path":
            return repr((sys.path, os.getcwd(), os.environ.get("PYTHONPATH"), os.environ["PYTHONSAFEPATH"])).encode()
        case b"modules":
            return ",".join(sorted(sys.modules)).encode()
        case b"pid":
            return str(os.getpid()).encode()
    return payload.upper()
'''


@pytest.fixture
def odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a function that lives outside the package; the workers get our import path, so they find it."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    (folder / "odd_reader.py").write_text(ODD)
    monkeypatch.syspath_prepend(folder)
    return "odd_reader:answer"


def results(function: str, payloads: Sequence[bytes], jobs: int = 2, seconds: int = 20) -> list[object]:
    found = dict(run(function, payloads, jobs=jobs, limits=Limits(seconds)))
    assert sorted(found) == list(range(len(payloads)))
    return [found[index] for index in range(len(payloads))]


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"crash", "the reader's process died (SIGSEGV)"),
        (b"exit", "the reader's process died (exit code 7)"),
        (b"bloat", "needs more memory than a reader may have"),
        (b"deep", "nested too deeply"),
        (b"wrong", "the reader failed: ValueError: no"),
    ],
)
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_bad_payload_costs_itself_alone(odd: str, payload: bytes, why: str, jobs: int) -> None:
    payloads = [b"a%d" % n for n in range(40)] + [payload] + [b"b%d" % n for n in range(40)]
    expected = [p.upper() if p != payload else Failure(why) for p in payloads]
    assert results(odd, payloads, jobs) == expected


def test_many_bad_payloads_in_several_chunks(odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "CHUNK", 500)
    monkeypatch.setattr(pool, "SMALL", 0)
    payloads = [b"exit" if n % 9 == 0 else b"x" * n for n in range(1, 60)]
    died = Failure("the reader's process died (exit code 7)")
    assert results(odd, payloads) == [died if p == b"exit" else p.upper() for p in payloads]


def test_a_death_that_does_not_repeat_costs_nothing(odd: str) -> None:
    assert results(odd, [b"a", b"once", b"b"]) == [b"A", b"ONCE", b"B"]


def test_a_payload_that_stalls_is_stopped(odd: str) -> None:
    begin = time.monotonic()
    answers = results(odd, [b"a", b"stall", b"b"], seconds=1)
    assert answers == [b"A", Failure("not read within 1 seconds"), b"B"]
    assert time.monotonic() - begin < 10


def test_what_a_reader_prints_does_not_disturb(odd: str) -> None:
    assert results(odd, [b"print", b"a"]) == [b"PRINT", b"A"]


def test_a_reader_that_cannot_start_is_an_error() -> None:
    with pytest.raises(OSError, match="did not start"):
        results("no_such_module:answer", [b"a", b"b"])


def test_no_payload_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", None)
    assert results("odd_reader:answer", []) == []


def test_chunks_hold_everything_once_and_start_with_the_biggest() -> None:
    sizes = [10, 300_000, 200_000, 0, 100_000, 5]
    groups = pool.chunks(sizes)
    assert sorted(index for group in groups for index in group) == list(range(6))
    assert groups[0] == [1]
    assert all(sum(sizes[index] for index in group) <= pool.CHUNK for group in groups[1:])


def test_a_small_tree_has_one_worker_and_a_big_one_as_many_as_asked() -> None:
    assert pool.workers(8, 10_000) == 1
    assert pool.workers(8, 10_000_000) == 8
    assert pool.workers(0, 10_000_000) >= 1


def test_the_worker_sees_neither_the_working_directory_nor_pythonpath(
    odd: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    monkeypatch.chdir(tree)
    monkeypatch.setenv("PYTHONPATH", f".{os.pathsep}{tree}")
    for entry in ("", ".", str(tree), "relative"):
        monkeypatch.syspath_prepend(entry)
    (answer,) = results(odd, [b"path"])
    assert isinstance(answer, bytes)
    path, cwd, pythonpath, safe = eval(answer, {"__builtins__": {}})  # the repr of our own reader above
    assert pythonpath is None
    assert safe == "1"
    assert cwd != str(tree)
    assert not [entry for entry in path if not os.path.isabs(entry) or entry == str(tree)]


def test_the_worker_is_light(odd: str) -> None:
    (answer,) = results(odd, [b"modules"])
    assert isinstance(answer, bytes)
    loaded = set(answer.decode().split(","))
    assert "msgspec" in loaded
    assert not loaded & {"typer", "rich", "yaml", "libcst", "sqlite3", "multiprocessing", "concurrent", "analyzer.cli"}


def test_no_process_is_left_when_the_caller_stops_early(odd: str) -> None:
    answers = run(odd, [b"pid     ", b"stall", b"stall"], jobs=1)
    _, pid = next(answers)  # the biggest comes first
    assert isinstance(pid, bytes)
    begin = time.monotonic()
    answers.close()  # type: ignore[attr-defined]  # an iterator to callers, a generator in truth
    assert time.monotonic() - begin < 5
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)


def test_ctrl_c_leaves_no_child(odd: str, tmp_path: Path) -> None:
    script = f"""
        import sys
        sys.path.insert(0, {str(tmp_path / "site-packages")!r})
        from analyzer.pool import run
        if __name__ == "__main__":
            for _, answer in run("odd_reader:answer", [b"pid      ", b"stall"], jobs=1):
                print(answer.decode(), flush=True)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to parent and worker alike
    _, errors = process.communicate(timeout=10)
    assert errors.rstrip().endswith(b"KeyboardInterrupt")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


# ------------------------------------------------------------------- extract itself


def source(path: str, content: bytes, kind: FileKind = FileKind.ENV) -> SourceFile:
    return SourceFile(path, content, blake2b(content, digest_size=16).hexdigest(), kind, True, False)


def tree() -> list[SourceFile]:
    files = [source(f"d{n % 7}/f{n}.env", b"A=%d\n" % (n % 50)) for n in range(200)]
    return [*files, source("a/bad.env", b"\xff"), source("z/m.py", b"import os\nos.getcwd()\n", FileKind.PYTHON)]


def test_results_come_in_path_order_and_equal_whatever_the_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "SMALL", 0)
    monkeypatch.setattr(pool, "CHUNK", 1000)
    done: list[int] = []
    one = extract(tree(), jobs=1, front_end="auto", store=None, advance=done.append)
    two = extract(tree()[::-1], jobs=2, front_end="auto", store=None)
    assert one == two
    assert sum(done) == 202
    assert [found.path for found in one] == sorted(file.path for file in tree())
    assert one[0] == Extracted("a/bad.env", Unread("not valid utf-8: invalid start byte", 1))
    assert isinstance(one[-1].facts, PythonFacts)
    assert isinstance(one[1].facts, TextFacts)


def test_the_cache_answers_without_a_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(tmp_path)
    cold = extract(tree(), jobs=1, front_end="auto", store=store)
    monkeypatch.setattr(subprocess, "Popen", None)
    done: list[int] = []
    assert extract(tree(), jobs=1, front_end="auto", store=store, advance=done.append) == cold
    assert sum(done) == 202
    store.close()


@pytest.mark.parametrize("damage", [b"", b"\xc1", b"\x93\xa6python", b"\x94\xa4text\x01\x02\x03"])
def test_a_bad_entry_is_a_miss(tmp_path: Path, damage: bytes) -> None:
    store = open_store(tmp_path)
    file = source(".env", b"A=1\n")
    store.put(keys.key_of(file, keys.reader_digest("auto")), damage)
    (found,) = extract([file], jobs=1, front_end="auto", store=store)
    assert isinstance(found.facts, TextFacts)
    store.close()


def test_what_a_guard_stopped_is_not_kept(odd: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(tmp_path)
    file = source(".env", b"exit")
    monkeypatch.setattr("analyzer.extract._READ", odd)
    monkeypatch.setattr(keys, "payload_of", lambda file, front_end: file.content)
    (found,) = extract([file], jobs=1, front_end="auto", store=store)
    assert found.facts == Unread("the reader's process died (exit code 7)", 0)
    monkeypatch.undo()
    (found,) = extract([file], jobs=1, front_end="auto", store=store)
    assert isinstance(found.facts, TextFacts)
    store.close()


def test_without_processes_every_file_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    found = extract(tree(), jobs=1, front_end="auto", store=None)
    assert {each.facts for each in found} == {Unread("cannot be read: No such file or directory", 0)}


def test_the_key_depends_on_everything_that_facts_depend_on() -> None:
    file = source("a", b"A=1")
    same = keys.key_of(source("b", b"A=1"), b"r")
    assert keys.key_of(file, b"r") == same
    others = [(source("a", b"A=2"), b"r"), (source("a", b"A=1", FileKind.INI), b"r"), (file, b"s")]
    assert same not in [keys.key_of(*other) for other in others]
    assert len({keys.reader_digest(front_end) for front_end in ("auto", "ast", "libcst")}) == 3


HOSTILE = {
    "brackets": b"x = " + b"(" * 5000 + b")" * 5000,
    "minus": b"x = " + b"-" * 50_000 + b"1",
    "attributes": b"x = a" + b".b" * 50_000,
    "sum": b"x = a" + b"+a" * 50_000,
    "calls": b"x = a" + b"()" * 20_000,
}


@pytest.mark.parametrize("front_end", ["auto", "libcst"])
def test_hostile_python_costs_itself_alone(front_end: str) -> None:
    """Each hostile file is named, or read whole; the good ones around it are read, and none of it takes long."""
    good = [source(f"good{n}.py", b"value = %d\n" % n, FileKind.PYTHON) for n in range(100)]
    bad = [source(f"{name}.py", content, FileKind.PYTHON) for name, content in HOSTILE.items()]
    begin = time.monotonic()
    found = {each.path: each.facts for each in extract([*good, *bad], jobs=2, front_end=front_end, store=None)}
    assert time.monotonic() - begin < 5 * len(HOSTILE)
    assert all(isinstance(found[file.path], PythonFacts) for file in good)
    assert {type(found[file.path]) for file in bad} <= {PythonFacts, Unread}
    assert isinstance(found["brackets.py"], Unread)
    assert isinstance(found["minus.py"], Unread)
