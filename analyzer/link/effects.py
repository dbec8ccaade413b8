"""Retries → those around a call that changes something each time it gets through, without a key by which to tell."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..model.code import Literal, Name
from ..model.location import Step
from ..model.outbound import Effect
from .asking import Asking, Way, step, within
from .calls import KnownCall, describe, given, texts_of
from .index import ScopeRef, body
from .retries import Attempted
from .tried_again import leading_to_another, parts
from .values import Const
from .walk import nodes

DEEPEST = 3  # functions between the retry and the call
# What fails before anything was sent.
_UNSENT = re.compile(
    r"Connect(ion)?(Error|Timeout|RefusedError)$|ConnectorError$|NewConnectionError$|PoolTimeout$|Refused$"
)
# Asked by POST, but nothing changes, or the second time comes to the same.
_ASKS = re.compile(
    r"search|quer(y|ies)|graphql|token|oauth|log_?in|auth|embed|complet|predict|infer|classif|rerank|chat|generat|translat"
    r"|look_?up|check|valid|verif|preview|estimat|calc|rpc|sparql|count|find|list|get_|fetch|read|scrap|crawl|transcri"
    r"|analy[sz]|detect|extract|parse|convert|llm|model|prompt|introspect|session|connect|config|setting|sync|heartbeat|refresh|state|metric|trace|telemetr|stop|terminat|delete|cancel|revo[kc]|activat|disabl|enabl",
    re.IGNORECASE,
)
_DOES = re.compile(
    r"charge|pay|order|send|messag|mail|notif|invoice|refund|transfer|create|add_|insert|register|submit|publish"
    r"|upload|book|import|comment|ticket|issue|event|report|post_|alert|\brun\b|trigger|launch",
    re.IGNORECASE,
)
_KEY = re.compile(r"idempot|dedup|request_?id|client_?token|nonce|upsert|on_conflict", re.IGNORECASE)
_INSERT = re.compile(r"\s*insert\s+into\b", re.IGNORECASE)
_TOLD_APART = re.compile(r"on\s+conflict|on\s+duplicate|not\s+exists|ignore", re.IGNORECASE)
_SENDING = frozenset({"send_message", "sendmail", "send_mail", "send_mass_mail", "send", "send_messages"})


def effects(asks: Asking, attempted: tuple[Attempted, ...], calls: tuple[KnownCall, ...]) -> Iterator[Effect]:
    """Every retry around something that happens once more with each attempt, sorted by place."""
    by_scope: dict[ScopeRef, list[KnownCall]] = {}
    for known in calls:
        by_scope.setdefault(known.frame.ref, []).append(known)
    for one in attempted:
        names = leading_to_another(asks, one) if one.spans else None
        if names is None or not any(_lost(name) for name in names):
            continue
        for ref, spans, way in parts(asks, one, DEEPEST):
            inside = (known for known in by_scope.get(ref, ()) if within(known.call.at, spans))
            found = next(((known, what) for known in inside if (what := _what(asks, known))), None)
            if found is not None:
                if not _carries_key(asks, [one.ref, ref]):
                    yield _answer(asks, one, way, *found)
                break


def _lost(name: str) -> bool:
    """Whether an exception may mean that only the answer was lost; the project's own tell what the answer was."""
    if _UNSENT.search(name):
        return False
    return "." in name or "timeout" in name.lower()


def _what(asks: Asking, known: KnownCall) -> str:
    """What a call does each time: "POST", "mail", "INSERT"; "" where asking twice harms nobody, or may."""
    word = known.target.name.rpartition(".")[2]
    if "mail" in (known.operation.waits, known.operation.blocks):
        return "mail" if word in _SENDING else ""
    if known.operation.waits == "http" and (word == "post" or (word == "request" and _posts(asks, known))):
        return "" if _ASKS.search(_words(asks, known)) else "POST"
    return "INSERT" if _inserts(asks, known) else ""


def _posts(asks: Asking, known: KnownCall) -> bool:
    first = (
        known.call.args[0]
        if known.call.args
        else next((keyword.value for keyword in known.call.keywords if keyword.name == "method"), None)
    )
    values = asks.ev.expr(first, known.frame) if first is not None else ()
    return bool(values) and all(isinstance(v, Const) and str(v.value).upper() == "POST" for v in values)


def _inserts(asks: Asking, known: KnownCall) -> bool:
    for name, parameter in known.operation.parameters.items():
        if parameter.role == "sql":
            told = given(asks.ev, known.call, known.frame, name, parameter)
            texts = texts_of(asks.ev.expr(told.expr, told.frame)) if told.expr is not None else ()
            for text in texts:
                written = "".join(piece for piece in text.pieces if isinstance(piece, str))
                if _INSERT.match(written) and not _TOLD_APART.search(written):
                    return True
    return False


def _words(asks: Asking, known: KnownCall) -> str:
    """What names a call: its address as far as it is known, and the function that makes it."""
    words = [asks.ev.scope(known.frame.ref).name]
    for name, parameter in known.operation.parameters.items():
        if parameter.role == "url":
            told = given(asks.ev, known.call, known.frame, name, parameter)
            for node in nodes(told.expr) if told.expr is not None else ():
                match node:
                    case Literal(value=str(text)) | Name(id=text):
                        words.append(text)
                    case _:
                        pass
            for made in texts_of(asks.ev.expr(told.expr, told.frame)) if told.expr is not None else ():
                words += [piece for piece in made.pieces if isinstance(piece, str)]
    return " ".join(words)


def _carries_key(asks: Asking, refs: list[ScopeRef]) -> bool:
    for ref in refs:
        for node in nodes(body(asks.ev.index, ref)):
            word = getattr(node, "id", "") or getattr(node, "name", "") or getattr(node, "value", "")
            if isinstance(word, str) and _KEY.search(word):
                return True
    return False


def _answer(asks: Asking, one: Attempted, way: Way, known: KnownCall, what: str) -> Effect:
    told = tuple(step(asks.ev, site) for site in way)
    sends = {"POST": "sends a POST request", "mail": "sends a mail", "INSERT": "inserts rows"}[what]
    path = (*told, Step(known.at, f"`{known.target.name}` {sends}"))
    words = _words(asks, known)
    # Who is sent a hook expects it more than once, as a rule.
    sure = what != "POST" or (bool(_DOES.search(words)) and "hook" not in words.lower())
    return Effect(one.retry, what, describe(asks.ev, known), path, sure)
