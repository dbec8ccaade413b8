"""The linked project's answers about data: what values are made of, and which constants are written where."""

from __future__ import annotations

from collections.abc import Sequence

from ..model.provenance import Comparison, Credential, Decoding, Derivation, Hashing, WrittenText
from . import comparisons, credentials, decodings, derivations, hashings, strings
from .linked import Linked


class DataQuestions(Linked):
    """A part of `LinkedProject`."""

    __slots__ = ()

    def derivations(self, *roles: str) -> Sequence[Derivation]:
        """What each argument with one of these roles is made of, sorted by place."""

        def compute() -> tuple[Derivation, ...]:
            found = [d for role in roles for d in derivations.derivations(self.ev, self._calls(), role)]
            return tuple(sorted(found, key=lambda d: (d.argument.call.at, d.argument.at)))

        return self._once(("derivations", roles), compute)

    def decodings(self) -> Sequence[Decoding]:
        """Every call that may make any kind of object out of bytes or text, sorted by place."""
        read = self.derivations("deserialized", "deserialized-file")
        return self._once("decodings", lambda: tuple(decodings.decodings(self.ev.libraries, self.arguments, read)))

    def hashings(self) -> Sequence[Hashing]:
        """Every use of a hash function that is named, sorted by place."""
        named, purposes = self.arguments("hash-algorithm"), self.arguments("for-security")
        applied = self.derivations("hashed", "password-hashed")
        return self._once("hashings", lambda: tuple(hashings.hashings(named, purposes, applied)))

    def credentials(self) -> Sequence[Credential]:
        """Constant texts that are credentials or stand for some, sorted by place."""

        def compute() -> tuple[Credential, ...]:
            found = credentials.credentials(self.ev, self._calls(), self.with_tests)
            return tuple(sorted(found, key=lambda c: c.text.at))

        return self._once("credentials", compute)

    def written_texts(self, pattern: str) -> Sequence[WrittenText]:
        """Constant texts with the pattern in the text or in the name it is given, sorted by place."""
        self._calls()  # first, whatever rules are selected: see memory.py
        return self._once(("texts", pattern), lambda: tuple(strings.written_texts(self.ev, pattern, self.with_tests)))

    def comparisons(self) -> Sequence[Comparison]:
        """Every `==` and `!=` of two values, one of which is named as a secret or a signature, sorted by place."""
        self._calls()

        def compute() -> tuple[Comparison, ...]:
            return tuple(sorted(comparisons.comparisons(self.ev, self.with_tests), key=lambda c: c.at))

        return self._once("comparisons", compute)
