"""Plain values → JSON in ASCII: no console breaks it, and no character in it acts on a terminal."""

from __future__ import annotations

import json

import msgspec

from .visible import encodable


def ascii_json(value: object, indent: int = 0) -> str:
    """One JSON text with a line end; on one line, or indented by so many spaces. Lone surrogates become U+FFFD."""
    text = json.dumps(_clean(value), separators=(",", ":"), allow_nan=False).replace("\x7f", "\\u007f")
    return (msgspec.json.format(text, indent=indent) if indent else text) + "\n"


def _clean(value: object) -> object:
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, dict):
        return {encodable(key): _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value
