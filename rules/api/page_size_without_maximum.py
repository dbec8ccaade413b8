"""
The client says how many rows it wants, and nothing says how many are too many.

One request with `?limit=100000000` reads a whole table, holds a worker and a database connection until the answer is
built, and may fill the memory of the process. It takes no bad intentions: a script that asks for "all" is enough, and
it works until the table has grown.

Let the signature refuse it: `limit: int = Query(50, ge=1, le=200)` in FastAPI, `max_page_size` in a pagination class of
Django REST framework, `validate.Range(max=200)` in a marshmallow schema; where the value is read by hand, clamp it:
`limit = min(request.args.get("limit", 50, type=int), 200)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from analyzer import (  # isort: skip
    Confidence, Endpoint, Input, Node, Place, Project, Rule, Severity, Standard, Step, Suspicion
)  # fmt: skip

RULE = Rule(
    id="page-size-without-maximum",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=770,
    standard=Standard.API_DESIGN,
    node=Node.PARAMETER,
    since="0.1",
    bad="""
        from fastapi import FastAPI

        app = FastAPI()

        @app.get("/orders")
        def orders(offset: int = 0, limit: int = 50):
            return find(offset, limit)
    """,
    good="""
        from fastapi import FastAPI, Query

        app = FastAPI()

        @app.get("/orders")
        def orders(offset: int = 0, limit: int = Query(50, ge=1, le=200)):
            return find(offset, limit)
    """,
)
_ENDLESS = 10_000  # a bound above it protects a number, not a database
_SIZES = frozenset({
    "limit", "pagesize", "perpage", "itemsperpage", "pagelimit", "maxresults", "rowsperpage", "resultsperpage",
    "maxitems", "pagelength", "numresults",
})  # fmt: skip
_MOST = 10


def detect(project: Project) -> Iterator[Suspicion]:
    """One finding per place that takes the number: a dependency shared by many endpoints is one cause."""
    found: list[tuple[Input, Endpoint]] = [
        (one, endpoint) for app in project.apps() for endpoint in app.endpoints for one in endpoint.inputs if _free(one)
    ]
    for _, group in groupby(sorted(found, key=lambda pair: pair[0].at), key=lambda pair: pair[0].at):
        same = list(group)
        one, endpoint = same[0]
        more = f" and {len(same) - 1} more" if len(same) > 1 else ""
        yield Suspicion(
            RULE.id,
            one.at,
            f"`{one.name}` of `{','.join(endpoint.methods)} {endpoint.path}`{more} may be as large as a client likes",
            one.name,
            related=tuple(Step(e.handler_at, f"`{','.join(e.methods)} {e.path}`") for _, e in same[:_MOST]),
            node=one.node,
        )


def _free(one: Input) -> bool:
    """Whether an input is a number of rows without an upper bound that bounds anything."""
    if one.place is not Place.QUERY or not one.type.startswith("int"):
        return False
    most = [value for name, value in one.bounds if name in ("le", "lt")]
    bounded = any(not isinstance(value, int) or value <= _ENDLESS for value in most)
    return one.name.lower().replace("_", "").replace("-", "") in _SIZES and not bounded
