"""Calls that a backend's own tests make → how many of them our call graph has, and why it lacks the others.

    python benchmarks/recorded.py [--into FOLDER] [--python PYTHON] [--seconds N] [--again] [--misses] [--sample N SEED] [NAME …]

Each backend is got by name and version, installed with its tests' requirements into a virtual environment of its own
under FOLDER, and as many of its tests as SECONDS allow are run there, offline, under `recorder.py` (Python 3.12 or
later: `--python`). Nothing of the backend is imported or run here. Then the same sources are read and linked by us.

Counted are pairs of two functions of the backend, neither of its tests, where the first called the second with nothing
in between. Lambdas and generator expressions are their function. Apart are counted: pairs with a library in between (a
view behind a test client, a function handed to `sorted`), and what bodies of modules and classes call. `--misses`
prints each pair that we lack; `--sample 100 1` prints 100 of our own edges, to be read by a person.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from calls import facts_of, linked
from sdists import fetch

from analyzer.link import LinkedProject
from analyzer.link.index import ScopeRef, SiteRef, call_at
from analyzer.link.values import External, Frame, Opaque
from analyzer.link.walk import dotted
from analyzer.model.code import Attribute, Await, Call, Expr, Subscript
from analyzer.model.facts import ScopeKind
from analyzer.model.location import Location


@dataclass(frozen=True)
class Backend:
    """How the tests of a release are run."""

    version: str
    kind: str
    needs: tuple[str, ...]  # installed besides
    tests: tuple[str, ...]  # arguments of pytest
    folder: str = "."  # where pytest is started
    environment: dict[str, str] = field(default_factory=dict)


_SLOW = "not test_overlap_first and not test_load_tasks_and_annotations and not test_all_urls"
_FILES = (
    *("api_auth", "api_policy", "api_register", "api_users", "api_validate_challengeresponse", "api_system"),
    *("api_periodictask", "api_events", "api_machines", "lib_tokenclass", "lib_user", "lib_realm", "lib_resolver"),
    *("lib_tokencontainer", "lib_tokens_push", "lib_caconnector", "lib_smsprovider", "lib_recovery", "lib_policy"),
)
BACKENDS = {
    "label-studio": Backend(
        "1.23.2",
        "Django and DRF, SQLite",
        (
            *("pytest==7.2.2", "pytest-django==4.9.0", "pytest-mock==3.14.0", "pytest-env==0.6.2", "tavern==2.3.0"),
            *("fakeredis~=2.26.1", "freezegun~=1.5.1", "moto[s3]<5", "requests-mock==1.12.1", "responses", "psutil"),
            *("mock", "factory-boy", "coverage"),
        ),
        ("--nomigrations", "-k", _SLOW, "."),
        "label_studio",
        {"DJANGO_DB": "sqlite"},
    ),
    "dstack": Backend(
        "0.19.20",
        "FastAPI and SQLAlchemy (async), SQLite",
        (
            *("dstack[server,gateway]==0.19.20", "pytest~=7.2", "pytest-asyncio<0.24", "pytest-httpbin", "httpbin"),
            *("requests-mock", "openai", "freezegun", "testcontainers"),
        ),
        ("--continue-on-collection-errors", "src/tests"),  # those of clouds whose libraries are not installed
    ),
    "privacyidea": Backend(
        "3.14",
        "Flask and SQLAlchemy, SQLite",
        ("mock", "pyparsing", "pytest", "responses", "testfixtures"),
        tuple(f"tests/test_{name}.py" for name in _FILES),
    ),
}


# -------------------------------------------------------------------- recording


def recording(name: str, backend: Backend, into: Path, python: str, seconds: int, again: bool) -> tuple[Path, Path]:
    """The sources of a backend and the file with the calls that its tests made; recorded where it is not there yet."""
    root = fetch(name, backend.version, into)
    out = into / f"{name}-{backend.version}.calls.json"
    if out.is_file() and not again:
        return root, out
    environment = into / f"{name}-{backend.version}-environment"
    inside = environment / "bin" / "python"
    if not inside.is_file():
        subprocess.run([python, "-m", "venv", str(environment)], check=True)
        for packages in ((f"{name}=={backend.version}",), backend.needs):  # apart: together they are hard to solve
            subprocess.run([str(inside), "-m", "pip", "install", "--quiet", *packages], check=True, timeout=1800)
    folder = root / backend.folder
    paths = os.pathsep.join(dict.fromkeys((str(root.resolve()), str(folder.resolve()))))
    command = [str(inside.absolute()), str(Path(__file__).with_name("recorder.py").resolve())]
    command += [str(root.resolve()), str(out.resolve()), str(seconds)]
    command += ["pytest", "-q", "-p", "no:cacheprovider", *backend.tests]
    home = (into / "home").resolve()  # what tests write there is nobody's
    home.mkdir(exist_ok=True)
    with open(out.with_suffix(".log"), "w", encoding="utf-8") as log:
        subprocess.run(
            command, cwd=folder, env={**os.environ, "HOME": str(home), "PYTHONPATH": paths, **backend.environment},
            stdout=log, stderr=subprocess.STDOUT, timeout=5 * seconds + 300, check=False,
        )  # fmt: skip
    print(f"{name}: {tail(out.with_suffix('.log'))}")
    return root, out


def tail(log: Path) -> str:
    """The last line that says something."""
    lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1] if lines else "nothing was printed"


# -------------------------------------------------------------------- comparing


@dataclass(frozen=True, order=True)
class Seen:
    """A pair of functions of which the first called the second, at lines of the first."""

    caller: ScopeRef
    callee: ScopeRef
    lines: tuple[int, ...]
    between: str  # what of a library stood in between; "" for nothing


@dataclass
class Comparison:
    """What was seen and what we say."""

    project: LinkedProject
    seen: list[Seen]  # one function called another
    through: list[Seen]  # with a library in between
    on_import: list[Seen]  # called by the body of a module or class
    strange: int  # functions that our facts do not have
    ours: dict[tuple[ScopeRef, ScopeRef], str]  # → kind
    ran: int  # functions that ran, of the backend itself
    decorating: frozenset[str]  # last words of what decorates something

    def has(self, seen: Seen) -> bool:
        return (seen.caller, seen.callee) in self.ours


def compare(root: Path, recorded: Path) -> Comparison:
    """Link the sources and look each recorded pair up."""
    project = linked(*facts_of(root))
    places = Places(project)
    loaded = json.loads(recorded.read_text("utf-8"))
    groups: dict[str, dict[tuple[ScopeRef, ScopeRef, str], set[int]]] = {w: defaultdict(set) for w in ("d", "t", "i")}
    strange = 0
    for caller, callee, between, lines in loaded["edges"]:
        first, second = places.scope(caller), places.scope(callee)
        if first is None or second is None:
            strange += 1
        elif not {first.path, second.path} & project.ev.index.tests:
            function = project.ev.scope(first).kind is ScopeKind.FUNCTION
            groups["i" if not function else "t" if between else "d"][first, second, between].update(lines)
    direct, through, on_import = (
        sorted(Seen(a, b, tuple(sorted(lines)), via) for (a, b, via), lines in groups[which].items()) for which in "dti"
    )
    both = {(s.caller, s.callee) for s in direct}
    run = {ref for told in loaded["functions"] if (ref := places.scope(told)) is not None}
    ran = {ref for ref in run if ref.path not in project.ev.index.tests}
    through = [s for s in through if (s.caller, s.callee) not in both]
    return Comparison(project, direct, through, on_import, strange, our_edges(project), len(ran), decorating(project))


class Places:
    """Code as Python tells it (path, qualified name, first line) → its scope."""

    def __init__(self, project: LinkedProject) -> None:
        self.named: dict[tuple[str, str], list[tuple[int, ScopeRef]]] = defaultdict(list)
        for path, facts in project.ev.index.python.items():
            for number, scope in enumerate(facts.scopes):
                self.named[path, scope.qualname].append((scope.at.line, ScopeRef(path, number)))

    def scope(self, told: list[object]) -> ScopeRef | None:
        """The scope: of several with one name, the first that begins at the line of its decorators or after it."""
        path, qualname, line, _ = told
        parts: list[str] = []
        for part in str(qualname).split("."):
            if part.startswith("<") and part != "<locals>":
                break
            parts += [part] if part != "<locals>" else []
        found = self.named.get((str(path), ".".join(parts)), [])
        after = [entry for entry in found if entry[0] >= int(str(line))]
        return min(after or found)[1] if found else None


def our_edges(project: LinkedProject) -> dict[tuple[ScopeRef, ScopeRef], str]:
    """The pairs of our graph that are of the project on both sides."""
    found: dict[tuple[ScopeRef, ScopeRef], str] = {}
    for edge in project.call_graph().edges:
        if isinstance(edge.callee, ScopeRef):
            found.setdefault((edge.caller, edge.callee), str(edge.kind))
    return found


# -------------------------------------------------------------------- what kind, and why not

_CREATE = {"__init__", "__new__", "__post_init__"}
_SHOWN = 6  # libraries' functions in between, the most frequent
_PROPERTIES = {"property", "cached_property", "hybrid_property", "classproperty"}


def sort_of(project: LinkedProject, ref: ScopeRef) -> str:
    """What kind of function was called."""
    scope = project.ev.scope(ref)
    parent = project.ev.scope(ScopeRef(ref.path, max(scope.parent, 0)))
    if scope.name in _CREATE:
        return "constructor"
    if scope.name.startswith("__") and scope.name.endswith("__"):
        return "special method"
    if any(dotted(d).rpartition(".")[2] in _PROPERTIES | {"setter"} for d in scope.decorators):
        return "property"
    if parent.kind is ScopeKind.FUNCTION:
        return "function in a function"
    return "method" if parent.kind is ScopeKind.CLASS else "function"


def cause(compared: Comparison, seen: Seen) -> str:
    """Why we lack a pair, as far as it can be told: what the evaluator says of the calls on the lines that made it."""
    project = compared.project
    sort = sort_of(project, seen.callee)
    if is_wrapper(compared, seen.callee):
        return "decorator: what is decorated is called, its wrapper runs"
    if is_wrapper(compared, seen.caller) and project.ev.scope(seen.callee).decorators:
        return "decorator: its wrapper runs what is decorated"
    name = project.ev.scope(seen.callee).name
    sites = list(sites_at(project, seen))
    called = [site for site in sites if site[0].rpartition(".")[2] == name]
    if called:
        return f"{sort}: {verdict(project, called, seen)}"
    if sort == "constructor":
        made = [site for site in sites if not whys(project, [site], seen)]
        return f"{sort}: {verdict(project, made or sites, seen)}" if sites else f"{sort}: no call is written there"
    if sort in ("property", "special method"):
        return f"{sort}: {name}" if sort == "special method" else sort
    if not sites:
        return f"{sort}: no call is written there"
    return f"{sort}, by another name: {verdict(project, sites, seen)}"


def is_wrapper(compared: Comparison, ref: ScopeRef) -> bool:
    """Whether a function stands inside of something that decorates."""
    scopes = compared.project.ev.index.python[ref.path].scopes
    scope = scopes[ref.scope]
    if scope.parent < 0 or scopes[scope.parent].kind is not ScopeKind.FUNCTION:
        return False
    while scope.parent > 0:
        scope = scopes[scope.parent]
        if scope.name in compared.decorating:
            return True
    return False


def decorating(project: LinkedProject) -> frozenset[str]:
    """The last words of everything that decorates something."""
    every = (d for facts in project.ev.index.python.values() for scope in facts.scopes for d in scope.decorators)
    return frozenset(dotted(d.callee if isinstance(d, Call) else d).rpartition(".")[2] for d in every)


def sites_at(project: LinkedProject, seen: Seen) -> Iterator[tuple[str, SiteRef]]:
    """The calls of the caller that stand on the lines where it was seen to call."""
    for number, site in enumerate(project.ev.index.python[seen.caller.path].calls):
        if site.scope == seen.caller.scope and any(site.at.line <= line <= site.at.end_line for line in seen.lines):
            yield site.callee, SiteRef(seen.caller.path, number)


def whys(project: LinkedProject, sites: list[tuple[str, SiteRef]], seen: Seen) -> list[str]:
    """The reasons why what these sites call is not known; of a chain, why the first link is not."""
    found: list[str] = []
    for call in filter(None, (call_at(project.ev.index, site) for _, site in sites)):
        values = project.ev.expr(call.callee, Frame(seen.caller))
        inner: Expr = call.callee
        while unknown := [value.why for value in values if isinstance(value, Opaque)]:
            reason = unknown[0]
            match inner:
                case Attribute(value=inside) | Subscript(value=inside) | Await(value=inside) | Call(callee=inside):
                    inner, values = inside, project.ev.expr(inside, Frame(seen.caller))
                case _:
                    break
        else:
            if inner is call.callee:
                continue
        found.append(reason)
    return found


def verdict(project: LinkedProject, sites: list[tuple[str, SiteRef]], seen: Seen) -> str:
    """What the evaluator says of them: the first reason, or what kind of thing it takes them for."""
    if reasons := whys(project, sites, seen):
        return reasons[0]
    calls = [call_at(project.ev.index, site) for _, site in sites]
    values = [v for call in calls if call is not None for v in project.ev.expr(call.callee, Frame(seen.caller))]
    if any(isinstance(value, External) for value in values):
        return "taken for something of a library"
    return "taken for another function or class" if values else "no value at all"


# -------------------------------------------------------------------- printing


def report(compared: Comparison, misses: bool) -> None:
    """The shares, per kind of function called, and what is lacking by cause."""
    share("pairs of functions seen", compared.seen, compared)
    by: dict[str, list[Seen]] = defaultdict(list)
    for seen in compared.seen:
        by[sort_of(compared.project, seen.callee)].append(seen)
    for sort, group in sorted(by.items(), key=lambda item: -len(item[1])):
        share(f"  {sort}", group, compared)
    share("with a library in between", compared.through, compared)
    between = Counter(s.between for s in compared.through)
    for name, _ in between.most_common(_SHOWN):
        share(f"  {name}"[-41:], [s for s in compared.through if s.between == name], compared)
    share("called by bodies of modules and classes", compared.on_import, compared)
    kinds = Counter(compared.ours[s.caller, s.callee] for s in compared.seen if compared.has(s))
    print(f"  ours are: {', '.join(f'{count} {kind}' for kind, count in kinds.most_common())}")
    print(f"  {compared.ran} functions ran; {compared.strange} pairs with code that is in no file as it was run")
    lacking: dict[str, list[Seen]] = defaultdict(list)
    for seen in compared.seen:
        if not compared.has(seen):
            lacking[cause(compared, seen)].append(seen)
    for why, group in sorted(lacking.items(), key=lambda item: (-len(item[1]), item[0])):
        print(f"{len(group):6} {why}")
        for seen in group if misses else ():
            print(f"         {shown(compared.project, seen)}")


def share(title: str, group: list[Seen], compared: Comparison) -> None:
    """One line: how many of a group we have."""
    pairs = {(s.caller, s.callee) for s in group}
    found = len(pairs & compared.ours.keys())
    print(f"{title:<42}{found:>6} of {len(pairs):>6}{found / len(pairs) if pairs else 1:>8.1%}")


def shown(project: LinkedProject, seen: Seen) -> str:
    """A pair with its place."""
    caller, callee = project.ev.scope(seen.caller), project.ev.scope(seen.callee)
    where = f"{seen.caller.path}:{','.join(map(str, seen.lines[:3]))}"
    return f"{where} {caller.qualname} → {seen.callee.path}:{callee.at.line} {callee.qualname}"


def sample(project: LinkedProject, root: Path, count: int, seed: int) -> None:
    """Some of our edges between functions of the project, each with its line of code."""
    ours: list[tuple[Location, ScopeRef, ScopeRef, str]] = []
    for edge in project.call_graph().edges:
        if isinstance(edge.callee, ScopeRef) and not {edge.caller.path, edge.callee.path} & project.ev.index.tests:
            how = f"{edge.kind}, {edge.runs}" if edge.runs else str(edge.kind)
            ours.append((edge.at, edge.caller, edge.callee, how))
    for at, first, second, how in sorted(random.Random(seed).sample(ours, min(count, len(ours)))):
        caller, callee = project.ev.scope(first), project.ev.scope(second)
        line = (root / at.path).read_text("utf-8", "replace").splitlines()[at.span.line - 1].strip()
        print(f"{at.path}:{at.span.line} [{how}] {line}")
        print(f"    {caller.qualname or 'module'} → {second.path}:{callee.at.line} {callee.qualname}")


def main() -> None:
    """Record and compare the backends named, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--into", type=Path, default=Path(tempfile.gettempdir()) / "backends")
    parser.add_argument("--python", default=sys.executable, help="3.12 or later; for the throwaway environment")
    parser.add_argument("--seconds", type=int, default=180, help="of processor time, for one backend's tests")
    parser.add_argument("--again", action="store_true", help="record even where a recording is there")
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--sample", nargs=2, type=int, metavar=("N", "SEED"))
    options = parser.parse_args()
    options.into.mkdir(parents=True, exist_ok=True)
    for name in options.names or BACKENDS:
        backend = BACKENDS[name]
        root, out = recording(name, backend, options.into, options.python, options.seconds, options.again)
        print(f"\n{name} {backend.version} ({backend.kind})")
        compared = compare(root, out)
        report(compared, options.misses)
        if options.sample:
            sample(compared.project, root, *options.sample)


if __name__ == "__main__":
    main()
