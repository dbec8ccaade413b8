"""A path and a handler's name → what the endpoint is for, by whole words."""

from __future__ import annotations

import re
from itertools import pairwise

from ..model.endpoint import Purpose

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PARAMETER = re.compile(r"\{[^}]*\}|<[^>]*>|\(\?P<[^>]*>[^)]*\)")
_VERIFY = frozenset({"verify", "verification", "confirm", "validate", "check", "send", "resend", "request"})
_LOGIN = frozenset({"login", "signin", "authenticate", "logon"})
_LOGIN_PAIRS = frozenset(
    {("log", "in"), ("sign", "in"), ("log", "on"), ("obtain", "token"), ("token", "obtain"), ("access", "token")}
)
_RESET_PAIRS = frozenset({("forgot", "password"), ("account", "reset"), ("accounts", "reset")})
_OTP = frozenset({"otp", "totp", "hotp", "2fa", "mfa", "twofactor", "passcode"})
_SIGN_UP = frozenset({"signup", "registration"})
# "register" alone, or with words for who registers: a "cash-register" or "bulk-register" signs nobody up.
_WHO = frozenset({
    "register", "user", "users", "account", "accounts", "customer", "member", "new", "auth", "with", "by", "email",
    "phone", "me",
})  # fmt: skip
_HEALTH = frozenset(
    {"health", "healthz", "healthcheck", "livez", "liveness", "readyz", "readiness", "ping", "heartbeat", "metrics"}
)
_DOCS = frozenset({"docs", "openapi", "redoc", "swagger", "swaggerui", "apidocs"})
_STATIC = frozenset({"static", "media", "favicon", "robots", "sitemap"})
# The services' own events: their libraries check who signed them.
_HOOK = frozenset({"webhook", "webhooks", "slack", "discord", "telegram", "msteams"})
_ENDINGS = frozenset({
    "view", "api", "viewset", "endpoint", "handler", "resource", "post", "get", "json", "ico", "txt", "xml", "yaml",
    "html",
})  # fmt: skip


def words(text: str) -> tuple[str, ...]:
    """The lower-case words of a path or an identifier: "passwordReset/v2" → password, reset, v, 2."""
    return tuple(found.lower() for found in _WORD.findall(text))


def purpose(path: str, handler: str) -> Purpose:
    """What an endpoint is for; the path speaks first, then the last part of the handler's name."""
    segments = [segment for segment in _PARAMETER.sub("", path).split("/") if segment]
    last = [words(segment) for segment in segments[-3:]]
    name = tuple(w for w in words(handler.rpartition(".")[2]) if w not in _ENDINGS)
    technical = _technical(last, name)
    if technical is not None:
        return technical
    for group, segments_of in ((tuple(w for segment in last for w in segment), last), (name, [name])):
        found = _security(group) or (Purpose.SIGN_UP if any(map(_signs_up, segments_of)) else None) or _login(group)
        if found is not None:
            return found
    return Purpose.OTHER


def _technical(last: list[tuple[str, ...]], name: tuple[str, ...]) -> Purpose | None:
    """Health, docs, static and webhook endpoints: a whole segment says so."""
    for kind, marks in ((Purpose.STATIC, _STATIC), (Purpose.DOCS, _DOCS)):
        if any(segment and segment[0] in marks and len(set(segment) - _ENDINGS) == 1 for segment in last):
            return kind
    if last and _is(last[-1], _HEALTH, ("health", "check")):
        return Purpose.HEALTH
    if any(not _HOOK.isdisjoint(segment) for segment in last[-2:]) or not _HOOK.isdisjoint(name):
        return Purpose.WEBHOOK
    checks = ("health", "check") in _pairs(name) or "healthcheck" in name
    return Purpose.HEALTH if checks or (not last and _is(name, _HEALTH, ("health", "check"))) else None


def _is(segment: tuple[str, ...], marks: frozenset[str], pair: tuple[str, str]) -> bool:
    return (len(segment) == 1 and segment[0] in marks) or segment == pair


def _pairs(group: tuple[str, ...]) -> set[tuple[str, str]]:
    return set(pairwise(group))


def _signs_up(segment: tuple[str, ...]) -> bool:
    held = set(segment)
    return bool(held & _SIGN_UP) or ("sign", "up") in _pairs(segment) or ("register" in held and held <= _WHO)


def _security(group: tuple[str, ...]) -> Purpose | None:
    held, pairs = set(group), _pairs(group)
    compact = "".join(group)
    if held & {"password", "passwd", "pwd", "passcode"} and held & {
        "reset",
        "forgot",
        "forgotten",
        "recover",
        "recovery",
        "lost",
    }:
        return Purpose.PASSWORD_RESET
    if pairs & _RESET_PAIRS or compact in ("forgotpassword", "passwordreset", "resetpassword"):
        return Purpose.PASSWORD_RESET
    if (
        held & _OTP
        or ("2", "fa") in pairs
        or ("two", "factor") in pairs
        or (held & _VERIFY and held & {"code", "pin", "sms", "phone"})
    ):
        return Purpose.OTP
    if "token" in held and held & {"refresh", "renew", "rotate", "revoke"}:
        return Purpose.TOKEN
    return None


def _login(group: tuple[str, ...]) -> Purpose | None:
    held, pairs = set(group), _pairs(group)
    if held & _LOGIN or pairs & _LOGIN_PAIRS:
        return Purpose.LOGIN
    if (
        group
        and group[-1] in ("token", "tokens")
        and (len(group) == 1 or held & {"auth", "oauth", "oauth2", "jwt", "o"})
    ):
        return Purpose.LOGIN
    return None
