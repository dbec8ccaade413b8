"""GitHub's line hash: its own published vectors, the definition written out, and what it must survive."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analyzer.line_hash import line_hashes

PUBLISHED = {
    b"": "c129715d7a2bc9a3:1",
    b" a\nb\n  \t\tc\n d": "271789c17abda88f:1 54703d4cd895b18:1 180aee12dab6264:1 a23a3dc5e078b07b:1",
    b"Lorem ipsum dolor sit amet.\n" * 10: (
        "a7f2ff13bc495cf2:1 a7f2ff13bc495cf2:2 a7f2ff13bc495cf2:3 a7f2ff13bc495cf2:4 a7f2ff13bc495cf2:5 "
        "a7f2ff13bc495cf2:6 a7f2ff1481e87703:1 a9cf91f7bbf1862b:1 55ec222b86bcae53:1 cc97dc7b1d7d8f7b:1 "
        "c129715d7a2bc9a3:1"
    ),
    b"x = 2\nx = 1\nprint(x)\nx = 3\nprint(x)\nx = 4\nprint(x)\n": (
        "e54938cc54b302f1:1 bb609acbe9138d60:1 1131fd5871777f34:1 5c482a0f8b35ea28:1 54517377da7028d2:1 "
        "2c644846cb18d53e:1 f1b89f20de0d133:1 c129715d7a2bc9a3:1"
    ),
}


@pytest.mark.parametrize("content", PUBLISHED)
def test_published_vectors(content: bytes) -> None:
    assert line_hashes(content) == PUBLISHED[content].split()


def by_definition(content: bytes) -> list[str]:
    """The algorithm as GitHub's uploader walks it: unit by unit, each window summed on its own."""
    data = content.decode("utf-8", "replace").encode("utf-16-le", "surrogatepass")
    kept: list[int] = []
    starts: list[int] = []
    after_cr, at_start = False, True
    for unit in (int.from_bytes(data[i : i + 2], "little") for i in range(0, len(data), 2)):
        if unit in (32, 9) or (after_cr and unit == 10):
            after_cr = False
            continue
        after_cr = unit == 13
        if at_start:
            starts.append(len(kept))
        kept.append(10 if after_cr else unit)
        at_start = kept[-1] == 10
    if at_start:
        starts.append(len(kept))
    kept += [65535] + [0] * 100
    seen: Counter[int] = Counter()
    result = []
    for start in starts:
        value = sum(unit * 37 ** (99 - k) for k, unit in enumerate(kept[start : start + 100])) % 2**64
        seen[value] += 1
        result.append(f"{value:x}:{seen[value]}")
    return result


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([b"\r", b"\n", b" ", b"\t", b"a", b"\xff", b"\x0c", "\ufeff".encode(), "𝒳é".encode()])))
@example([b"\r", b" ", b"\n"])
@example([b"\r", b"\r", b"\n"])
@example([b"a" * 250, b"\r\n", b"b"])
def test_equals_its_definition(pieces: list[bytes]) -> None:
    content = b"".join(pieces)
    assert line_hashes(content) == by_definition(content)


def test_survives_what_does_not_change_the_line() -> None:
    before = line_hashes(b"def f():\n    return g(1)\n")
    after = line_hashes(b"import os\r\n\r\ndef f():\r\n\t\treturn  g(1)\r\n")
    assert after[2:] == before


def test_lines_are_counted_as_python_counts_them() -> None:
    assert len(line_hashes("a\x0bb\x0cc\x85d\u2028e\rf\r\ng".encode())) == 3
