"""Binds to a directory with somebody's password → those before which nobody asks whether there is one at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..model.access import DirectoryBind
from ..model.code import Attribute, BoolOp, Call, Compare, Expr, If, IfExp, Literal, Name, Sequence, Subscript, UnaryOp
from ..model.facts import ScopeKind
from ..model.location import Location
from .callgraph import CallGraph
from .evaluate import Evaluator
from .index import ScopeRef, body, raw
from .reach import functions_above
from .vocabulary import holds
from .walk import dotted, nodes

_BINDS = frozenset({"simple_bind_s", "simple_bind", "bind_s", "bind"})
_OWN = re.compile(r"settings|config|conf|app|os|environ|self|cls", re.IGNORECASE)  # whose password is the backend's own
_REQUIRED = re.compile(r"DataRequired|InputRequired|min_length|CharField|Length|PasswordField")
_SIGNS_IN = re.compile(r"log_?in|sign_?in|log_?on|auth|credential", re.IGNORECASE)  # forms of other things ask too
_MARK = b"bind"


def directory_binds(ev: Evaluator, graph: CallGraph) -> Iterator[DirectoryBind]:
    """Every bind of python-ldap with a password that was handed in, and that may be empty for all that is seen."""
    for path, facts in sorted(ev.index.python.items()):
        if path in ev.index.tests or not any(item.module.partition(".")[0] == "ldap" for item in facts.imports):
            continue
        scopes = [ScopeRef(path, number) for number in range(len(facts.scopes))]
        checked = any(_asks(body(ev.index, ref)) for ref in scopes)
        for ref in scopes if not checked and not _required(ev) else ():
            if ev.scope(ref).kind is ScopeKind.FUNCTION and _MARK in raw(ev.index, ref):
                yield from _unchecked(ev, graph, ref)


def _unchecked(ev: Evaluator, graph: CallGraph, ref: ScopeRef) -> Iterator[DirectoryBind]:
    for node in nodes(body(ev.index, ref)):
        if isinstance(node, Call) and _handed_in(node):
            at = Location(ref.path, node.at)
            if not any(_asks(body(ev.index, above)) for above in functions_above(ev, graph, at)):
                yield DirectoryBind(at, ev.scope(ref).qualname)


def _handed_in(call: Call) -> bool:
    """`connection.simple_bind_s(dn, password)`, with a password that is no setting."""
    if not (isinstance(call.callee, Attribute) and call.callee.name in _BINDS):
        return False
    given = [*call.args[1:2], *(k.value for k in call.keywords if k.name == "cred")]
    words = dotted(given[0]).split(".") if given else []
    ours = any(_OWN.fullmatch(word) for word in words[:-1]) or (bool(words) and words[-1].isupper())
    return bool(words) and not ours and holds(words[-1]) == "password"


def _asks(block: Iterable[object]) -> bool:
    """Whether code asks if there is a password: `if not password`, `password == ""`, `len(password)`."""
    for node in nodes(tuple(block)):
        match node:
            case UnaryOp(op="not", operand=asked) | If(test=asked) | IfExp(test=asked):
                found = _password(asked)
            case BoolOp(values=values):
                found = any(map(_password, values))
            case Compare(left=left, comparators=others):
                both = (left, *others)
                found = any(map(_password, both)) and any(isinstance(one, Literal) for one in both)
            case Call(callee=Name(id="len" | "all" | "any"), args=(asked, *_)):
                found = _password(asked)
            case _:
                found = False
        if found:
            return True
    return False


def _password(expr: Expr) -> bool:
    match expr:
        case Call(callee=Attribute(value=inner)):
            return _password(inner)
        case Subscript(index=Literal(value=str(word))):
            return holds(word) == "password"
        case Sequence(items=items):
            return any(map(_password, items))
        case _:
            return holds(dotted(expr)) == "password"


def _required(ev: Evaluator) -> bool:
    """Whether a form or model to sign in with refuses an empty password, as Django's do by default."""
    for path, facts in sorted(ev.index.python.items()):
        if path in ev.index.tests:
            continue
        if any(item.module.partition(".")[0] == "django" for item in facts.imports):
            return True
        for number, scope in enumerate(facts.scopes):
            ref = ScopeRef(path, number)
            form = scope.kind is ScopeKind.CLASS and _SIGNS_IN.search(scope.name)
            for name, bound in ev.bindings(ref).items() if form else ():
                if holds(name) == "password" and any(_refuses(binding.expr) for binding in bound):
                    return True
    return False


def _refuses(expr: object) -> bool:
    for node in nodes(expr) if isinstance(expr, Call) else ():
        words = [dotted(node.callee), *(k.name or "" for k in node.keywords)] if isinstance(node, Call) else []
        if any(_REQUIRED.search(word) for word in words):
            return True
    return False
