"""The faults that rules name really happen: code is run against a server that misbehaves, before its fix and after."""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from loopback import WHILE, Manner, Seen, loopback

FAULTS = Path(__file__).parent / "fixtures" / "faults"
ENDS = 20.0  # seconds within which what has a limit is over, however busy the machine is


@dataclass(slots=True)
class Run:
    """What came of one call of `go`, as far as it is over."""

    thread: threading.Thread
    done: dict[str, Any] = field(default_factory=dict)

    def hangs(self, seen: Seen) -> bool:
        """Whether it still waits, well after the server has taken the call."""
        assert seen.called.wait(ENDS)
        self.thread.join(4 * WHILE)
        return self.thread.is_alive()

    def result(self) -> Any:
        """What it gave, or the exception that ended it."""
        self.thread.join(ENDS)
        assert not self.thread.is_alive()
        return self.done["result"]


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"faults_{path.parent.name}_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def started(fault: str, when: str, url: str, around: Callable[[Any], Any] | None = None) -> Run:
    """`go(url)` of a fixture, in a thread of its own; `around` is given the coroutine, where it is one."""
    go = loaded(FAULTS / fault / f"{when}.py").go
    run = Run(threading.Thread(target=lambda: act(), daemon=True))

    def act() -> None:
        try:
            given = go(url)
            if inspect.isawaitable(given):
                given = asyncio.run(around(given) if around else wait(given))
            run.done["result"] = given
        except Exception as error:  # noqa: BLE001 - what ends it is what is asked
            run.done["result"] = error

    run.thread.start()
    return run


async def wait(given: Any) -> Any:
    return await given


def test_every_fault_is_marked_before_its_fix_and_not_after() -> None:
    """That rules see it so is held by tests/test_fixtures.py."""
    for folder in sorted(path for path in FAULTS.iterdir() if path.is_dir()):
        assert "# expect: " in (folder / "before.py").read_text(), folder.name
        assert "# expect: " not in (folder / "after.py").read_text(), folder.name


# ------------------------------------------------------------------ what happens


@pytest.mark.parametrize(
    ("fault", "manner"),
    [
        ("http_call_hangs", Manner.HANG),
        ("limit_taken_away", Manner.HANG),
        ("answer_drips", Manner.DRIP),
        ("mail_server_hangs", Manner.HANG),
        ("program_hangs", Manner.HANG),
    ],
)
def test_without_a_limit_it_waits_for_ever(fault: str, manner: Manner) -> None:
    with loopback(manner) as seen:
        assert started(fault, "before", seen.url).hangs(seen)
    with loopback(manner) as seen:
        assert isinstance(started(fault, "after", seen.url).result(), Exception)


def test_attempts_without_a_pause_fall_on_who_is_down_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    for when in ("before", "after"):
        with loopback(Manner.FAIL) as seen:
            assert isinstance(started("attempts_without_pause", when, seen.url).result(), RuntimeError)
            assert seen.requests == 5
        assert bool(pauses) is (when == "after")
    assert pauses == sorted(pauses), "each longer than the one before"


def test_a_failure_that_is_dropped_is_seen_by_nobody(caplog: pytest.LogCaptureFixture) -> None:
    with loopback(Manner.REFUSE) as seen:
        assert started("failure_dropped", "before", seen.url).result() is None
        assert not [record for record in caplog.records if record.levelname == "ERROR"]
        assert started("failure_dropped", "after", seen.url).result() is None
        assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]


def test_while_the_loop_stands_still_nobody_else_is_served() -> None:
    async def beside(given: Any) -> int:
        """How often another coroutine gets its turn meanwhile."""
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(WHILE / 30)

        task = asyncio.create_task(other())
        await asyncio.sleep(0)
        turns = 0
        await given
        task.cancel()
        return turns

    with loopback(Manner.SLOW) as seen:
        assert started("loop_stands_still", "before", seen.url, beside).result() <= 1
        assert started("loop_stands_still", "after", seen.url, beside).result() > 1


def test_an_error_is_taken_for_the_answer() -> None:
    with loopback(Manner.FAIL) as seen:
        assert started("error_taken_for_answer", "before", seen.url).result() == {"error": "down"}
        assert isinstance(started("error_taken_for_answer", "after", seen.url).result(), Exception)


def test_attempts_inside_of_attempts_multiply() -> None:
    for when, attempts in (("before", 12), ("after", 3)):
        with loopback(Manner.FAIL) as seen:
            assert isinstance(started("attempts_multiply", when, seen.url).result(), Exception)
            assert seen.requests == attempts


@pytest.mark.filterwarnings("ignore:coroutine 'announce' was never awaited")
def test_what_is_never_awaited_never_runs() -> None:
    for when, requests in (("before", 0), ("after", 1)):
        with loopback(Manner.SLOW) as seen:
            assert started("never_awaited", when, seen.url).result() is None
            assert seen.requests == requests


def test_a_list_is_asked_for_all_at_once() -> None:
    with loopback(Manner.SLOW) as seen:
        assert len(started("all_at_once", "before", seen.url).result()) == 60
        assert seen.at_once > 5
    with loopback(Manner.SLOW) as seen:
        assert len(started("all_at_once", "after", seen.url).result()) == 60
        assert seen.at_once <= 5


@pytest.mark.parametrize(("when", "ends"), [("before", False), ("after", True)])
def test_a_cancellation_that_is_swallowed_ends_nothing(when: str, ends: bool) -> None:
    ended: list[bool] = []
    looked = threading.Event()

    async def cancelled(given: Any) -> None:
        task = asyncio.ensure_future(given)
        while not seen.requests:
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait([task], timeout=2 * WHILE)
        ended.append(task.done())
        looked.set()
        await asyncio.wait([task])  # when the server is gone, at the latest

    with loopback(Manner.SLOW) as seen:
        run = started("cancelled_in_vain", when, seen.url, cancelled)
        assert looked.wait(ENDS)
    run.result()
    assert ended == [ends]
