"""A call that gives an HTTP answer → what the function around it does with the status and the body."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..model.code import (
    AnnAssign,
    Assign,
    Attribute,
    Await,
    Body,
    Call,
    Clause,
    Compare,
    Delete,
    Expr,
    For,
    If,
    IfExp,
    Literal,
    Name,
    NamedExpr,
    Return,
    Subscript,
    With,
    WithItem,
)  # fmt: skip
from ..model.location import Span
from .asking import last_word
from .evaluate import Evaluator
from .index import ScopeRef, SiteRef, body, decoded, raw
from .walk import contains, nodes

STATUS = frozenset({
    "status_code", "status", "ok", "raise_for_status", "is_success", "is_error", "is_client_error", "is_server_error",
    "is_redirect", "has_redirect_location", "is_permanent_redirect", "reason", "reason_phrase",
})  # fmt: skip
BODY = frozenset({
    "json", "text", "content", "read", "aread", "data", "iter_content", "iter_lines", "iter_bytes", "iter_text",
    "aiter_bytes", "aiter_lines", "aiter_text", "iter_raw", "aiter_raw", "raw", "stream",
})  # fmt: skip
# What of an answer's body tells that it is none, `data.get("error")`; and what may, where it is compared or tested.
_TELLS = re.compile(
    r"err(or)?s?|error_?\w+|err_?(code|msg)|success\w*|ok|faults?|exception|(result|ret)_?code|fail(ed|ure)?",
    re.IGNORECASE,
)
_MAY_TELL = re.compile(r"status(_?code)?|code|state|result|detail|messages?|msg", re.IGNORECASE)
_MODELS = re.compile(
    r"model_validate(_json)?|parse_(obj|raw)|validate_(python|json)|from_dict|load|validate|parse_request_body_response"
)


@dataclass(frozen=True, slots=True)
class Use:
    """What a function does with an answer."""

    looked: bool  # at its status, or at what of its body tells; or somebody else may, whom it is given to
    body: tuple[str, Span] | None  # the first thing that is taken from its body: "json", "iteration"
    returned: bool
    demanded: bool  # only what must be there is taken from the body


def uses(ev: Evaluator, ref: ScopeRef, at: Span) -> Use:
    """What becomes of what a call gives."""
    held = _held(raw(ev.index, ref))
    here = _Here(held, at)
    returned = False
    looked = False
    taken: list[Expr] = []
    for node in here.around:
        match node:
            case Attribute() if here.is_it(node.value):
                looked = looked or node.name in STATUS
                if node.name in BODY:
                    taken.append(node)
            case For(iterable=iterable) | Clause(iterable=iterable) if here.is_it(iterable):
                taken.append(iterable)
            case Return(value=value) if value is not None and here.is_it(value):
                returned = True
            case _:
                looked = looked or here.escapes(node)
    block = held.block
    looked = looked or here.stored or here.in_inner(ev, ref)
    looked = looked or (bool(taken) and (_tells(block) or _tells_below(ev, ref, block, taken)))
    first = (getattr(taken[0], "name", "iteration"), taken[0].at) if taken else None
    return Use(looked, first, returned, bool(taken) and all(_demands(block, t) for t in taken))


@dataclass(frozen=True, slots=True)
class _Held:
    """A body, and the nodes that directly hold each plain name and each other expression, in the order of reading."""

    block: Body
    around: Mapping[str | Span, tuple[Any, ...]]


@lru_cache(maxsize=64)
def _held(undecoded: bytes) -> _Held:
    block: Body = decoded(undecoded)
    around: dict[str | Span, dict[int, Any]] = defaultdict(dict)
    for number, node in enumerate(nodes(block)):
        for part in _parts(node):
            inner = bare(part)
            around[inner.at][number] = node
            if isinstance(inner, Name):
                around[inner.id][number] = node
    return _Held(block, {key: tuple(found.values()) for key, found in around.items()})


class _Here:
    """A call in a body, the local name that what it gives is bound to, and the nodes that hold one of them."""

    def __init__(self, held: _Held, at: Span) -> None:
        self.at = at
        self.stored = False
        own = held.around.get(at, ())
        self.name = next(self._names(own), "")
        self.around = (*own, *held.around.get(self.name, ()))

    def _names(self, own: Iterable[Any]) -> Iterator[str]:
        for node in own:
            match node:
                case Assign(targets=targets, value=value) if self._call(value):
                    self.stored = len(targets) > 1 or not isinstance(targets[0], Name)
                    yield from (target.id for target in targets[:1] if isinstance(target, Name))
                case AnnAssign(target=Name(id=name), value=value) if value is not None and self._call(value):
                    yield name
                case NamedExpr(target=name, value=value) if self._call(value):
                    yield name
                case WithItem(target=Name(id=name), value=value) if self._call(value):
                    yield name
                case _:
                    pass

    def _call(self, expr: Expr) -> bool:
        return bare(expr).at == self.at

    def is_it(self, expr: Expr) -> bool:
        """Whether an expression is what the call gives."""
        inner = bare(expr)
        return inner.at == self.at or (bool(self.name) and isinstance(inner, Name) and inner.id == self.name)

    def escapes(self, node: Any) -> bool:
        """Whether a node uses it in another way than those that are understood: hands it over, tests it, keeps it."""
        match node:
            case Assign(targets=targets, value=value):
                return self.is_it(value) and not (self._call(value) and isinstance(targets[0], Name))
            case AnnAssign(value=value) | NamedExpr(value=value):
                return value is not None and self.is_it(value) and not self._call(value)
            case Compare(left=left, comparators=(Literal(value=None),)) if self.is_it(left):
                return False
            case With() | WithItem() | Delete() | Await() | Attribute() | Return() | For() | Clause():
                return False
            case _:
                return any(self.is_it(part) for part in _parts(node))

    def in_inner(self, ev: Evaluator, ref: ScopeRef) -> bool:
        """Whether a function inside of this one uses the name."""
        inner = ev.index.children.get(ref.path, {}).get(ref.scope, ()) if self.name else ()
        found = (node for number in inner for node in nodes(body(ev.index, ScopeRef(ref.path, number))))
        return any(isinstance(node, Name) and node.id == self.name for node in found)


def bare(expr: Expr) -> Expr:
    """What is awaited, if anything is."""
    while isinstance(expr, Await):
        expr = expr.value
    return expr


def _parts(node: Any) -> Iterator[Expr]:
    """The expressions directly in a node: arguments, operands, items."""
    for name in node.__struct_fields__:
        value = getattr(node, name)
        for part in value if isinstance(value, tuple) else (value,):
            if hasattr(part, "at") and hasattr(part, "__struct_fields__"):
                yield part


def _tells(block: Body) -> bool:
    """Whether a function asks a body for an error: `"error" in data`, `data.get("ok")`, `data["status"] != 1`."""
    for node in nodes(block):
        match node:
            case Compare(left=left, comparators=others):
                if any(_telling(part, _TELLS) for part in (left, *others)) or any(map(_asks, (left, *others))):
                    return True
            case If(test=test) | IfExp(test=test) if any(map(_asks, nodes(test))):
                return True
            case Subscript(index=key) | Call(callee=Attribute(name="get" | "pop"), args=(key, *_)):
                if _telling(key, _TELLS):
                    return True
            case _:
                pass
    return False


def _tells_below(ev: Evaluator, ref: ScopeRef, block: Body, taken: list[Expr]) -> bool:
    """Whether a function of the project that is handed the body asks it for an error."""
    spans = [part.at for part in taken]
    names = {
        target.id
        for node in nodes(block)
        if isinstance(node, Assign) and any(contains(node.value.at, at) for at in spans)
        for target in node.targets
        if isinstance(target, Name)
    }
    for node in nodes(block):
        if isinstance(node, Call) and ev.graph is not None:
            given = (*node.args, *(keyword.value for keyword in node.keywords))
            if any(isinstance(a, Name) and a.id in names or any(contains(a.at, at) for at in spans) for a in given):
                edges = ev.graph.sites.get(SiteRef(ref.path, node.site), ())
                callees = [edge.callee for edge in edges if isinstance(edge.callee, ScopeRef)]
                if any(_tells(body(ev.index, callee)) for callee in callees):
                    return True
    return False


def _asks(expr: Any) -> bool:
    """Whether what is tested or compared is an item that may tell how it went."""
    match expr:
        case Subscript(index=key) | Call(callee=Attribute(name="get"), args=(key, *_)):
            return _telling(key, _MAY_TELL)
        case _:
            return False


def _telling(expr: Expr, words: re.Pattern[str]) -> bool:
    return isinstance(expr, Literal) and isinstance(expr.value, str) and bool(words.fullmatch(expr.value))


def _demands(block: Body, taken: Expr) -> bool:
    """Whether a body of another shape raises: `answer.json()["token"]`, `Rates.model_validate(answer.json())`."""
    if getattr(taken, "name", "") != "json":
        return False
    whole = next((n for n in nodes(block) if isinstance(n, Call) and n.callee is taken), None)
    if whole is None:
        return False
    name = ""
    for node in nodes(block):
        match node:
            case Subscript(value=value, index=Literal()) if bare(value) is whole:
                return True
            case Call(callee=callee, args=args, keywords=keywords) if _MODELS.fullmatch(last_word(callee)) or (
                last_word(callee)[:1].isupper()
            ):
                if any(contains(p.at, whole.at) for p in (*args, *(k.value for k in keywords if k.name is None))):
                    return True
            case Assign(targets=(Name(id=target),), value=value) if bare(value) is whole:
                name = target
            case _:
                pass
    return bool(name) and _all_keys(block, name)


def _all_keys(block: Body, name: str) -> bool:
    """Whether a name is only asked for keys that must be there."""
    asked = [
        n for n in nodes(block) if isinstance(n, Subscript) and _is(n.value, name) and isinstance(n.index, Literal)
    ]
    stored = [t for n in nodes(block) if isinstance(n, Assign) for t in n.targets if _is(t, name)]
    named = [n for n in nodes(block) if _is(n, name)]
    return bool(asked) and len(named) == len(asked) + len(stored)


def _is(expr: Any, name: str) -> bool:
    return isinstance(expr, Name) and expr.id == name
