"""Read the whole standard library of this Python through both front ends: how many files agree, and how fast each is.

Run it with `python benchmarks/front_ends.py`; a part of the library with `--every 10`.
"""

from __future__ import annotations

import argparse
import sysconfig
import time
from collections import Counter
from pathlib import Path

import msgspec

from analyzer.extract.python import read
from analyzer.model.facts import Unread


def library() -> list[Path]:
    """The files of the library, without what was installed beside it."""
    root = Path(sysconfig.get_path("stdlib"))
    return [path for path in sorted(root.rglob("*.py")) if "site-packages" not in path.parts]


def compare(contents: dict[Path, bytes]) -> tuple[Counter[str], list[str], dict[str, float]]:
    """What became of the files, one line per file that is not the same twice, and the seconds of each front end."""
    outcome: Counter[str] = Counter()
    lines: list[str] = []
    seconds = {"ast": 0.0, "libcst": 0.0}
    for path, content in contents.items():
        facts = {}
        for front_end in seconds:
            started = time.perf_counter()
            facts[front_end] = read(content, front_end)
            msgspec.msgpack.encode(facts[front_end])
            seconds[front_end] += time.perf_counter() - started
        by_ast, by_libcst = facts["ast"], facts["libcst"]
        if isinstance(by_ast, Unread) and isinstance(by_libcst, Unread):
            outcome["refused by both"] += 1
        elif isinstance(by_ast, Unread):
            outcome["read by libcst alone"] += 1
            lines.append(f"{path.name}: ast: {by_ast.why}")
        elif isinstance(by_libcst, Unread):
            outcome["read by ast alone"] += 1
            lines.append(f"{path.name}:{by_libcst.line}: libcst: {by_libcst.why}")
        elif msgspec.msgpack.encode(by_ast) == msgspec.msgpack.encode(by_libcst):
            outcome["the same"] += 1
        else:
            outcome["DIFFERENT"] += 1
            lines.append(f"{path.name}: DIFFERENT")
    return outcome, lines, seconds


def main() -> int:
    """Print the comparison; 1 where a file that both read differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="read every N-th file")
    contents = {path: path.read_bytes() for path in library()[:: parser.parse_args().every]}
    total = sum(content.count(b"\n") for content in contents.values())
    outcome, lines, seconds = compare(contents)
    print(f"{len(contents)} files, {total} lines")
    for what, count in outcome.most_common():
        print(f"{count:6} {what}")
    for line in lines:
        print("      ", line)
    for front_end, spent in seconds.items():
        print(f"{front_end}: {total / spent:,.0f} lines/s")
    return 1 if outcome["DIFFERENT"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
