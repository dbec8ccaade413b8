"""
A webhook believes whoever calls it.

Its address is known to the service that calls it, and to everybody who reads its documentation, your logs or your front
end. Whoever posts there is taken for that service: orders become paid, subscriptions last for ever, builds start.

Check the signature of the raw body before anything reads it, in constant time, with the secret that the service shows
next to the address: `stripe.Webhook.construct_event(…)`, or
`hmac.compare_digest(hmac.new(secret, body, "sha256").hexdigest(), header)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer import (  # isort: skip
    Audience, Confidence, Endpoint, Known, Location, Node, Project, Purpose, Rule, Severity, Standard, Suspicion,
    Unjudged,
)  # fmt: skip

RULE = Rule(
    id="webhook-without-signature",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.LOW,
    cwe=345,
    standard=Standard.SECURITY,
    node=Node.FUNCTION,
    assume="authentication",
    since="0.1",
    bad="""
        from fastapi import FastAPI, Request

        app = FastAPI()

        @app.post("/webhooks/payments")
        async def paid(request: Request):
            event = await request.json()
            orders.pay(event["order"])
    """,
    good="""
        import hmac
        from fastapi import FastAPI, HTTPException, Request

        app = FastAPI()

        @app.post("/webhooks/payments")
        async def paid(request: Request):
            body = await request.body()
            signature = hmac.new(SECRET, body, "sha256").hexdigest()
            if not hmac.compare_digest(signature, request.headers["X-Signature"]):
                raise HTTPException(401)
            orders.pay(await request.json())
    """,
)
# What code that checks a signature, a shared secret or a challenge cannot do without.
_CHECKS = (
    "signature", "Signature", "hmac", "compare_digest", "construct_event", "secret", "Secret", "SECRET", "verify",
    "Verif", "check_token", "is_valid_request", "RequestValidator", "X-Hub", "challenge", "slack_app",
    "process_activity",
)  # fmt: skip
_SECRET = re.compile(r"[{<][^}>]*(?:token|secret|key|hash|sign)[^}>]*[}>]", re.IGNORECASE)
_MANAGING = frozenset({"GET", "PUT", "PATCH", "DELETE"})
_KEPT = re.compile(r"/(?:create|new|add|update|delete|test|list|logs?)/?$")


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    checked: set[str] | None = None
    said: set[Location] = set()
    for app in project.apps():
        managed = {
            e.path.rstrip("/") for e in app.endpoints if not {"GET", "PUT", "PATCH", "DELETE"}.isdisjoint(e.methods)
        }
        for endpoint in app.endpoints:
            if not _receives(endpoint) or endpoint.path.rstrip("/") in managed or endpoint.handler_at in said:
                continue
            asks = endpoint.authentication
            if isinstance(asks, Known) and asks.value:
                continue
            if checked is None:
                checked = {name for at in project.mentions(_CHECKS) for name in project.endpoints_reaching(at)}
            name = f"{','.join(endpoint.methods)} {endpoint.path}"
            if not checked.isdisjoint(f"{method} {endpoint.path}" for method in endpoint.methods):
                continue
            if not isinstance(asks, Known):
                yield Unjudged(RULE.id, asks.why, endpoint.handler_at)
                continue
            said.add(endpoint.handler_at)
            message = f"`{name}` takes what it is sent, and nothing checks who sent it"
            sure = Confidence.LOW if _KEPT.search(endpoint.path) else None
            yield Suspicion(RULE.id, endpoint.handler_at, message, name, confidence=sure)


def _receives(endpoint: Endpoint) -> bool:
    """Whether an endpoint is one that another service posts to, at an address that is no secret."""
    posted = "POST" in endpoint.methods or endpoint.methods == ("*",)
    known = endpoint.audience is not Audience.OPERATORS and not _SECRET.search(endpoint.path)
    return endpoint.purpose is Purpose.WEBHOOK and posted and known
