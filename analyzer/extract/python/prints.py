"""The lines of a file with its scopes and imports → hashes that stay the same while the text only moves.

The first is of the file's interface: its imports and the headers of its scopes. The others are of the bodies, one per
scope, each without the bodies of the scopes inside it. What is concluded from a body, and holds no position, stays true
as long as its hash does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from ...model.facts import Import, Scope

_BYTES = 12


def prints(lines: Sequence[str], scopes: Sequence[Scope], imports: Sequence[Import]) -> tuple[bytes, ...]:
    """The hash of the interface, then that of each scope's body."""
    owner = [0] * (len(lines) + 2)  # line from 1 → the innermost scope whose body it belongs to
    own: list[list[str]] = [[] for _ in scopes]
    interface: list[str] = []
    for number, scope in enumerate(scopes[1:], 1):
        first, header, last = _first_line(scope), scope.header.end_line, scope.at.end_line
        owner[header + 1 : last + 1] = [number] * (last - header)
        interface += (f"{number} {scope.parent} {scope.is_generator}", *lines[first - 1 : header])
        own[number] += lines[header - 1 : header]  # the body may begin on the header's last line
    for item in imports:
        interface += (f"{item.scope} {item.type_checking}", *lines[item.at.line - 1 : item.at.end_line])
    for number, line in enumerate(lines, 1):
        own[owner[number]].append(line)
    return (_hash(interface), *map(_hash, own))


def _first_line(scope: Scope) -> int:
    return min([scope.at.line, *(decorator.at.line for decorator in scope.decorators)])


def _hash(lines: Iterable[str]) -> bytes:
    return hashlib.blake2b("\n".join(lines).encode("utf-8", "surrogatepass"), digest_size=_BYTES).digest()
