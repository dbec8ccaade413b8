"""
A failed call is tried again without a growing pause.

A service that is overloaded answers late or not at all. If every caller tries again at once, or after the same second,
the load that broke it doubles or triples just then, and comes in waves because all callers wait equally long: the
service cannot recover, and the outage outlives its cause. Our own workers are held meanwhile, and so are the endpoints
that wait for them.

Let the pause grow and add chance to it: `wait_random_exponential(multiplier=0.5, max=10)` of tenacity,
`Retry(total=3, backoff_factor=0.5)` of urllib3, `retry_backoff=True` of Celery, or
`sleep(random.uniform(0, min(10, 0.5 * 2**attempt)))` in a loop of your own. Try few times, and only what may be tried
twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer import Confidence, Known, Node, Project, Retry, Rule, Severity, Standard, Suspicion, Unjudged

RULE = Rule(
    id="retry-without-backoff",
    doc=__doc__,
    severity=Severity.MEDIUM,
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
                    return requests.get("https://rates.example/latest", timeout=5).json()
                except requests.RequestException:
                    time.sleep(1)
    """,
    good="""
        import random
        import time
        import requests

        def rates():
            for attempt in range(5):
                try:
                    return requests.get("https://rates.example/latest", timeout=5).json()
                except requests.RequestException:
                    time.sleep(random.uniform(0, min(10, 0.5 * 2**attempt)))
    """,
)
_PATIENT = 30  # seconds: a pause that long is no hammering
_SECOND = 2  # attempts: one second try harms nobody
_FEW = 3  # attempts that harm little
_BY_HAND = re.compile(r"(^|/)(\w+_)?(migrations?|commands?|scripts?|cli|bin|tools|examples?)(/|\.py$|_)")
# Another attempt is what these call for: nobody on the other side is in trouble.
_OWN = re.compile(
    r"Integrity|Unique|Duplicate|Conflict|Stale|Serializ|Deadlock|Locked|Exists|NotFound|Decode|Validation|Parse"
    r"|ValueError|KeyError|TypeError|IndexError|Assertion|Empty|Expired|Watch|Credential|Unauthori[sz]ed|AuthenticationFailed"
)


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for retry in project.retries():
        if retry.pause == "unknown":
            yield Unjudged(RULE.id, "a pause that is not understood", retry.at)
        if retry.pause not in ("none", "fixed") or not _hammers(retry):
            continue
        yield Suspicion(
            RULE.id,
            retry.at,
            f"{_subject(retry)} {_pause(retry)}{_often(retry)}",
            "",
            trace=retry.path,
            confidence=Confidence.LOW if _doubtful(retry, project.requested(retry.at)) else None,
            node=Node(retry.node),
        )


def _doubtful(retry: Retry, reached: bool) -> bool:
    """Whether nobody else may be hurt: a database's transaction, a script, or what is asked is not seen."""
    tries = retry.attempts.value if isinstance(retry.attempts, Known) else None
    unseen = not retry.kind and tries is not None and tries <= _FEW
    return retry.kind == "database" or unseen or (not reached and bool(_BY_HAND.search(retry.at.path)))


def _hammers(retry: Retry) -> bool:
    """Whether the other side may be asked too often: more than one second try, soon, after a failure of its own."""
    tries = retry.attempts.value if isinstance(retry.attempts, Known) else None
    own = bool(retry.caught) and all(_OWN.search(name) for name in retry.caught)
    return (tries is None or tries > _SECOND) and (retry.seconds or 0) < _PATIENT and not own


def _subject(retry: Retry) -> str:
    called = retry.path[-1].message if retry.path else ""
    asked = called.partition("` ")[0] + "`" if called else ""
    return f"{asked} is tried again" if asked else f"`{retry.what}` tries again"


def _pause(retry: Retry) -> str:
    if retry.pause == "none":
        return "at once"
    return f"after the same {'pause' if retry.seconds is None else f'{retry.seconds:g} s'} each time"


def _often(retry: Retry) -> str:
    if not isinstance(retry.attempts, Known):
        return ""
    return ", for ever" if retry.attempts.value is None else f", up to {retry.attempts.value} times"
