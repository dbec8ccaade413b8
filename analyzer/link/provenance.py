"""An expression in a frame → what its value is made of: sources, and the names on the way, nearest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..libraries import constructor
from ..model.code import (
    Attribute,
    Await,
    BinOp,
    BoolOp,
    Call,
    Comprehension,
    Expr,
    Field,
    Format,
    IfExp,
    Literal,
    Name,
    NamedExpr,
    Param,
    Return,
    Sequence,
    Starred,
    Subscript,
)  # fmt: skip
from ..model.facts import ScopeKind
from ..model.location import Location, Span, Step
from ..model.project import Origin
from ..model.provenance import Part, Source
from . import calling, parameters
from .bindings import Bind, Binding, State
from .evaluate import Evaluator
from .flow import Flow
from .index import ScopeRef, body, call_at, enclosing_class
from .texts import KEEPING
from .values import External, Frame, Function, Instance, Opaque, Thunk, Value, Values
from .vocabulary import holds
from .walk import dotted, statements

MOST = 120  # expressions looked at for one value
MOST_CALLERS = 8
DEEPEST = 4  # functions entered, or callers one above another
_WAITS = {
    "http": Source.NETWORK, "socket": Source.NETWORK, "mail": Source.NETWORK, "queue": Source.QUEUE,
    "cache": Source.CACHE, "database": Source.DATABASE, "file": Source.FILE, "process": Source.PROCESS,
    "input": Source.OPERATOR,
}  # fmt: skip
_ORIGINS = {Origin.REQUEST: Source.REQUEST, Origin.OPERATOR: Source.OPERATOR}
_FOLLOWED = frozenset({Bind.VALUE, Bind.NAMED, Bind.ADDED, Bind.ITEM, Bind.ELEMENT, Bind.ENTERED})
# What changes the form of its argument and not what it says.
_COPYING = frozenset({
    "builtins.str", "builtins.bytes", "builtins.bytearray", "builtins.memoryview", "base64.b64encode",
    "base64.b64decode", "base64.urlsafe_b64decode", "base64.urlsafe_b64encode", "base64.standard_b64decode",
    "base64.decodebytes", "base64.b85decode", "base64.b32decode", "binascii.unhexlify", "binascii.a2b_base64",
    "zlib.decompress",
    "gzip.decompress", "bz2.decompress", "lzma.decompress", "io.BytesIO", "io.StringIO", "bytes.fromhex",
    "codecs.encode", "codecs.decode", "urllib.parse.unquote", "six.ensure_binary", "six.ensure_str", "six.b",
    "django.utils.encoding.force_bytes", "django.utils.encoding.smart_bytes", "django.utils.encoding.force_str",
})  # fmt: skip
_HANDING = KEEPING | frozenset({
    "join", "format", "read", "getvalue", "getbuffer", "tobytes", "hex", "readline", "get_secret_value",
})  # fmt: skip
# Methods that only database drivers and mappers have, whatever their receiver is.
_FETCHING = frozenset({
    "fetchone", "fetchall", "fetchmany", "fetchrow", "fetchval", "scalar_one", "scalar_one_or_none", "scalars",
})  # fmt: skip
_PICKING = frozenset({"get", "pop", "setdefault", "getlist"})


@dataclass(slots=True)
class Walk:
    """One value's walk: what has been seen, and how many expressions may still be looked at."""

    ev: Evaluator
    room: int = MOST
    seen: set[tuple[ScopeRef, Expr, bool]] = field(default_factory=set)

    def parts(
        self, expr: Expr, frame: Frame, direct: bool = True, trace: tuple[Step, ...] = (), depth: int = 0
    ) -> Iterator[Part]:
        """What the expression's value is made of."""
        key = (frame.ref, expr, direct)
        if key in self.seen:
            return
        self.seen.add(key)
        self.room -= 1
        if self.room <= 0:
            return
        yield from _Place(self, frame, direct, trace, depth).of(expr)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk stands."""

    walk: Walk
    frame: Frame
    direct: bool
    trace: tuple[Step, ...]
    depth: int

    def _on(self, expr: Expr, direct: bool = True) -> Iterator[Part]:
        return self.walk.parts(expr, self.frame, self.direct and direct, self.trace, self.depth)

    def _part(self, source: Source, written: str, at: Span) -> Part:
        return Part(source, written, Location(self.frame.ref.path, at), holds(written), self.direct, self.trace)

    def of(self, expr: Expr) -> Iterator[Part]:
        match expr:
            case Literal():
                yield self._part(Source.OWN, "", expr.at)
            case Name(id=name):
                yield self._part(Source.NAME, name, expr.at)
                yield from self._name(expr)
            case Attribute(name="objects"):
                yield self._part(Source.DATABASE, dotted(expr), expr.at)  # what Django calls its tables' managers
            case Attribute(name=name):
                yield self._part(Source.NAME, dotted(expr) or name, expr.at)
                yield from self._attribute(expr)
            case Subscript(value=value, index=index):
                key = index.value if isinstance(index, Literal) else None
                if isinstance(key, str):
                    yield self._part(Source.NAME, key, expr.at)
                if self._told(self.walk.ev.expr(expr, self.frame)) is Source.OPERATOR:
                    yield self._part(Source.OPERATOR, dotted(value), expr.at)
                else:
                    yield from self._on(value, direct=not isinstance(key, str))
            case Call():
                yield from self._call(expr)
            case BinOp(left=left, right=right):
                yield from self._on(left)
                yield from self._on(right)
            case IfExp(body=left, orelse=right):
                yield from self._on(left)
                yield from self._on(right)
            case Comprehension(element=element):
                yield from self._on(element, direct=False)
            case Format(parts=inner) | BoolOp(values=inner) | Sequence(items=inner):
                for part in inner:
                    yield from self._on(part)
            case Field(value=value) | Await(value=value) | Starred(value=value) | NamedExpr(value=value):
                yield from self._on(value)
            case _:
                yield self._part(Source.UNKNOWN, "", expr.at)

    # ------------------------------------------------------------------ names

    def _name(self, expr: Name) -> Iterator[Part]:
        ev, ref = self.walk.ev, self.frame.ref
        items = ev.scope(ref).params.items
        param = next((p for p in items if p.name == expr.id), None)
        entry = (Binding(Bind.MATCHED, expr.id, param.at),) if param is not None else ()
        bound = self._reaching(expr.id, expr.at, ref, entry)
        source = self._told(ev.expr(expr, self.frame)) if all(b.expr is None for b in bound) else None
        if source is not None:
            yield self._part(source, expr.id, expr.at)
            return
        for binding in bound:
            if binding.expr is not None:
                yield from self._on(binding.expr)
            elif param is not None and not (param is items[0] and enclosing_class(ev.index, ref)):
                yield from self._param(param)
        if not bound:
            yield from self._outer(expr)

    def _reaching(self, name: str, at: Span, ref: ScopeRef, entry: State = ()) -> State:
        ev = self.walk.ev
        every = tuple(b for b in ev.bindings(ref).get(name, ()) if b.how in _FOLLOWED)
        facts = ev.index.python[ref.path]
        return Flow(name, at, every, facts.scopes, facts.imports).reaching(body(ev.index, ref), entry)

    def _outer(self, expr: Name) -> Iterator[Part]:
        """What an enclosing function or the module binds the name to."""
        ev, ref = self.walk.ev, self.frame.ref
        parent = ev.scope(ref).parent
        while parent >= 0:
            above = ScopeRef(ref.path, parent)
            bound = [b for b in ev.bindings(above).get(expr.id, ()) if b.how in _FOLLOWED and b.expr is not None]
            for binding in bound if ev.scope(above).kind is not ScopeKind.CLASS else ():
                if binding.expr is not None:
                    yield from self.walk.parts(binding.expr, Frame(above), self.direct, self.trace, self.depth)
            if bound:
                return
            parent = ev.scope(above).parent
        if expr.id != "__file__":
            yield self._part(Source.UNKNOWN, expr.id, expr.at)

    def _param(self, param: Param) -> Iterator[Part]:
        """What the callers give to a parameter."""
        ev, ref = self.walk.ev, self.frame.ref
        given = next((v for name, v in self.frame.known if name == param.name), None)
        if isinstance(given, Thunk):
            yield from self.walk.parts(given.expr, given.frame, self.direct, self.trace, self.depth)
            return
        sites = parameters.callers(ev, ref) if self.depth < DEEPEST else ()
        method = enclosing_class(ev.index, ref) is not None
        for site in sites[:MOST_CALLERS]:
            call, above = call_at(ev.index, site), Frame(ScopeRef(site.path, ev.index.site(site).scope))
            bound = parameters.bind(ev, ref, call, above, has_receiver=method) if call is not None else {}
            thunk = bound.get(param.name)
            if call is not None and isinstance(thunk, Thunk):
                step = Step(Location(site.path, call.at), f"`{dotted(thunk.expr) or '…'}` is passed on here")
                yield from self.walk.parts(thunk.expr, above, self.direct, (step, *self.trace), self.depth + 1)
        if not sites:
            yield self._part(Source.PARAMETER, param.name, param.at)

    def _attribute(self, expr: Attribute) -> Iterator[Part]:
        if source := self._told(self.walk.ev.expr(expr, self.frame)):
            yield self._part(source, dotted(expr) or expr.name, expr.at)
            return
        full = dotted(expr)
        bound = self._reaching(full, expr.at, self.frame.ref) if full.count(".") == 1 else ()
        for binding in bound:
            if binding.expr is not None:
                yield from self._on(binding.expr)
        if not bound:
            yield from self._on(expr.value, direct=False)

    def _told(self, values: Values) -> Source | None:
        """What the evaluator knows already of where a value is from."""
        for value in values:
            if isinstance(value, Opaque) and value.origin in _ORIGINS:
                return _ORIGINS[value.origin]
            if isinstance(value, Instance) and isinstance(value.cls, str):
                model = self.walk.ev.libraries.classes.get(value.cls)
                if model is not None and model.request:
                    return Source.REQUEST
        return None

    # ------------------------------------------------------------------ calls

    def _call(self, call: Call) -> Iterator[Part]:
        ev = self.walk.ev
        targets = ev.expr(call.callee, self.frame)
        names = {v.name for v in targets if isinstance(v, External)}
        word = call.callee.name if isinstance(call.callee, Attribute) else ""
        match call.args:
            case (Literal(value=str() as key), *_) if word in _PICKING:
                yield self._part(Source.NAME, key, call.at)
            case _:
                pass
        for value in targets:
            # What a method of something not understood gives has its receiver's origin, which is told there.
            if (isinstance(value, External) or not word) and (source := self._source(value)):
                written = value.name if isinstance(value, External) else dotted(call.callee)
                yield self._part(source, written, call.at)
                return
        if word in _FETCHING and not any(isinstance(value, Function) for value in targets):
            yield self._part(Source.DATABASE, dotted(call.callee) or word, call.at)
            return
        own = [value for value in targets if isinstance(value, Function)]
        if own and self.depth < DEEPEST:
            for function in own:
                yield from self._returned(function, call)
            return
        paths = any(name.endswith("path.join") for name in names)  # a path says which file, not what is in it
        copies = bool(names & _COPYING) or (word in _HANDING and not paths)
        if isinstance(call.callee, Attribute) and not names & _COPYING:
            yield from self._on(call.callee.value, direct=copies)
        for argument in (*call.args, *(k.value for k in call.keywords)):
            yield from self._on(argument, direct=copies)

    def _source(self, target: Value) -> Source | None:
        """What a call reads from, by the library models."""
        ev = self.walk.ev
        if not isinstance(target, External):
            return self._told((target,))
        marked = {kind for kind, names in ev.libraries.markers.items() if target.name in names}
        if "serializer" in marked:
            return Source.OWN
        if "authenticator" in marked:
            return Source.VERIFIED
        if "environment" in marked:
            return Source.OPERATOR
        operation = calling.operation(ev, target)
        kind = (operation.blocks or operation.waits) if operation is not None else ""
        receiver = target.receiver
        if isinstance(receiver, Instance) and isinstance(receiver.cls, str) and not kind:
            made = constructor(ev.libraries, receiver.cls)
            kind = made[1].waits if made is not None and operation is not None else ""
        told = self._told((receiver,)) if receiver is not None else None
        return _WAITS.get(kind) or told

    def _returned(self, function: Function, call: Call) -> Iterator[Part]:
        """What a function of the project returns for these arguments."""
        ev, ref = self.walk.ev, function.ref
        bound = parameters.bind(ev, ref, call, self.frame, has_receiver=function.receiver is not None)
        frame = ev.frame(ref, tuple(sorted(bound.items())), self.frame.depth + 1)
        step = Step(Location(self.frame.ref.path, call.at), f"`{ev.scope(ref).name}` gives it back")
        for statement in statements(body(ev.index, ref)):
            if isinstance(statement, Return) and statement.value is not None:
                yield from self.walk.parts(statement.value, frame, self.direct, (*self.trace, step), self.depth + 1)
