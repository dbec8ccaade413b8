"""
Attempts stand inside of attempts, and their numbers multiply.

Each layer means well: the client tries three times, the function around it four times, the task five times. Together
they ask a service that is already down sixty times for one request, and the one who waits at the top waits for the
product of all time limits and pauses. Such a storm is what keeps an overloaded service from coming back.

Try again in one place, the one that knows what the work is worth, and let the others fail at once: `max_retries=0` for
the client, no decorator on the helper. Where a layer must stay, give the whole a deadline.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Node, Project, Rule, Severity, Standard, Step, Suspicion

RULE = Rule(
    id="retries-multiply",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=1050,
    standard=Standard.RELIABILITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        import requests
        from tenacity import retry, stop_after_attempt, wait_random_exponential

        @retry(stop=stop_after_attempt(3), wait=wait_random_exponential())
        def rates():
            return requests.get("https://rates.example/latest", timeout=5).text

        @retry(stop=stop_after_attempt(4), wait=wait_random_exponential())
        def converted(cents):
            return rates(), cents
    """,
    good="""
        import requests
        from tenacity import retry, stop_after_attempt, wait_random_exponential

        @retry(stop=stop_after_attempt(3), wait=wait_random_exponential())
        def rates():
            return requests.get("https://rates.example/latest", timeout=5).text

        def converted(cents):
            return rates(), cents
    """,
)


def detect(project: Project) -> Iterator[Suspicion]:
    for one in project.multiplied():
        numbers = " x ".join(str(stage.attempts) for stage in one.stages)
        called = one.path[-1].message.partition("` ")[0] + "`"
        yield Suspicion(
            RULE.id,
            one.at,
            f"{called} is tried up to {one.attempts} times when it fails: {numbers} attempts inside of attempts",
            "",
            trace=one.path,
            related=tuple(Step(stage.at, f"`{stage.what}` tries {stage.attempts} times") for stage in one.stages[1:]),
            node=Node(one.node),
        )
