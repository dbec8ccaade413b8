"""The text of a type in a library model → its alternatives: where each starts, the steps from there, what it holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from .model.library import TYPE_WORDS

_FORM = re.compile(r"(\w+(?:\.\w+(?:\(\))?)*)(?:\[(.*)\])?")
_BETWEEN = re.compile(r" \| (?![^\[]*\])")  # not inside brackets


class Term(NamedTuple):
    """`self.get_queryset().item` starts from the word "self" and goes two steps; a class goes at most one."""

    start: str  # a word of TYPE_WORDS, or the qualified name of a class
    steps: tuple[str, ...] = ()  # "item", "class", the name of a member, or "name()" for what calling it gives
    holds: tuple[Term, ...] = ()


@lru_cache(maxsize=4096)
def parse(text: str) -> tuple[Term, ...]:
    """The alternatives of a type as written in a library model; none where the text has not the form of a type."""
    found = tuple(_term(part) for part in _BETWEEN.split(text))
    return () if None in found else tuple(term for term in found if term is not None)


def _term(text: str) -> Term | None:
    form = _FORM.fullmatch(text)
    if form is None:
        return None
    holds = parse(form[2]) if form[2] is not None else ()
    if form[2] is not None and not holds:
        return None
    start, *steps = form[1].split(".")
    if start in TYPE_WORDS:
        return Term(start, tuple(steps), holds)
    of_itself = steps[-1:] == ["class"]
    name = form[1].removesuffix(".class") if of_itself else form[1]
    return Term(name, ("class",) if of_itself else (), holds) if "." in name and "(" not in name else None


def starts(text: str) -> Iterator[str]:
    """What the terms of a type start from: words and classes."""
    waiting = list(parse(text))
    for term in waiting:
        yield term.start
        waiting.extend(term.holds)


def classes_in(text: str) -> Iterator[str]:
    """The classes that a type names."""
    return (start for start in starts(text) if start not in TYPE_WORDS)
