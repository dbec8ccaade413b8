"""
An endpoint changes something for everybody who has an account.

It asks who is calling, and then nobody asks whether he may. Each guest and each stolen token can do here what the other
endpoints keep for an owner or an administrator, and the log shows a legitimate user.

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
    App, Audience, Confidence, Endpoint, Known, Location, Node, Norm, Project, Purpose, Rule, Severity, Standard, Step,
    Suspicion, Unjudged,
)  # fmt: skip

RULE = Rule(
    id="endpoint-without-authorisation",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.LOW,
    cwe=862,
    standard=Standard.SECURITY,
    node=Node.FUNCTION,
    assume="authorisation",
    since="0.1",
    bad="""
        from fastapi import Depends, FastAPI, HTTPException
        from fastapi.security import HTTPBearer

        def admin(token=Depends(HTTPBearer())):
            if "admin" not in read(token).roles:
                raise HTTPException(403)

        app = FastAPI(dependencies=[Depends(HTTPBearer())])

        @app.put("/products/{product_id}", dependencies=[Depends(admin)])
        def change(product_id: int): ...

        @app.delete("/products/{product_id}")
        def remove(product_id: int): ...
    """,
    good="""
        from fastapi import Depends, FastAPI
        from rights import admin

        app = FastAPI(dependencies=[Depends(admin)])

        @app.delete("/products/{product_id}")
        def remove(product_id: int): ...
    """,
)
_KEEPING = frozenset({"PUT", "PATCH", "DELETE"})  # there is something that belongs to somebody
_OWN = re.compile(r"/(?:me|my|self|profile|preferences|current[_-]?user|user[_-]settings|logout)(?:[/_-]|$)")
_KEY, _MOST = re.compile(r"/[{<][^/]*[}>]$"), 10  # routes named in the one finding of an application


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    elsewhere = {loaded.endpoint for loaded in project.loaded()}
    counts = {e: norm for norm in project.norms() if norm.kind == "authorisation" for e in norm.strangers}
    told: set[Location] = set()
    for app in project.apps():
        judged = [endpoint for endpoint in app.endpoints if _meant(endpoint)]
        for endpoint in judged:
            if not isinstance(endpoint.authorisation, Known):
                yield Unjudged(RULE.id, endpoint.authorisation.why, endpoint.handler_at)
        sure = [(e, e.authorisation.value) for e in judged if isinstance(e.authorisation, Known)]
        bare = [e for e, who in sure if not who and e not in elsewhere and e.handler_at not in told]
        told.update(e.handler_at for e in bare)  # two applications may share their handlers
        if not (asking := {_thing(e) for e, who in sure if who}):
            continue  # whoever is known may do everything: a system of one role
        kept = {e.audience for e, who in sure if who} & {Audience.OPERATORS}  # not so where they share one password
        named = [e for e in bare if e.audience in kept or e in counts or _beside(e, asking)]
        named.sort(key=lambda e: (e.handler_at, e.path, e.methods))
        for _, same in groupby(named, key=lambda e: e.handler_at):
            yield _unasked(first := next(same), counts.get(first), _beside(first, asking))
        if others := [e for e in bare if e not in named and _KEEPING.intersection(e.methods)]:
            yield _unasked_together(app, others, len(sure))


def _thing(endpoint: Endpoint) -> str:
    """The path of what an endpoint is about: "/orders" of "/orders/{order_id}" too."""
    return _KEY.sub("", endpoint.path.rstrip("/"))


def _beside(endpoint: Endpoint, asking: set[str]) -> bool:
    """Whether others ask who may change the same thing; to make a new one may be for everybody."""
    return _thing(endpoint) in asking and not _KEEPING.isdisjoint(endpoint.methods)


def _meant(endpoint: Endpoint) -> bool:
    """Whether an endpoint changes something, or is for operators, and it is known that somebody asks who is calling."""
    asks = isinstance(endpoint.authentication, Known) and endpoint.authentication.value
    if not asks or endpoint.purpose is not Purpose.OTHER or endpoint.audience is Audience.ANYBODY:
        return False
    changes = endpoint.audience is Audience.OPERATORS or not (_KEEPING | {"POST"}).isdisjoint(endpoint.methods)
    return changes and not _OWN.search(endpoint.path)


def _unasked(endpoint: Endpoint, norm: Norm | None, beside: bool) -> Suspicion:
    why = "while another method beside it does" if beside else "though its path says that it is for operators"
    if norm is not None:
        why = f"while {norm.followed} of {norm.total} endpoints under `{norm.prefix}` that change something do"
    name = f"{','.join(endpoint.methods)} {endpoint.path}"
    return Suspicion(RULE.id, endpoint.handler_at, f"`{name}` asks nobody whether the caller may, {why}", name)


def _unasked_together(app: App, bare: Sequence[Endpoint], count: int) -> Suspicion:
    """Part of an application asks: it may be meant, and is said once."""
    routes = [Step(e.handler_at, f"`{','.join(e.methods)} {e.path}`") for e in bare[:_MOST]]
    message = f"{len(bare)} of {count} endpoints of `{app.name}` that change something ask nobody who may do so"
    node = Node.ASSIGNMENT if app.framework == "django" else Node.EXPRESSION  # the root URL list, or where it is made
    return Suspicion(RULE.id, app.at, message, app.name, (), tuple(routes), Confidence.LOW, None, node)
