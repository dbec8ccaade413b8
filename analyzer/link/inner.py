"""Comprehensions and lambdas → the names that hold only inside them; they are expressions, not scopes of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..model.code import Body, Comprehension, Lambda
from ..model.facts import Scope
from ..model.location import Span
from .bindings import Bind, Binding, targets_of
from .walk import contains, header_parts, nodes

# How the two begin in msgpack: their fields, their tag, a span of four. A body without them need not be walked.
_MARKS = (b"\x96\x10\x94", b"\x94\x11\x94")


@dataclass(frozen=True, slots=True)
class Inner:
    """A name of a comprehension or lambda: where it holds, and by what."""

    at: Span
    but: Span | None  # a comprehension's first iterable is read outside of it
    by: Binding


def inner_names(raw: bytes, body: Body, below: Iterable[Scope]) -> dict[str, list[Inner]]:
    """Every such name of a scope, headers of what it defines included; inner ones behind outer ones."""
    names: dict[str, list[Inner]] = {}
    if any(mark in raw for mark in _MARKS):
        _collect(nodes(body), names)
    for scope in below:
        for part in header_parts(scope):
            _collect(nodes(part), names)
    return names


def innermost(found: Iterable[Inner], at: Span) -> Binding | None:
    """The binding of the innermost comprehension or lambda around a place; None where none is around it."""
    around = [i for i in found if contains(i.at, at) and not (i.but is not None and contains(i.but, at))]
    return around[-1].by if around else None


def _collect(found: Iterable[object], names: dict[str, list[Inner]]) -> None:
    for node in found:
        match node:
            case Comprehension(at=at, clauses=clauses):
                for clause in clauses:
                    for binding in targets_of(clause.target, clause.iterable, Bind.ELEMENT, at):
                        names.setdefault(binding.name, []).append(Inner(at, clauses[0].iterable.at, binding))
            case Lambda(at=at, params=params, body=body):
                for param in params.items:
                    binding = Binding(Bind.PARAMETER, param.name, at, param.default)
                    names.setdefault(param.name, []).append(Inner(body.at, None, binding))
            case _:
                pass


def parameter_name(name: str, at: Span) -> str:
    """Under which a frame knows the parameter of the lambda at a place: another function may have one of that name."""
    return f"{name} of {at.line}:{at.column}"
