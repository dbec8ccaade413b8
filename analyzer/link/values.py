"""What an expression may be: the abstract values of the linker."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..model.answer import Constant
from ..model.code import Call, Expr
from ..model.code import Lambda as LambdaExpr
from ..model.location import Location, Span, Step
from ..model.project import Hole, Origin
from .index import ScopeRef, SiteRef


@dataclass(frozen=True, slots=True)
class Const:
    """A constant."""

    value: Constant
    at: Location | None = None


@dataclass(frozen=True, slots=True)
class Txt:
    """A string of constant pieces and holes; one without holes is a Const."""

    pieces: tuple[str | Hole, ...]
    at: Location


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of a class: a library's (`cls` is its name) or the project's (`cls` is its scope)."""

    cls: str | ScopeRef
    made: SiteRef | None = None  # the call that made it, where known
    of: Values = ()  # what it holds, where known: the items of a list, the values of a dict, the rows of a query


@dataclass(frozen=True, slots=True)
class External:
    """Something outside the project by its qualified name; a method also knows its receiver."""

    name: str
    receiver: Value | None = None


@dataclass(frozen=True, slots=True)
class ClassRef:
    """A class of the project."""

    ref: ScopeRef


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the project; a bound method knows its receiver, a closure what was known around it."""

    ref: ScopeRef
    receiver: Value | None = None
    within: Frame | None = None
    bare: bool = False  # as it was before its decorators


@dataclass(frozen=True, slots=True)
class Lambda:
    """A lambda, with the frame that it was made in."""

    at: Location
    expr: LambdaExpr = field(compare=False)
    frame: Frame


@dataclass(frozen=True, slots=True)
class Partial:
    """`functools.partial(target, …)`: something to call, with arguments that it has already; `call` is the partial."""

    target: Value
    at: Location
    call: Call = field(compare=False)
    frame: Frame


@dataclass(frozen=True, slots=True)
class Alias:
    """A type written as an expression: `Annotated[Session, Depends(f)]`, `A | None`, `list[A]`."""

    at: Location
    expr: Expr = field(compare=False)
    frame: Frame


@dataclass(frozen=True, slots=True)
class Module:
    """A module of the project, or a package without a file (`path` is then "")."""

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Container:
    """A list, tuple, set or dict literal or comprehension, with the frame that its items are read in."""

    at: Location
    expr: Expr = field(compare=False)
    frame: Frame = field(compare=False)


@dataclass(frozen=True, slots=True)
class Opaque:
    """Not understood; what is known is where it comes from."""

    why: str
    origin: Origin
    at: Location
    written: str = ""
    trace: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Thunk:
    """An argument not read yet: an expression, told by its place, in its caller's frame."""

    at: Span
    frame: Frame
    expr: Expr = field(compare=False)


Value = Const | Txt | Instance | External | ClassRef | Function | Lambda | Partial | Alias | Module | Container | Opaque
Values = tuple[Value, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Where names are looked up: a scope, with what is known of some names there (arguments, loop variables).

    Compared by identity, since the known values may be large: `Evaluator.frame` makes equal ones once.
    """

    ref: ScopeRef
    known: tuple[tuple[str, Values | Thunk], ...] = ()
    depth: int = 0  # calls entered
    outer: Frame | None = None  # of a closure: what is known of the function around it


def identity(frame: Frame) -> Frame | ScopeRef:
    """What answers that hold in a frame are remembered under: frames in which nothing more is known are all one."""
    return frame if frame.known or frame.outer is not None else frame.ref


OF_CLASSES = frozenset({"classmethod", "classonlymethod"})  # decorators that hand a method its class; one is Django's
MOST = 8  # alternatives kept in a join
MOST_CLASSES = 4  # that the objects in a join may have
# Why something is not understood that leads back to itself: another alternative says what it is.
CIRCLES = frozenset({
    "a name that depends on itself", "a call that depends on itself", "an attribute that depends on itself",
    "a parameter that depends on itself", "a list that depends on itself", "a function that calls itself",
})  # fmt: skip
CROWD = Opaque("more than four classes", Origin.UNKNOWN, Location("", Span(1, 0, 1, 0)))


def is_circle(value: Value) -> bool:
    """Whether a value only says that it leads back to itself."""
    return isinstance(value, Opaque) and value.why in CIRCLES


def join(*groups: Values) -> Values:
    """The alternatives of several groups, once each, in order; at most MOST, and objects of at most MOST_CLASSES."""
    said = [group for group in groups if group]
    if len(said) <= 1 and (not said or len(said[0]) == 1):  # most joins are of one value
        return said[0] if said else ()
    seen = dict.fromkeys(value for group in said for value in group)
    if len(seen) > 1:
        if any(is_circle(v) for v in seen):
            seen = {v: None for v in seen if not is_circle(v)} or seen
        if len(seen) > MOST_CLASSES and len({v.cls for v in seen if isinstance(v, Instance)}) > MOST_CLASSES:
            seen.setdefault(CROWD)
        if any(v == CROWD for v in seen):  # joined with another class, a crowd stays one, in whatever order
            seen = {v: None for v in seen if not isinstance(v, Instance)}
    return tuple(seen)[:MOST]
