"""Bytes → text and lines, as Python itself reads source files (PEP 263, PEP 3120)."""

from __future__ import annotations

import io
import re
import tokenize

_LINE_END = re.compile(r"\r\n|\r|\n")


class Undecodable(ValueError):
    """The bytes are not text in the encoding that they declare; the message says why in one clause."""


def decode(content: bytes) -> str:
    """The text of a file without its byte order mark, line ends untouched.

    Raises Undecodable for a NUL byte, an unknown or wrong declared encoding, and bytes that are not UTF-8.
    """
    if b"\0" in content:
        raise Undecodable("holds a NUL byte: not source text")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    except SyntaxError as error:
        message = str(error.msg)
        if message.startswith("invalid or missing"):  # which says less than is known: the first bytes are not UTF-8
            message = "not valid utf-8, and no other encoding is declared: `# coding: latin-1` in the first line is one"
        elif message.startswith("encoding problem"):
            message = "a byte order mark says utf-8, the declared encoding says otherwise"
        raise Undecodable(message) from None
    try:
        return content.decode(encoding)
    except (UnicodeError, LookupError) as error:  # odd codecs raise the wider one
        raise Undecodable(f"not valid {encoding}: {getattr(error, 'reason', error)}") from None


def lines(text: str) -> list[str]:
    """The lines of a text as Python counts them: CR, LF and CRLF end one, form feed and U+2028 do not."""
    return _LINE_END.split(text)
