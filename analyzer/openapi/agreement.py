"""An endpoint and the operation that documents it → where they disagree on inputs and on who may ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ..model.answer import Known
from ..model.contract import Difference, Differs, Operation
from ..model.endpoint import Endpoint, Input, Place

_SENT = {Place.QUERY: "query", Place.HEADER: "header", Place.COOKIE: "cookie"}
_BODIES = frozenset({Place.BODY, Place.FORM, Place.FILE})
_SENT_ANYWAY = frozenset({  # headers that OpenAPI says elsewhere, and those that every client sends
    "accept", "accept-encoding", "accept-language", "authorization", "connection", "content-length", "content-type",
    "cookie", "host", "origin", "referer", "user-agent",
})  # fmt: skip
_BODILESS = frozenset({"GET", "HEAD", "DELETE", "OPTIONS", "TRACE"})


def security(endpoint: Endpoint, operation: Operation, unjudged: Counter[str]) -> Iterator[Difference]:
    """Whether both say that clients must say who they are."""
    asks = endpoint.authentication
    if operation.secured is None:
        unjudged["operations of which the document does not say whether they need authentication"] += 1
    elif not isinstance(asks, Known):
        unjudged[f"endpoints whose authentication is not known: {asks.why}"] += 1
    elif operation.secured and not asks.value:
        yield _differs(Differs.SECURITY, endpoint, operation, "documented as secured, and the code asks nobody")
    elif asks.value and not operation.secured:
        by = asks.value[0].what.rpartition(".")[2]
        said = f"documented as open to anybody, and `{by}` asks who it is"
        yield _differs(Differs.SECURITY, endpoint, operation, said)


def parameters(
    endpoint: Endpoint, operation: Operation, credentials: Sequence[tuple[str, str]], unjudged: Counter[str]
) -> Iterator[Difference]:
    """Inputs that only one of them has, and those that only one of them requires. Names in the path are free."""
    if operation.parameters is None:
        unjudged["operations whose parameters could not be read"] += 1
        return
    read = {_key(one): one for one in endpoint.inputs if one.place in _SENT}
    read = {key: one for key, one in read.items() if key not in credentials and key[1] not in _SENT_ANYWAY}
    told = {(p.place, _name(p.place, p.name)): p for p in operation.parameters if p.place in _SENT.values()}
    whole = isinstance(endpoint.all_inputs, Known) and endpoint.all_inputs.value
    if not whole:
        why = "" if isinstance(endpoint.all_inputs, Known) else f": {endpoint.all_inputs.why}"
        unjudged[f"endpoints whose inputs are not all known{why}"] += 1
    says: list[str] = []
    for key in sorted({*read, *told}):
        name, place = (read[key].name if key in read else told[key].name), key[0]
        if key not in told:
            says.append(f"`{name}` ({place}) is read, and not documented")
        elif key not in read:
            if whole:
                says.append(f"`{name}` ({place}) is documented, and not read")
        elif read[key].required != told[key].required:
            there = (
                "required, and documented as optional" if read[key].required else "documented as required, and optional"
            )
            says.append(f"`{name}` ({place}) is {there}")
    says += _body(endpoint, operation, whole)
    for said in says:
        yield _differs(Differs.PARAMETERS, endpoint, operation, said)


def _body(endpoint: Endpoint, operation: Operation, whole: bool) -> Iterator[str]:
    reads = any(one.place in _BODIES for one in endpoint.inputs)
    told = any(p.place == "body" for p in operation.parameters or ())
    # The handler of several methods may read a body for some of them only.
    if reads and not told and not (operation.method in _BODILESS and len(endpoint.methods) > 1):
        yield "a body is read, and not documented"
    elif told and whole and not reads:
        yield "a body is documented, and not read"


def _key(one: Input) -> tuple[str, str]:
    place = _SENT[one.place]
    return place, _name(place, one.name)


def _name(place: str, name: str) -> str:
    """Names of headers differ in neither case nor, for frameworks, in `_` and `-`."""
    return name.lower().replace("_", "-") if place == "header" else name


def _differs(kind: Differs, endpoint: Endpoint, operation: Operation, says: str) -> Difference:
    return Difference(kind, operation.method, endpoint.path, says, endpoint.handler_at)
