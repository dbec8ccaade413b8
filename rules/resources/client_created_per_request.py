"""
A client that is meant to be shared is made anew for each request.

An HTTP client, a database engine and a cache client hold a pool of connections, so that the second request finds a
connection open. Made within a request, the pool serves that request alone: each call pays for a connection and a TLS
handshake again, often more than for the call itself, and under load the process runs out of sockets or the database
out of connections.

Make it once, at the start of the process (FastAPI's `lifespan`, a module, a cached factory), hand it to the handlers,
and close it at the end. What differs between requests, a token for example, belongs to the call and not to the client.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Node, Project, Rule, Severity, Standard, Step, Suspicion, Unjudged

RULE = Rule(
    id="client-created-per-request",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=400,
    standard=Standard.PERFORMANCE,
    node=Node.CALL,
    since="0.1",
    bad="""
        import httpx
        from fastapi import FastAPI

        app = FastAPI()

        @app.get("/rates")
        async def rates():
            async with httpx.AsyncClient(timeout=5) as client:
                return (await client.get("https://rates.example/latest")).json()
    """,
    good="""
        from contextlib import asynccontextmanager

        import httpx
        from fastapi import FastAPI, Request

        @asynccontextmanager
        async def lifespan(app: FastAPI):
            async with httpx.AsyncClient(timeout=5) as client:
                app.state.client = client
                yield

        app = FastAPI(lifespan=lifespan)

        @app.get("/rates")
        async def rates(request: Request):
            return (await request.app.state.client.get("https://rates.example/latest")).json()
    """,
)
_FAR = 3  # calls between the request and the place: further down, one of them has its own idea of when


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for made in project.created():
        calls = len(made.path) - 1
        entry = f"the dependency `{made.entry}`" if made.injected else f"`{made.entry}`"
        doubtful = made.varies or made.batch or calls > _FAR or not made.call.sure
        yield Suspicion(
            RULE.id,
            made.call.at,
            f"`{made.call.name}` is made anew for each request by {entry}",
            "",
            trace=(*made.path[:-1], Step(made.call.at, made.why)),
            related=made.given_to[:10],
            confidence=Confidence.LOW if doubtful else None,
        )
