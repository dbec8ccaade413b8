"""What one file says of the calls in it, once names and types are known: the value that is kept between runs.

Positions are those of the file itself. Other files are named by path and scope number alone, so that a summary stays
true while their lines move.
"""

from __future__ import annotations

import msgspec

from ...model.location import Span


class Atom(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One thing that an expression may be, as far as its type goes."""

    kind: str  # "instance", "class", "function", "library", "module"; "parameter": what that parameter is
    name: str = ""  # a qualified name, of the parameter for "parameter"; "" for what the project defines
    path: str = ""
    scope: int = -1
    of: tuple[Atom, ...] = ()  # what it holds
    receiver: tuple[Atom, ...] = ()  # of a method


class Callee(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A function of the project that a place may call."""

    path: str
    scope: int
    how: str = "call"  # "create" (its class is called), "property", "protocol", "decorator", "callback", "registered"
    owner: tuple[str, int] | None = None  # the class of the receiver where a subclass may override it
    runs: str = ""  # of a callback: model.library.RUNS


class Place(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A call, or code that Python turns into one."""

    scope: int
    at: Span
    site: int  # -1 where it is not written as a call
    callees: tuple[Callee, ...]
    names: tuple[str, ...]  # what of libraries it may call
    receiver: str = ""  # of a method call: "known", "partly", or why it is not known; "" for any other call
    wanted: tuple[tuple[str, int], ...] = ()  # classes that only a subclass can have the method of
    awaited: bool = False
    later: bool = False  # in a lambda
    sure: bool = True  # nothing else may be called than what is named here
    single: bool = True  # there is one thing that it may be
    given: tuple[tuple[str, int, str], ...] = ()  # parameters that hold what is called: what callers give, they tell


class Passed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one call gives to a parameter that has no annotation."""

    path: str
    scope: int
    name: str
    atoms: tuple[Atom, ...]
    rest: bool  # and perhaps something that is not known
    plain: bool = True  # by a call that means this function alone, and not by decorating something with it


class Summary(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One file."""

    places: tuple[Place, ...]
    passed: tuple[Passed, ...]
    bases: tuple[tuple[int, tuple[tuple[str, int], ...]], ...]  # class → those of its direct bases that the project has
    wrapped: tuple[tuple[int, tuple[tuple[tuple[str, int], ...], ...]], ...]  # function → its wrappers, nearest first
    asked: tuple[tuple[str, int, str], ...]  # parameters whose callers decide, that anything here leans on
    cut: int = 0  # questions that met a bound
