"""
Objects of any kind are built from data that others can write.

`pickle` and its like do not read data: they run what the bytes tell them to call. Whoever can write the bytes, in a
request, a cache, a queue or a table, runs commands as the backend, with its credentials and its network. A signature
check that comes afterwards comes too late.

Exchange data in a format that can only hold data: JSON, msgpack, a Pydantic model; `yaml.safe_load`,
`torch.load(weights_only=True)`, `numpy.load(allow_pickle=False)`, safetensors. Where pickle must stay, sign what you
write (`hmac`, `itsdangerous`, Fernet) and check the signature before you load it.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import (
    Builds,
    Confidence,
    Decoding,
    Node,
    Part,
    Project,
    Rule,
    Severity,
    Source,
    Standard,
    Step,
    Suspicion,
    Unjudged,
    Unknown,
)  # fmt: skip

RULE = Rule(
    id="unsafe-deserialization",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    cwe=502,
    standard=Standard.SECURITY,
    node=Node.CALL,
    aliases=("bandit:B301", "bandit:B302", "bandit:B506", "bandit:B614", "ruff:S301", "ruff:S302", "ruff:S506"),
    supersedes=("bandit:B301", "bandit:B302", "bandit:B506", "bandit:B614"),
    since="0.1",
    bad="""
        import base64
        import pickle

        from flask import Flask, request

        app = Flask(__name__)

        @app.get("/basket")
        def basket():
            return pickle.loads(base64.b64decode(request.cookies["basket"]))
    """,
    good="""
        import json

        from flask import Flask, request

        app = Flask(__name__)

        @app.get("/basket")
        def basket():
            return json.loads(request.cookies["basket"])
    """,
)
# Worst first: who writes it, how bad that is, and how sure we are that somebody else can.
_JUDGED = {
    Source.REQUEST: ("what the client sent", Severity.CRITICAL, Confidence.HIGH),
    Source.NETWORK: ("what another service answered", Severity.HIGH, Confidence.MEDIUM),
    Source.QUEUE: ("a message", Severity.HIGH, Confidence.MEDIUM),
    Source.DATABASE: ("what the database holds", Severity.MEDIUM, Confidence.LOW),
    Source.CACHE: ("what the cache holds", Severity.MEDIUM, Confidence.MEDIUM),
    Source.PARAMETER: ("data of unknown origin", Severity.MEDIUM, Confidence.LOW),
    Source.UNKNOWN: ("data of unknown origin", Severity.MEDIUM, Confidence.LOW),
    Source.FILE: ("a file", Severity.LOW, Confidence.LOW),
    Source.PROCESS: ("what a child process printed", Severity.LOW, Confidence.LOW),
    Source.OPERATOR: ("what whoever runs the backend sets", Severity.LOW, Confidence.LOW),
}  # fmt: skip
_FILE = (Source.PARAMETER, Source.UNKNOWN, Source.OPERATOR, Source.OWN)


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for decoding in project.decodings():
        at = decoding.derivation.argument.call.at
        if isinstance(decoding.builds, Unknown):
            yield Unjudged(RULE.id, decoding.builds.why, at)
        elif decoding.builds.value is not Builds.DATA and (suspicion := _judged(decoding, decoding.builds.value)):
            yield suspicion


def _judged(decoding: Decoding, builds: Builds) -> Suspicion | None:
    """By the worst of the sources; nothing where the program reads back what it has in its hands."""
    derivation, call = decoding.derivation, decoding.derivation.argument.call
    sources: dict[Source, Part] = {}
    for part in derivation.parts:
        sources.setdefault(Source.FILE if decoding.file and part.source in _FILE else part.source, part)
    worst = next((source for source in _JUDGED if source in sources), None)
    if worst is None:
        return None
    what, severity, confidence = _JUDGED[worst]
    if worst is Source.REQUEST and decoding.file and not sources[worst].direct:
        what, severity, confidence = "a file that the client names", Severity.HIGH, Confidence.MEDIUM
    known = builds is Builds.KNOWN
    if known or Source.VERIFIED in sources or call.main_guard or not call.sure:
        severity, confidence = Severity.LOW if known else severity, Confidence.LOW
    part = sources[worst]
    trace = (*part.trace, Step(part.at, f"`{part.written or '…'}` is {what}")) if part.at != call.at else part.trace
    message = f"`{call.name}` builds objects from {what}"
    return Suspicion(RULE.id, call.at, message, "", trace, confidence=confidence, severity=severity)
