"""Names and bodies of the project's own code → whether they ask who is calling, and turn strangers away."""

from __future__ import annotations

import re

from ..link import classes
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, body
from ..link.values import ClassRef, Frame
from ..link.walk import contains, dotted, handlers, nodes
from ..link.walk import statements as each
from ..model.code import Attribute, Call, Expr, Keyword, Literal, Name, Raise, Return, Sequence, Subscript
from .challenges import challenges
from .harmless import harmless
from .open_objects import guarded_parts
from .speech import Says, family

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SPEAKS = re.compile(
    r"(?:login|auth|auth\w+|admin|permissions?|roles?|token|scopes?|jwt|access|user|staff|superuser|key|session|member)"
    r"_?(?:required|accepted|needed)"
    r"|requires?_\w*(?:auth|login|admin|user|role|perm|scope|token|key|access|staff|jwt|session|member|owner)"
    r"|authenticat|authori[sz]|(?:^|_)auth(?:_|$)|auth_?(?:check|guard|depend)|is_auth|has_(?:perm|role|access|scope|claim|any)"
    r"|(?:check|verify|validate|ensure|assert|enforce|decode)_\w*(?:auth|perm|access|token|role|login|admin|user|key"
    r"|jwt|session|credential|scope|signature|owner|secret|password)"
    r"|(?:current|active|verified|logged_?in|authed)_?\w*user|current_(?:identity|principal|account|actor)|get_identity"
    r"|api_?key|bearer|jwt|oauth2?_?scheme|compare_digest|access_control|permission|protected|superuser|admin_only"
    r"|only_admin|is_(?:admin|staff)|credentials|login_manager|lockdown|has_identity|verify_id_token"
)
# Optional identities, exemptions, and what reacts to a refusal rather than refusing.
_REACTS = re.compile(
    r"optional|or_none|or_anon|if_any|maybe_|exempt|not_required|allow_any|csrf"
    r"|(?:error|exception|handler|logger|url|schema|form|model|config|settings?)s?$"
)
# What a guard of the project's own is for when it is for something else, whatever it looks at on the way.
_ELSEWHERE = re.compile(
    r"csrf|cors|audit|logging|prometheus|metric|telemetry|tracing|gzip|compress|cache|locale|timing|rate_?limit|throttl"
    r"|request_id|correlation|transaction|maintenance|sentry"
)
_WHATEVER_ELSE = re.compile(r"csrf|audit|prometheus|metric|telemetry")
_REFUSALS = re.compile(
    r"unauthori[sz]ed|not_?(?:authenticated|authori[sz]ed)|authentication_?(?:failed|error|required)|login_?required|invalid_?token"
    r"|token_?(?:expired|invalid)|credentials?_?(?:exception|error)|redirect_to_login|no_?authori[sz]ation"
    r"|handle_no_permission|auth_?error"
)
_FORBIDS = re.compile(r"forbidden|permission_?denied|access_?denied|permission_?error|not_?allowed|no_?permission")
_LOGIN_PAGE = re.compile(r"(?:^|[./:_-])(?:log_?-?in|sign_?-?in|login_?url|authenticate)(?:$|[/?._-])", re.IGNORECASE)
# An exception that sends the client elsewhere: Werkzeug's RoutingException, Pyramid's HTTPFound, one's own.
_LEADS_AWAY = re.compile(r"redirect(?!.*(?:error|invalid|mismatch|uri))|routing_exception|see_other|http_?found")
_CREDENTIAL = re.compile(
    r"authorization|bearer\b.*|x-[\w-]*(?:key|token|signature|secret|auth|user)[\w-]*|api[_-]?key|www-authenticate|"
    r"(?:access|auth|session)[_-]?token",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"(?:current_|logged_in_|authenticated_|auth_)?(?:user|customer|account|tenant|member|actor|principal|identity)(?:_?(?:id|name))?"
    r"|auth|authorization|token|claims|session|cookies|api_key",
    re.IGNORECASE,
)
_OF_TEXTS = frozenset(
    {"encode", "strip", "split", "lower", "upper", "startswith", "endswith", "replace", "removeprefix"}
)
_HOLDERS = frozenset({"request", "req", "g", "state", "conn", "connection", "websocket", "scope"})
_PARAMETER = re.compile(
    r"authorization|credentials|(?:^|_)token$|api_?key|signature|secret|(?:^|_)(?:actor|session)_id$"
    r"|x_\w*(?:user|key|auth)\w*|current_user"
)


def snake(name: str) -> str:
    """A name in lower case with its words apart: "LoginRequired" → "login_required"."""
    return _HUMP.sub("_", name).lower()


def speaks(name: str) -> bool:
    """Whether a name says that it asks for an identity."""
    words = snake(name.rpartition(".")[2])
    return bool(_SPEAKS.search(words)) and not _REACTS.search(words)


def elsewhere(name: str) -> bool:
    """Whether a name of the project's own says that it does something else than asking who is calling."""
    words = snake(name.rpartition(".")[2])
    return bool(_WHATEVER_ELSE.search(words) or (_ELSEWHERE.search(words) and not _SPEAKS.search(words)))


def outside(name: str) -> bool:
    """Whether a library's thing is known to ask nobody who he is."""
    return (harmless(name) or elsewhere(name)) and not speaks(name)


def verdict(ev: Evaluator, ref: ScopeRef) -> Says:
    """Whether code in a scope turns strangers away (YES), may do so by what it calls, looks at who asks, or neither."""
    return max(_here(ev, one) for one in family(ev, ref))


def declares(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a parameter of a function takes a credential or who is asking."""
    return any(_PARAMETER.search(snake(param.name)) for param in ev.scope(ref).params.items)


def _here(ev: Evaluator, ref: ScopeRef) -> Says:
    """A refusal in an `except` clause alone translates somebody's error, unless a credential is looked at too.

    One that only those meet who ask for something private, or whom it knows already, lets strangers pass to all else.
    """
    statements = body(ev.index, ref)
    if any(challenges(statement) for statement in each(statements)):
        return Says.YES
    caught = [clause.at for _, clause in handlers(statements)]
    partly = [*guarded_parts(statements, lambda node: _looks(node) or _acts(node))]
    refused = forbidden = translated = looks = acts = away = private = False
    for node in nodes(statements):
        looks, acts = looks or _looks(node), acts or _acts(node)
        if not isinstance(node, Call | Raise | Return | Keyword):
            continue
        if any(contains(span, node.at) for span in partly):
            private = private or refuses(node) or forbids(node)
            continue
        leads = isinstance(node, Raise) and node.value is not None and _leads_away(ev, ref, node.value)
        if refuses(node) or (leads and isinstance(node, Raise) and _told_login(node.value)):
            inner = any(contains(span, node.at) for span in caught)
            translated, refused = translated or inner, refused or not inner
        forbidden, away = forbidden or forbids(node), away or leads
    if refused or ((looks or acts) and (translated or forbidden)) or (acts and away):
        return Says.YES
    return Says.MAYBE if acts or forbidden or translated or private else Says.LOOKS if looks else Says.NO


def _leads_away(ev: Evaluator, ref: ScopeRef, raised: Expr) -> bool:
    """Whether what is raised sends the client elsewhere: by its name, or by the name of a base."""
    if _named(raised, _LEADS_AWAY):
        return True
    made = ev.expr(raised.callee if isinstance(raised, Call) else raised, Frame(ref))
    above = [base for v in made if isinstance(v, ClassRef) for base in classes.bases(ev, v.ref)]
    names = (base if isinstance(base, str) else ev.scope(base).name for base in above)
    return any(_LEADS_AWAY.search(snake(name.rpartition(".")[2])) for name in names)


def _told_login(raised: Expr | None) -> bool:
    """Whether an exception is told the way to the log-in page."""
    return isinstance(raised, Call) and any(map(_to_login, [*raised.args, *(k.value for k in raised.keywords)]))


def refuses(node: Call | Raise | Return | Keyword) -> bool:
    """A 401, an error that says so, or the way to the log-in page."""
    match node:
        case Raise(value=raised) if raised is not None:
            return _named(raised, _REFUSALS)
        case Call(callee=callee, args=args):
            name = word(callee)
            if name == "redirect" or name.endswith(("_redirect", "RedirectResponse", "ResponseRedirect")):
                return any(_to_login(arg) for arg in args) or any(_to_login(k.value) for k in node.keywords)
            return any(_is_status(arg, 401, "UNAUTHORIZED") for arg in args) or (
                bool(_REFUSALS.search(snake(name))) and not name.startswith("is_")
            )
        case Keyword(value=value):
            return _is_status(value, 401, "UNAUTHORIZED")
        case Return(value=Sequence(items=parts)):
            return any(_is_status(part, 401, "UNAUTHORIZED") for part in parts)
        case _:
            return False


def forbids(node: Call | Raise | Return | Keyword) -> bool:
    """A 403, or an error that says so."""
    match node:
        case Raise(value=raised) if raised is not None:
            return _named(raised, _FORBIDS)
        case Call(callee=callee, args=args):
            return any(_is_status(arg, 403, "FORBIDDEN") for arg in args) or bool(_FORBIDS.search(snake(word(callee))))
        case Keyword(value=value):
            return _is_status(value, 403, "FORBIDDEN")
        case Return(value=Sequence(items=parts)):
            return any(_is_status(part, 403, "FORBIDDEN") for part in parts)
        case _:
            return False


def _acts(node: object) -> bool:
    """Whether a node calls something that says it asks who is calling."""
    match node:
        case Call(callee=Attribute(value=owner, name=name)) if name not in _OF_TEXTS:
            return speaks(f"{word(owner)}_{name}")
        case Call(callee=Name(id=name)):
            return speaks(name)
        case _:
            return False


def _looks(node: object) -> bool:
    """Whether a node reads who is asking, or what proves it."""
    match node:
        case Attribute(value=owner, name=name) if _PERSON.fullmatch(name):
            return word(owner) in _HOLDERS
        case Attribute(name=name) | Name(id=name):
            return name in ("current_user", "is_authenticated", "get_jwt_identity")
        case Literal(value=str() as text):
            return len(text) < 40 and bool(_CREDENTIAL.fullmatch(text))
        case Subscript(value=owner):
            return word(owner) == "session"
        case _:
            return False


def word(expr: Expr) -> str:
    """The last word of a callee or receiver as written."""
    match expr:
        case Attribute(name=name) | Name(id=name):
            return name
        case Call(callee=callee):
            return word(callee)
        case _:
            return ""


def _named(expr: Expr, pattern: re.Pattern[str]) -> bool:
    return bool(pattern.search(snake(word(expr))))


def _to_login(expr: Expr) -> bool:
    for node in nodes(expr):
        match node:
            case Literal(value=str() as text) if _LOGIN_PAGE.search(text):
                return True
            case Attribute() | Name() if _LOGIN_PAGE.search(dotted(node)):
                return True
            case _:
                pass
    return False


_GRPC = {401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED"}  # `context.abort(StatusCode.UNAUTHENTICATED, …)`


def _is_status(expr: Expr, code: int, word: str) -> bool:
    match expr:
        case Literal(value=value):
            return value == code and not isinstance(value, bool)
        case Attribute(name=name) | Name(id=name):
            return f"HTTP_{code}" in name or name in (word, _GRPC[code])
        case _:
            return False
