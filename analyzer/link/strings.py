"""Constant texts of code, settings and deployment files → where they are written, and what names they are given to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ..model.code import (
    AnnAssign,
    Assign,
    Body,
    BoolOp,
    Call,
    Compare,
    Dict,
    Expr,
    ExprStmt,
    Format,
    Literal,
    LiteralKind,
    Sequence,
    Subscript,
)  # fmt: skip
from ..model.expressions import Keyword
from ..model.facts import Entry, PythonFacts, Scope, ScopeKind
from ..model.location import Location
from ..model.provenance import Writing, WrittenText
from .environment import reads
from .evaluate import Evaluator
from .index import ScopeRef, body, raw
from .vocabulary import holds
from .walk import dotted, nodes

_PAIR = re.compile(r"(?<!\S)([A-Za-z_]\w*)=(\"[^\"]*\"|'[^']*'|\S*)")
LONGEST = 20_000  # characters of a text that is looked at
_COPYING = frozenset({"SecretStr", "SecretBytes", "str", "bytes", "Field", "field", "cast", "Secret", "mark_safe"})


def written_texts(ev: Evaluator, pattern: str, with_tests: bool, words: str = "") -> Iterator[WrittenText]:
    """Every constant text with the pattern in it or in its name, sorted by place; or with `words`, in any case.

    Both are searched in the undecoded bytes of bodies first, so they must not depend on what is around a text. `words`
    is written in lower case: to search lowered bytes is four times faster than to let the pattern ignore the case.
    """
    wanted = re.compile(f"{pattern}|(?i:{words})" if words else pattern)
    exact, lowered = re.compile(pattern.encode()), re.compile(words.encode())

    def may_hold(undecoded: bytes) -> bool:
        return bool(exact.search(undecoded) or (words and lowered.search(undecoded.lower())))

    for path, facts in sorted(ev.index.python.items()):
        if with_tests or path not in ev.index.tests:
            found = sorted(_of_file(ev, path, facts, may_hold), key=lambda w: w.at)
            yield from (w for w in found if wanted.search(w.name) or wanted.search(w.text[:LONGEST]))
    for path, text in sorted(ev.index.text.items()):
        for entry in text.entries if with_tests or path not in ev.index.tests else ():
            for name, value in _assigned(entry):
                if wanted.search(name) or wanted.search(value[:LONGEST]):
                    yield WrittenText(name, holds(name), value, Location(path, entry.at), Writing.ENTRY, "", "")


def _assigned(entry: Entry) -> list[tuple[str, str]]:
    """Names and values of an entry: of several in `ENV A=1 B=2` and in compose's `- A=1` each."""
    last = entry.key.rpartition(".")[2]
    pairs = _PAIR.findall(entry.value) if last in ("env", "arg") or last.isdigit() else []
    return [(f"{entry.key}.{name}", value.strip("\"'")) for name, value in pairs] or [(entry.key, entry.value)]


def _of_file(ev: Evaluator, path: str, facts: PythonFacts, may_hold: Callable[[bytes], bool]) -> Iterator[WrittenText]:
    for number, scope in enumerate(facts.scopes):
        ref = ScopeRef(path, number)
        if _is_enumeration(scope):
            continue  # the names of things, not the things
        reader = _Reader(path, scope.qualname, _is_settings(scope))
        if any(param.default is not None for param in scope.params.items):
            for param in scope.params.items:
                if param.default is not None:
                    yield from reader.value(param.default, param.name, Writing.DEFAULT)
        if may_hold(raw(ev.index, ref)):
            yield from reader.statements(body(ev.index, ref))


def _is_enumeration(scope: Scope) -> bool:
    bases = {dotted(base).rpartition(".")[2] for base in scope.bases}
    return scope.kind is ScopeKind.CLASS and any(base.endswith(("Enum", "Choices", "Flag")) for base in bases)


def _is_settings(scope: Scope) -> bool:
    """Whether a class's fields are what the environment may set: pydantic's settings, by the name of a base."""
    bases = {dotted(base).rpartition(".")[2] for base in scope.bases}
    return scope.kind is ScopeKind.CLASS and any(base.endswith("Settings") for base in bases)


@dataclass(frozen=True, slots=True)
class _Reader:
    """A scope whose texts are read."""

    path: str
    within: str
    settings: bool

    def statements(self, block: Body) -> Iterator[WrittenText]:
        """Every constant text of a body, but for docstrings and other statements that are nothing but a text."""
        given: set[int] = set()  # what has been read under a better name
        for node in nodes(block):
            if id(node) in given:
                continue
            found: list[WrittenText] = []
            match node:
                case ExprStmt(value=Literal() | Format() as value):
                    given.update(map(id, nodes(value)))
                case Assign(targets=targets, value=value):
                    found = list(self.value(value, _name(targets[0]), self._assigned()))
                    given.update(map(id, _plain(value)))
                case AnnAssign(target=target, value=value) if value is not None:
                    found = list(self.value(value, _name(target), self._assigned()))
                    given.update(map(id, _plain(value)))
                case Call():
                    found = list(self._call(node, ""))
                    given.update(map(id, (inner for part in (*node.args, *node.keywords) for inner in _plain(part))))
                case Compare(left=left, comparators=(right,), ops=("==" | "!=",)):
                    for one, other in ((left, right), (right, left)):
                        if isinstance(other, Literal):
                            found += self.value(other, _name(one), Writing.COMPARED)
                            given.add(id(other))
                case Dict():
                    found = list(self.value(node, "", Writing.ASSIGNED))
                    given.update(map(id, _plain(node)))
                case Literal() | Format():
                    found = list(self.value(node, "", Writing.OTHER))
                    given.update(map(id, nodes(node)))
                case _:
                    pass
            yield from found

    def _assigned(self) -> Writing:
        return Writing.DEFAULT if self.settings else Writing.ASSIGNED

    def value(self, expr: Expr, name: str, writing: Writing, callee: str = "") -> Iterator[WrittenText]:
        """The texts of a value that a name is given."""
        match expr:
            case Literal(kind=LiteralKind.STR | LiteralKind.BYTES, value=str(text)):
                yield WrittenText(name, holds(name), text, Location(self.path, expr.at), writing, callee, self.within)
            case Format(parts=parts):
                text = "".join(str(p.value) if isinstance(p, Literal) else "{}" for p in parts)
                yield WrittenText(name, holds(name), text, Location(self.path, expr.at), writing, callee, self.within)
            case Dict(keys=keys, values=values):
                for key, item in zip(keys, values, strict=True):
                    own = key.value if isinstance(key, Literal) and isinstance(key.value, str) else "?"
                    yield from self.value(item, f"{name}.{own}".removeprefix("."), writing, callee)
            case Sequence(items=items):
                for number, item in enumerate(items):
                    yield from self.value(item, f"{name}.{number}".removeprefix("."), writing, callee)
            case BoolOp(op="or", values=(*first, last)):
                for part in first:
                    yield from self.value(part, name, writing, callee)
                yield from self.value(last, name, Writing.FALLBACK, callee)
            case Call():
                yield from self._call(expr, name, writing)
            case _:
                pass

    def _call(self, call: Call, name: str, writing: Writing = Writing.ASSIGNED) -> Iterator[WrittenText]:
        """The texts given to a call: what it is when the environment says nothing, or its arguments by name."""
        callee = dotted(call.callee)
        first = call.args[0] if call.args else None
        if isinstance(first, Literal) and isinstance(first.value, str) and reads(call.callee):
            default = [k.value for k in call.keywords if k.name in ("default", "fallback")]
            # `config.get("section", "option")` has no default there; a key of the environment is in capitals.
            for value in (*call.args[1 : 2 if first.value.isupper() else 1], *default):
                yield from self.value(value, name or first.value, Writing.FALLBACK, callee)
            return
        copies = callee.rpartition(".")[2] in _COPYING and bool(name)
        for given in call.args:
            own = name if copies else ""
            yield from self.value(given, own, writing if copies else Writing.ARGUMENT, callee)
        for keyword in call.keywords:
            if copies and keyword.name == "default":
                yield from self.value(keyword.value, name, writing, callee)
            else:
                yield from self.value(keyword.value, keyword.name or "", Writing.ARGUMENT, callee)


def _plain(value: Any) -> Iterator[Any]:
    """The nodes of a value that `_Reader.value` reads itself."""
    yield value
    match value:
        case Dict(values=inner) | Sequence(items=inner) | BoolOp(op="or", values=inner):
            for item in inner:
                yield from _plain(item)
        case Keyword(value=one):
            yield from _plain(one)
        case Call(args=args, keywords=keywords):
            for argument in (*args, *keywords):
                yield from _plain(argument)
        case Format():
            yield from nodes(value)
        case _:
            pass


def _name(target: Expr) -> str:
    """The name that a target is: "x", "self.x", and "x.key" for `x["key"]`."""
    if isinstance(target, Subscript) and isinstance(target.index, Literal):
        return f"{_name(target.value)}.{target.index.value}".removeprefix(".")
    return dotted(target)
