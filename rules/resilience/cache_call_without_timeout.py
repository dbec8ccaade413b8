"""
A cache client can wait for ever.

A cache is there to make requests fast; a client without a time limit makes the cache the one thing that can stop them
all. When the cache server hangs (a fork for a snapshot, a slow command, a lost route), every request waits for it,
although each of them could have done without.

Give the client limits where it is made: `socket_timeout=` and `socket_connect_timeout=` for redis, a few hundred
milliseconds for a cache in the same network, and treat the error like a miss.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Node, Project, Rule, Severity, Standard, Step, Suspicion, Unjudged, Unknown

RULE = Rule(
    id="cache-call-without-timeout",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=1088,
    standard=Standard.RELIABILITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        from pymemcache.client.base import Client

        cache = Client("cache:11211")

        def name(key):
            return cache.get(key)
    """,
    good="""
        from pymemcache.client.base import Client

        cache = Client("cache:11211", connect_timeout=0.5, timeout=0.5)

        def name(key):
            return cache.get(key)
    """,
)


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for wait in project.endless("cache"):
        message = f"`{wait.call.name}` without `{wait.parameter}`: a cache that hangs stops every request"
        confidence = None if wait.call.sure and not wait.call.main_guard else Confidence.LOW
        related = tuple(Step(call.at, f"`{call.name}` waits without limit too") for call in wait.others[:10])
        yield Suspicion(RULE.id, wait.at, message, "", related=related, confidence=confidence)
    for deadline in project.deadlines("cache"):
        if isinstance(deadline.seconds, Unknown):
            yield Unjudged(RULE.id, deadline.seconds.why, deadline.call.at)
