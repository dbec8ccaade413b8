"""Text from audited code → text that a terminal, an editor or a web page shows as it is and never obeys."""

from __future__ import annotations

import re

# Written out as ranges: Unicode categories differ between versions of Python, and reports must not.
_ACTIVE = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # control characters: escape sequences, line ends, tabs
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # shown as nothing
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"  # the same; bidi marks; line separators
    "\ud800-\udfff"  # lone surrogates: bytes of a path that are not UTF-8
    "\U000e0000-\U000e0fff"  # tags: text that nobody sees
    "]"
)
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SURROGATE = re.compile("[\ud800-\udfff]")


def visible(text: str) -> str:
    """The text with control, bidi and invisible characters written as `\\x1b`, `\\u202e`, `\\n`; always one line."""
    return _ACTIVE.sub(_escape, text)


def encodable(text: str) -> str:
    """The text with lone surrogates replaced by U+FFFD, so that it can be written as UTF-8."""
    return _SURROGATE.sub("\ufffd", text)


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
