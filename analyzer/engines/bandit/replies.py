"""What travels between us and the process that runs bandit: a file and test ids there, what the tests say back."""

from __future__ import annotations

import msgspec

from ...model.location import Span


class Asked(msgspec.Struct, frozen=True, array_like=True):
    """A file and the tests to run on it, by id and sorted."""

    content: bytes
    tests: tuple[str, ...]


class Found(msgspec.Struct, frozen=True, array_like=True, order=True):
    """What one test says of one node."""

    span: Span  # of the node, as `Suspicion` has it; of the whole string where the node stands in an f-string
    test: str  # "B608"
    node: str  # of model.rule.Node
    name: str  # what is called, imported or assigned to, as written; "" where that is no dotted name
    verdict: str  # bandit's own severity and confidence: "medium/low"


class Reply(msgspec.Struct, frozen=True, array_like=True):
    """The outcome of one file."""

    found: tuple[Found, ...] = ()
    crashed: tuple[tuple[str, str], ...] = ()  # tests that raised, with the first error; sorted
    unread: str = ""  # why there is no outcome: "syntax", or in words
    known: tuple[str, ...] = ()  # every test that this bandit has; told where no test was asked for


DECODER = msgspec.msgpack.Decoder(Reply)


def decode(value: bytes) -> Reply | None:
    """The reply that the bytes say, or None where they say none."""
    try:
        return DECODER.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
