"""
A password is hashed with a function that is made to be fast.

One graphics card tries tens of billions of MD5 sums a second, and not many fewer of SHA-256: whoever gets hold of the
table has most of the passwords in an evening, with or without salt, and with them the accounts that people have
elsewhere. Databases leak through backups, replicas and one forgotten query.

Use a function made for passwords, with the library's own salt and cost: Argon2 (`argon2.PasswordHasher().hash(…)`),
bcrypt with a cost of 12, scrypt, or PBKDF2 with 600,000 rounds of SHA-256. Replace old hashes when their owner logs in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer import (
    Confidence,
    Derivation,
    Hashing,
    Known,
    Node,
    Part,
    Project,
    Rule,
    Severity,
    Standard,
    Step,
    Suspicion,
)  # fmt: skip

RULE = Rule(
    id="weak-password-hash",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    cwe=916,
    standard=Standard.SECURITY,
    node=Node.CALL,
    aliases=("bandit:B303", "bandit:B324", "ruff:S303", "ruff:S324"),
    since="0.1",
    bad="""
        import hashlib

        def register(name, password, users):
            users[name] = hashlib.sha256(password.encode()).hexdigest()
    """,
    good="""
        from argon2 import PasswordHasher

        def register(name, password, users):
            users[name] = PasswordHasher().hash(password)
    """,
)
_FAST = re.compile(
    r"(?i)(?:hex_|ldap_|salted_|apr_)*(?:md[245]|sha-?\d{1,3}|sha\d_\d+|blake2[bs]|plain(?:text)?)|\w*md5_crypt"
)
# What others prescribe, or what is not stored; and what takes old hashes to read them once more.
_PRESCRIBED = re.compile(
    r"(?i)pwned|hibp|leak|breach|digest|mysql|postgres|scram|ntlm|radius|otp|cache|etag|fingerprint"
)
_OLD = re.compile(r"(?i)legacy|upgrade|compat|migrat|deprecated|(?:^|_)old")
_HASHERS = re.compile(r"(?i)\b(?:unsalted)?(?:md5|sha1|crypt)passwordhasher$")
_LEAST = {"hash-rounds": 100_000, "hash-cost": 10}


def detect(project: Project) -> Iterator[Suspicion]:
    # A range query sends five digits of the hash.
    elsewhere = {text.at.path for text in project.written_texts("pwnedpasswords|haveibeenpwned")}
    hashings = [hashing for hashing in project.hashings() if _FAST.fullmatch(hashing.algorithm) and hashing.protects]
    # A function that hashes tokens in the same way tells values apart: it keys a cache, or hides them in a log.
    tokens = [h.call for h in hashings for d in h.inputs for p in d.parts if p.direct and p.holds == "secret"]
    keys = {(call.at.path, call.within) for call in tokens}
    for hashing in hashings:
        call = hashing.call
        found = next(((d, part) for d in hashing.inputs if (part := _password(d))), None)
        if found is not None and call.at.path not in elsewhere and not _PRESCRIBED.search(call.within):
            yield _suspicion(hashing, *found, (call.at.path, call.within) in keys)
        elif "CryptContext" in call.name:
            yield Suspicion(RULE.id, call.at, f"`{call.name}` hashes passwords with `{hashing.algorithm}`", "")
    yield from _configured(project)


def _configured(project: Project) -> Iterator[Suspicion]:
    """What a setting or a parameter makes weak: the first of Django's hashers, and too few rounds."""
    hashers = {setting.at.path: setting for setting in project.settings("PASSWORD_HASHERS")}
    for text in project.written_texts("PasswordHasher"):
        setting = hashers.get(text.at.path)
        loaded = setting is not None and setting.production != Known(False) and setting.overridden is None
        if loaded and text.name == "PASSWORD_HASHERS.0" and _HASHERS.search(text.text):
            message = f"`PASSWORD_HASHERS` begins with `{text.text.rpartition('.')[2]}`"
            yield Suspicion(RULE.id, text.at, message, "PASSWORD_HASHERS", node=Node.EXPRESSION)
    passwords = {d.argument.call.at for d in project.derivations("password-hashed") if _password(d)}
    for role, least in _LEAST.items():
        for argument in project.arguments(role):
            value, call = argument.value, argument.call
            number = value.value if isinstance(value, Known) else None
            if isinstance(number, int) and number < least and (role == "hash-cost" or call.at in passwords):
                message = f"`{call.name}` makes a password's hash cheap: {role.partition('-')[2]} {number}"
                yield Suspicion(RULE.id, call.at, message, "", severity=Severity.MEDIUM)


def _password(derivation: Derivation) -> Part | None:
    """The part that is a password by its name; None where it is mixed with what an HTTP digest is made of."""
    named = [part for part in derivation.parts if part.direct and part.written]
    digest = any(part.written.rpartition(".")[2] in ("realm", "nonce") for part in named)
    return None if digest else next((part for part in named if part.holds == "password"), None)


def _suspicion(hashing: Hashing, derivation: Derivation, part: Part, keyed: bool) -> Suspicion:
    call, at = hashing.call, derivation.argument.call.at
    doubtful = keyed or _OLD.search(call.within) or call.main_guard or not call.sure
    # MD5 and SHA-1 are chosen by habit; newer ones also where a password only keys what is kept in memory.
    broken = re.match(r"(?i)md|sha-?1$|plain", hashing.algorithm) is not None and not part.trace
    confidence = Confidence.LOW if doubtful else None if broken else Confidence.MEDIUM
    steps = (Step(at, f"`{part.written}` goes into the hash"),) if at != call.at else ()
    message = f"`{part.written}` is hashed with `{hashing.algorithm}`, which is made to be fast"
    return Suspicion(RULE.id, call.at, message, "", (*part.trace, *steps), confidence=confidence)
