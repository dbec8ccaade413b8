"""The benchmark of the endpoint table counts right: paths brought to one form, and what is found, missed and invented."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from analyzer.model.answer import Known
from analyzer.model.endpoint import Endpoint, Purpose
from analyzer.model.location import Location, Span

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


@pytest.fixture
def endpoints(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(BENCHMARKS)
    import endpoints

    return endpoints


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/users/<int:user_id>/<path:rest>", "/users/{user_id}/{rest}"),
        ("/users/<regex('[a-z]+:x'):name>", "/users/{name}"),
        ("/users/{user_id:int}/x", "/users/{user_id}/x"),
        (r"api/^users/(?P<pk>[^/.]+)/$", "/api/users/{pk}/"),
        (r"^(?P<a>x(y|z))/(\d+)\.json$", "/{a}/{}.json"),
        (r"logout/?$", "/logout/"),
        ("", "/"),
    ],
)
def test_paths_are_brought_to_one_form(endpoints: ModuleType, path: str, expected: str) -> None:
    assert endpoints.normal(path) == expected


def ours(methods: str, path: str) -> Endpoint:
    at = Location("main.py", Span(1, 0, 1, 1))
    return Endpoint(tuple(methods.split()), path, "flask", "app", "main.f", at, at, False, Purpose.OTHER, Known(()))


def test_what_is_found_missed_invented_and_left_open(endpoints: ModuleType) -> None:
    told = [
        endpoints.Told(tuple(methods.split()), endpoints.normal(path), "f", "main.py", library)
        for methods, path, library in (
            ("GET POST", "/a/<int:x>", ""), ("GET", "/b", ""), ("PUT", "/c", ""), ("*", "/any", ""), ("GET", "/docs", "lib"),
            ("GET HEAD", "/told", ""),
        )
    ]  # fmt: skip
    table = [
        ours("GET HEAD", "/a/{x}"), ours("*", "/b"), ours("*", "/any"), ours("GET", "/…/z"), ours("DELETE", "/c"),
        ours("GET", "/docs"), ours("GET", "/nowhere"), ours("*", "/nothing"), ours("GET HEAD OPTIONS", "/told"),
    ]  # fmt: skip
    compared = endpoints.compare(told, table)
    assert sorted(compared.found) == [("*", "/any"), ("GET", "/a/{x}"), ("GET", "/told"), ("HEAD", "/told")]
    assert compared.missed == [("POST", "/a/{x}"), ("GET", "/b"), ("PUT", "/c")]
    assert compared.invented == [("DELETE", "/c"), ("*", "/nothing"), ("GET", "/nowhere")]
    assert [found.path for found in compared.open] == ["/b", "/…/z"]
    assert [endpoints.why_missed(compared, pair) for pair in compared.missed] == [
        "the path is known, the method is not: POST, not GET",
        "the path is known, its methods are not",
        "the path is known, the method is not: PUT, not DELETE",
    ]
    assert [endpoints.why_invented(compared, pair) for pair in compared.invented] == [
        "the path is true, the method is not: DELETE, not PUT",
        "the handler is true under another path",
        "the handler is true under another path",
    ]


def test_routes_of_an_application_are_read_where_it_is_installed(tmp_path: Path) -> None:
    """What `surface.py` asks of a framework, on objects that answer as Starlette's do."""
    (tmp_path / "shop.py").write_text(
        """
class Route:
    def __init__(self, path, endpoint, methods): self.path, self.endpoint, self.methods = path, endpoint, methods
class Mount:
    def __init__(self, path, app): self.path, self.app = path, app
class App:
    def __init__(self, *routes): self.routes = routes
def show(): ...
class Files: ...
inner = App(Route("/{x}", show, {"GET", "HEAD"}))
apps = [App(Route("/docs", print, {"GET"}), Mount("/in", inner)), App(Mount("/static", Files()))]
""",
        "utf-8",
    )
    command = [sys.executable, str(BENCHMARKS / "surface.py"), str(tmp_path), str(tmp_path / "out.json"), "starlette"]
    subprocess.run(command, input=b"from shop import apps", cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, check=True)
    assert [
        (row["path"], row["methods"], row["handler"], row["file"], row["library"])
        for row in json.loads((tmp_path / "out.json").read_text("utf-8"))
    ] == [
        ("/docs", ["GET"], "print", "", "builtins"),
        ("/in/{x}", ["GET"], "show", "shop.py", ""),
        ("/static", ["*"], "Files", "shop.py", "shop"),
    ]
