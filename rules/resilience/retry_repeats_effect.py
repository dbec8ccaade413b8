"""
What must happen once is tried again without a key that tells attempts apart.

A time limit says nothing of what the other side did: the charge was made, the mail was sent, the row was written, and
only the answer was lost. The second attempt does it again. Customers pay twice, and nothing in our log shows it, since
for us the first attempt failed.

Send a key that stays the same for all attempts and that the other side honours, such as `Idempotency-Key`; insert with
`ON CONFLICT DO NOTHING` on a key of your own. Where neither is possible, try again only when nothing was sent: after
`ConnectError` or `ConnectTimeout`.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Node, Project, Rule, Severity, Standard, Suspicion

RULE = Rule(
    id="retry-repeats-effect",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.LOW,
    cwe=841,
    standard=Standard.RELIABILITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        import httpx
        from tenacity import retry, stop_after_attempt, wait_random_exponential

        @retry(stop=stop_after_attempt(4), wait=wait_random_exponential())
        def charge(order):
            httpx.post("https://payments.example/charges", json=order).raise_for_status()
    """,
    good="""
        import httpx
        from tenacity import retry, stop_after_attempt, wait_random_exponential

        @retry(stop=stop_after_attempt(4), wait=wait_random_exponential())
        def charge(order):
            key = {"Idempotency-Key": order["id"]}
            httpx.post("https://payments.example/charges", json=order, headers=key).raise_for_status()
    """,
)
_WHAT = {"POST": "a POST request", "mail": "a mail", "INSERT": "an INSERT"}


def detect(project: Project) -> Iterator[Suspicion]:
    for one in project.effects_tried_again():
        yield Suspicion(
            RULE.id,
            one.retry.at,
            f"`{one.retry.what}` repeats {_WHAT[one.what]} that may have come through: `{one.call.name}`",
            "",
            trace=one.path,
            node=Node(one.retry.node),
        )
