"""
A token is believed without a look at its signature.

Whoever writes a token himself, with any user id and any role in it, is then that user: a token is base64, and needs no
tool. `verify_signature: False`, `get_unverified_claims` and the algorithm `none` all mean this; with python-jose so
does a missing list of algorithms, which lets the token choose how it is checked.

Decode with the key and the algorithms that you sign with: `jwt.decode(token, key, algorithms=["RS256"])`. To choose a
key by the token's header, read the header alone (`get_unverified_header`), and take claims from the verified decode.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Known, Node, Option, Part, Project, Rule, Severity, Source, Standard, Step, Suspicion

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
_ASYMMETRIC = ("RS", "ES", "PS", "Ed")


def detect(project: Project) -> Iterator[Suspicion]:
    read = {d.argument.call.at: d.parts for d in project.derivations("token-read")}
    checks = project.options("token-verification")
    verified = {(o.argument.call.at.path, o.argument.call.within) for o in checks if not _is_off(o)}
    for option in checks:
        if not _is_off(option):
            continue
        call = option.argument.call
        again = (call.at.path, call.within) in verified and call.within
        yield _suspicion(option, f"`{call.name}` reads a token without checking its signature", read, bool(again))
    unchecked = {option.argument.call.at for option in checks if _is_off(option)}
    for option in project.options("token-algorithms"):
        call, items = option.argument.call, option.items
        if call.at in unchecked or not isinstance(items, Known):
            continue
        if any(str(item).lower() == "none" for item in items.value):
            yield _suspicion(option, f"`{call.name}` takes tokens that nobody has signed", read, False)
        elif not items.value and call.name.startswith("jose."):
            yield _suspicion(option, f"`{call.name}` lets the token choose how it is checked", read, False)


def _is_off(option: Option) -> bool:
    return isinstance(option.items, Known) and option.items.value == (False,)


def _suspicion(option: Option, message: str, read: dict[object, tuple[Part, ...]], again: bool) -> Suspicion:
    """How bad it is depends on where the token is from: an answer over TLS is its sender's, a request is anybody's."""
    call = option.argument.call
    parts = read.get(call.at, ())
    client = next((part for part in parts if part.source is Source.REQUEST), None)
    others = any(part.source in (Source.NETWORK, Source.DATABASE, Source.CACHE, Source.OPERATOR) for part in parts)
    doubtful = again or option.argument.switched or call.main_guard or not call.sure or (others and client is None)
    steps = (*client.trace, Step(client.at, f"`{client.written}` is what the client sent")) if client else ()
    severity = None if client else Severity.HIGH
    confidence = Confidence.LOW if doubtful else None if client else Confidence.MEDIUM
    return Suspicion(RULE.id, call.at, message, "", steps, confidence=confidence, severity=severity)
