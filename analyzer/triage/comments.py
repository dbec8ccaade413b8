"""Directives of a file → what its comments ask to be ignored, where, why, and what is wrong with the asking."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..model.facts import Directive
from ..model.finding import Finding

_IGNORE = re.compile(r"backend-audit:\s*ignore\s*\[(?P<names>[\w\s.,:/-]*)\]\s*(?:--\s*(?P<reason>.*))?", re.DOTALL)
_TAIL = re.compile(r"\s*(\*/|-->|#\}|%\})?\s*$")
# One comment may speak to several tools, each behind a hash of its own.
_OTHER_COMMENT = re.compile(r"(?:^|\s)#(?:\s|no).*", re.DOTALL)
_MARKS = ("#", "--", "//", "/*", "*", ";", "<!--", "{#")  # what opens a comment line in languages but Python


@dataclass(frozen=True, slots=True)
class Ignore:
    """A comment that silences rules; it does so only if it gives a reason."""

    directive: Directive
    names: tuple[str, ...]  # as written
    reason: str  # "" where none is given


def asked(directive: Directive) -> Ignore | None:
    """What a `backend-audit:` directive asks for; None if it cannot be understood."""
    found = _IGNORE.match(directive.text)
    if found is None:
        return None
    names = tuple(dict.fromkeys(name for name in re.split(r"[\s,]+", found["names"]) if name))
    reason = _TAIL.sub("", _OTHER_COMMENT.sub("", found["reason"] or ""))
    return Ignore(directive, names, " ".join(reason.split())) if names else None


def others_ask(directive: Directive) -> tuple[str, ...] | None:
    """The names that a `nosec`, `nosemgrep` or `noqa` gives; () for everything of its tool, None for nothing."""
    rest = directive.text[len(directive.tool) :].lstrip()
    match directive.tool:
        case "nosec":
            return tuple(re.findall(r"\bB\d{3}\b", rest))
        case "nosemgrep":
            named = re.match(r":\s*([\w.-]+(?:\s*,\s*[\w.-]+)*)", rest)
            return tuple(re.split(r"\s*,\s*", named[1])) if named else ()
        case "noqa":
            codes = re.match(r":\s*([A-Z]+\d+(?:[\s,]+[A-Z]+\d+)*)", rest)
            return tuple(re.split(r"[\s,]+", codes[1])) if codes else None
        case _:
            return None


class Comments:
    """The directives of one file by line, asked which of them speak of a finding."""

    def __init__(self, directives: Sequence[Directive], rows: Sequence[str], python: bool) -> None:
        self._rows = rows
        self._marks = ("#",) if python else _MARKS
        self._on: dict[int, list[Directive]] = {}
        for directive in directives:
            self._on.setdefault(directive.at.line, []).append(directive)

    def on(self, finding: Finding) -> list[Directive]:
        """Those on a line of the finding's statement, of a compound one of its header."""
        lines = range(finding.header.line, finding.header.end_line + 1)
        return [directive for line in lines for directive in self._on.get(line, ())]

    def above(self, finding: Finding) -> list[Directive]:
        """Those in the lines of nothing but comments that stand directly above the finding's statement."""
        found: list[Directive] = []
        line = finding.header.line - 1
        while line >= 1 and self._rows[line - 1].lstrip().startswith(self._marks):
            found += [directive for directive in self._on.get(line, ()) if directive.alone]
            line -= 1
        return found
