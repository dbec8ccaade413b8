"""One tree → what its call graph takes: from nothing, with nothing changed, and with one function's body changed.

    python benchmarks/linking.py FOLDER [FOLDER …] [--jobs 1] [--edits 5]

Of several folders one project is made, which is how growth is measured. CPU seconds are those of the linking process (and,
with more jobs, of no other); an edit puts a statement before a `return` of a method, spread evenly over the files. Figures
of edits are medians. Nothing in the folders is changed: they are copied.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from analyzer import __version__
from analyzer.detection import linked
from analyzer.discover import discover
from analyzer.extract import extract
from analyzer.link import LinkedProject
from analyzer.model.config import Config
from analyzer.store import Store, open_store


def once(root: Path, store: Store, jobs: int) -> tuple[LinkedProject, float, float]:
    """The project with its call graph; wall and CPU seconds of linking, what was extracted before left out."""
    config = Config(paths=(str(root),), root=str(root), jobs=jobs)
    snapshot, _ = discover(config)
    extracted = extract(snapshot.files, jobs=0, front_end="auto", store=store)
    wall, cpu = time.perf_counter(), time.process_time()
    project = linked(config, snapshot, extracted, store, __version__, with_tests=False)
    project.call_graph()
    return project, time.perf_counter() - wall, time.process_time() - cpu


def places(root: Path, count: int) -> list[tuple[Path, int]]:
    """Lines of methods' `return` statements, one per file, spread evenly."""
    found = []
    for path in sorted(root.rglob("*.py")):
        if "test" in str(path.relative_to(root)):
            continue
        lines = path.read_text("utf-8", "replace").split("\n")
        at = [number for number, line in enumerate(lines) if line.startswith("        return ")]
        if at:
            found.append((path, at[len(at) // 2]))
    return found[:: max(1, len(found) // count)][:count] if count else []


def edited(path: Path, at: int) -> None:
    """Put a statement before a line."""
    lines = path.read_text("utf-8", "replace").split("\n")
    lines.insert(at, "        print(1)")
    path.write_text("\n".join(lines))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--edits", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root, store = Path(name) / "project", open_store(Path(name) / "cache")
        for folder in options.folders:
            shutil.copytree(folder, root / folder.name, symlinks=True)
        project, wall, cpu = once(root, store, options.jobs)
        graph, counts = project.call_graph(), project.counts()
        lines = sum(facts.lines for facts in project.ev.index.python.values())
        print(f"{lines} lines, {counts.files} files that are no tests, {len(graph.edges)} edges")
        print(f"{'from nothing':<22}{wall:7.2f} s wall {cpu:7.2f} s CPU   {sum(counts.computed)} summaries")
        told = project.receivers()
        print(f"{'receivers known':<22}{told.known} of {told.all} ({100 * told.known / max(told.all, 1):.1f} %)")
        project, wall, cpu = once(root, store, options.jobs)
        print(f"{'nothing changed':<22}{wall:7.2f} s wall {cpu:7.2f} s CPU   {sum(project.counts().computed)} summaries")
        figures = []
        for path, at in places(root, options.edits):
            edited(path, at)
            project, wall, cpu = once(root, store, options.jobs)
            figures.append((wall, cpu, sum(project.counts().computed)))
        if figures:
            wall, cpu, computed = (statistics.median(column) for column in zip(*figures, strict=True))
            most = max(figure[2] for figure in figures)
            print(f"{'one body changed':<22}{wall:7.2f} s wall {cpu:7.2f} s CPU   {computed:g} summaries, at most {most}")
        print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
        store.close()


if __name__ == "__main__":
    main()
