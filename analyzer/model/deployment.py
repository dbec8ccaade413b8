"""How a backend is started and asked whether it is well, as deployment files say."""

from __future__ import annotations

from dataclasses import dataclass

from .location import Location


@dataclass(frozen=True, slots=True)
class Start:
    """A command of a Dockerfile, compose file or manifest that starts a web server for Python."""

    command: str
    targets: tuple[tuple[str, str], ...]  # what it names to serve: ("app.main", "app")
    at: Location


@dataclass(frozen=True, slots=True)
class Probe:
    """A question that a deployment file asks a container of ours again and again, to learn whether it is well."""

    what: str  # "HEALTHCHECK", "healthcheck", "livenessProbe", …
    path: str  # of the URL; "" where it is not asked over HTTP
    at: Location
