"""
A secret is written in the source.

Everybody who ever had a copy of the repository has it: former colleagues, the build server, a laptop that was sold, and
the whole world on the day the repository is made public by mistake. It stays in the history after the line is gone, it
cannot be changed without a release, and test and production share it.

Read it from the environment or a secret store when the process starts, and refuse to start without it:
`os.environ["SECRET_KEY"]`. Take the value that was written here back first: make a new one where it was issued.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer import (
    Confidence,
    Credential,
    Known,
    Look,
    Node,
    Project,
    Rule,
    Severity,
    Standard,
    Suspicion,
    Writing,
)

RULE = Rule(
    id="secret-in-source",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    cwe=798,
    standard=Standard.SECURITY,
    node=Node.EXPRESSION,
    aliases=("bandit:B105", "bandit:B106", "bandit:B107", "ruff:S105", "ruff:S106", "ruff:S107"),
    supersedes=("bandit:B105", "bandit:B106", "bandit:B107"),
    since="0.1",
    bad="""
        import jwt

        def token(user):
            return jwt.encode({"sub": user}, "kJ8#vQ2m!xR7tLp9zW4n", algorithm="HS256")
    """,
    good="""
        import os
        import jwt

        def token(user):
            return jwt.encode({"sub": user}, os.environ["JWT_SECRET"], algorithm="HS256")
    """,
)
# Files in which credentials are examples: their values go nowhere.
_ASIDE = re.compile(
    r"(?i)(?:^|[/._-])(?:(?:example|sample|template|fixture|demo|doc|mock|locale|tutorial|benchmark|(?:py)?test)s?|i18n|tox|"
    r"dummy|empty|blank|skeleton|openapi|swagger|testing|ci|github|dist|dev|devcontainer|development|local)(?:[/._-]|$)"
)
# Keys that sign what clients are given: whoever knows one makes tokens and sessions for anybody.
_SIGNING = re.compile(r"(?i)(?:secret_?key|(?:jwt|token|session|signing|cookie)_?\w*(?:secret|key)|secret_?token)$")
_SOFT = (Writing.FALLBACK, Writing.DEFAULT)
Judged = tuple[str, Severity, Confidence]


def detect(project: Project) -> Iterator[Suspicion]:
    elsewhere = {
        (setting.at.path, setting.at.span.line)
        for setting in project.settings("SECRET_KEY")
        if setting.production == Known(False) or setting.overridden is not None
    }
    for credential in project.credentials():
        at = credential.text.at
        named = credential.text.name if credential.text.writing is Writing.ENTRY else ""
        aside = _ASIDE.search(f"{at.path}/{named}") or (at.path, at.span.line) in elsewhere or credential.switched
        if judged := _judged(credential, bool(aside)):
            what, severity, confidence = judged
            yield Suspicion(RULE.id, at, what, "", severity=severity, confidence=confidence)


def _judged(credential: Credential, aside: bool) -> Judged | None:
    """What is wrong, how bad it is and how sure; None where nothing is. No message holds the secret."""
    text, look = credential.text, credential.look
    named = f"`{text.name.rpartition('.')[2]}`" if text.name else "a credential"
    if look is Look.ISSUED:
        # Keys are made for tests by the dozen; a provider's token opens something, wherever it stands.
        made = Confidence.LOW if "private key" in credential.what else Confidence.MEDIUM
        return f"{credential.what} is written in the source", Severity.CRITICAL, made if aside else Confidence.HIGH
    if _SIGNING.search(text.name) or credential.what == "signing-key":
        return _signing(credential, named, aside)
    if look is Look.PLACEHOLDER or (text.writing is Writing.COMPARED and credential.what != "password"):
        return None
    drawn = look is Look.DRAWN
    if credential.what == "a connection string":
        sure = Confidence.HIGH if drawn and not credential.local and not aside else Confidence.LOW
        return "a connection string with its password is written in the source", Severity.HIGH, sure
    token = credential.what == "secret" or re.search(r"(?i)key|token", text.name)
    if not drawn and (token or " " in text.text.strip()):
        return None  # a word is no token (servers of one's own take any), and a sentence no password
    message = (
        f"{named} is {'compared with a constant' if text.writing is Writing.COMPARED else 'written'} in the source"
    )
    if aside or not (drawn or credential.given is not None):
        return message, Severity.HIGH, Confidence.LOW
    return message, Severity.HIGH, Confidence.HIGH if credential.given is not None else Confidence.MEDIUM


def _signing(credential: Credential, named: str, aside: bool) -> Judged | None:
    """A key that signs: that it is a word, or says that it must be changed, keeps nobody from using it."""
    text, value = credential.text, credential.text.text
    sure = credential.look is Look.DRAWN or credential.given is not None
    no_key = re.search(r"PUBLIC KEY|\{\{|\$\{|^\s*$", value) or text.writing is Writing.COMPARED  # or a template's
    if no_key or (not sure and (text.writing is Writing.ENTRY or re.search(r"[./ ]", value.strip()))):
        return None
    if text.writing in _SOFT:
        message = f"{named} is a constant wherever the environment does not set it"
        return message, Severity.MEDIUM, Confidence.LOW if aside else Confidence.MEDIUM
    confidence = Confidence.HIGH if sure and not aside else Confidence.LOW
    return f"{named}, which signs, is written in the source", Severity.CRITICAL if sure else Severity.HIGH, confidence
