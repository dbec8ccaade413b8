"""The statements of a scope → the attributes that it assigns on anything but `self` and `cls`."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.code import (
    AnnAssign,
    Assign,
    Attribute,
    Body,
    Expr,
    For,
    If,
    Match,
    Name,
    Sequence,
    Stmt,
    Try,
    While,
    With,
)

_OWN = ("self", "cls")


def assigned(body: Body) -> Iterator[str]:
    """Their names, in source order; what stands in inner scopes is theirs."""
    for statement in body:
        match statement:
            case Assign(targets=targets):
                for target in targets:
                    yield from _attributes(target)
            case AnnAssign(target=target):
                yield from _attributes(target)
            case If() | For() | While() | With() | Try() | Match():
                for block in _blocks(statement):
                    yield from assigned(block)
            case _:
                pass


def _attributes(target: Expr) -> Iterator[str]:
    match target:
        case Attribute(value=Name(id=owner), name=name):
            if owner not in _OWN:
                yield name
        case Attribute(name=name):
            yield name
        case Sequence(items=items):
            for item in items:
                yield from _attributes(item)
        case _:
            pass


def _blocks(statement: Stmt) -> Iterator[Body]:
    match statement:
        case With(body=body):
            yield body
        case Try(body=body, handlers=handlers, orelse=orelse, final=final):
            yield from (body, *(handler.body for handler in handlers), orelse, final)
        case Match(cases=cases):
            yield from (case.body for case in cases)
        case If(body=body, orelse=orelse) | For(body=body, orelse=orelse) | While(body=body, orelse=orelse):
            yield from (body, orelse)
        case _:
            pass
