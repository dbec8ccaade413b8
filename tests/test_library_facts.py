"""What the library models say of defaults, against the libraries that the tests run with: read, and never called."""

from __future__ import annotations

import inspect
from importlib import import_module

import msgspec
import pytest

from analyzer import assets
from analyzer.libraries import Libraries, canonical, constructor, load_libraries, method
from analyzer.model.library import Operation

USED = {"requests", "httpx", "aiohttp", "urllib3", "smtplib", "subprocess", "socket", "imaplib", "ftplib", "http", "yaml", "jinja2"}


@pytest.fixture(scope="module")
def known() -> Libraries:
    return load_libraries(assets.rules() / "libraries", USED)


def operation(known: Libraries, name: str) -> Operation:
    name = canonical(known, name)
    if name in known.functions:
        return known.functions[name]
    found = constructor(known, name) if name in known.classes else method(known, *name.rpartition(".")[::2])
    assert found, name
    return found[1]


def real(name: str) -> object:
    """The object of a qualified name, of the library itself."""
    parts = name.split(".")
    for size in range(len(parts) - 1, 0, -1):
        try:
            found: object = import_module(".".join(parts[:size]))
        except ModuleNotFoundError:
            continue
        for part in parts[size:]:
            found = getattr(found, part)
        return found
    pytest.skip(f"{parts[0]} is not installed")


def seconds(default: object) -> object:
    """A default in the terms of the models: one number of seconds, None for none, "elsewhere" for a marker object."""
    if default is None or isinstance(default, bool | int | float | str):
        return default
    for part in ("total", "read"):  # aiohttp.ClientTimeout, httpx.Timeout
        if hasattr(default, part):
            return getattr(default, part)
    return "elsewhere"


SIGNATURES = [
    ("httpx.get", "timeout"),
    ("httpx.post", "timeout"),
    ("httpx.stream", "timeout"),
    ("httpx.get", "verify"),
    ("httpx.Client", "timeout"),
    ("httpx.AsyncClient", "timeout"),
    ("httpx.Client", "verify"),
    ("requests.Session.request", "timeout"),
    ("urllib3.Retry", "total"),
    ("urllib3.Retry", "backoff_factor"),
    ("urllib3.Retry", "backoff_jitter"),
    ("subprocess.Popen.wait", "timeout"),
    ("subprocess.Popen.communicate", "timeout"),
    ("subprocess.check_output", "timeout"),
    ("subprocess.call", "timeout"),
    ("subprocess.run", "timeout"),
    ("imaplib.IMAP4", "timeout"),
]


@pytest.mark.parametrize(("name", "parameter"), SIGNATURES)
def test_a_default_is_the_one_of_the_signature(known: Libraries, name: str, parameter: str) -> None:
    said = operation(known, name).parameters[parameter].default
    signature = inspect.signature(real(name))  # type: ignore[arg-type]  # a class or function
    written = signature.parameters[parameter].default if parameter in signature.parameters else None  # `**kwargs`
    assert said is not msgspec.UNSET
    assert seconds(written) == said


def test_a_session_of_aiohttp_waits_as_long_as_its_constant_says(known: Libraries) -> None:
    client = pytest.importorskip("aiohttp.client")
    (said,) = [one.default for one in operation(known, "aiohttp.ClientSession").parameters.values() if one.role == "timeout"]
    assert client.DEFAULT_TIMEOUT.total == said


def test_httpx_fills_every_phase_with_its_one_default(known: Libraries) -> None:
    httpx = pytest.importorskip("httpx")
    with httpx.Client() as client:
        phases = client.timeout
    assert {phases.connect, phases.read, phases.write, phases.pool} == {operation(known, "httpx.Client").parameters["timeout"].default}


def test_a_call_of_httpx_inherits_from_its_client(known: Libraries) -> None:
    httpx = pytest.importorskip("httpx")
    written = inspect.signature(httpx.Client.get).parameters["timeout"].default
    assert type(written).__name__ == "UseClientDefault"
    assert operation(known, "httpx.Client.get").parameters["timeout"].inherits


def test_sessions_of_requests_have_no_time_limit_to_set() -> None:
    requests = pytest.importorskip("requests")
    assert "timeout" not in requests.Session.__attrs__
    assert "timeout" not in vars(requests.Session())


@pytest.mark.parametrize("name", ["smtplib.SMTP", "smtplib.SMTP_SSL", "socket.create_connection", "ftplib.FTP", "http.client.HTTPConnection"])
def test_the_process_wide_default_stands_behind_these(known: Libraries, name: str) -> None:
    import socket

    written = inspect.signature(real(name)).parameters["timeout"].default  # type: ignore[arg-type]  # a class or function
    (said,) = [one for one in operation(known, name).parameters.values() if one.role == "timeout"]
    assert written is socket._GLOBAL_DEFAULT_TIMEOUT  # type: ignore[attr-defined]  # what the modules themselves use
    assert socket.getdefaulttimeout() is said.default is None
    assert said.unless == "socket.setdefaulttimeout"


POSITIONS = [
    ("smtplib.SMTP", "timeout"),
    ("socket.create_connection", "timeout"),
    ("subprocess.Popen.wait", "timeout"),
    ("subprocess.Popen.communicate", "timeout"),
    ("requests.Session.request", "timeout"),
    ("httpx.Timeout", "timeout"),
    ("urllib3.Retry", "total"),
    ("imaplib.IMAP4", "timeout"),
    ("yaml.load", "Loader"),
]


@pytest.mark.parametrize(("name", "parameter"), POSITIONS)
def test_a_position_is_the_one_of_the_signature(known: Libraries, name: str, parameter: str) -> None:
    said = operation(known, name).parameters[parameter].position
    names = [one for one in inspect.signature(real(name)).parameters if one != "self"]  # type: ignore[arg-type]  # as above
    assert said is not None and names[said] == parameter
