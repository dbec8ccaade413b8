"""
What fails is tried again for ever.

A request that waits for it never ends: its worker, its connection and its transaction are held until somebody restarts
the process, and each new request adds one more. Growing pauses make that quiet, not better; nobody is told that the
other side has been gone since yesterday.

Give up after a few attempts or some seconds, and say so: `stop=stop_after_delay(10)` of tenacity, `max_tries=` or
`max_time=` of backoff, `max_retries=` of a Celery task, `for attempt in range(5)` and a `raise` in a loop of your own.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Known, Node, Project, Rule, Severity, Standard, Suspicion

RULE = Rule(
    id="retry-without-end",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=835,
    standard=Standard.RELIABILITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        import requests
        from tenacity import retry, wait_random_exponential

        @retry(wait=wait_random_exponential(max=10))
        def rates():
            return requests.get("https://rates.example/latest", timeout=5).text
    """,
    good="""
        import requests
        from tenacity import retry, stop_after_delay, wait_random_exponential

        @retry(wait=wait_random_exponential(max=10), stop=stop_after_delay(20))
        def rates():
            return requests.get("https://rates.example/latest", timeout=5).text
    """,
)


def detect(project: Project) -> Iterator[Suspicion]:
    for retry in project.retries():
        # Without a growing pause it is a matter of `retry-without-backoff`, which says how often as well.
        endless = isinstance(retry.attempts, Known) and retry.attempts.value is None
        if endless and retry.pause in ("grows", "varies", "unknown"):
            yield Suspicion(
                RULE.id,
                retry.at,
                f"`{retry.what}` tries again without end",
                "",
                trace=retry.path,
                # A consumer that waits for its broker to come back has nothing better to do.
                confidence=None if project.requested(retry.at) or retry.note else Confidence.LOW,
                node=Node(retry.node),
            )
