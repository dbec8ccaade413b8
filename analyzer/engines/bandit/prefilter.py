"""A file's bytes → the tests that can match: those of which the file holds the words that they need.

A word that the source escapes or splits (`"\x2ftmp"`, `"/t" "mp"`) is not seen: it would take the parser.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from ...decode import Undecodable, decode


def matching(content: bytes, tests: Iterable[str], needs: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Those of the tests (in their order) that the file can match. `needs`: see Definition; none means every file."""
    text = _text(content)
    if text is None:
        return tuple(tests)
    present: dict[str, bool] = {}

    def holds(words: str) -> bool:
        for word in words.split():
            if word not in present:
                present[word] = _stands_in(word, text)
            if not present[word]:
                return False
        return True

    return tuple(test for test in tests if not needs[test] or any(map(holds, needs[test])))


def _stands_in(word: str, text: str) -> bool:
    """Whether the text holds the word; `<eval>` only as a whole name."""
    if not word.startswith("<"):
        return word in text
    name = re.escape(word[1:-1])
    # With `\b` in front, `re` would look at every character instead of jumping from one occurrence to the next.
    return re.search(rf"{name}(?<!\w{name})\b", text) is not None


def _text(content: bytes) -> str | None:
    """The text in lower case, with its names as Python compares them; None where only bandit can tell."""
    if content.isascii() and b"coding" not in content[:200]:
        return content.decode("ascii").lower()
    try:
        return unicodedata.normalize("NFKC", decode(content)).lower()
    except Undecodable:
        return None
