"""Names and bodies of the project's own code → whether they ask who may, once it is known who is asking."""

from __future__ import annotations

import re

from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, body
from ..link.walk import dotted, nodes, statements
from ..model.code import (
    Assign,
    Attribute,
    Await,
    BoolOp,
    Call,
    Compare,
    Expr,
    ExprStmt,
    If,
    Keyword,
    Name,
    Raise,
    Return,
    Stmt,
    UnaryOp,
)  # fmt: skip
from . import identity
from .askers import asks, mentions_asker
from .harmless import harmless
from .identity import forbids, refuses, snake, word
from .speech import Says, family

_SPEAKS = re.compile(
    r"permission(?!s?_(?:class|form|serial|schema|model|codename|name|group))|(?:^|_)perms?(?:_|$)"
    r"|(?:^|_)authori[sz]e(?:d|_|$)|(?:roles?|admin|staff|superuser|owner|groups?|scopes?|moderator)_?(?:required|accepted|only)"
    r"|requires?_\w*(?:role|admin|perm|scope|owner|access|staff|superuser|group|right|privilege|policy|member)"
    r"|(?:check|verify|validate|ensure|assert|enforce|test)_\w*(?:perm|access|role|admin|owner|scope|right|privilege"
    r"|polic|member|author[is]|allowed|staff|superuser|can_)"
    r"|has_(?:perm|role|access|scope|any_|right|privilege|obj|model_|domain)"
    r"|is_(?:admin|staff|superuser|owner|member|moderator|manager|allowed|authori[sz]ed|permitted|editor|creator|author)"
    r"|only_(?:admin|owner|staff|superuser)|access_(?:control|polic|check|rule)|(?:^|_)(?:acl|rbac|abac)(?:_|$)|(?:^|_)can_\w"
    r"|allowed_to|user_passes_test|(?:object|row|owner)_level"
)
# What reacts to a refusal, and what hands out or describes rights rather than asking for them.
_REACTS = re.compile(
    r"(?:error|exception|handler|denied|url|schema|form|model|config|settings?|serializer|factory|migration)s?$|optional"
    r"|^(?:set|add|remove|create|update|delete|list|get|load|assign|grant|revoke|format|parse|init|sync|copy|fetch|to)_"
    r"|^(?:not_)?(?:exempt|skip)"
)
_ELSEWHERE = re.compile(
    r"csrf|(?:^|_)cors|audit|logging|prometheus|metric|telemetry|tracing|gzip|compress|cache|locale|timing|rate_?limit"
    r"|throttl|request_id|correlation|transaction|maintenance|sentry"
)
# Finding out who is asking goes by what he showed, and is no question of what he may.
_IDENTIFIES = re.compile(
    r"(?:current|logged_?in|active|authed|session)_\w*(?:user|account|identity)|authenticat|(?:login|auth|jwt|token|session|key)_required"
    r"|(?:load|find|resolve|retrieve|fetch)_user|^get_(?:user|identity|principal|account)$|user_loader|verify_(?:token|jwt|password)|decode_"
)
_WEIGHS = re.compile(
    r"(?:^|_)(?:roles?|perms?|permissions?|privileges?|rights?|scopes|policy|policies|acl)$|(?:^|_)(?:admin|staff|superuser|owners?|moderator)$"
    r"|(?:^|_)(?:owner|creator|author)_?id$|^(?:can|may)_\w|(?:^|_)is_(?:admin|staff|superuser|owner|member|editor|moderator|manager|author|shared|public)\w*"
    r"|^(?:has|check|is)_\w*(?:perm|access|role|allowed|owner|admin|member)|(?:^|_)(?:membership|allowed|authorized)$"
)
_PRIVILEGED = re.compile(r"(?:^|_)(?:admin|administrator|staff|superuser|operator|internal|service|system|scim)(?:_|$)")
_WHOSE = re.compile(
    r"^(?:user|owner|author|creator|account|customer|tenant|organi[sz]ation|org|workspace|team|company|group|member|person"
    r"|created_by|household|space|project)(?:_?(?:id|pk|uuid))?$"
)
_ENFORCES = re.compile(r"^_*(?:check|verify|ensure|assert|require|enforce|authori[sz]e|validate|test|raise)")
_NARROWS = frozenset({
    "filter", "filter_by", "where", "exclude", "get", "get_object_or_404", "get_list_or_404", "find", "find_one",
    "get_or_404", "first_or_404", "for_user", "visible_to", "accessible_by", "owned_by", "one_or_404", "aget",
    "afilter",
})  # fmt: skip


def speaks(name: str) -> bool:
    """Whether a name says that it asks what somebody may."""
    words = snake(name.rpartition(".")[2])
    return bool(_SPEAKS.search(words)) and not _REACTS.search(words)


def elsewhere(name: str) -> bool:
    """Whether a name of the project's own says that it does something else than asking what somebody may."""
    words = snake(name.rpartition(".")[2])
    return bool(_ELSEWHERE.search(words)) and not _SPEAKS.search(words)


def outside(name: str) -> bool:
    """Whether a library's thing is known to ask nobody what he may."""
    return (harmless(name) or elsewhere(name) or identity.speaks(name)) and not speaks(name)


def privileged(name: str) -> bool:
    """Whether a name says that those whom it lets through are no ordinary users."""
    return bool(_PRIVILEGED.search(snake(name.rpartition(".")[2])))


def identifies(name: str) -> bool:
    """Whether a function's name says that it finds out who is asking: what it compares there, it compares for that."""
    return bool(_IDENTIFIES.search(snake(name)))


def verdict(ev: Evaluator, ref: ScopeRef) -> Says:
    """Whether code refuses whoever may not (YES), may do so by what it calls, looks at who asks, or neither."""
    return max(_here(ev, one) for one in family(ev, ref))


def decides_rights(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a function that answers yes or no weighs more than whether somebody is known."""
    for node in nodes(body(ev.index, ref)):
        if isinstance(node, Attribute | Name) and (weighs(node) or speaks(word(node))):
            return True
        if isinstance(node, Call) and word(node.callee) not in ("bool", "super", "has_permission", "is_authenticated"):
            return True
        if isinstance(node, Compare) and mentions_asker(ev, ref, node):
            return True
    return False


def narrows(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether code finds only what belongs to who is asking: `Order.objects.filter(owner=request.user)`."""
    if identifies(ev.scope(ref).name):
        return False
    return any(isinstance(node, Call) and _narrows(ev, ref, node) for node in nodes(body(ev.index, ref)))


def _here(ev: Evaluator, ref: ScopeRef) -> Says:
    whole = body(ev.index, ref)
    if any(_decides(ev, ref, statement) for statement in statements(whole)):
        return Says.YES
    refused = acts = looks = weighed = False
    for node in nodes(whole):
        weighed = weighed or (isinstance(node, Attribute | Name) and weighs(node))
        refused = refused or (isinstance(node, Call | Raise | Return | Keyword) and forbids(node))
        acts = acts or (isinstance(node, Call) and _acts(node))
        looks = looks or asks(ev, ref, node)
    if refused and (weighed or acts):
        return Says.YES
    return Says.MAYBE if acts else Says.LOOKS if looks or refused else Says.NO


def _decides(ev: Evaluator, ref: ScopeRef, statement: Stmt) -> bool:
    """Whether a statement refuses: `if not user.is_admin: raise …`, or a call that is there to do so."""
    match statement:
        case If(test=test, body=then, orelse=other):
            return _weighed(ev, ref, test) and (_ends(then) or _ends(other))
        case ExprStmt(value=value) | Assign(value=value):
            call = value.value if isinstance(value, Await) else value
            return isinstance(call, Call) and _acts(call) and bool(_ENFORCES.search(snake(word(call.callee))))
        case _:
            return False


def _ends(block: tuple[Stmt, ...]) -> bool:
    """Whether a branch raises something, or answers that it refuses."""
    for node in nodes(block):
        if isinstance(node, Raise):
            return True
        if isinstance(node, Call | Return | Keyword) and (forbids(node) or refuses(node)):
            return True
        if isinstance(node, Call) and word(node.callee) in ("abort", "fail", "halt", "http_abort", "deny"):
            return True
    return False


def weighs(node: Attribute | Name) -> bool:
    """Whether a name is of what is weighed: a role, a permission, an owner."""
    return bool(_WEIGHS.search(snake(node.name if isinstance(node, Attribute) else node.id)))


def _weighed(ev: Evaluator, ref: ScopeRef, test: Expr) -> bool:
    """Whether a condition weighs what somebody may, or whose something is."""
    match test:
        case BoolOp(values=parts):
            return any(_weighed(ev, ref, part) for part in parts)
        case UnaryOp(operand=inner) | Await(value=inner):
            return _weighed(ev, ref, inner)
        case Compare():
            return _compares(ev, ref, test)
        case _:
            return any(
                (isinstance(node, Attribute | Name) and weighs(node)) or (isinstance(node, Call) and _acts(node))
                for node in nodes(test)
            )


def _compares(ev: Evaluator, ref: ScopeRef, test: Compare) -> bool:
    """`order.owner_id != user.id`, `user.role != "admin"`: what somebody is, or whose something is, is compared."""
    sides = (test.left, *test.comparators)
    if any(isinstance(node, Call) and _acts(node) for node in nodes(test)):
        return True
    if any(isinstance(node, Attribute | Name) and weighs(node) for node in nodes(test)):
        return True
    theirs = [side for side in sides if mentions_asker(ev, ref, side)]
    return bool(theirs) and len(theirs) < len(sides) and any(map(_whose, sides)) and "==" not in test.ops


def _whose(side: Expr) -> bool:
    """`order.user_id`, `order.user`: it says to whom something belongs."""
    return isinstance(side, Attribute) and bool(_WHOSE.search(snake(side.name)))


def _acts(call: Call) -> bool:
    """Whether a call says that it asks what somebody may."""
    match call.callee:
        case Attribute(value=owner, name=name):
            return speaks(name) or (
                name in ("can", "authorize", "allows", "enforce", "require") and weighs_word(word(owner))
            )
        case Name(id=name):
            return speaks(name)
        case _:
            return False


def weighs_word(name: str) -> bool:
    """Whether a word is of what is weighed."""
    return bool(_WEIGHS.search(snake(name)) or speaks(name))


def _narrows(ev: Evaluator, ref: ScopeRef, call: Call) -> bool:
    """`Order.objects.filter(owner=request.user)`: nobody gets what is not his."""
    name = word(call.callee)
    if name in _NARROWS and dotted(call.callee) not in ("request.GET.get", "session.get"):
        given = [*(k.value for k in call.keywords if k.name != "pk"), *call.args]
        return any(mentions_asker(ev, ref, value) for value in given)
    return False
