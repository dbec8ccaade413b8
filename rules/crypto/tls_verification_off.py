"""
The certificate of the other side is not checked.

Without the check, TLS keeps out only those who merely listen. Whoever can answer in the other side's place (a router on
the way, a poisoned name server, a forgotten host) reads and changes everything that is sent, tokens and passwords
first. It is switched off for one test with a self-signed certificate, and then stays off in production.

Leave verification on. For a private authority pass its certificate (`verify="/etc/ssl/internal-ca.pem"`,
`ssl.create_default_context(cafile=…)`), in development too.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Known, Node, Project, Rule, Severity, Standard, Suspicion, Unjudged

RULE = Rule(
    id="tls-verification-off",
    doc=__doc__,
    severity=Severity.CRITICAL,
    confidence=Confidence.HIGH,
    cwe=295,
    standard=Standard.SECURITY,
    node=Node.CALL,
    aliases=("bandit:B501", "bandit:B323", "ruff:S501", "ruff:S323"),
    supersedes=("bandit:B501", "bandit:B323"),
    since="0.1",
    bad="""
        import requests

        def profile(token):
            return requests.get("https://id.example/me", headers={"Authorization": token}, verify=False, timeout=5)
    """,
    good="""
        import requests

        def profile(token):
            return requests.get("https://id.example/me", headers={"Authorization": token}, timeout=5)
    """,
)
_OFF = (False, "CERT_NONE", "none", "disable", "allow", "prefer")
_LOCAL = ("localhost", "127.0.0.1", "[::1]", "0.0.0.0")


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for argument in project.arguments("tls-verification"):
        call = argument.call
        if not isinstance(argument.value, Known):
            continue
        value = argument.value.value
        if not any(value is off or (isinstance(off, str) and value == off) for off in _OFF):
            continue
        assigned = argument.at == call.at and argument.given
        yield Suspicion(
            RULE.id,
            call.at,
            f"`{call.name}` does not check who answers",
            "",
            node=Node.ASSIGNMENT if assigned else None,
            confidence=None if call.sure and not call.main_guard else Confidence.LOW,
        )
