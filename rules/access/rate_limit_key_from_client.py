"""
A rate limit counts by what the client says of itself.

Whoever sends a request writes its headers. A proxy puts the address that it sees *behind* what stands in
`X-Forwarded-For` already, so that the first one is the client's own invention: with another one in each request every
request is the first, and a million passwords are tried under a limit of five. It works in the other direction too: with
somebody else's address a client uses up that one's limit.

Count from the right: the last address is the one that your own proxy has seen, the last but one where there are two.
Let the server do it once for all: `ProxyFix(app.wsgi_app, x_for=1)`, uvicorn's `--forwarded-allow-ips` with the
proxy's address, `NUM_PROXIES` in Django REST framework; then count by the address of the connection.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer import Confidence, LimitKey, Node, Project, Rule, Severity, Standard, Step, Suspicion

RULE = Rule(
    id="rate-limit-key-from-client",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=348,
    standard=Standard.API_DESIGN,
    node=Node.EXPRESSION,
    since="0.1",
    bad="""
        from fastapi import FastAPI, Request
        from slowapi import Limiter

        def client(request: Request) -> str:
            forwarded = request.headers.get("X-Forwarded-For")
            return forwarded.split(",")[0] if forwarded else request.client.host

        app = FastAPI()
        limiter = Limiter(key_func=client)
    """,
    good="""
        from fastapi import FastAPI, Request
        from slowapi import Limiter

        def client(request: Request) -> str:
            forwarded = request.headers.get("X-Forwarded-For")
            return forwarded.split(",")[-1].strip() if forwarded else request.client.host

        app = FastAPI()
        limiter = Limiter(key_func=client)
    """,
)
# Proxies write these anew, if they are told to; the others they leave as they come, or add to.
_WRITTEN_ANEW = frozenset({
    "x-real-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip", "cf-connecting-ip", "fly-client-ip",
    "x-forwarded", "x-remote-addr", "x-remote-ip", "fastly-client-ip", "x-envoy-external-address",
})  # fmt: skip
_SEEN = re.compile(r"\$(?:remote_addr|realip_remote_addr|http_cf_connecting_ip)\b")
_MOST = 10  # limiters named in one finding


def detect(project: Project) -> Iterator[Suspicion]:
    anew = {
        step.message.split()[0].lower() for step in project.deployment("proxy_set_header") if _SEEN.search(step.message)
    }
    for key in project.limit_keys():
        if key.header not in anew:
            related = tuple(Step(at, "this limit counts by it") for at in key.limiters[:_MOST])
            sure = Confidence.LOW if key.beside or key.header in _WRITTEN_ANEW else None
            yield Suspicion(RULE.id, key.at, _said(key), key.within, related=related, confidence=sure)


def _said(key: LimitKey) -> str:
    header = "-".join(part.capitalize() for part in key.header.split("-"))
    if key.setting:
        return f"the limit counts by all of `{header}`, since no `{key.setting}` says how much of it to believe"
    return f"the limit counts by `{header}`, which whoever sends the request writes himself"
