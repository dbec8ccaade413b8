"""A text → the published format of a credential that it has, the password in a connection string, and how it looks."""

from __future__ import annotations

import base64
import binascii
import json
import re

from ..model.provenance import Look

# Issuers give their tokens a form that scanners can tell. Names for the reader, as "… is written here".
_FORMATS = {
    "an AWS access key": r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b",
    "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{82})\b",
    "a GitLab token": r"\bglpat-[\w-]{20,}",
    "a Slack token": r"\bxox[abeprs]-\d{8,}-[\w-]{20,}|hooks\.slack\.com/services/T\w+/B\w+/\w{20,}",
    "a live key of Stripe": r"\b[sr]k_live_[A-Za-z0-9]{20,}",
    "an OpenAI key": r"\bsk-[\w-]*?\w{20}T3BlbkFJ\w{20}",
    "an Anthropic key": r"\bsk-ant-(?:api|admin)\d\d-[\w-]{80,}",
    "a Google key": r"\bAIza[\w-]{35}(?![\w-])|\bGOCSPX-[\w-]{28}(?![\w-])",
    "a SendGrid key": r"\bSG\.[\w-]{22}\.[\w-]{43}(?![\w-])",
    "a Twilio key": r"\bSK[0-9a-f]{32}\b",
    "a PyPI token": r"\bpypi-AgEIcHlwaS5vcmc[\w-]{50,}",
    "an npm token": r"\bnpm_[A-Za-z0-9]{36}\b",
    "a Hugging Face token": r"\bhf_[A-Za-z0-9]{34}\b",
    "a DigitalOcean token": r"\bdo[opr]_v1_[0-9a-f]{64}\b",
    "a Telegram bot's token": r"\b\d{8,10}:AA[\w-]{33}(?![\w-])",
    "a Supabase secret key": r"\bsb_secret_[\w-]{20,}",
    # `Eby8vdM0…` is the key of Azure's own emulator, in its documentation.
    "an Azure storage key": r"AccountKey=(?!Eby8vdM0)[A-Za-z0-9+/]{86}==",
    "a private key": r"-----BEGIN (?:RSA |EC |DSA |OPENSSH )?PRIVATE KEY-----(?:\s|\\n)+[A-Za-z0-9+/=\s\\]{60,}",
}
_COMPILED = {what: re.compile(form) for what, form in _FORMATS.items()}
# What undecoded bytes are searched for: without it there is no format and no connection string.
HINTS = (
    r"A[KS]IA|gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|hooks\.slack|k_live_|T3BlbkFJ|sk-ant-|AIza|GOCSPX-|SG\.|SK[0-9a-f]{32}|"
    r"pypi-Ag|npm_|hf_|do[opr]_v1_|:AA|sb_secret_|AccountKey=|PRIVATE KEY|eyJ|://[^\s/]{1,200}@"
)
_JWT = re.compile(r"\beyJ[\w-]{10,}\.(eyJ[\w-]{10,})\.[\w-]{20,}")
_DSN = re.compile(r"\b[a-z][\w+.-]*://[^\s:/@{}$<>%\"']*:([^\s/@{}$<>\"']+)@([^\s/:@,\"'?]+)")
_LOCAL = re.compile(
    r"(?i)localhost|127\.|0\.0\.0\.0|\[::1\]|host\.docker\.internal|[\w-]+$|.*\bexample\b|.*\.(?:local|test)$"
)
_PLACEHOLDER = re.compile(
    r"(?i)change.?(?:me|this|it)|replace|example|sample|placeholder|dummy|fake|todo|\byour|\bmy[-_ ]|insert|enter|<.*>|"
    r"[${%*]|(.)\1{4}|\.\.\.|…|\bnone|null|test|default|redacted|insecure|not[-_ ]?(?:so|a|very|secure)|unused|"
    r"01234|12345|abcd|\b(?:foo|bar|baz)|some[-_ ]|secret|passw|token|api.?key|dev(?:elop)?\b|"
    r"\A(?:empty|x+|n/?a|unset|anything)\Z"
)
_FILLED = re.compile(r"(?i)example|(.)\1{4}|1234567|abcdefg|your|fake|placeholder")
_WORDS = re.compile(
    r"[-_./:@]*(?:[A-Za-z]+\d{0,2}|\d+)(?:[-_./:, @]+(?:[A-Za-z]+\d{0,4}|\d+))*[-_./:!?]*"
)  # a path too
_PUBLIC = re.compile(r"pk_|phc_|sb_publishable_|pub_|[sr]k_test_")  # made to be shown, or for a sandbox
_CASE = re.compile(r"[a-z](?=[A-Z])")
_UUID = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LEAST = 8  # different characters in what somebody drew at random


def format_of(text: str) -> str:
    """What kind of credential a text is or holds, by the form that its issuer gives it; "" for none."""
    for what, form in _COMPILED.items():
        if (found := form.search(text)) and _is_drawn(found[0]):
            return what
    return "a service_role key of Supabase" if any(map(_is_service_role, _JWT.findall(text))) else ""


def _is_drawn(token: str) -> bool:
    """Whether a token looks issued: documentation fills the form with `EXAMPLE`, `xxxx` or `1234567890`."""
    body = token[4:].replace("-----", "")
    return len(set(body)) >= _LEAST and _FILLED.search(body) is None


def _is_service_role(payload: str) -> bool:
    """Whether a JSON web token's payload gives all rights over a Supabase project (the emulator's do not)."""
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return False
    return isinstance(claims, dict) and claims.get("role") == "service_role" and claims.get("iss") != "supabase-demo"


def password_in(text: str) -> tuple[str, bool] | None:
    """The password in a connection string, and whether the host is this machine's or a neighbour by a bare name."""
    found = _DSN.search(text)
    return (found[1], _LOCAL.match(found[2]) is not None) if found else None


def _is_spoken(text: str) -> bool:
    """Whether a text is words, CamelCase included; letters drawn by chance change their case every fourth time."""
    return _WORDS.fullmatch(text) is not None and len(_CASE.findall(text)) * 5 <= len(text)


_PATH = re.compile(
    r"(?:~|\.{1,2}|[A-Za-z]:)?[/\\][\w.-]+(?:[/\\][\w.-]+)*/?\Z|[\w./~-]+\.(?:pem|key|crt|cer|p12|json|ya?ml|txt)\Z"
)


def look_of(text: str) -> Look:
    """How a text looks that may be a secret."""
    text = text.removeprefix("django-insecure-")  # `startproject` drew the rest
    if not text.strip() or _PLACEHOLDER.search(text):
        return Look.PLACEHOLDER
    if (
        _PUBLIC.match(text)
        or _PATH.match(text)
        or _UUID.fullmatch(text)
        or _is_spoken(text)
        or any(letter.isspace() for letter in text.strip())
    ):
        return Look.WORDS
    return Look.DRAWN if len(set(text)) >= _LEAST else Look.WORDS
