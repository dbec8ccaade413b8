"""Whole backends → their endpoint tables, every column against the `endpoints.txt` that stands beside the code.

Such a file is written by hand from what the framework does, never pasted from what we print. It holds a section for each
application, in the order of their places, and in it a row for each endpoint, in any order:

    [shop/main.py:app aiohttp complete]
    GET POST | /orders/{id} | shop.orders.show | shop/orders.py:12 | shop/routes.py:7 | async | other | shop.auth.user | none

The columns are methods, path, handler, where the handler is named, where it is registered, async or sync, purpose,
who asks for an identity, and who limits the rate: the names of what protects, "none", or "?" and why it is not known.
In place of "complete" stands "?" and why the table may not be all. A line that starts with "#" is a remark.

What stands around and what is given back is mostly the same for all endpoints of an application: a line that starts with
"*" says it once, by name, and a row whose own is different says that behind its columns:

    * middleware shop.guards.timing | csrf none | caching none | body none | pagination – | response none
    GET | /orders | … | none | pagination limit le=100 | response list[shop.models.Order]

"–" is what nobody looked for. Behind the middlewares, the outermost first, stands "?" and why there may be more.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from backends import limits
from marks import FIXTURES, Case, cases, source

from analyzer import assets
from analyzer.extract.entries import read as read_entries
from analyzer.extract.python import read as read_python
from analyzer.frameworks import ALL
from analyzer.libraries import load_libraries
from analyzer.link import LinkedProject, build, link, top_packages
from analyzer.model.answer import Known, Unknown
from analyzer.model.endpoint import NOBODY_LOOKED, App, Endpoint, Serves
from analyzer.model.facts import Extracted
from analyzer.model.location import Location
from analyzer.model.source import FileKind

TABLE = "endpoints.txt"
AROUND = ("middleware", "csrf", "caching", "body", "pagination", "response")
COLUMNS = ("methods", "path", "handler", "at", "registered", "runs", "purpose", "authentication", "limits")
Row = tuple[str, ...]


def project(case: Case) -> LinkedProject:
    """A backend as the rules see it."""
    sources = [s for path, content in sorted(case.files.items()) if (s := source(path, content)) is not None]
    extracted = [
        Extracted(s.path, read_python(s.content) if s.kind is FileKind.PYTHON else read_entries(s.content, s.kind))
        for s in sources
    ]
    index = build(extracted, frozenset(s.path for s in sources if s.test))
    return link(index, load_libraries(assets.rules() / "libraries", top_packages(index)), ALL, with_tests=False)


def expected(text: str) -> dict[str, list[Row]]:
    """The sections of a table: heading → its rows, sorted."""
    found: dict[str, list[Row]] = {}
    for line in text.splitlines():
        if line.startswith("["):
            rows = found.setdefault(line.strip("[] "), [])
            common = dict.fromkeys(AROUND, "")
        elif line.startswith("* ") and not line.startswith("* |"):
            common |= _named(line.removeprefix("*").split("|"))
        elif line.strip() and not line.startswith("#"):
            cells = line.split("|")
            row = tuple(cell.strip() for cell in cells[: len(COLUMNS)])
            assert len(row) == len(COLUMNS), f"{len(row)} columns, not {len(COLUMNS)}: {line}"
            own = common | _named(cells[len(COLUMNS) :])
            rows.append((*row, *(own[name] for name in AROUND)))
    return {heading: sorted(rows) for heading, rows in found.items()}


def _named(cells: list[str]) -> dict[str, str]:
    """What stands around, by the name at the beginning of each cell."""
    found = {name: said for name, _, said in (cell.strip().partition(" ") for cell in cells)}
    assert found.keys() <= set(AROUND), found
    return found


def heading(app: App) -> str:
    """What stands above an application's rows."""
    whole = f"? {app.complete.why}" if isinstance(app.complete, Unknown) else "complete"
    return f"{app.key} {app.framework} {whole}"


def row(found: Endpoint) -> Row:
    """An endpoint as a table shows it."""
    return (
        " ".join(found.methods), found.path, found.handler, _line(found.handler_at), _line(found.registered_at),
        "async" if found.is_async else "sync", found.purpose.value, limits(found.authentication), limits(found.limits),
        *around(found),
    )  # fmt: skip


def around(found: Endpoint) -> Row:
    """What a table says of an endpoint by name."""
    named = ", ".join(p.what for p in found.middleware)
    more = found.all_middleware
    unseen = f"? {more.why}" if isinstance(more, Unknown) and more != NOBODY_LOOKED else ""
    middleware = "–" if more == NOBODY_LOOKED else " ".join(filter(None, (named, unseen))) or "none"
    return (middleware, *map(_said, (found.csrf, found.caching, found.body_limit, found.pagination, found.response)))


def _said(answer: Known[Any] | Unknown) -> str:
    if answer == NOBODY_LOOKED:
        return "–"
    model = isinstance(answer, Known) and isinstance(answer.value, str)
    return answer.value or "none" if model else limits(answer)


def _line(at: Location) -> str:
    return f"{at.path}:{at.span.line}"


TABLES = [case for case in cases() if not case.rule and TABLE in case.files]


@pytest.mark.parametrize("case", TABLES, ids=lambda case: case.name)
def test_every_column_of_every_endpoint(case: Case) -> None:
    linked = project(case)
    apps = [app for serves in Serves for app in linked.apps(serves)]
    found = {heading(app): sorted(map(row, app.endpoints)) for app in sorted(apps, key=lambda app: (app.at, app.key))}
    wanted = expected(case.files[TABLE].decode())
    assert list(found) == list(wanted)
    for name, rows in wanted.items():
        assert found[name] == rows
    assert all(e.framework == app.framework and e.app == app.key for app in apps for e in app.endpoints)
    assert linked.problems == []


@pytest.mark.parametrize("case", TABLES, ids=lambda case: case.name)
def test_every_place_of_a_table_is_there(case: Case) -> None:
    """A table written by hand names lines that hold what it says they hold."""
    for rows in expected(case.files[TABLE].decode()).values():
        for found in map(dict, (zip(COLUMNS, one, strict=False) for one in rows)):
            path, _, number = found["at"].rpartition(":")
            line = case.files[path].decode().splitlines()[int(number) - 1]
            named = found["handler"].rpartition(".")[2].strip("…")  # "…" where nothing is known of what answers
            assert named in line, (found["at"], line)


def test_a_table_stands_where_the_folder_says_so() -> None:
    assert all(Path(FIXTURES, case.name, TABLE).is_file() for case in TABLES)
