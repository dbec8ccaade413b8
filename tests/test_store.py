"""The cache: what was put comes back or is missing, never wrong, whatever happens to its file."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
import time
from hashlib import blake2b
from pathlib import Path

import pytest

from analyzer.model.finding import Problem
from analyzer.store import Store, clear, open_store, user_directory


def key(name: object) -> bytes:
    return blake2b(str(name).encode(), digest_size=32).digest()


def value(number: int) -> bytes:
    return b"%d;" % number * 200


def database(directory: Path) -> Path:
    (found,) = directory.glob("*.sqlite3")
    return found


def reopened(store: Store) -> Store:
    store.close()
    return open_store(store.directory, store.limit)


def test_what_was_put_comes_back(tmp_path: Path) -> None:
    directory = tmp_path / "a" / "b"
    store = open_store(directory)
    store.put_many([(key(n), value(n)) for n in range(2000)])
    store.put(key(0), b"")
    store = reopened(store)
    found = store.get_many([key(n) for n in range(2500)])
    assert found == {key(0): b""} | {key(n): value(n) for n in range(1, 2000)}
    assert store.get(key("none")) is None
    assert store.problems == []
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    store.close()
    assert store.get(key(1)) is None


def test_a_flipped_byte_and_a_swapped_value_are_misses(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.put_many([(key(n), value(n)) for n in range(4)])
    store.close()
    with sqlite3.connect(database(tmp_path)) as connection:
        raw = bytearray(connection.execute("SELECT value FROM entries WHERE key = ?", [key(0)]).fetchone()[0])
        raw[20] ^= 1
        connection.execute("UPDATE entries SET value = ? WHERE key = ?", [bytes(raw), key(0)])
        connection.execute(
            "UPDATE entries SET value = (SELECT value FROM entries WHERE key = ?) WHERE key = ?", [key(2), key(1)]
        )
        connection.execute("UPDATE entries SET value = 'text' WHERE key = ?", [key(3)])
    connection.close()
    store = open_store(tmp_path)
    assert store.get_many([key(n) for n in range(4)]) == {key(2): value(2)}
    store.close()


@pytest.mark.parametrize("where", ["all", "head", "pages", "other"])
def test_a_damaged_file_is_set_aside_once_and_said(tmp_path: Path, where: str) -> None:
    store = open_store(tmp_path)
    store.put_many([(key(n), value(n)) for n in range(500)])
    store.close()
    path = database(tmp_path)
    content = bytearray(path.read_bytes())
    match where:
        case "all":
            content[:] = b"no database at all" * 1000
        case "head":
            content[:16] = b"x" * 16
        case "pages":
            content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    if where == "other":
        path.unlink()
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE entries (name TEXT)")
        connection.close()
    store = open_store(tmp_path)
    assert store.get(key(1)) is None
    store.put(key(1), b"new")
    assert store.get(key(1)) == b"new"
    (problem,) = store.problems
    assert (problem.stage, problem.path, problem.note) == ("extract", "", True)
    assert "damaged" in problem.message
    store = reopened(store)
    assert store.get(key(1)) == b"new"
    assert store.problems == []
    store.close()


def without_cache(store: Store) -> None:
    store.put(key(1), b"x")
    assert store.get(key(1)) is None
    (problem,) = store.problems
    assert problem == Problem("extract", "", problem.message, note=True)
    assert problem.message.startswith("runs without a cache: ")
    store.close()


def test_a_directory_that_cannot_be_made_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    without_cache(open_store(tmp_path / "file" / "cache"))


def test_a_file_that_cannot_be_opened_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "cache-1.sqlite3").mkdir()
    without_cache(open_store(tmp_path))


def test_a_database_that_may_not_be_written_is_done_without(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    assert store.connection is not None
    store.connection.execute("PRAGMA query_only = ON")
    without_cache(store)


def test_a_full_disk_is_done_without(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    assert store.connection is not None
    store.connection.execute("PRAGMA max_page_count = 10")
    store.put_many([(key(n), value(n)) for n in range(500)])
    without_cache(store)
    store = open_store(tmp_path)
    assert store.get(key(0)) is None  # all or nothing
    store.close()


def test_a_locked_database_is_done_without(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    assert store.connection is not None
    store.connection.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(database(tmp_path), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    without_cache(store)
    other.close()


def test_the_size_is_bounded_and_the_longest_unused_go_first(tmp_path: Path) -> None:
    store = open_store(tmp_path, limit=2_500_000)
    store.put_many([(key(n), os.urandom(1000)) for n in range(1000)])
    assert store.connection is not None
    store.connection.execute("UPDATE entries SET used = used - 1000000")
    store.connection.commit()
    used = [key(n) for n in range(0, 1000, 100)]
    assert len(store.get_many(used)) == 10
    for part in range(4):
        store.put_many([(key(f"{part}.{n}"), os.urandom(1000)) for n in range(250)])
    store = reopened(store)
    assert database(tmp_path).stat().st_size <= 2_600_000
    assert len(store.get_many(used)) == 10
    assert len(store.get_many([key(f"3.{n}") for n in range(250)])) == 250
    assert store.get_many([key(n) for n in range(1, 100)]) == {}
    store.close()


def test_clear_says_what_went_also_while_somebody_reads(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.put_many([(key(n), value(n)) for n in range(1000)])
    (tmp_path / "cache-1.sqlite3.damaged").write_bytes(b"x" * 1000)
    count, size = clear(tmp_path)
    assert count == 1000
    assert size > 500_000
    assert store.get(key(1)) is None
    store.put(key(1), b"x")
    assert store.get(key(1)) == b"x"
    store.close()
    assert clear(tmp_path)[0] == 1
    assert clear(tmp_path / "none") == (0, 0)
    assert not (tmp_path / "none").exists()


def test_the_user_directory_is_ours() -> None:
    assert user_directory().name == "backend-audit"


WRITER = """
    import sys
    from pathlib import Path
    from hashlib import blake2b
    from analyzer.store import open_store
    store = open_store(Path(sys.argv[1]))
    first = int(sys.argv[2])
    print("ready", flush=True)
    for part in range(int(sys.argv[3])):
        numbers = range(first + part * 20, first + part * 20 + 20)
        keys = [blake2b(str(n).encode(), digest_size=32).digest() for n in numbers]
        store.put_many([(key, b"%d;" % n * 200) for key, n in zip(keys, numbers)])
        assert len(store.get_many(keys)) == 20, store.problems
    assert not store.problems, store.problems
"""


def writer(directory: Path, first: int, parts: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", textwrap.dedent(WRITER), str(directory), str(first), str(parts)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def test_two_runs_write_at_once(tmp_path: Path) -> None:
    runs = [writer(tmp_path, 0, 50), writer(tmp_path, 500, 50)]  # the halves overlap
    for run in runs:
        run.communicate(timeout=30)
        assert run.returncode == 0
    store = open_store(tmp_path)
    assert store.get_many([key(n) for n in range(1500)]) == {key(n): value(n) for n in range(1500)}
    store.close()


def test_a_killed_writer_leaves_whole_values(tmp_path: Path) -> None:
    for turn in range(6):
        with writer(tmp_path, turn * 100_000, 5000) as run:
            assert run.stdout is not None
            run.stdout.readline()
            time.sleep(0.02 + 0.03 * turn)
            run.send_signal(signal.SIGKILL)
        store = open_store(tmp_path)
        found = store.get_many([key(turn * 100_000 + n) for n in range(20_000)])
        assert found == {key(turn * 100_000 + n): value(turn * 100_000 + n) for n in range(len(found))}
        assert len(found) % 20 == 0
        assert store.problems == []
        assert store.connection is not None
        assert store.connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        store.close()
