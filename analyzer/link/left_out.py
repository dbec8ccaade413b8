"""A call of a function → the parts of its body that this call leaves out: `if flag:` where `flag` is not given."""

from __future__ import annotations

from collections.abc import Mapping

from ..model.code import BoolOp, Compare, Expr, If, IfExp, Literal, LiteralKind, Name, Starred, UnaryOp
from ..model.location import Span
from .evaluate import Evaluator
from .index import ScopeRef, SiteRef, body, call_at, enclosing_class
from .parameters import bind
from .values import Frame
from .walk import nodes


def left_out(ev: Evaluator, site: SiteRef, ref: ScopeRef) -> tuple[Span, ...]:
    """The parts of a function's body that a call at this site does not run, by the parameters that it leaves out."""
    params = ev.scope(ref).params.items
    false = {p.name: p.default.value for p in params if isinstance(p.default, Literal) and _is_false(p.default)}
    call = call_at(ev.index, site) if false else None
    if call is None or any(isinstance(arg, Starred) for arg in call.args) or any(k.name is None for k in call.keywords):
        return ()
    frame = Frame(ScopeRef(site.path, ev.index.site(site).scope))
    given = bind(ev, ref, call, frame, has_receiver=enclosing_class(ev.index, ref) is not None)
    missing = {name: value for name, value in false.items() if name not in given and name not in ev.bindings(ref)}
    return tuple(_untrue(ev, ref, missing)) if missing else ()


def _is_false(default: Literal) -> bool:
    return default.kind is not LiteralKind.ELLIPSIS and not default.value


def _untrue(ev: Evaluator, ref: ScopeRef, missing: Mapping[str, object]) -> list[Span]:
    found: list[Span] = []
    for node in nodes(body(ev.index, ref)):
        if isinstance(node, If | IfExp):
            truth = _truth(node.test, missing)
            part = node.body if truth is False else node.orelse if truth is True else ()
            found += [each.at for each in part] if isinstance(part, tuple) else [part.at]
    return found


def _truth(test: Expr, missing: Mapping[str, object]) -> bool | None:
    """What a condition comes to when these names have their defaults; None where something else has a say."""
    match test:
        case Name(id=name) if name in missing:
            return False
        case UnaryOp(op="not", operand=operand):
            inner = _truth(operand, missing)
            return None if inner is None else not inner
        case BoolOp(op=op, values=parts):
            decided = op == "or"
            truths = [_truth(part, missing) for part in parts]
            if decided in truths:
                return decided
            return None if None in truths else not decided
        case Compare(left=Name(id=name), ops=(op,), comparators=(Literal(value=None, kind=kind),)) if name in missing:
            if kind is LiteralKind.ELLIPSIS or op not in ("is", "is not"):
                return None
            return (missing[name] is None) == (op == "is")
        case _:
            return None
