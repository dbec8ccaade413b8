"""
The certificate of the other side is not checked.

Without the check, TLS keeps out only those who merely listen. Whoever can answer in the other side's place (a router on
the way, a poisoned name server, a forgotten host) reads and changes everything that is sent, tokens and passwords
first. It is switched off for one test with a self-signed certificate, and then stays off in production.

Leave verification on. For a private authority pass its certificate (`verify="/etc/ssl/internal-ca.pem"`,
`ssl.create_default_context(cafile=…)`), in development too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer import Argument, Confidence, Known, Node, Project, Rule, Severity, Standard, Suspicion, Unjudged

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
_OFF = ("CERT_NONE", "none")
_LOCAL = re.compile(r"(?:\w+://)?(?:localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0|host\.docker\.internal)(?:[:/?#]|$)")


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    local = {url.call.at for url in project.arguments("url") if _is_local(url)}
    flagged: set[tuple[str, str]] = set()
    for argument in (*project.arguments("tls-verification"), *project.arguments("tls-hostname")):
        call = argument.call
        value = argument.value.value if isinstance(argument.value, Known) else None
        if value is not False and value not in _OFF:
            continue
        hostname = argument.role == "tls-hostname"
        # `check_hostname = False` must stand before `verify_mode = CERT_NONE`: one cause, one finding.
        if hostname and (call.at.path, call.within) in flagged:
            continue
        flagged.add((call.at.path, call.within))
        doubtful = not call.sure or call.main_guard or argument.switched or call.at in local
        what = "whether the certificate is for the host that answers" if hostname else "who answers"
        yield Suspicion(
            RULE.id,
            call.at,
            f"`{call.name}` does not check {what}",
            "",
            node=Node.ASSIGNMENT if argument.assigned else None,
            confidence=Confidence.LOW if doubtful else None,
        )


def _is_local(url: Argument) -> bool:
    """Whether an address is this machine's, for whatever it is known to be."""
    firsts = [text.pieces[0] for text in url.texts if text.pieces]
    return bool(firsts) and all(isinstance(first, str) and _LOCAL.match(first) for first in firsts)
