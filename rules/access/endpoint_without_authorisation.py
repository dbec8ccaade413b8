"""
An endpoint changes something for everybody who has an account.

It asks who is calling, and then nobody asks whether he may. Each customer, guest or stolen token can do here what the
other endpoints keep for an owner or an administrator, and the log shows a legitimate user doing so.

Ask for the permission beside the identity: `Depends(require_role("admin"))`, `@permission_required`, a permission
class, `authorize(user, order)`; or look only among what is his: `Order.objects.filter(owner=request.user)`. Where
everybody with an account may really do it, or the database decides by row, say so:
`# backend-audit: ignore[endpoint-without-authorisation] -- reason`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from analyzer import (  # isort: skip
    App, Audience, Confidence, Endpoint, Known, Node, Project, Purpose, Rule, Severity, Standard, Step, Suspicion,
    Unjudged,
)  # fmt: skip

RULE = Rule(
    id="endpoint-without-authorisation",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    cwe=862,
    standard=Standard.SECURITY,
    node=Node.FUNCTION,
    assume="authorisation",
    since="0.1",
    bad="""
        from fastapi import Depends, FastAPI, HTTPException
        from fastapi.security import HTTPBearer
        app = FastAPI()

        def admin(token=Depends(HTTPBearer())):
            if "admin" not in read(token).roles:
                raise HTTPException(403)

        @app.put("/products/{product_id}", dependencies=[Depends(admin)])
        def change(product_id: int): ...

        @app.delete("/products/{product_id}", dependencies=[Depends(HTTPBearer())])
        def remove(product_id: int): ...
    """,
    good="""
        from fastapi import Depends, FastAPI, HTTPException
        from fastapi.security import HTTPBearer
        app = FastAPI()

        def admin(token=Depends(HTTPBearer())):
            if "admin" not in read(token).roles:
                raise HTTPException(403)

        @app.put("/products/{product_id}", dependencies=[Depends(admin)])
        def change(product_id: int): ...

        @app.delete("/products/{product_id}", dependencies=[Depends(admin)])
        def remove(product_id: int): ...
    """,
)
_READING = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "*"})
_KEEPING = frozenset({"PUT", "PATCH", "DELETE"})  # there is something that belongs to somebody
_OWN = re.compile(r"/(?:me|my|self|profile|preferences|current[_-]?user|user[_-]settings|logout)(?:[/_-]|$)")
_MOST = 10  # routes named in the one finding of an application


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    elsewhere = {loaded.endpoint for loaded in project.loaded()}
    norms = [norm for norm in project.norms() if norm.kind == "authorisation"]
    counts = {e: (n.followed, n.total, n.prefix) for n in norms for e in n.strangers}
    for app in project.apps():
        judged = [endpoint for endpoint in app.endpoints if _meant(endpoint)]
        for endpoint in judged:
            if not isinstance(endpoint.authorisation, Known):
                yield Unjudged(RULE.id, endpoint.authorisation.why, endpoint.handler_at)
        sure = [(e, e.authorisation.value) for e in judged if isinstance(e.authorisation, Known)]
        bare = sorted((e for e, who in sure if not who and e not in elsewhere), key=_worst_first)
        asking = {e.path for e, who in sure if who}
        if not asking:
            continue  # whoever is known may do everything: a system of one role
        named = [e for e in bare if e.path in asking or e.audience is Audience.OPERATORS or e in counts]
        for _, same in groupby(sorted(named, key=lambda e: e.handler_at), key=lambda e: e.handler_at):
            worst = min(same, key=_worst_first)
            yield _unasked(worst, counts.get(worst), worst.path in asking)
        if others := [e for e in bare if e not in named and _KEEPING.intersection(e.methods)]:
            yield _unasked_together(app, others, len(sure))


def _meant(endpoint: Endpoint) -> bool:
    """Whether an endpoint changes something, or is for operators, and it is known that somebody asks who is calling."""
    asks = isinstance(endpoint.authentication, Known) and endpoint.authentication.value
    if not asks or endpoint.purpose is not Purpose.OTHER or endpoint.audience is Audience.ANYBODY:
        return False
    operators = endpoint.audience is Audience.OPERATORS
    return (operators or not _READING.issuperset(endpoint.methods)) and not _OWN.search(endpoint.path)


def _name(endpoint: Endpoint) -> str:
    return f"{','.join(endpoint.methods)} {endpoint.path}"


def _worst_first(endpoint: Endpoint) -> tuple[bool, bool, str, tuple[str, ...]]:
    return (
        endpoint.audience is not Audience.OPERATORS,
        _KEEPING.isdisjoint(endpoint.methods),
        endpoint.path,
        endpoint.methods,
    )


def _unasked(endpoint: Endpoint, norm: tuple[int, int, str] | None, beside: bool) -> Suspicion:
    """Others ask, this one does not."""
    if norm is not None:
        why = f"while {norm[0]} of {norm[1]} endpoints under `{norm[2]}` that change something do"
    elif beside:
        why = "while another method of the same path does"
    else:
        why = "though its path says that it is for operators"
    message = f"`{_name(endpoint)}` asks nobody whether the caller may, {why}"
    return Suspicion(RULE.id, endpoint.handler_at, message, _name(endpoint))


def _unasked_together(app: App, bare: Sequence[Endpoint], count: int) -> Suspicion:
    """Part of an application asks: it may be meant, and is said once."""
    routes = [Step(e.handler_at, f"`{_name(e)}`") for e in bare[:_MOST]]
    message = (
        f"{len(bare)} of {count} endpoints of `{app.name}` that change something ask nobody whether the caller may"
    )
    node = Node.ASSIGNMENT if app.framework == "django" else Node.CALL  # the root URL list, or where it is made
    return Suspicion(RULE.id, app.at, message, app.name, (), tuple(routes), Confidence.LOW, None, node)
