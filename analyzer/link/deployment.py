"""Entries of Dockerfiles, compose files and manifests → what starts the backend, and what asks whether it is well."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..model.deployment import Probe, Start
from ..model.facts import Entry, TextFacts
from ..model.location import Location
from .index import Index

_SERVER = re.compile(
    r"\b(?:gunicorn|uvicorn|hypercorn|daphne|granian|waitress(?:-serve)?|uwsgi|mod_wsgi-express|fastapi\W+run|flask\W+run)\b"
)
_TARGET = re.compile(r"\b([A-Za-z_][\w.]*):([A-Za-z_]\w*)")
_ADDRESS = re.compile(
    r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]|\$\{?HOST(?:NAME)?\}?)"
    r"(?::(?:\d+|\$\{?\w+[^/\s'\"]*))?(/[^\s'\"?)\]]*)?"
)
_HTTP_PROBE = re.compile(r"^(.*\.containers\.\d+)\.(liveness|readiness|startup)Probe\.httpGet\.path$")
_CHECK = re.compile(r"^(services\.[^.]+)\.healthcheck\.test(?:\.\d+)?$")
_COMMAND = re.compile(r"^(.*\.containers\.\d+|services\.[^.]+)\.(?:command|args|entrypoint)(?:\.\d+)?$")
_BUILT = re.compile(r"^(services\.[^.]+)\.build(?:\..*)?$")


def starts(index: Index) -> Iterator[Start]:
    """Every command of a deployment file that starts a server for Python's web applications, in order."""
    for path, facts in _files(index):
        if _is_dockerfile(path, facts):
            last = [e for e in facts.entries if e.key in ("cmd", "entrypoint")]
            command = " ".join(e.value for e in last)
            if last and _SERVER.search(_words(command)):
                yield _start(path, last[-1], command)
            continue
        for parts in _grouped(facts, _COMMAND).values():
            command = " ".join(e.value for e in parts)
            if _SERVER.search(_words(command)):
                yield _start(path, parts[0], command)


def probes(index: Index) -> Iterator[Probe]:
    """Every check that a deployment file makes of a container that it builds or starts with our server, in order."""
    for path, facts in _files(index):
        if _is_dockerfile(path, facts):
            started = any(e.key in ("cmd", "entrypoint") for e in facts.entries)
            for entry in facts.entries:
                if entry.key == "healthcheck" and started and entry.value.strip().upper() != "NONE":
                    yield _probe(path, entry, "HEALTHCHECK", entry.value)
            continue
        ours = set(_grouped(facts, _BUILT)) | {
            key for key, parts in _grouped(facts, _COMMAND).items() if _SERVER.search(_words(_joined(parts)))
        }
        for key, parts in _grouped(facts, _CHECK).items():
            if key in ours:
                yield _probe(path, parts[-1], "healthcheck", _joined(parts))
        for entry in facts.entries:
            found = _HTTP_PROBE.match(entry.key)
            if found and found[1] in ours:
                yield Probe(f"{found[2]}Probe", entry.value.partition("?")[0], Location(path, entry.at))


def _files(index: Index) -> list[tuple[str, TextFacts]]:
    return [(path, facts) for path, facts in sorted(index.text.items()) if path not in index.tests]


def _is_dockerfile(path: str, facts: TextFacts) -> bool:
    return any(entry.key == "from" for entry in facts.entries) and not path.endswith((".yml", ".yaml", ".toml"))


def _grouped(facts: TextFacts, pattern: re.Pattern[str]) -> dict[str, list[Entry]]:
    """Entries by the container that they belong to."""
    found: dict[str, list[Entry]] = {}
    for entry in facts.entries:
        if match := pattern.match(entry.key):
            found.setdefault(match[1], []).append(entry)
    return found


def _joined(parts: list[Entry]) -> str:
    return " ".join(entry.value for entry in parts)


def _words(command: str) -> str:
    """A command without the marks of its list form: `["flask", "run"]` → `flask  run`."""
    return re.sub(r"[\[\]\",']", " ", command)


def _start(path: str, entry: Entry, command: str) -> Start:
    targets = tuple((module, name) for module, name in _TARGET.findall(command) if not module.isdigit())
    return Start(_words(command), targets, Location(path, entry.at))


def _probe(path: str, entry: Entry, what: str, text: str) -> Probe:
    """A check by its command; one that asks over HTTP has the path in an address."""
    found = _ADDRESS.search(text)
    return Probe(what, (found[1] or "/") if found else "", Location(path, entry.at))
