"""Payload → msgpack of facts, inside a reader's process: the right reader for the kind."""

from __future__ import annotations

import msgspec

from ..model.source import FileKind

_PAYLOAD = msgspec.msgpack.Decoder(tuple[FileKind, str, bytes])
_ENCODER = msgspec.msgpack.Encoder()


def read(payload: bytes) -> bytes:
    """Read one file: kind, front end and content in, PythonFacts, TextFacts or Unread out."""
    kind, front_end, content = _PAYLOAD.decode(payload)
    if kind is FileKind.PYTHON:
        from .python import read as read_python

        return _ENCODER.encode(read_python(content, front_end))
    from .entries import read as read_entries

    return _ENCODER.encode(read_entries(content, kind))
