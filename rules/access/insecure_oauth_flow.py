"""
Signing in through another service is open to whoever stands in between.

Without `state` an attacker starts a sign-in of his own and lets a victim's browser finish it: the victim's account is
then linked to the attacker's. `OAUTHLIB_INSECURE_TRANSPORT` lets codes and tokens travel over plain HTTP, where they
are read; it is set for one afternoon on a laptop, and stays in the code.

Let the library make the address (Authlib and requests-oauthlib add `state` and check it), or add a value from
`secrets.token_urlsafe()` that is kept in the session and compared in the callback. Give the laptop a certificate, or
set the variable in its shell alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer import (  # isort: skip
    Confidence, Location, Node, Project, Rule, Severity, Standard, Step, Suspicion, Writing,
)  # fmt: skip

RULE = Rule(
    id="insecure-oauth-flow",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=352,
    standard=Standard.SECURITY,
    node=Node.EXPRESSION,
    since="0.1",
    bad="""
        def sign_in_address(client, back):
            return f"https://id.example/oauth/authorize?client_id={client}&redirect_uri={back}&response_type=code"
    """,
    good="""
        def sign_in_address(client, back, state):
            return f"https://id.example/authorize?client_id={client}&redirect_uri={back}&response_type=code&state={state}"
    """,
)
_VARIABLES = r"(?:OAUTHLIB|AUTHLIB)_INSECURE_TRANSPORT"
_ADDRESS = re.compile(r"\?(?=.*\bclient_id=)(?=.*\bresponse_type=(?:code|token))(?!.*\bstate=)", re.DOTALL)
_ASIDE = re.compile(
    r"(?i)(?:^|[/._-])(?:dev|devel|development|local|tests?|testers?|testing|examples?|samples?|docs?|ci)(?:[/._-]|$)"
)
_OFF = ("", "0", "false", "no", "none")


def detect(project: Project) -> Iterator[Suspicion]:
    for text in project.written_texts("response_type="):
        if _ADDRESS.search(text.text) and "{}" in text.text and text.writing is not Writing.ENTRY:
            # What follows may be added where the address is used.
            sure = Confidence.LOW if text.text.endswith(("&", "{}")) and "redirect_uri={}" not in text.text else None
            message = "an address to sign in at has no `state`"
            yield Suspicion(RULE.id, text.at, message, "", confidence=sure)
    yield from _plain_transport(project)


def _plain_transport(project: Project) -> Iterator[Suspicion]:
    """One variable is one cause, at the first place that sets it for all."""
    places: dict[str, list[tuple[bool, Location]]] = {}
    for text in project.written_texts(_VARIABLES):
        named = re.search(_VARIABLES + "$", text.name)
        if named is None or text.text.strip().lower() in _OFF or text.writing is Writing.COMPARED:
            continue
        aside = bool(text.within) or _ASIDE.search(text.at.path) is not None
        places.setdefault(named[0], []).append((aside, text.at))
    for variable, held in sorted(places.items()):
        (aside, at), *others = sorted(set(held))
        message = f"`{variable}` lets tokens travel over plain HTTP"
        related = tuple(Step(place, "and here") for _, place in others)
        sure = Confidence.LOW if aside else None
        yield Suspicion(RULE.id, at, message, "", related=related, severity=Severity.HIGH, confidence=sure)
