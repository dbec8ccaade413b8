"""What goes to the readers and what is kept of them: cache keys, payloads, and facts as msgpack."""

from __future__ import annotations

import os
import sys
from hashlib import blake2b
from pathlib import Path

import msgspec

from ..depth import room_for
from ..model.facts import PythonFacts, TextFacts, Unread
from ..model.source import SourceFile

_PACKAGE = Path(__file__).resolve().parents[1]
_SOURCES = (
    "decode.py", "nesting.py", "model/code.py", "model/expressions.py", "model/facts.py", "model/location.py",
    "sql/heads.py", "sql/lexer.py", "sql/outline.py",
)  # fmt: skip
_LIBRARIES = ("libcst", "msgspec", "pygments", "pyyaml")
_FRAMES = 20_000  # eight for each level that a reader may nest: what it gave is never refused here
_DECODER: msgspec.msgpack.Decoder[PythonFacts | TextFacts | Unread] = msgspec.msgpack.Decoder(
    PythonFacts | TextFacts | Unread
)


def decode(value: bytes) -> PythonFacts | TextFacts | Unread | None:
    """The facts that the bytes say, or None where they say none."""
    try:
        with room_for(_FRAMES):
            return _DECODER.decode(value)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def payload_of(file: SourceFile, front_end: str) -> bytes:
    """What a reader's process is told of a file: kind, front end, content; not its path."""
    return msgspec.msgpack.encode((str(file.kind), front_end, file.content))


def key_of(file: SourceFile, reader: bytes) -> bytes:
    """The 32 bytes under which a file's facts are kept."""
    return blake2b(b"\0".join((file.digest.encode(), file.kind.encode(), reader)), digest_size=32).digest()


def reader_digest(front_end: str) -> bytes:
    """What else facts depend on: our readers' own source, the libraries, the host's grammar, the front end."""
    digest = blake2b(digest_size=16)
    folder = _PACKAGE / "extract"
    for path in [*sorted(folder.rglob("*.py")), *(_PACKAGE / name for name in _SOURCES)]:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(_PACKAGE).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    host = (sys.implementation.name, *sys.version_info[:3], front_end, *_versions())
    digest.update("\0".join(map(str, host)).encode())
    return digest.digest()


def _versions() -> list[str]:
    """ "libcst-1.8.0.dist-info" and the like; `importlib.metadata` would take longer than all the rest."""
    found = set()
    for entry in sys.path:
        try:
            names = os.listdir(entry)
        except OSError:
            continue
        found |= {
            name for name in names if name.endswith(".dist-info") and name.lower().partition("-")[0] in _LIBRARIES
        }
    return sorted(found)
