"""The plain values of an OpenAPI document → its operations: method, path, servers, parameters, and who may ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from ..model.contract import Operation, Parameter

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_HOPS = 20  # references that lead to references
_PLACES = ("path", "query", "header", "cookie")
_NOT_PARAMETERS = frozenset({"accept", "content-type", "authorization"})  # headers that OpenAPI says elsewhere


@dataclass(slots=True)
class _Reading:
    """The document around an operation, and what of it was not understood."""

    document: dict[str, Any]
    old: bool  # Swagger 2
    says_security: bool
    ignored: list[str] = field(default_factory=list)


def operations(document: dict[str, Any], *, old: bool) -> tuple[tuple[Operation, ...], tuple[str, ...]]:
    """The operations, sorted by path and method, and the reasons why parts of the document were not understood."""
    reading = _Reading(document, old, _says_security(document))
    found = [operation for path, item in _items(reading) for operation in _of_path(reading, path, item)]
    return tuple(sorted(found, key=lambda o: (o.path, o.method))), tuple(reading.ignored)


def credentials(document: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Place and name of the keys that are sent like parameters, sorted: ("header", "x-api-key"), in lower case."""
    schemes = document.get("securityDefinitions") or _mapping(document.get("components")).get("securitySchemes")
    found = {
        (str(scheme["in"]), str(scheme["name"]).lower() if scheme["in"] == "header" else str(scheme["name"]))
        for scheme in _mapping(schemes).values()
        if isinstance(scheme, dict) and scheme.get("type") == "apiKey" and "in" in scheme and "name" in scheme
    }
    return tuple(sorted(found))


def _says_security(document: dict[str, Any]) -> bool:
    """Whether the document speaks of security at all: where it does not, no operation is said to be open."""
    if "security" in document:
        return True
    items = [item for item in _mapping(document.get("paths")).values() if isinstance(item, dict)]
    return any("security" in _mapping(item.get(method)) for item in items for method in METHODS)


def _items(reading: _Reading) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, written in _mapping(reading.document.get("paths")).items():
        if str(path).startswith("x-"):
            continue
        item = _resolved(reading, written)
        if isinstance(item, dict):
            yield str(path) if str(path).startswith("/") else f"/{path}", item
        else:
            reading.ignored.append("paths of the document that say nothing that can be read")


def _of_path(reading: _Reading, path: str, item: dict[str, Any]) -> Iterator[Operation]:
    for method in METHODS:
        if method not in item:
            continue
        said = item[method]
        if not isinstance(said, dict):
            reading.ignored.append("operations of the document that say nothing that can be read")
            continue
        yield Operation(
            method.upper(), path, _prefixes(reading, item, said), _parameters(reading, item, said),
            _secured(reading, said),
        )  # fmt: skip


def _prefixes(reading: _Reading, item: dict[str, Any], said: dict[str, Any]) -> tuple[str, ...]:
    """The paths under which the servers answer; the innermost list of servers counts."""
    if reading.old:
        base = reading.document.get("basePath")
        return (_trimmed(base) if isinstance(base, str) else "",)
    servers = next((one["servers"] for one in (said, item, reading.document) if one.get("servers")), None)
    found = [_path_of(server) for server in servers if isinstance(server, dict)] if isinstance(servers, list) else []
    return tuple(dict.fromkeys(found)) or ("",)


def _path_of(server: dict[str, Any]) -> str:
    url = str(server.get("url", ""))
    for name, variable in _mapping(server.get("variables")).items():
        url = url.replace(f"{{{name}}}", str(_mapping(variable).get("default", "")))
    try:
        return _trimmed(urlsplit(url).path)
    except ValueError:
        return ""


def _trimmed(path: str) -> str:
    bare = path.strip("/")
    return f"/{bare}" if bare else ""


def _parameters(reading: _Reading, item: dict[str, Any], said: dict[str, Any]) -> tuple[Parameter, ...] | None:
    found: dict[tuple[str, str], Parameter] = {}
    for written in [*_list(item.get("parameters")), *_list(said.get("parameters"))]:
        value = _resolved(reading, written)
        if not isinstance(value, dict):
            return None
        name, place = str(value.get("name", "")), str(value.get("in", ""))
        if place in ("body", "formData"):
            name, place = "", "body"
        elif place not in _PLACES or (place == "header" and name.lower() in _NOT_PARAMETERS):
            continue
        before = found.get((place, name))
        required = value.get("required") is True or place == "path"
        joined = place == "body" and before is not None and before.required
        found[place, name] = Parameter(name, place, required or joined)
    if "requestBody" in said:
        body = _resolved(reading, said["requestBody"])
        found["body", ""] = Parameter("", "body", _mapping(body).get("required") is True)
    return tuple(found[key] for key in sorted(found))


def _secured(reading: _Reading, said: dict[str, Any]) -> bool | None:
    written = said.get("security", reading.document.get("security"))
    if written is None:
        return False if reading.says_security else None
    if not isinstance(written, list):
        return None
    ways = [bool(way) for way in written if isinstance(way, dict)]
    return None if any(ways) and not all(ways) else any(ways)


def _resolved(reading: _Reading, value: Any) -> Any:
    """What a reference within the document leads to; None where it leads nowhere, or out of the document."""
    for _ in range(_HOPS):
        if not isinstance(value, dict) or not isinstance(value.get("$ref"), str):
            return value
        value = _pointed(reading, value["$ref"])
    return None


def _pointed(reading: _Reading, reference: str) -> Any:
    if not reference.startswith("#/"):
        reading.ignored.append("references to other files")
        return None
    value: Any = reading.document
    for part in reference[2:].split("/"):
        name = unquote(part).replace("~1", "/").replace("~0", "~")
        if not isinstance(value, dict) or name not in value:
            reading.ignored.append("references that lead nowhere")
            return None
        value = value[name]
    return value


def _mapping(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
