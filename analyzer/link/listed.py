"""What an expression may be → the items of a list, or the one value, and whether that is only a default."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.answer import Constant, Known, Unknown
from ..model.code import Attribute, Call, Expr, Starred
from ..model.code import Sequence as Display
from ..model.facts import ScopeKind
from ..model.location import Location
from ..model.project import Origin
from . import classes, grown
from .environment import fallback
from .evaluate import Evaluator
from .index import SiteRef, call_at
from .reach import scope_at
from .values import Const, Container, Instance, Opaque, Txt, Value, Values
from .walk import contains

Items = Known[tuple[Constant, ...]] | Unknown
_FIELDS = ("pydantic", "pydantic_settings", "msgspec", "attr", "attrs")
_DEEPEST = 4  # lists one inside another


def held(ev: Evaluator, values: Values) -> tuple[Items, bool]:
    """The items, where all values agree; None counts for nothing. True where somebody else may replace them."""
    found: list[Known[tuple[Constant, ...]]] = []
    why, soft = "", False
    for value in values:
        if isinstance(value, Const) and value.value is None:
            continue
        replaceable, items = _of(ev, value)
        soft = soft or replaceable
        if isinstance(items, Unknown):
            why = why or items.why
        elif items.value != ("",) or not replaceable:
            found.append(items)
    if why and not soft:
        return Unknown(why), False
    if not found:
        return (Unknown(why) if why or soft else Known(())), soft
    if any(items.value != found[0].value for items in found):
        return Unknown("one of several constants"), soft
    return found[0], soft


def _of(ev: Evaluator, value: Value) -> tuple[bool, Items]:
    match value:
        case Const(value=constant, at=at):
            return is_field(ev, at), Known((constant,), (at,) if at else ())
        case Container(expr=Display(items=parts), at=at):
            later = [v for more in grown.added(ev, value) for v in more]
            found = tuple(_flat(ev, parts, value, 0))
            if None in found or any(not isinstance(v, Const | Txt) for v in later):
                return is_field(ev, at), Unknown("a list that is not known")
            added = tuple(v.value for v in later if isinstance(v, Const))
            return is_field(ev, at), Known((*(c for c in found if c is not None), *added), (at,))
        case Opaque(origin=Origin.OPERATOR, at=at):
            said = _fallback(ev, at)
            return True, Known((said,), (at,)) if said is not None else Unknown("read from the environment")
        case Instance() as instance:
            return _came_from_field(instance), Unknown("an object that is not understood")
        case Opaque(why=why):
            return False, Unknown(why)
        case _:
            return False, Unknown("not a constant")


def _came_from_field(instance: Instance) -> bool:
    """Whether it is what a field's type says, beside the default that stands there: `secure: bool = False`."""
    return instance.made is None and isinstance(instance.cls, str) and instance.cls.startswith("builtins.")


def _flat(ev: Evaluator, parts: tuple[Expr, ...], of: Container, depth: int) -> Iterator[Constant]:
    """The constants that stand in a list, what is unpacked into it included; None for whatever is no constant."""
    for part in parts:
        values = ev.expr(part.value if isinstance(part, Starred) else part, of.frame)
        for value in values:
            if isinstance(part, Starred) and isinstance(value, Container) and isinstance(value.expr, Display):
                yield from _flat(ev, value.expr.items, value, depth + 1) if depth < _DEEPEST else (None,)
            elif isinstance(value, Txt) and not isinstance(part, Starred):
                yield "".join(piece if isinstance(piece, str) else "…" for piece in value.pieces)
            else:
                yield value.value if isinstance(value, Const) and len(values) == 1 else None


def is_field(ev: Evaluator, at: Location | None) -> bool:
    """Whether a place is the default of a field that whoever makes the object, or the environment, may set."""
    ref = scope_at(ev, at) if at is not None else None
    if ref is None or ev.scope(ref).kind is not ScopeKind.CLASS:
        return False
    return any(isinstance(base, str) and base.startswith(_FIELDS) for base in classes.bases(ev, ref))


def _fallback(ev: Evaluator, at: Location) -> Constant:
    """What is used where the environment says nothing: `os.getenv("X", "*").split(",")` → "*"."""
    for number, site in enumerate(ev.index.python[at.path].calls):
        if site.at == at.span or (contains(at.span, site.at) and at.span.line == site.at.line):
            call: Expr | None = call_at(ev.index, SiteRef(at.path, number))
            while isinstance(call, Call):
                said = fallback(call)
                if said is not None:
                    return said
                call = call.callee.value if isinstance(call.callee, Attribute) else None
    return None
