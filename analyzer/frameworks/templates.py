"""serverless.yml and AWS SAM templates → the functions that they deploy, and the events that start each of them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..link.evaluate import Evaluator
from ..model.facts import Entry, TextFacts
from ..model.location import Location
from .evidence import IDENTITY, NONE, OPENED, Evidence, protection

_FUNCTION = re.compile(r"functions\.(?:\d+\.)?([^.]+)\.handler$")
_EVENT = re.compile(r"events\.(\d+)\.([A-Za-z]+)(?:\.(.+))?$")
_SAM = re.compile(r"Resources\.([^.]+)\.Type$")
_SAM_EVENT = re.compile(r"Properties\.Events\.([^.]+)\.Type$")
_HTTP = ("http", "httpApi", "Api", "HttpApi", "websocket")


@dataclass(frozen=True, slots=True)
class Trigger:
    """What starts a function."""

    function: str  # its name in the template
    handler: str  # the file without ending, a dot, the function: "src/orders.create"
    kind: str  # "http", "httpApi", "websocket", "sqs", "schedule"…
    method: str
    path: str
    at: Location
    named: Location  # where the handler is named
    evidence: Evidence = NONE

    @property
    def is_http(self) -> bool:
        return self.kind in _HTTP


def templates(ev: Evaluator) -> Iterator[tuple[str, list[Trigger]]]:
    """Every template of Python functions with what starts them, sorted by path."""
    for path, facts in sorted(ev.index.text.items()):
        if path.endswith((".yml", ".yaml")) and path not in ev.index.tests:
            held = {entry.key: entry for entry in facts.entries}
            found = [*_serverless(path, facts, held), *_sam(path, facts, held)]
            if found:
                yield path, found


def _value(held: dict[str, Entry], *keys: str) -> str:
    return next((held[key].value for key in keys if key in held), "")


# ------------------------------------------------------------------- serverless framework


def _serverless(path: str, facts: TextFacts, held: dict[str, Entry]) -> Iterator[Trigger]:
    """`functions.<name>.handler` with its `events`, for AWS: other clouds name handlers in other ways."""
    folder, cloud = posixpath.dirname(path), _value(held, "provider.name", "provider")
    if cloud != "aws" and not (
        cloud.startswith("$") or posixpath.basename(path).startswith("serverless") and not cloud
    ):
        return
    for entry in facts.entries:
        found = _FUNCTION.match(entry.key)
        if found is None:
            continue
        prefix = entry.key.removesuffix("handler")
        runtime = _value(held, f"{prefix}runtime", "provider.runtime")
        if runtime and not runtime.startswith(("python", "$")):
            continue
        handler, kinds = posixpath.join(folder, entry.value), _events(facts, prefix)
        named = Location(path, entry.at)
        for (number, kind), event in kinds.items():
            to = Trigger(found[1], handler, kind, "", "", Location(path, event.at), named)
            yield _trigger(to, f"{prefix}events.{number}.{kind}", held)
        if not kinds:
            yield Trigger(found[1], handler, "invoke", "", "", named, named)


def _events(facts: TextFacts, prefix: str) -> dict[tuple[str, str], Entry]:
    """The events of a function by number and kind, each with its first entry."""
    kinds: dict[tuple[str, str], Entry] = {}
    for entry in facts.entries:
        found = _EVENT.match(entry.key.removeprefix(prefix)) if entry.key.startswith(prefix) else None
        if found is not None:
            kinds.setdefault((found[1], found[2]), entry)
    return kinds


def _trigger(to: Trigger, key: str, held: dict[str, Entry]) -> Trigger:
    """An event with what HTTP needs: `httpApi: GET /orders`, or a path, a method and an authorizer of their own."""
    if not to.is_http:
        return to
    short = _value(held, key)  # "GET /orders", or "*"
    if to.kind == "websocket":
        return replace(to, method="WEBSOCKET", path=_value(held, f"{key}.route") or short)
    method, _, path = short.partition(" ") if " " in short else ("*", "", "" if short == "*" else short)
    method = (_value(held, f"{key}.method") or method).upper()
    path = "/…" if short == "*" else "/" + (_value(held, f"{key}.path") or path).lstrip("/")
    return replace(to, method="*" if method == "ANY" else method, path=path, evidence=_asks(key, held, to.at))


def _asks(key: str, held: dict[str, Entry], at: Location) -> Evidence:
    """`authorizer: …`, and `private: true`, which asks for an API key."""
    named = _value(held, *(f"{key}.authorizer{part}" for part in ("", ".name", ".arn", ".id", ".type")))
    if named:
        return protection(f"authorizer {named}", at, IDENTITY)
    return protection("private", at, IDENTITY) if _value(held, f"{key}.private") == "true" else NONE


# -------------------------------------------------------------------------------- AWS SAM


def _sam(path: str, facts: TextFacts, held: dict[str, Entry]) -> Iterator[Trigger]:
    """Resources of the type AWS::Serverless::Function."""
    folder = posixpath.dirname(path)
    for entry in facts.entries:
        found = _SAM.match(entry.key)
        if found is None or entry.value != "AWS::Serverless::Function":
            continue
        prefix = entry.key.removesuffix("Type")

        def of(name: str, prefix: str = prefix) -> str:
            return _value(held, f"{prefix}Properties.{name}", f"Globals.Function.{name}")

        if not of("Runtime").startswith("python") or not of("Handler"):
            continue
        handler = posixpath.normpath(posixpath.join(folder, of("CodeUri"), of("Handler")))
        events = [e for e in facts.entries if e.key.startswith(prefix) and _SAM_EVENT.match(e.key.removeprefix(prefix))]
        named = Location(path, entry.at)
        for event in events:
            yield _sam_trigger(
                Trigger(found[1], handler, event.value, "", "", Location(path, event.at), named), event, held
            )
        if not events:
            yield Trigger(found[1], handler, "invoke", "", "", named, named)


def _sam_trigger(to: Trigger, event: Entry, held: dict[str, Entry]) -> Trigger:
    if not to.is_http:
        return to
    key = event.key.removesuffix("Type") + "Properties"
    method = _value(held, f"{key}.Method").upper() or "*"
    path = _value(held, f"{key}.Path") or "/…"
    asks = _sam_asks(event.value, key, held, to.at)
    return replace(to, method="*" if method == "ANY" else method, path=path, evidence=asks)


def _sam_asks(kind: str, key: str, held: dict[str, Entry], at: Location) -> Evidence:
    """The event's own authorizer, else the default of its API, where there is one for all."""
    own = _value(held, f"{key}.Auth.Authorizer")
    if own == "NONE":
        return protection("Authorizer: NONE", at, OPENED)
    apis = {f"Resources.{ref}" for suffix in ("ApiId", "RestApiId") if (ref := _value(held, f"{key}.{suffix}"))}
    defaults = [f"{api}.Properties.Auth.DefaultAuthorizer" for api in sorted(apis)]
    named = own or _value(held, *defaults, f"Globals.{kind}.Auth.DefaultAuthorizer")
    if named:
        return protection(f"authorizer {named}", at, IDENTITY)
    return protection("ApiKeyRequired", at, IDENTITY) if _value(held, f"{key}.Auth.ApiKeyRequired") == "true" else NONE
