"""
A `with` or `for` lacks its `async`.

What is entered or iterated over here has only the asynchronous protocol. Python raises a TypeError the moment the line
runs, which is often in the branch that no test reaches: the clean-up, the retry, the rare provider.

Write `async with` or `async for`.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Node, Project, Rule, Severity, Standard, Suspicion, Unjudged

RULE = Rule(
    id="async-missing",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    cwe=670,
    standard=Standard.RELIABILITY,
    node=Node.EXPRESSION,
    aliases=("pylint:not-async-context-manager", "sonar:S7515"),
    since="0.1",
    bad="""
        import httpx

        async def rate(currency: str):
            with httpx.AsyncClient(timeout=5) as client:
                return await client.get(f"https://rates.example/{currency}")
    """,
    good="""
        import httpx

        async def rate(currency: str):
            async with httpx.AsyncClient(timeout=5) as client:
                return await client.get(f"https://rates.example/{currency}")
    """,
)


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for found in project.used_synchronously():
        what = "entered" if found.word == "with" else "iterated over"
        message = f"this can only be {what} asynchronously: `{found.word}` without `async` raises a TypeError"
        yield Suspicion(RULE.id, found.at, message, "")
