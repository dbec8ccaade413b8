"""Text from audited code → HTML inside of Markdown that shows it and obeys nothing: no tag, mention, link or emoji."""

from __future__ import annotations

import re
from html import escape

from .visible import visible

LONGEST = 300  # characters of one text
LONGEST_PATH = 200
_QUOTED = re.compile(r"`([^`]*)`")
# A word of a sentence, which can be nothing but a word; any other may be a mention, an address or a reference.
_WORD = re.compile(r"[(“\"']?(?:[^\W\d_]+(?:['’-][^\W\d_]+)*|\d{1,6})[)”\"']?[.,;:!?…]?[)”\"']?|[.,;:!?…]+", re.UNICODE)


def code(text: str, longest: int = LONGEST) -> str:
    """The text as it is, in `<code>`; of a long one the beginning and the end."""
    return f"<code>{escape(_shortened(text, longest))}</code>" if text else ""


def prose(text: str) -> str:
    """A sentence: what it has in backticks, and every word that is more than a word, in `<code>`."""
    pieces = _QUOTED.split(_shortened(text, LONGEST))
    return "".join(code(piece) if number % 2 else _words(piece) for number, piece in enumerate(pieces))


def _words(text: str) -> str:
    return "".join(
        escape(word) if not word.strip() or _WORD.fullmatch(word) else code(word) for word in re.split(r"(\s+)", text)
    )


def _shortened(text: str, longest: int) -> str:
    """The visible text; of a long one the beginning and the end, and nothing between them is looked at."""
    if len(text) <= longest and len(shown := visible(text)) <= longest:
        return shown
    half = longest // 2
    return f"{visible(text[:half])[:half]}…{visible(text[-half:])[-half:]}"
