"""PyCG's micro-benchmark against our call graph: edges found, missed and too many, by category and by cause.

    python benchmarks/calls.py FOLDER [--show CASE] [--misses]

FOLDER is `micro-benchmark/snippets` of PyCG's source (`benchmarks/README.md` says where it is published): CATEGORY/CASE
with the case's modules and `callgraph.json`, its true edges by qualified name. How the two are made to speak of the same:

- A lambda is an expression of its enclosing scope to us. An edge from or to one is counted as that scope's (once more:
  without the edges to lambdas), and what is missed of them is a cause of its own.
- What is not the case's own is named as there: `<builtin>.len`, `<**PyStr**>.join`; to construct a library's class is
  to call the class, whether its `__init__` is named or not.
- A class of the case without an `__init__` of its own or inherited has no code to call: such an edge of ours is left out.

A case is complete when no edge is too many, and sound when none is missed: the words of PyCG's paper.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from analyzer import assets
from analyzer.discover import discover
from analyzer.extract import extract
from analyzer.frameworks import ALL
from analyzer.libraries import load_libraries
from analyzer.link import LinkedProject, build, link, top_packages
from analyzer.link.index import ScopeRef, SiteRef, call_at
from analyzer.link.values import Frame, Opaque
from analyzer.model.config import Config
from analyzer.model.facts import Extracted, ScopeKind

Edges = set[tuple[str, str]]
_BUILTINS = {"builtins.str.": "<**PyStr**>.", "builtins.dict.": "<**PyDict**>.", "builtins.list.": "<**PyList**>."}


@dataclass(slots=True)
class Case:
    """One program: its true edges as written, with lambdas folded, and ours."""

    name: str
    project: LinkedProject
    written: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)  # folded → as PyCG writes it
    ours: dict[tuple[str, str], str] = field(default_factory=dict)  # edge → its kind

    @property
    def missed(self) -> list[tuple[str, str]]:
        return sorted(self.written.keys() - self.ours.keys())

    @property
    def extra(self) -> list[tuple[str, str]]:
        return sorted(self.ours.keys() - self.written.keys())


def facts_of(root: Path, jobs: int = 0) -> tuple[tuple[Extracted, ...], frozenset[str]]:
    """The facts of every file under a folder, and the paths of its tests."""
    snapshot, _ = discover(Config(paths=(str(root),), root=str(root)))
    facts = extract(snapshot.files, jobs=jobs, front_end="auto", store=None)
    return facts, frozenset(file.path for file in snapshot.files if file.test)


def linked(facts: tuple[Extracted, ...], tests: frozenset[str]) -> LinkedProject:
    """The project that the facts of its files are linked to."""
    index = build(facts, tests)
    libraries = load_libraries(assets.rules() / "libraries", top_packages(index), ())
    return link(index, libraries, ALL, with_tests=False)


def cases(folder: Path) -> Iterator[Case]:
    """Every case of the benchmark, by name."""
    facts, _ = facts_of(folder)
    for truth in sorted(folder.glob("*/*/callgraph.json")):
        prefix = f"{truth.parent.relative_to(folder).as_posix()}/"
        own = (msgspec.structs.replace(f, path=f.path.removeprefix(prefix)) for f in facts if f.path.startswith(prefix))
        case = Case(prefix.rstrip("/"), linked(tuple(own), frozenset()))
        for caller, callees in json.loads(truth.read_text("utf-8")).items():
            for callee in callees:
                case.written[folded(caller), folded(callee)] = (caller, callee)
        case.ours = our_edges(case.project)
        yield case


def folded(name: str) -> str:
    """A name of PyCG's without lambdas, and with a library's class for its `__init__`."""
    name = ".".join(part for part in name.split(".") if not part.startswith("<lambda"))
    return name.removesuffix(".__init__") if name.startswith("ext.") else name


def our_edges(project: LinkedProject) -> dict[tuple[str, str], str]:
    """The edges of our graph by the names that PyCG would give them."""
    found: dict[tuple[str, str], str] = {}
    for edge in project.call_graph().edges:
        callee = edge.callee
        if isinstance(callee, ScopeRef):
            if project.ev.scope(callee).kind is ScopeKind.CLASS:
                continue
            name = named(project, callee)
        else:
            name = outside(callee)
        found.setdefault((named(project, edge.caller), name), str(edge.kind))
    return found


def named(project: LinkedProject, ref: ScopeRef) -> str:
    """PyCG's name of a scope: "main.Class.method"."""
    module = ref.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return ".".join(part for part in (module, project.ev.scope(ref).qualname) if part)


def outside(name: str) -> str:
    """PyCG's name of something outside the case."""
    for ours, theirs in _BUILTINS.items():
        if name.startswith(ours):
            return theirs + name.removeprefix(ours)
    if name.startswith("builtins."):
        return "<builtin>." + name.removeprefix("builtins.")
    return name.removesuffix(".__init__")


# -------------------------------------------------------------------- why


def cause(case: Case, edge: tuple[str, str]) -> str:
    """Why an edge is missed, as far as it can be told without running anything."""
    caller, callee = case.written[edge]
    if "<lambda" in callee:
        return "called is a lambda"
    if "<lambda" in caller:
        return "called from a lambda"
    last = callee.rpartition(".")[2]
    if callee.startswith(("<", "ext.")):
        return "of a library or built in"
    if last.startswith("__") and last.endswith("__"):
        return f"special method {last}"
    whys = unresolved(case.project, caller)
    return f"not understood: {whys[0]}" if whys else "every call there has a value, not this one"


def unresolved(project: LinkedProject, caller: str) -> list[str]:
    """Why calls of a function have no callee: the reasons of the evaluator, in order of place."""
    found = []
    for path, facts in sorted(project.ev.index.python.items()):
        for number, site in enumerate(facts.calls):
            scope = ScopeRef(path, site.scope)
            call = call_at(project.ev.index, SiteRef(path, number))
            if call is not None and named(project, scope) == caller:
                values = project.ev.expr(call.callee, Frame(scope))
                found += [value.why for value in values if isinstance(value, Opaque)]
    return found


# -------------------------------------------------------------------- printing


def table(every: list[Case]) -> None:
    """Per category: cases, complete, sound, true edges, found, too many, precision, recall."""
    print("category       cases complete sound  edges found extra  prec. recall")
    by: dict[str, list[Case]] = {}
    for case in every:
        by.setdefault(case.name.partition("/")[0], []).append(case)
    by["all"] = every
    for category, group in by.items():
        edges, missed = sum(len(c.written) for c in group), sum(len(c.missed) for c in group)
        extra, found = sum(len(c.extra) for c in group), edges - missed
        complete, sound = sum(not c.extra for c in group), sum(not c.missed for c in group)
        precision = found / (found + extra) if found + extra else 1.0
        print(
            f"{category:<14}{len(group):>6}{complete:>9}{sound:>6}{edges:>7}{found:>6}{extra:>6}"
            f"{precision:>7.1%}{found / edges if edges else 1:>7.1%}"
        )
    plain = [(c, e) for c in every for e, (_, callee) in c.written.items() if "<lambda" not in callee]
    print(f"without edges to lambdas: {sum(e in c.ours for c, e in plain)} of {len(plain)} found")


def causes(every: list[Case], names: bool) -> None:
    """What is missed and what is too many, by cause; with the edges where asked."""
    missed = [(cause(c, e), c.name, " → ".join(c.written[e])) for c in every for e in c.missed]
    extra = [(f"kind {c.ours[e]}", c.name, " → ".join(e)) for c in every for e in c.extra]
    for title, found in (("missed", missed), ("too many", extra)):
        for why, count in Counter(why for why, _, _ in found).most_common():
            print(f"{title:>9} {count:4}  {why}")
            for _, case, edge in (entry for entry in found if names and entry[0] == why):
                print(f"{'':16}{case}: {edge}")


def show(case: Case) -> None:
    """One case: each edge of either side."""
    for edge in sorted(case.written.keys() | case.ours.keys()):
        mark = "  " if edge in case.written and edge in case.ours else "- " if edge in case.written else "+ "
        why = cause(case, edge) if mark == "- " else case.ours[edge]
        print(f"{mark}{' → '.join(case.written.get(edge, edge))}   ({why})")


def main() -> int:
    """Print the figures; 1 where the folder holds no case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", metavar="CASE", help="one case, edge by edge: classes/self_call")
    parser.add_argument("--misses", action="store_true", help="each edge under its cause")
    options = parser.parse_args()
    every = [case for case in cases(options.folder) if options.show in (None, case.name)]
    if options.show:
        for case in every:
            show(case)
    elif every:
        table(every)
        causes(every, options.misses)
    return 0 if every else 1


if __name__ == "__main__":
    raise SystemExit(main())
