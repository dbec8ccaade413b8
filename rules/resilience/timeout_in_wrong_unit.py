"""
A time limit is a thousand times too long or too short, as if its unit were another.

Most libraries count seconds, a few (`socketTimeoutMS` of pymongo, databases' own settings) milliseconds. `timeout=5000`
meant as five seconds waits 83 minutes: the limit is there, the review is content, and a service that hangs takes every
worker with it as if there were none. `socketTimeoutMS=5` gives up before any answer can come.

Write the number in the unit of the library, and let the name carry it: `TIMEOUT_SECONDS = 5`.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Known, Location, Node, Project, Rule, Severity, Standard, Suspicion

RULE = Rule(
    id="timeout-in-wrong-unit",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=1088,
    standard=Standard.RELIABILITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        import requests

        def rates():
            return requests.get("https://rates.example/latest", timeout=5000)
    """,
    good="""
        import requests

        def rates():
            return requests.get("https://rates.example/latest", timeout=5)
    """,
)
_KINDS = ("http", "database", "cache", "mail", "queue")
_ABSURD = 1000  # seconds that nobody waits for one answer
_HOURS = (3600, 7200, 10800, 21600, 43200, 86400)  # seconds by which somebody counted hours
_NOTHING = 0.01  # seconds in which no answer comes over a network


def detect(project: Project) -> Iterator[Suspicion]:
    seen: set[Location] = set()
    for kind in _KINDS:
        for deadline in project.deadlines(kind):
            seconds = deadline.seconds.value if isinstance(deadline.seconds, Known) else None
            at = deadline.cause or deadline.call.at
            if seconds is None or deadline.set_at == "default" or at in seen:
                continue
            long = seconds >= _ABSURD and seconds % 500 == 0 and seconds not in _HOURS
            if long or 0 < seconds < _NOTHING:
                seen.add(at)
                spelled = f"{seconds:g} seconds" if seconds < _ABSURD else f"{seconds / 60:.0f} minutes"
                message = f"`{deadline.call.name}` waits up to {spelled}: its `{deadline.parameter}` is in another unit"
                yield Suspicion(RULE.id, at, message, "", confidence=_sure(long, seconds))


def _sure(long: bool, seconds: float) -> str | None:
    return None if not long or seconds >= 2 * _ABSURD else Confidence.LOW
