"""One tree → wall time and memory of bandit, ruff and backend-audit on it, in turn, with ratios.

    python benchmarks/speed.py FOLDER [--runs 3]

Each tool runs as a whole process, in rotation, so that a noisy machine hits all alike; figures are medians. The peak is
that of the largest process of a run. `native` is our own rules alone, `cold` all three engines, `warm` the same with nothing
changed. ruff must be installed beside this Python.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

BIN = Path(sys.executable).parent


def run(command: list[str], errors: Path) -> tuple[float, float]:
    """Seconds of wall time and megabytes of the largest process; the output goes nowhere, messages to a file."""
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        os.execv(command[0], command)
    _, status, usage = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(f"{command[0]} failed: {errors.read_text()[-500:]}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def commands(folder: Path, scratch: Path) -> dict[str, list[str]]:
    """The command of each tool."""
    ours = [str(BIN / "backend-audit"), str(folder), "--root", str(folder), "--exit-zero", "--statistics"]
    ours += ["-o", str(scratch / "report.sarif"), "--format", "concise"]
    return {
        "bandit": [str(BIN / "bandit"), "-q", "-r", str(folder), "-f", "json", "-o", str(scratch / "bandit.json")],
        "ruff": [str(BIN / "ruff"), "check", "--isolated", "--no-cache", "-q", "--exit-zero", "--select", "S,ASYNC", str(folder)],
        "native": [*ours, "--no-cache", "--engine", "native"],
        "cold": [*ours, "--no-cache"],
        "warm": [*ours, "--cache-dir", str(scratch / "cache")],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        tools = commands(options.folder.resolve(), scratch)
        run(tools["warm"], scratch / "errors")  # fills the cache
        seconds: dict[str, list[float]] = {tool: [] for tool in tools}
        memory: dict[str, float] = dict.fromkeys(tools, 0.0)
        stages = ""
        for _ in range(options.runs):
            for tool, command in tools.items():
                taken, peak = run(command, scratch / "errors")
                seconds[tool].append(taken)
                memory[tool] = max(memory[tool], peak)
                if tool == "cold":
                    stages = (scratch / "errors").read_text()
        base = statistics.median(seconds["bandit"])
        for tool, taken in seconds.items():
            middle = statistics.median(taken)
            print(f"{tool:8} {middle:7.2f} s  {middle / base:6.2f} x bandit  peak {memory[tool]:6.0f} MB")
        print("stages of a cold run:")
        print("\n".join(f"  {line}" for line in stages.splitlines() if line.endswith(" s")))


if __name__ == "__main__":
    main()
