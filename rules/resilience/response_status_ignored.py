"""
The body of an HTTP answer is used, and nobody has looked at its status.

`requests`, `httpx`, `aiohttp` and `urllib3` raise nothing when the other side answers 401, 404 or 503: the error page
or the error's JSON is taken for what was asked for. It is stored, cached, counted as an empty list or sent on to our
own client, and the real failure is found days later, far from its cause and without a log line.

Call `raise_for_status()` before the body is touched, or look at the status and say what each means. For a client that
is shared, do it once: `raise_for_status=True` of an aiohttp session, an event hook of an httpx client.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Node, Project, Rule, Severity, Standard, Suspicion

RULE = Rule(
    id="response-status-ignored",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=252,
    standard=Standard.RELIABILITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        import requests

        def rates():
            return requests.get("https://rates.example/latest", timeout=5).json()
    """,
    good="""
        import requests

        def rates():
            answer = requests.get("https://rates.example/latest", timeout=5)
            answer.raise_for_status()
            return answer.json()
    """,
)


def detect(project: Project) -> Iterator[Suspicion]:
    for one in project.unchecked_responses():
        script = one.call.main_guard and not project.requested(one.at)
        yield Suspicion(
            RULE.id,
            one.at,
            f"`{one.used}` of what `{one.call.name}` answers is used, whatever its status",
            "",
            trace=one.path,
            related=one.others[:10],
            # A key that is missing at least raises an error, if not the right one.
            severity=Severity.LOW if one.demanded else None,
            confidence=Confidence.LOW if script or not one.call.sure else None,
        )
