"""A name as written → what it says that it holds: a password, another secret, or nothing that must stay hidden."""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_PASSWORDS = frozenset({"password", "passwd", "passwort", "passphrase", "passcode", "pwd", "pw", "pin", "passwords"})
# By their last word, or their last two.
_SECRETS = frozenset({
    "secret", "secrets", "token", "apikey", "secretkey", "privatekey", "accesskey", "authtoken", "api key",
    "secret key", "private key", "access key", "signing key", "encryption key", "auth key", "jwt key", "master key",
    "fernet key", "hmac key", "service key", "role key", "account key", "license key", "credential", "credentials",
    "jwt",
})  # fmt: skip
# Words at the end that only say in which form it is.
_FORMS = frozenset({
    "raw", "plain", "text", "plaintext", "bytes", "byte", "str", "string", "utf", "encoded", "enc", "b", "input",
    "value", "entered", "given", "clear",
})  # fmt: skip
# Words that make it something about a secret.
_ABOUT = frozenset({
    "hash", "hashed", "encrypted", "digest", "salt", "reset", "url", "uri", "endpoint", "file", "path", "dir",
    "policy", "id", "ids", "name", "names", "field", "label", "header", "prefix", "suffix", "type", "types",
    "key_name", "length", "len", "min", "max", "ttl", "expiry", "expires", "expire", "timeout", "lifetime", "age",
    "count", "limit", "usage", "cost", "model", "regex", "pattern", "placeholder", "help", "hint", "error",
    "message", "msg", "title", "format", "scheme", "public", "publishable", "anon", "tokenizer", "pad", "eos",
    "bos", "unk", "sep", "cls", "mask", "special", "stop", "start", "end", "next", "page", "cursor", "continuation",
    "csrf", "env", "var", "kwarg", "param", "column", "attr", "cookie", "is", "has", "no", "use", "show", "require",
    "required", "change", "changed", "forgot", "validator", "location", "method", "class",
    "hasher", "hashers", "strategy", "backend", "provider", "arn", "ref",
})  # fmt: skip


@lru_cache(maxsize=8192)
def holds(written: str) -> str:
    """ "password", "secret" or "", by the last word of a dotted name ("user.password", "DB.default.PASSWORD")."""
    words = [word.lower() for word in _WORD.findall(written.rpartition(".")[2])]
    while len(words) > 1 and words[-1] in _FORMS:
        words.pop()
    if not words or _ABOUT & set(words):
        return ""
    if words[-1] in _PASSWORDS or words[-1].endswith(("password", "passwd")):
        return "password"
    secret = words[-1] in _SECRETS or " ".join(words[-2:]) in _SECRETS or words[-1].endswith(("secret", "apikey"))
    return "secret" if secret else ""
