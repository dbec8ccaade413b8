""".proto files of a project → the path and the methods of each service that they describe."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from ..link.evaluate import Evaluator
from .sources import HOLE


@dataclass(frozen=True, slots=True)
class Service:
    """A service as its file describes it."""

    path: str  # of the file
    name: str  # "shop.v1.Orders"
    methods: tuple[str, ...]
    replies: tuple[str, ...]  # the message that each of them answers with: "stream Order"


def services(ev: Evaluator) -> tuple[Service, ...]:
    """Every service that a .proto file of the project describes."""
    found: list[Service] = []
    for path, facts in sorted(ev.index.text.items()):
        if not path.endswith(".proto"):
            continue
        package = next((f"{entry.value}." for entry in facts.entries if entry.key == "package"), "")
        methods: dict[str, dict[str, str]] = {}
        for entry in facts.entries:
            _, _, rest = entry.key.partition("services.")
            service, _, method = rest.partition(".")
            if method:
                methods.setdefault(service, {})[method] = entry.value.removeprefix("stream ").partition(" ")[2]
        found += [Service(path, package + name, tuple(held), tuple(held.values())) for name, held in methods.items()]
    return tuple(found)


def described(known: tuple[Service, ...], module: str, name: str) -> Service | None:
    """The service that a generated module (`orders_pb2_grpc`) holds under a name; None where no one file says it."""
    same = [service for service in known if service.name.rpartition(".")[2] == name]
    stem = module.rpartition(".")[2].removesuffix("_pb2_grpc")
    own = [s for s in same if posixpath.basename(s.path).removesuffix(".proto").replace("-", "_") == stem] or same
    return own[0] if len({service.name for service in own}) == 1 else None


def route(service: Service | None, name: str, method: str) -> str:
    """The path of a method: "/shop.v1.Orders/Get"; without a description the package is not known."""
    return f"/{service.name}/{method}" if service is not None else f"{HOLE}/{name}/{method}"
