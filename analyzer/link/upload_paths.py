"""Calls that write files → those whose path holds the name that a client gave an upload."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..model.api import UploadPath
from ..model.code import (
    Attribute,
    Await,
    BinOp,
    BoolOp,
    Call,
    Compare,
    Expr,
    Field,
    Format,
    IfExp,
    Literal,
    Name,
    NamedExpr,
)  # fmt: skip
from ..model.location import Location
from .bindings import Bind
from .evaluate import Evaluator
from .index import ScopeRef, body
from .uploads import framework
from .values import Const, Frame
from .walk import dotted, nodes

_NAMED = frozenset({"starlette", "flask"})  # Django cuts the folders off an upload's name itself
_OPENS = frozenset({"open", "io.open", "builtins.open", "aiofiles.open", "anyio.open_file", "os.open"})
_WRITES = frozenset({"write_bytes", "write_text"})  # of a path
_MOVES = frozenset({"shutil.move", "shutil.copy", "shutil.copyfile", "os.rename", "os.replace"})  # to the second
_JOINS = frozenset({"os.path.join", "posixpath.join"})
_PATHS = (
    "pathlib.",
    "anyio.Path",
    "builtins.str",
    "os.fspath",
    "os.path.abspath",
    "os.path.normpath",
    "os.path.expanduser",
)
_SAME = frozenset({"strip", "lower", "upper", "joinpath"})  # leaves the folders in a text, or adds one before it
# What a function does that sees to it that a path stays in its folder, or a name is only a name.
_CHECKS = frozenset({
    "is_relative_to", "relative_to", "commonpath", "commonprefix", "safe_join", "secure_filename", "startswith",
    "realpath", "match", "fullmatch", "basename", "is_safe_path", "validate_filename",
})  # fmt: skip
_MOST = 6  # names assigned one from the other


def upload_paths(ev: Evaluator, with_tests: bool) -> Iterator[UploadPath]:
    """Every file that is written under a client's name, in a function that does not look at the name."""
    for path, facts in sorted(ev.index.python.items()):
        if "filename" not in facts.attributes or (path in ev.index.tests and not with_tests):
            continue
        for number in range(len(facts.scopes)):
            ref = ScopeRef(path, number)
            whole = tuple(nodes(body(ev.index, ref)))
            if not any(isinstance(n, Attribute) and n.name == "filename" for n in whole) or _checked(whole):
                continue
            for node in whole:
                if isinstance(node, Call) and (target := _target(ev, node, Frame(ref))) is not None:
                    named = _Name(ev, Frame(ref)).of(target)
                    if named is not None:
                        yield UploadPath(Location(path, node.at), dotted(node.callee), Location(path, named.at))


def _checked(whole: tuple[object, ...]) -> bool:
    for node in whole:
        match node:
            case Call(callee=callee) if dotted(callee).rpartition(".")[2] in _CHECKS or _last(callee) in _CHECKS:
                return True
            case Compare(left=Literal(value="/" | ".." | "\\"), ops=("in" | "not in", *_)):
                return True
            case Attribute(name="name", value=Call(callee=callee)) if (
                dotted(callee).rpartition(".")[2].endswith("Path")
            ):
                return True  # `Path(file.filename).name`
            case _:
                pass
    return False


def _last(callee: Expr) -> str:
    return callee.name if isinstance(callee, Attribute) else ""


def _target(ev: Evaluator, call: Call, frame: Frame) -> Expr | None:
    """The path that a call writes to."""
    names = {dotted(call.callee), *ev.qualified(call.callee, frame)}
    if names & _OPENS:
        mode = call.args[1] if len(call.args) > 1 else next((k.value for k in call.keywords if k.name == "mode"), None)
        writes = isinstance(mode, Literal) and isinstance(mode.value, str) and not {*"wax+"}.isdisjoint(mode.value)
        return call.args[0] if call.args and writes else None
    if names & _MOVES:
        return call.args[1] if len(call.args) > 1 else None
    if isinstance(call.callee, Attribute) and call.callee.name in _WRITES:
        return call.callee.value
    if isinstance(call.callee, Attribute) and call.callee.name == "save" and call.args:
        return call.args[0] if framework(ev, call.callee.value, frame) == "flask" else None
    return None


@dataclass(frozen=True, slots=True)
class _Name:
    """Looks for the client's name in a path, where folders in it would count."""

    ev: Evaluator
    frame: Frame
    seen: set[str] = field(default_factory=set)

    def of(self, expr: Expr) -> Attribute | None:
        """The place where the name is taken, or None."""
        match expr:
            case Attribute(name="filename", value=owner):
                return expr if framework(self.ev, owner, self.frame) in _NAMED else None
            case Name(id=name):
                return self._bound(name)
            case Await(value=value) | NamedExpr(value=value):
                return self.of(value)
            case BoolOp(values=values):
                return next(filter(None, map(self.of, values)), None)
            case IfExp(body=first, orelse=second):
                return self.of(first) or self.of(second)
            case BinOp(op="/", left=left, right=right):
                return self.of(right) or self.of(left)
            case BinOp(op="+", left=left, right=right):
                return self.of(left) or (self.of(right) if self._ends_folder(left) else None)
            case Format(parts=parts):
                return self._format(parts)
            case Call():
                return self._call(expr)
            case _:
                return None

    def _bound(self, name: str) -> Attribute | None:
        if name in self.seen or len(self.seen) >= _MOST:
            return None
        self.seen.add(name)
        bound = self.ev.bindings(self.frame.ref).get(name, ())
        given = [b.expr for b in bound if b.how in (Bind.VALUE, Bind.NAMED) and b.expr is not None]
        return next(filter(None, map(self.of, given)), None)

    def _format(self, parts: tuple[Expr, ...]) -> Attribute | None:
        """A text before the name, `f"{number}_{name}"`, makes its first folder one that is not there."""
        for before, part in zip((None, *parts), parts, strict=False):
            free = before is None or (isinstance(before, Literal) and str(before.value).endswith("/"))
            if isinstance(part, Field) and free and (found := self.of(part.value)) is not None:
                return found
        return None

    def _call(self, call: Call) -> Attribute | None:
        names = {dotted(call.callee), *self.ev.qualified(call.callee, self.frame)}
        if names & _JOINS or any(name.startswith(_PATHS) or name in ("Path", "str") for name in names):
            return next(filter(None, map(self.of, call.args)), None)
        if isinstance(call.callee, Attribute) and call.callee.name in _SAME:
            return self.of(call.callee.value) or next(filter(None, map(self.of, call.args)), None)
        return None

    def _ends_folder(self, expr: Expr) -> bool:
        values = self.ev.expr(expr, self.frame)
        return bool(values) and all(isinstance(v, Const) and str(v.value).endswith("/") for v in values)
