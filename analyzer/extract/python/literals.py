"""Values of literals → what facts hold for them: numbers, texts and bytes in forms that msgpack can carry."""

from __future__ import annotations

import re

from ...model.code import LiteralKind

Value = str | int | float | bool | None

_SURROGATE = re.compile("[\ud800-\udfff]")
_DECIMAL_BITS = 2000  # under its strictest setting Python makes no decimal text of more than 640 digits


def text(value: str) -> str:
    """The text, with U+FFFD for lone surrogates, which UTF-8 cannot hold."""
    return value if value.isascii() else _SURROGATE.sub("\ufffd", value)


def literal(value: object) -> tuple[LiteralKind, Value]:
    """Kind and value of a constant, as code.LiteralKind says; integers of more than 2,000 bits are hexadecimal text."""
    match value:
        case str():
            return LiteralKind.STR, text(value)
        case bool():
            return LiteralKind.BOOL, value
        case None:
            return LiteralKind.NONE, None
        case int():
            return LiteralKind.INT, integer(value)
        case float():
            return LiteralKind.FLOAT, value
        case bytes():
            return LiteralKind.BYTES, value.decode("latin-1")
        case complex():
            return LiteralKind.COMPLEX, repr(value)
    return LiteralKind.ELLIPSIS, None


def integer(value: int) -> int | str:
    """The integer where 64 bits hold it, else its text."""
    if -(2**63) <= value < 2**63:
        return value
    return str(value) if value.bit_length() <= _DECIMAL_BITS else hex(value)
