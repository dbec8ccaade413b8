"""Sources of a small backend → what a framework module declares, as rows that a test can write down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from textwrap import dedent

from analyzer import assets
from analyzer.extract.python import read
from analyzer.libraries import load_libraries
from analyzer.link import build, top_packages
from analyzer.link.callgraph.build import build as build_graph
from analyzer.link.callgraph.rounds import Keeping, summaries
from analyzer.link.declared import Declared
from analyzer.link.evaluate import Evaluator
from analyzer.model.answer import Known, Unknown
from analyzer.model.endpoint import App, Endpoint, Protection
from analyzer.model.facts import Entry, Extracted, TextFacts, Unread
from analyzer.model.location import Location, Span

Row = tuple[str, str, str, str, str, str, str]


def declared(
    declare: Callable[[Evaluator], Iterable[Declared]],
    files: Mapping[str, str],
    *,
    tests: Iterable[str] = (),
    unread: Iterable[str] = (),
    entries: Mapping[str, Mapping[str, str]] | None = None,
) -> list[Declared]:
    """The applications of a backend given as path → source; `entries` are settings files as key → value."""
    found = [Extracted(path, read(dedent(source).encode())) for path, source in files.items()]
    found += [Extracted(path, Unread("not Python", 1)) for path in unread]
    for path, values in (entries or {}).items():
        lines = tuple(Entry(key, value, Span(n, 0, n, 1)) for n, (key, value) in enumerate(values.items(), 1))
        found.append(Extracted(path, TextFacts(lines, (), len(lines))))
    index = build(sorted(found, key=lambda f: f.path), tests)
    libraries = load_libraries(assets.rules() / "libraries", top_packages(index))
    ev = Evaluator(index, libraries)
    found, _ = summaries(index, libraries, Keeping())
    ev.graph = build_graph(index, found)
    return list(declare(ev))


def limits(answer: Known[tuple[Protection, ...]] | Unknown) -> str:
    """Limits in one word: who limits, "none", or "? why"."""
    if isinstance(answer, Unknown):
        return f"? {answer.why}"
    return ", ".join(p.what for p in answer.value) or "none"


def place(at: Location) -> str:
    """A place as path:line:column."""
    return f"{at.path}:{at.span.line}:{at.span.column}"


def row(found: Endpoint) -> Row:
    """Every column of an endpoint but its framework and app, which belong to the application."""
    sync = "async" if found.is_async else "sync"
    where = f"{place(found.handler_at)} {place(found.registered_at)}"
    methods = " ".join(found.methods)
    return (methods, found.path, found.handler, where, sync, found.purpose.value, limits(found.limits))


def rows(app: App) -> list[Row]:
    """The endpoint table of an application."""
    assert all(e.framework == app.framework and e.app == app.key for e in app.endpoints)
    return [row(found) for found in app.endpoints]


def paths(app: App) -> dict[str, str]:
    """ "POST /login" → limits."""
    return {f"{' '.join(e.methods)} {e.path}": limits(e.limits) for e in app.endpoints}
