"""
A cache that is down takes requests with it that could do without.

What a cache holds is a copy: without it the answer takes longer, and is still right. Where nothing catches its error,
the restart of a Redis server that nobody would have noticed answers every such request with 500, and the least
important machine decides how often the backend is up.

Catch the cache's errors where it is asked, count them, and go on as if nothing had been found. Django: a backend with
`"OPTIONS": {"IGNORE_EXCEPTIONS": True}`, as django-redis has it. pymemcache: `ignore_exc=True`. What must fail closed,
such as locks and sessions, is no cache.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Node, Project, Rule, Severity, Standard, Step, Suspicion

RULE = Rule(
    id="cache-outage-fails-request",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=755,
    standard=Standard.RELIABILITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        import redis
        import requests
        from fastapi import FastAPI

        app = FastAPI()
        cache = redis.Redis(host="cache.internal", socket_timeout=0.5)

        @app.get("/rates")
        def rates():
            found = cache.get("rates")
            if found is None:
                found = requests.get("https://rates.example/latest", timeout=5).content
                cache.setex("rates", 60, found)
            return found
    """,
    good="""
        import logging
        import redis
        import requests
        from fastapi import FastAPI

        app = FastAPI()
        cache = redis.Redis(host="cache.internal", socket_timeout=0.5)

        @app.get("/rates")
        def rates():
            try:
                found = cache.get("rates")
            except redis.RedisError:
                logging.exception("no cache")
                found = None
            return found or requests.get("https://rates.example/latest", timeout=5).content
    """,
)


def detect(project: Project) -> Iterator[Suspicion]:
    for one in project.cache_outages():
        yield Suspicion(
            RULE.id,
            one.call.at,
            f"`{one.call.name}` asks a cache, and `{one.entry}` fails when it is down",
            "",
            trace=one.path,
            related=(Step(one.entry_at, f"`{one.entry}` serves the request"), *one.others[:10]),
            confidence=None if one.call.sure else Confidence.LOW,
        )
