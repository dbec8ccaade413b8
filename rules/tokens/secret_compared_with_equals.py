"""
A secret from a client is compared with `==`, which stops at the first difference.

The longer the right beginning, the longer the answer takes. Over many requests an attacker measures that, and finds a
signature or a key piece by piece instead of all at once; in the same data centre a few thousand requests are enough
for each character.

Compare with `hmac.compare_digest(sent, expected)`, or `secrets.compare_digest`, which look at every character. For keys
that are stored, keep only their hash and look the row up by it: then nothing secret is compared at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer import (  # isort: skip
    Confidence, Node, Part, Project, Rule, Severity, Side, Source, Standard, Step, Suspicion
)  # fmt: skip

RULE = Rule(
    id="secret-compared-with-equals",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    cwe=208,
    standard=Standard.SECURITY,
    node=Node.EXPRESSION,
    since="0.1",
    bad="""
        import hashlib
        import hmac
        from fastapi import FastAPI, Header, HTTPException

        app = FastAPI()

        @app.post("/hooks")
        def receive(body: str, signature: str = Header()):
            expected = hmac.new(KEY, body.encode(), hashlib.sha256).hexdigest()
            if signature != expected:
                raise HTTPException(403)
    """,
    good="""
        import hashlib
        import hmac
        from fastapi import FastAPI, Header, HTTPException

        app = FastAPI()

        @app.post("/hooks")
        def receive(body: str, signature: str = Header()):
            expected = hmac.new(KEY, body.encode(), hashlib.sha256).hexdigest()
            if not hmac.compare_digest(signature, expected):
                raise HTTPException(403)
    """,
)
_SIGNED = re.compile(r"(?i)signature|hmac|(?:^|_)sig$")  # a digest may be anything's, a cached picture's among others
_HARMLESS = re.compile(
    r"(?i)csrf|xsrf|etag|checksum|confirm|repeat|again|retype|mask|(?:^|_)old|previous|fail|error|placeholder|unchanged"
)
_COMPUTED = re.compile(r"(?i)calculated|computed|expected|correct|valid|generated|actual|recomputed|local|our")
_REQUEST = re.compile(r"(?i)request|headers?\b|args|form|cookies|params|query|metadata")
_CONFIGURED = re.compile(r"(?i)settings|config|environ|\bconf\b|^[A-Z][A-Z0-9_]+$")


def detect(project: Project) -> Iterator[Suspicion]:
    for comparison in project.comparisons():
        if any(_HARMLESS.search(name) for side in comparison.sides for name in _names(side)):
            continue
        left, right = comparison.sides
        found = _judged(left, right) or _judged(right, left)
        if found is not None:
            what, sent, confidence = found
            steps = (*sent.trace, Step(sent.at, f"`{sent.written}` is what the client sent")) if sent else ()
            yield Suspicion(RULE.id, comparison.at, f"{what} is compared with `==`", "", steps, confidence=confidence)


def _judged(sent: Side, own: Side) -> tuple[str, Part | None, Confidence | None] | None:
    """What is compared, where the client's part comes from, and how sure it is; None where nothing is wrong."""
    client = _from_client(sent)
    made = any(maker.startswith("hmac.") for maker in own.makers)
    if made and not any(maker.startswith("hmac.") for maker in sent.makers):
        return "a signature", client, None if client else Confidence.MEDIUM
    foreign = client or next((part for part in sent.parts if part.source is Source.PARAMETER), None)
    computed = _from_client(own) is None or _COMPUTED.search(own.written)
    if foreign is not None and computed and _is_signature(sent) and _is_signature(own):
        return "a signature", foreign if client else None, Confidence.MEDIUM
    if client is None or _from_client(own) is not None:
        return None
    held = {part.holds for part in own.parts if part.direct} - {""}
    named = next((name for name in _names(own)), "")
    if "secret" in held or ("password" in held and _CONFIGURED.search(named)):
        return f"`{named.rpartition('.')[2]}`", client, Confidence.MEDIUM
    return None


def _from_client(side: Side) -> Part | None:
    """The part that the client sent: the value itself, or an item of the request. What is found by it is our own."""
    sent = (part for part in side.parts if part.source is Source.REQUEST)
    return next((part for part in sent if part.direct or _REQUEST.search(part.written)), None)


def _is_signature(side: Side) -> bool:
    return any(_SIGNED.search(name) for name in _names(side)[:2])


def _names(side: Side) -> list[str]:
    own = [side.written] if side.written else []
    return [*own, *(part.written for part in side.parts if part.direct and part.written)]
