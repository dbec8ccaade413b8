"""
A token is believed without a look at its signature.

Whoever writes a token himself, with any user id and any role in it, is then that user: a token is base64, and needs no
tool. `verify_signature: False`, `get_unverified_claims` and the algorithm `none` all mean this; with python-jose so
does a missing list of algorithms, which lets the token choose how it is checked.

Decode with the key and the algorithms that you sign with: `jwt.decode(token, key, algorithms=["RS256"])`. To choose a
key by the token's header, read the header alone (`get_unverified_header`), and take claims from the verified decode.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer import (  # isort: skip
    Confidence, Known, Location, Node, Option, Part, Project, Rule, Severity, Source, Standard, Step, Suspicion
)  # fmt: skip

RULE = Rule(
    id="token-signature-not-checked",
    doc=__doc__,
    severity=Severity.CRITICAL,
    confidence=Confidence.HIGH,
    cwe=347,
    standard=Standard.SECURITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        import jwt
        from fastapi import FastAPI, Header

        app = FastAPI()

        @app.get("/me")
        def me(authorization: str = Header()):
            return jwt.decode(authorization, options={"verify_signature": False})["sub"]
    """,
    good="""
        import jwt
        from fastapi import FastAPI, Header

        app = FastAPI()

        @app.get("/me")
        def me(authorization: str = Header()):
            return jwt.decode(authorization, KEY, algorithms=["HS256"])["sub"]
    """,
)

_OURS = (Source.NETWORK, Source.DATABASE, Source.CACHE, Source.OPERATOR)
_REQUEST = re.compile(r"(?i)request|headers?\b|args|form|cookies|params|query")
# What an identity provider has just answered over TLS, or a look that decides nothing.
_PROVIDED = re.compile(
    r"(?i)id_?token|access_?token|refresh_?token|assertion|sso|oauth|oidc|unverified|expir|renew|peek"
)


def detect(project: Project) -> Iterator[Suspicion]:
    read = {d.argument.call.at: d.parts for d in project.derivations("token-read")}
    checks = project.options("token-verification")
    verified = {(o.argument.call.at.path, o.argument.call.within) for o in checks if not _is_off(o)}
    unchecked = [option for option in checks if _is_off(option)]
    for option in unchecked:
        call = option.argument.call
        again = bool(call.within) and (call.at.path, call.within) in verified
        yield _suspicion(option, "reads a token without checking its signature", read, again)
    said = {option.argument.call.at for option in unchecked}
    for option in project.options("token-algorithms"):
        call, items = option.argument.call, option.items
        if call.at in said or not isinstance(items, Known):
            continue
        if any(str(item).lower() == "none" for item in items.value):
            yield _suspicion(option, "takes tokens that nobody has signed", read, False)
        elif not items.value and call.name.startswith("jose."):
            # It takes a key that is of use to two algorithms.
            yield _suspicion(option, "lets the token choose how it is checked", read, False, Severity.MEDIUM)


def _is_off(option: Option) -> bool:
    return isinstance(option.items, Known) and option.items.value == (False,)


def _suspicion(
    option: Option, what: str, read: dict[Location, tuple[Part, ...]], again: bool, severity: Severity | None = None
) -> Suspicion:
    """How bad it is depends on where the token is from: an answer over TLS is its sender's, a request is anybody's."""
    call = option.argument.call
    parts = read.get(call.at, ())
    told = _PROVIDED.search(" ".join((call.within, *(part.written for part in parts if part.direct))))
    sent = (part for part in parts if part.source is Source.REQUEST)
    client = next((p for p in sent if p.direct or (not told and _REQUEST.search(p.written))), None)
    others = told or any(part.source in _OURS for part in parts)
    doubtful = again or option.argument.switched or call.main_guard or not call.sure or (others and client is None)
    steps = (*client.trace, Step(client.at, f"`{client.written}` is what the client sent")) if client else ()
    severity = severity or (None if client else Severity.HIGH)
    confidence = Confidence.LOW if doubtful else None if client else Confidence.MEDIUM
    return Suspicion(RULE.id, call.at, f"`{call.name}` {what}", "", steps, confidence=confidence, severity=severity)
