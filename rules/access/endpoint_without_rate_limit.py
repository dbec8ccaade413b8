"""
An endpoint answers as often as anybody asks.

Without a limit one client can try a million passwords, spend your whole SMS budget on one-time codes, or keep every
worker and database connection busy with nothing but a loop in a shell: the others see time-outs, and the error budget
of a month is gone in an hour. Log-in, password reset, one-time codes, sign-up and tokens are tried first, so they need
the strictest limit; everything else needs one that an honest client never meets.

Set a default for the whole application (Flask-Limiter's `default_limits`, slowapi's with its middleware,
`DEFAULT_THROTTLE_CLASSES` in Django REST framework), and stricter ones where guessing pays. Where a gateway does it and
the repository does not show it, say so once: `rate-limit = "gateway"` under `[tool.backend-audit.assume]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from analyzer import (  # isort: skip
    App, Confidence, Endpoint, Known, Location, Node, Norm, Place, Project, Purpose, Rule, Severity, Standard, Step,
    Suspicion, Unjudged,
)  # fmt: skip

RULE = Rule(
    id="endpoint-without-rate-limit",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=770,
    standard=Standard.API_DESIGN,
    node=Node.FUNCTION,
    assume="rate-limit",
    since="0.1",
    bad="""
        from fastapi import FastAPI
        app = FastAPI()

        @app.post("/login")
        def login(name: str, password: str): ...
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
        def login(request: Request, name: str, password: str): ...
    """,
)
# Where guessing or sending pays, the worst first; and what machines ask for, which a limit would break.
_SENSITIVE = (Purpose.LOGIN, Purpose.PASSWORD_RESET, Purpose.OTP, Purpose.SIGN_UP, Purpose.TOKEN)
_FORMS = _SENSITIVE[:2] + (Purpose.SIGN_UP,)  # to GET one is to see an empty form
_LEFT_ALONE = frozenset({Purpose.HEALTH, Purpose.DOCS, Purpose.STATIC, Purpose.WEBHOOK, Purpose.REFUSAL})
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_FEW, _MANY = 5, 10  # endpoints without a limit that are said one by one, where most have none and where most have one
_WHOLE, _MOST = 3, 10  # endpoints that make an application and not a side door; routes named in its one finding


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    norms = {e: norm for norm in project.norms() if norm.kind == "rate-limit" for e in norm.strangers}
    told = set[Location]()
    for app in project.apps():
        judged = [endpoint for endpoint in app.endpoints if endpoint.purpose not in _LEFT_ALONE]
        for endpoint in judged:
            if not isinstance(endpoint.limits, Known):
                yield Unjudged(RULE.id, endpoint.limits.why, endpoint.handler_at)
        bare = sorted((e for e in judged if isinstance(e.limits, Known) and not e.limits.value), key=_worst_first)
        limited = sum(1 for e in app.endpoints if isinstance(e.limits, Known) and e.limits.value)
        known = isinstance(app.limits, Known) and not app.limits.value
        sure = [e for e in judged if isinstance(e.limits, Known)]
        if 2 * len(sure) < len(judged):  # a verdict on the few that are understood would pass for one on all
            bare = [e for e in bare if _sensitive(e)]
        # Where limits are the exception, what lacks is a default: one cause, but for the endpoints that matter most.
        together = [e for e in bare if not limited or not _sensitive(e)]
        apart = [e for e in bare if e.handler_at not in told]  # two applications may share their routes
        told.update(e.handler_at for e in bare)
        few = len(together) <= _FEW or (limited >= len(bare) and len(together) <= _MANY)
        if apart and known and together and not (limited and few):
            yield _unlimited_together(app, together, len(sure))
            apart = [e for e in apart if e not in together]
        for _, same in groupby(sorted(apart, key=lambda e: e.handler_at), key=lambda e: e.handler_at):
            yield _unlimited(worst := min(same, key=_worst_first), norms.get(worst))


def _sensitive(endpoint: Endpoint) -> bool:
    form = _FORMS if _READING.issuperset(endpoint.methods) else ()
    if form and endpoint.purpose is Purpose.OTP:  # a page that asks for the code; one in the address is tried by GET
        return any(one.place in (Place.PATH, Place.QUERY) for one in endpoint.inputs) or "<" in endpoint.path
    return endpoint.purpose in _SENSITIVE and endpoint.purpose not in form


def _worst_first(endpoint: Endpoint) -> tuple[int, bool, str, tuple[str, ...]]:
    rank = _SENSITIVE.index(endpoint.purpose) if _sensitive(endpoint) else len(_SENSITIVE)
    return rank, _READING.issuperset(endpoint.methods), endpoint.path, endpoint.methods


def _name(endpoint: Endpoint) -> str:
    return f"{','.join(endpoint.methods)} {endpoint.path}"


def _unlimited(endpoint: Endpoint, norm: Norm | None) -> Suspicion:
    severity = Severity.HIGH if _sensitive(endpoint) else None
    sure = Confidence.LOW if _READING.issuperset(endpoint.methods) and not severity else None
    others = f"{norm.followed} of {norm.total} beside it" if norm else "other endpoints"
    message = f"`{_name(endpoint)}` has no rate limit, while {others} have one"
    return Suspicion(RULE.id, endpoint.handler_at, message, _name(endpoint), (), (), sure, severity)


def _unlimited_together(app: App, bare: list[Endpoint], count: int) -> Suspicion:
    how_many, verb = ("none", "is") if len(bare) == count else (str(len(bare)), "are not")
    message = f"{how_many} of {count} endpoints of `{app.name}` {verb} rate limited; worst: `{_name(bare[0])}`"
    routes = tuple(Step(e.handler_at, f"`{_name(e)}`") for e in bare[:_MOST])
    node = Node.ASSIGNMENT if app.framework == "django" else Node.EXPRESSION  # the root URL list, or where it is made
    severity = Severity.HIGH if _sensitive(bare[0]) else None
    sure = None if severity or count >= (_WHOLE if isinstance(app.complete, Known) else _MOST) else Confidence.LOW
    return Suspicion(RULE.id, app.at, message, app.name, (), routes, sure, severity, node)
