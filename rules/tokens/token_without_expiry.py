"""
A token that signs somebody in never expires, or lives for weeks.

A signed token is good until its `exp`, and nobody can take it back: log-out, a new password and a dismissal change
nothing. It leaks through logs, browser histories, backups and support tickets, and whoever finds it a year later is
still that user.

Give access tokens minutes (`"exp": now + timedelta(minutes=15)`), renew them with a refresh token that is stored and
can be revoked, and let decoders insist: `options={"require": ["exp"]}`. What must live long (an API key) belongs into a
table where a row can be deleted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer import Confidence, Known, Node, Project, Rule, Severity, Standard, Suspicion

RULE = Rule(
    id="token-without-expiry",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=613,
    standard=Standard.SECURITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        import jwt

        def login_token(user):
            return jwt.encode({"sub": user.id, "role": user.role}, KEY, algorithm="HS256")
    """,
    good="""
        import datetime
        import jwt

        def login_token(user):
            expires = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=15)
            return jwt.encode({"sub": user.id, "role": user.role, "exp": expires}, KEY, algorithm="HS256")
    """,
)
_NEVER = ("JWT_ACCESS_TOKEN_EXPIRES", "JWT_VERIFY_EXPIRATION")
# Tokens that one page or one message needs, and clients' own assertions, which the other side bounds.
_BRIEF = re.compile(r"(?i)state|nonce|unsubscribe|invite|share|embed|webhook|license|download|api_?key|service|robot")
_BY_MAIL = re.compile(r"(?i)confirm|verif|activat")  # what a link in a mail proves, once
_WHO = re.compile(r"(?i)^sub$|user|account|identity|e?mail|^u?id$|_id$|role|scope|name|perm|admin")


def detect(project: Project) -> Iterator[Suspicion]:
    for made in project.claims():
        call = made.call
        if not isinstance(made.names, Known) or "exp" in made.names.value or not made.names.value:
            continue
        brief = _BRIEF.search(f"{call.within} {' '.join(made.names.value)}") or _BY_MAIL.search(call.within)
        nobody = not any(_WHO.search(name) for name in made.names.value)
        confidence = Confidence.LOW if brief or nobody or call.main_guard or not call.sure else None
        message = f"`{call.name}` makes a token without `exp`: it never expires"
        yield Suspicion(RULE.id, call.at, message, "", confidence=confidence)
    for name in _NEVER:
        for option in project.setting_options(name):
            setting = option.setting
            live = setting.production != Known(False) and setting.overridden is None
            if live and isinstance(option.items, Known) and option.items.value == (False,):
                node = Node.CALL if setting.called else Node.ASSIGNMENT
                sure = Confidence.MEDIUM if option.soft or setting.production != Known(True) else Confidence.HIGH
                message = f"tokens never expire: `{name}` is off"
                yield Suspicion(RULE.id, setting.at, message, name, node=node, confidence=sure)
    for check in project.options("token-expiry-check"):
        call = check.argument.call
        if check.argument.given and isinstance(check.items, Known) and check.items.value == (False,):
            message = f"`{call.name}` takes tokens that have expired"
            yield Suspicion(RULE.id, call.at, message, "", confidence=Confidence.LOW)
