"""
A refusal is tried again although no attempt can change it.

`raise_for_status()` makes one exception of every status. When all of them lead to another attempt, a wrong key, a
missing page or a body that the other side finds invalid is sent again and again: the caller waits through all pauses
for an answer that was final, the other side counts the attempts against our limit, and some lock the account.

Try again only after what may pass: a time limit, a connection that broke, the statuses 429, 502, 503 and 504. Let the
others through at once: `retry=retry_if_exception(may_pass)` of tenacity, `giveup=` of backoff, `status_forcelist=` of
urllib3.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Node, Project, Rule, Severity, Standard, Step, Suspicion

RULE = Rule(
    id="retry-of-what-cannot-heal",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=396,
    standard=Standard.RELIABILITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        import requests
        from tenacity import retry, stop_after_attempt, wait_random_exponential

        @retry(stop=stop_after_attempt(4), wait=wait_random_exponential())
        def rates():
            answer = requests.get("https://rates.example/latest", timeout=5)
            answer.raise_for_status()
            return answer.json()
    """,
    good="""
        import requests
        from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

        PASSING = (requests.ConnectionError, requests.Timeout)

        @retry(stop=stop_after_attempt(4), wait=wait_random_exponential(), retry=retry_if_exception_type(PASSING))
        def rates():
            answer = requests.get("https://rates.example/latest", timeout=5)
            answer.raise_for_status()
            return answer.json()
    """,
)


def detect(project: Project) -> Iterator[Suspicion]:
    for one in project.hopeless_retries():
        yield Suspicion(
            RULE.id,
            one.retry.at,
            f"`{one.retry.what}` tries again after any `{one.caught}`, a refusal such as 401 or 404 included",
            "",
            trace=(*one.retry.path, Step(one.raised, "every status of an error is raised alike")),
            node=Node(one.retry.node),
        )
