"""
The pauses between attempts grow, but alike for every caller.

All callers that a service turned away at the same moment come back at the same moment: after one second, after two,
after four, each time as one wave. The pauses spare the service between the waves and not in them, and so the peak that
broke it returns.

Add chance to each pause: `wait_random_exponential` or `wait_exponential_jitter` of tenacity, `backoff_jitter=` of
urllib3 (since 2.0), `retry_jitter=True` of Celery, which is its default, `random.uniform(0, pause)` in a loop of your
own.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Known, Node, Project, Rule, Severity, Standard, Suspicion

RULE = Rule(
    id="retry-without-jitter",
    doc=__doc__,
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    cwe=1050,
    standard=Standard.RELIABILITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        import time
        import requests

        def rates():
            for attempt in range(5):
                try:
                    return requests.get("https://rates.example/latest", timeout=5).text
                except requests.RequestException:
                    time.sleep(2**attempt)
    """,
    good="""
        import random
        import time
        import requests

        def rates():
            for attempt in range(5):
                try:
                    return requests.get("https://rates.example/latest", timeout=5).text
                except requests.RequestException:
                    time.sleep(random.uniform(0, 2**attempt))
    """,
)
_SECOND = 2  # attempts: one second try makes no waves


def detect(project: Project) -> Iterator[Suspicion]:
    for retry in project.retries():
        tries = retry.attempts.value if isinstance(retry.attempts, Known) else None
        if retry.pause != "grows" or (tries is not None and tries <= _SECOND):
            continue
        yield Suspicion(
            RULE.id,
            retry.at,
            f"`{retry.what}` lets the pauses grow in step for all who wait",
            "",
            trace=retry.path,
            # Who waits for a transaction of its own database, or asks nobody that is seen, comes in no crowd.
            confidence=None if retry.kind in ("http", "mail", "cache", "queue") else Confidence.LOW,
            node=Node(retry.node),
        )
