"""
A rate limit stands in the code and limits nothing.

Nothing fails: there is no error and no warning, the tests pass, and every request is answered. Whoever guesses
passwords is the first to notice. The libraries ask for more than the limit itself: slowapi's default limits need its
middleware, which lets pass what stands behind `mount` and, from FastAPI 0.137 on, behind `include_router`; a decorator
above the route's wraps a function that the framework has taken before; a limiter of Flask must be given the
application; django-ratelimit before release 4 only notes that there were too many; a throttle of Django REST framework
needs a rate.

Send one request more than the limit allows, in a test, and expect a 429. Then mend what the message names.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import (  # isort: skip
    Confidence, Endpoint, Idle, IdleLimit, Node, Project, Purpose, Rule, Severity, Standard, Step, Suspicion
)  # fmt: skip

RULE = Rule(
    id="rate-limit-not-applied",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    cwe=770,
    standard=Standard.API_DESIGN,
    node=Node.EXPRESSION,
    since="0.1",
    bad="""
        from fastapi import FastAPI, Request
        from slowapi import Limiter
        from slowapi.util import get_remote_address

        app = FastAPI()
        limiter = Limiter(key_func=get_remote_address)
        app.state.limiter = limiter

        @limiter.limit("5/minute")
        @app.post("/login")
        def login(request: Request, name: str, password: str):
            return {"token": "…"}
    """,
    good="""
        from fastapi import FastAPI, Request
        from slowapi import Limiter
        from slowapi.util import get_remote_address

        app = FastAPI()
        limiter = Limiter(key_func=get_remote_address)
        app.state.limiter = limiter

        @app.post("/login")
        @limiter.limit("5/minute")
        def login(request: Request, name: str, password: str):
            return {"token": "…"}
    """,
)
_SENSITIVE = frozenset({Purpose.LOGIN, Purpose.PASSWORD_RESET, Purpose.OTP, Purpose.SIGN_UP, Purpose.TOKEN})
_MOST = 10  # endpoints named in one finding
_SAID = {
    Idle.INCLUDED: "slowapi's middleware lets pass what included routers answer, from FastAPI 0.137 on",
    Idle.INCLUDED_NEWER: "slowapi's middleware lets pass what included routers answer, from FastAPI 0.137 on,"
    " which nothing forbids here",
    Idle.MOUNTED: "slowapi's middleware lets pass what a mounted application answers",
    Idle.WITHOUT_MIDDLEWARE: "no `SlowAPIMiddleware` asks for these default limits",
    Idle.ABOVE_ROUTE: "`{what}` stands above the route, which has taken the bare function by then",
    Idle.UNATTACHED: "no application is given to the limiter, so that none of its limits counts",
    Idle.NOBODY_LOOKS: "`{what}` does not block, and nobody looks at `request.limited`",
    Idle.WITHOUT_RATE: "`{what}` has no rate, and lets every request pass",
    Idle.WITHOUT_SCOPE: "`{what}` lets every view pass that names no `throttle_scope`",
    Idle.SCOPE_ALONE: "`throttle_scope` is set, and no throttle of the view asks for it",
    Idle.RATES_ALONE: "the rates stand alone: there are no `DEFAULT_THROTTLE_CLASSES` that would use them",
}


def detect(project: Project) -> Iterator[Suspicion]:
    for limit in project.idle_limits():
        worst = sorted(limit.endpoints, key=_worst_first)
        said = _SAID[limit.why].format(what=limit.what.rpartition(".")[2])
        concerned = f"`{_name(worst[0])}`"
        if len(worst) > 1:
            concerned = f"{len(worst)} endpoints, such as {concerned}"
        places = (Step(at, "and so is this one") for at in limit.others)
        routes = (Step(endpoint.handler_at, f"`{_name(endpoint)}`") for endpoint in worst[:_MOST])
        yield Suspicion(
            RULE.id,
            limit.at,
            f"{said}: {concerned}",
            limit.what,
            related=(*places, *routes),
            confidence=Confidence.LOW if limit.why is Idle.INCLUDED_NEWER else None,
            severity=_severity(limit),
        )


def _severity(limit: IdleLimit) -> Severity | None:
    """Where passwords and codes can be guessed, somebody does."""
    return Severity.HIGH if any(endpoint.purpose in _SENSITIVE for endpoint in limit.endpoints) else None


def _worst_first(endpoint: Endpoint) -> tuple[bool, str, tuple[str, ...]]:
    return endpoint.purpose not in _SENSITIVE, endpoint.path, endpoint.methods


def _name(endpoint: Endpoint) -> str:
    return f"{','.join(endpoint.methods)} {endpoint.path}"
