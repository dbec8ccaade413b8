"""Bytes of a file → GitHub's `primaryLocationLineHash` of each of its lines, byte for byte GitHub's.

The hash of a line is a polynomial over the 100 UTF-16 code units from its start on, blanks dropped and line ends
made LF, running on into the following lines; then the ordinal of that value among the lines so far. GitHub matches
alerts by it: blank lines and indentation may change, lines may be added above.
"""

from __future__ import annotations

import sys
from collections import Counter
from itertools import accumulate

_WINDOW = 100
_MASK = (1 << 64) - 1
_FACTOR = pow(37, _WINDOW, 1 << 64)
_END = 65535  # stands behind the last unit, before the zeros that fill the last window
_UTF_16 = "utf-16-le" if sys.byteorder == "little" else "utf-16-be"


def line_hashes(content: bytes) -> list[str]:
    """The hash of every line, the first line's at index 0: "a7f2ff13bc495cf2:3".

    Lines end with LF, CR or CRLF, nothing else. A file that ends with a line end has one more, empty line.
    """
    text = content.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace(" ", "").replace("\t", "")
    units = memoryview(text.encode(_UTF_16)).cast("H").tolist()
    starts = [0, *(index + 1 for index, unit in enumerate(units) if unit == 10)]
    padded = [*units, _END, *([0] * _WINDOW)]
    # sums[k] is the polynomial over the first k units; a window's is the difference of two of them.
    sums = list(accumulate(padded, lambda value, unit: (value * 37 + unit) & _MASK, initial=0))
    seen: Counter[int] = Counter()
    hashes = []
    for start in starts:
        value = (sums[start + _WINDOW] - sums[start] * _FACTOR) & _MASK
        seen[value] += 1
        hashes.append(f"{value:x}:{seen[value]}")
    return hashes
