"""
A header that anybody can write says who is calling.

`X-User-Id` is what a gateway would tell the services behind it. Nothing in the request shows that one did: whoever
reaches the port, from another pod, through a forgotten route or over a server-side request forgery, writes the number
of the administrator and is the administrator. The network is no proof of who sends.

Take the identity out of something that is signed: the caller's own token, passed on and verified here too, or a short
one that the gateway signs. Where it must be a header, compare a secret that only the gateway knows, or ask for its
client certificate, before the header is read. Where a gateway really is the only way in and you accept it, say so:
`authentication = "gateway"` under `[tool.backend-audit.assume]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from analyzer import Believed, Confidence, Node, Project, Rule, Severity, Standard, Step, Suspicion

RULE = Rule(
    id="identity-from-header",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    cwe=290,
    standard=Standard.SECURITY,
    node=Node.PARAMETER,
    assume="authentication",
    since="0.1",
    bad="""
        from fastapi import Depends, FastAPI, Header

        app = FastAPI()

        def current_user(x_user_id: str = Header()):
            return x_user_id

        @app.get("/orders")
        def orders(user=Depends(current_user)):
            return {"of": user}
    """,
    good="""
        import jwt
        from fastapi import Depends, FastAPI, Header
        from keys import GATEWAY

        app = FastAPI()

        def current_user(x_user_token: str = Header()):
            return jwt.decode(x_user_token, GATEWAY, algorithms=["RS256"])["sub"]

        @app.get("/orders")
        def orders(user=Depends(current_user)):
            return {"of": user}
    """,
)
_MOST = 10


def detect(project: Project) -> Iterator[Suspicion]:
    held = sorted(project.believed(), key=lambda one: one.endpoints[0].app)
    for _, group in groupby(held, key=lambda one: one.endpoints[0].app):
        yield _trusting(sorted(group, key=lambda one: (not _certain(one), -len(one.endpoints), one.at)))


def _certain(one: Believed) -> bool:
    return one.sure and not one.proxied


def _trusting(found: list[Believed]) -> Suspicion:
    """One application that believes a header is one cause, in however many places it reads it."""
    first, *others = found
    endpoints = list(dict.fromkeys(e for one in found for e in one.endpoints))
    header = " and ".join(f"`{name}`" for name in first.headers[:2])
    example = f"`{','.join(endpoints[0].methods)} {endpoints[0].path}`"
    count = "one endpoint" if len(endpoints) == 1 else f"{len(endpoints)} endpoints"
    message = f"{count} of `{first.endpoints[0].app}` take the caller from {header}, as {example}"
    related = tuple(Step(one.at, f"`{one.within}` reads `{one.headers[0]}`") for one in others[:_MOST])
    sure = None if _certain(first) else Confidence.LOW
    return Suspicion(RULE.id, first.at, message, " ".join(first.headers), (), related, sure, node=first.node)
