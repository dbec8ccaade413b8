"""An endpoint's methods, path and handler's name → whom it is for: whoever runs the backend, or anybody at all."""

from __future__ import annotations

import re

from ..model.endpoint import Audience
from .purpose import words

_OPERATORS = frozenset({
    "admin", "admins", "administration", "administrator", "internal", "debug", "actuator", "backoffice", "superuser",
    "sudo", "metrics",
})  # fmt: skip
# The way in: what stands below such a segment is asked before anybody is known.
_ENTRANCE = frozenset({
    "login", "logout", "auth", "oauth", "oauth2", "oidc", "openid", "saml", "sso", "cas", "ldap", "callback", "graphql",
    "public", "register", "onboarding", "passkey", "webauthn",
})  # fmt: skip
# What those may ask who will never be known.
_ANYBODY = frozenset({
    "signin", "signout", "signup", "logoff", "acs", "csrf", "csp", "contact", "feedback", "newsletter", "subscribe",
    "unsubscribe", "activate", "activation", "confirm", "confirmation", "invitation", "invite", "invites", "accept",
    "language", "lang", "locale", "i18n", "setlang", "share", "shared", "anonymous", "guest", "cart", "basket",
    "checkout", "search", "captcha", "telemetry", "analytics", "beacon", "consent", "authorize", "session", "sessions",
    "setup", "install", "demo", "error", "errors", "verify", "version", "config", "info", "status", "sitemap", "robots",
    "webmention", "inbox", "discovery", "jwks", "echo", "hello", "test", "theme", "about", "index", "home", "root",
})  # fmt: skip
_PEOPLE = (("users",), ("user",), ("accounts",), ("customers",))
_SECRET = re.compile(r"[{<][^}>]*(?:token|secret|key|hash|signature|signed|uidb64|code|nonce|slug_?id)[^}>]*[}>]", re.I)
_PARAMETER = re.compile(r"\{[^}]*\}|<[^>]*>|\(\?P<[^>]*>[^)]*\)")


def audience(methods: tuple[str, ...], path: str, handler: str) -> Audience:
    """Whom an endpoint is for: what its path says of operators, then a secret in the path, then words for anybody."""
    segments = [words(segment) for segment in _PARAMETER.sub("", path).split("/") if segment]
    if any(len(segment) == 1 and segment[0] in _OPERATORS for segment in segments):
        return Audience.OPERATORS
    if not segments or _SECRET.search(path) or ".well-known" in path:
        return Audience.ANYBODY
    if segments[-1] in _PEOPLE and methods == ("POST",):
        return Audience.ANYBODY  # a new user makes himself
    everywhere = {word for segment in segments for word in segment} | set(words(handler.rpartition(".")[2]))
    last = {word for segment in segments[-2:] for word in segment} | set(words(handler.rpartition(".")[2]))
    return Audience.ANYBODY if everywhere & _ENTRANCE or last & _ANYBODY else Audience.UNSAID
