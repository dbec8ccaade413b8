"""An expression → whether it is who is asking, as far as names and dependencies say."""

from __future__ import annotations

import re

from ..link.bindings import Bind
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef
from ..link.parameters import dependency_calls
from ..link.walk import dotted, nodes
from ..model.code import Attribute, Await, Call, Expr, Literal, Name, Param, Subscript
from . import identity
from .identity import snake, word

# "request.user", "self.request.organization.id", "g.current_user", "info.context.user": who asks, wherever it is kept.
_HELD = re.compile(
    r"(?:^|\.)(?:request|req|g|state|context|ctx|session|info|event|connection|websocket)\."
    r"(?:current_|logged_in_|auth(?:ed|enticated)?_)?(?:user|account|tenant|organi[sz]ation|org|workspace|team|company|member"
    r"|person|actor|principal|identity|household|group|customer|space|project|active_organization)(?:_id|name)?(?:\.|$)"
)
_OWN = re.compile(
    r"^self\.(?:current_)?(?:user|account|tenant|organi[sz]ation|workspace|group|household|person|member)(?:_id)?(?:\.|$)"
)
_SURE = re.compile(
    r"^(?:flask_login\.)?(?:current_|logged_in_|authenticated_|authed_|requesting_|request_)"
    r"(?:user|account|identity|member|person|principal|tenant|actor)(?:_id)?(?:\.|$)|^me\.id$"
)
_PERSON = re.compile(
    r"(?:^|_)(?:user|account|tenant|member|person|actor|principal|identity|me|auth|claims|context|customer|owner|admin)"
    r"(?:_id)?$"
)
_HOLDS_CLAIMS = frozenset({"session", "claims", "payload", "token", "decoded", "identity", "token_data"})
_WHO = re.compile(r"^(?:\w+_)?(?:user|actor|principal|identity|claims)(?:_dep)?$")
_TELLS = re.compile(
    r"get_(?:current_)?(?:jwt_)?(?:user|identity|account|actor|tenant|person)(?:_id)?$|current_(?:user|identity|account)"
)


def asks(ev: Evaluator, ref: ScopeRef, expr: object) -> bool:
    """Whether an expression is who is asking, or something of him."""
    match expr:
        case Name() | Attribute():
            written = dotted(expr)
            if not written:
                return False
            if surely(written) or _OWN.search(written):
                return True
            first = written.partition(".")[0]
            return _known(ev, ref, first, bool(_PERSON.search(snake(first))))
        case Subscript(value=holder, index=Literal(value=str() as key)):
            return _claims(word(holder), key)
        case Call(callee=Attribute(value=holder, name="get"), args=(Literal(value=str() as key), *_)):
            return _claims(word(holder), key)
        case Call(callee=callee):
            return bool(_TELLS.search(snake(word(callee)))) and not expr.args
        case _:
            return False


def _claims(holder: str, key: str) -> bool:
    """`session["user"]`, `claims["sub"]`: what the log-in left there."""
    return key == "sub" or (holder in _HOLDS_CLAIMS and bool(_PERSON.search(snake(key))))


def surely(written: str) -> bool:
    """Whether a dotted name is who is asking, wherever it stands."""
    return bool(_HELD.search(written) or _SURE.search(written))


def mentions_asker(ev: Evaluator, ref: ScopeRef, expr: Expr) -> bool:
    """Whether who is asking stands anywhere in an expression."""
    return any(asks(ev, ref, node) for node in nodes(expr))


def _known(ev: Evaluator, ref: ScopeRef, name: str, person: bool) -> bool:
    """Whether a name is a parameter that a framework or caller fills with who asks, or is assigned who asks."""
    given = ev.param(ref, name)
    if given is not None:
        return _asked_for(given) or (person and _filled(given))
    for binding in ev.bindings(ref).get(name, ()) if person else ():
        if binding.how is not Bind.VALUE or binding.expr is None:
            continue
        made = binding.expr.value if isinstance(binding.expr, Await) else binding.expr
        if isinstance(made, Call) and (_TELLS.search(snake(word(made.callee))) or identity.speaks(word(made.callee))):
            return True
        if isinstance(made, Attribute) and surely(dotted(made)):
            return True
    return False


def _asked_for(param: Param) -> bool:
    """`who=Depends(current_user)`, `me: CurrentUser`: what fills a parameter says that it is who asks."""
    said = [word(given) for call in dependency_calls(param) for given in call.args]
    if isinstance(param.annotation, Name | Attribute):
        said.append(word(param.annotation))
    return any(identity.speaks(name) or _TELLS.search(snake(name)) or _WHO.search(snake(name)) for name in said)


def _filled(param: Param) -> bool:
    """A parameter with a dependency or a type: not a plain part of the path."""
    if dependency_calls(param):
        return True
    said = dotted(param.annotation) if isinstance(param.annotation, Name | Attribute) else ""
    return bool(said) and said.rpartition(".")[2] not in ("str", "int", "UUID", "UUID4", "uuid4")
