"""
An endpoint lacks what nearly all endpoints beside it carry.

Where 34 of 36 routes ask who is calling, the two others were most likely forgotten: a decorator lost in a merge, a
route added to the wrong router. What they read is open to everybody, and nothing fails that would tell it.

Put the guard where nobody can forget it: on the router, the blueprint or the base class. Where an endpoint is meant to
be open, say so beside it, as your framework does (`AllowAny`, `login_not_required`), or give the open ones a router of
their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import (  # isort: skip
    Confidence, Endpoint, Known, Location, Node, Norm, Project, Rule, Severity, Standard, Step, Suspicion, Unjudged,
)  # fmt: skip

RULE = Rule(
    id="endpoint-unlike-its-siblings",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.LOW,
    cwe=306,
    standard=Standard.SECURITY,
    node=Node.FUNCTION,
    assume="authentication",
    since="0.1",
    bad="""
        from fastapi import APIRouter, Depends, FastAPI
        from fastapi.security import HTTPBearer
        app, shop = FastAPI(), APIRouter(dependencies=[Depends(HTTPBearer())])

        @shop.get("/orders")
        @shop.get("/bills")
        @shop.get("/returns")
        @shop.get("/stock")
        def rows(): ...

        for town in ("bern", "bonn", "graz", "linz", "lviv"):
            app.include_router(shop, prefix=f"/shops/{town}")

        @app.get("/shops/turnover")
        def turnover(): ...
    """,
    good="""
        from fastapi import APIRouter, Depends, FastAPI
        from fastapi.security import HTTPBearer
        app, shop = FastAPI(), APIRouter(dependencies=[Depends(HTTPBearer())])

        @shop.get("/orders")
        @shop.get("/bills")
        @shop.get("/returns")
        @shop.get("/stock")
        def rows(): ...

        for town in ("bern", "bonn", "graz", "linz", "lviv"):
            app.include_router(shop, prefix=f"/shops/{town}")

        @app.get("/shops/turnover", dependencies=[Depends(HTTPBearer())])
        def turnover(): ...
    """,
)
_SURE = 20  # siblings; fewer make a weak norm
_MOST = 10  # strangers named in the one finding of a group
_LACKS = {"authentication": "ask who is calling", "authorisation": "ask whether the caller may"}


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    said: set[Location] = set()
    for norm in project.norms():
        # What changes something is said by the rules on authentication, authorisation and rate limits, with the count.
        meant = [endpoint for endpoint in norm.strangers if not _opened(endpoint)]
        if norm.kind in _LACKS and not norm.writing and not said.issuperset(e.handler_at for e in meant):
            said.update(e.handler_at for e in meant)  # two applications may share their routers
            yield _unlike(norm, meant)


def _opened(endpoint: Endpoint) -> bool:
    """Whether somebody wrote that everybody may."""
    return (
        isinstance(endpoint.authentication, Known)
        and not endpoint.authentication.value
        and bool(endpoint.authentication.at)
    )


def _unlike(norm: Norm, strangers: list[Endpoint]) -> Suspicion:
    """One group, one finding, at the first of the few."""
    first, *others = strangers
    name = f"{','.join(first.methods)} {first.path}"
    few = "this one does not" if not others else f"these {len(strangers)} do not"
    where = "of this application" if norm.prefix == "/" else f"under `{norm.prefix}`"
    message = f"{norm.followed} of {norm.total} endpoints {where} that read {_LACKS[norm.kind]}, `{name}` does not"
    if others:
        message = f"{norm.followed} of {norm.total} endpoints {where} that read {_LACKS[norm.kind]}; {few}: `{name}`, …"
    related = tuple(Step(e.handler_at, f"`{','.join(e.methods)} {e.path}`") for e in others[:_MOST])
    sure = Confidence.LOW if norm.total < _SURE or norm.kind == "authorisation" else None
    return Suspicion(RULE.id, first.handler_at, message, f"{norm.kind} {name}", (), related, sure)
