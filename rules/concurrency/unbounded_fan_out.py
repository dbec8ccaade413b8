"""
As many questions are asked at the same time as a list has items.

`asyncio.gather` over ten items is fast; over ten thousand it opens ten thousand connections, or waits for a pool that
has ten. The service that is asked answers with 429 or falls over, the questions at the end of the queue run into their
time limits, and all their coroutines are in memory at once. How many items there are is decided by the data, or by
whoever sends the request.

Let so many run at a time as the other side can bear: an `asyncio.Semaphore` around the question, a `CapacityLimiter`,
or batches of a fixed size.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Node, Project, Rule, Severity, Standard, Suspicion, Unjudged

RULE = Rule(
    id="unbounded-fan-out",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=770,
    standard=Standard.RELIABILITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        import asyncio
        import httpx
        from fastapi import FastAPI

        app = FastAPI()
        client = httpx.AsyncClient(timeout=5)

        async def price(product: str):
            return (await client.get(f"https://prices.example/{product}")).raise_for_status().json()

        @app.post("/prices")
        async def prices(products: list[str]):
            return await asyncio.gather(*[price(product) for product in products])
    """,
    good="""
        import asyncio
        import httpx
        from fastapi import FastAPI

        app = FastAPI()
        client = httpx.AsyncClient(timeout=5)
        at_a_time = asyncio.Semaphore(10)

        async def price(product: str):
            async with at_a_time:
                return (await client.get(f"https://prices.example/{product}")).raise_for_status().json()

        @app.post("/prices")
        async def prices(products: list[str]):
            return await asyncio.gather(*[price(product) for product in products])
    """,
)
_NOUN = {
    "database": "the database", "cache": "the cache", "http": "another service", "mail": "the mail server",
    "queue": "the message broker",
}  # fmt: skip


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for found in project.fan_outs():
        asks = found.asks
        if found.configured or asks.kind == "database":  # the database is asked once for all: `query-in-loop` says so
            continue
        over = f" of `{asks.over}`" if asks.over else ""
        reached = project.requested(asks.at)
        doubtful = not found.asked or asks.script or asks.seldom or not asks.call.sure
        yield Suspicion(
            RULE.id,
            asks.at,
            f"`{found.within}` asks {_NOUN[asks.kind]} for every item{over} at the same time, without a bound",
            "",
            trace=asks.path if asks.helpers else (),
            confidence=Confidence.LOW if doubtful else None,
            severity=None if reached else Severity.LOW,
        )
