"""`backend-audit endpoints`: the table at any width, every format, every filter, the comparison, and bad input."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner, Result

import analyzer.reporters
from analyzer.cli.app import app
from analyzer.cli.chosen import Choice, chosen, under
from analyzer.model.answer import Known, Unknown
from analyzer.model.contract import Comparison, Difference, Differs
from analyzer.model.endpoint import App, Endpoint, Input, Place, Protection, Purpose, Serves
from analyzer.model.exposure import Exposed, Exposure
from analyzer.model.location import Location, Span
from analyzer.model.surface import Doubt, Guard, Surface
from analyzer.reporters.endpoints import FORMATS, endpoints_format_of, render_endpoints
from analyzer.reporters.fitted import folded, last_part

SCHEMA = json.loads((Path(analyzer.reporters.__file__).parent / "schema" / "endpoints-1.json").read_text("utf-8"))

BACKEND = """\
from fastapi import Depends, FastAPI, HTTPException, Request

app = FastAPI()


def signed_in(request: Request):
    token = request.headers.get("authorization")
    if token != "expected":
        raise HTTPException(status_code=401)
    return token


@app.get("/api/orders")
async def orders(limit: int = 10, who=Depends(signed_in)):
    return [limit]


@app.post("/api/orders")
def add_order(name: str, who=Depends(signed_in)):
    return name


@app.get("/apis")
def apis():
    return []


@app.get("/health")
def health():
    return {}
"""


@pytest.fixture
def backend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "shop"\n')
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "api.py").write_text(BACKEND)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["endpoints", "--no-cache", "--jobs", "1", *arguments])


def listed(*arguments: str) -> list[str]:
    """Methods and paths of what is listed."""
    result = run("--format", "json", *arguments)
    assert result.exit_code == 0, result.stderr
    value = json.loads(result.stdout)
    Draft202012Validator(SCHEMA).validate(value)
    return [f"{' '.join(one['methods'])} {one['path']}" for one in value["endpoints"]]


def test_what_handlers_come_to(backend: Path) -> None:
    value = json.loads(run("-f", "json").stdout)
    Draft202012Validator(SCHEMA).validate(value)
    assert all(one["reaches"]["functions"] >= 1 and one["reaches"]["left_out"] == 0 for one in value["endpoints"])


EVERYTHING = ["GET /api/orders", "POST /api/orders", "GET /apis", "GET /health"]


# ------------------------------------------------------------------ the whole way


def test_every_endpoint_with_its_evidence(backend: Path) -> None:
    assert listed() == EVERYTHING
    value = json.loads(run("-f", "json", "--path", "/api/orders", "--method", "get").stdout)
    [orders] = value["endpoints"]
    assert (orders["handler"], orders["file"], orders["line"], orders["async"]) == ("shop.api.orders", "shop/api.py", 14, True)
    assert orders["exposure"] == "authenticated"
    auth = orders["protections"]["authentication"]
    assert (auth["state"], auth["why"]) == ("present", None)
    assert [(by["what"], by["path"], by["line"]) for by in auth["by"]] == [("shop.api.signed_in", "shop/api.py", 14)]
    assert orders["protections"]["rate-limit"] == {"state": "absent", "why": None, "by": []}
    [whole] = value["apps"]
    assert (whole["key"], whole["endpoints"], whole["serves"]) == (orders["app"], 4, "http")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--path", "/api"), EVERYTHING[:2]),
        (("--path", "api/"), EVERYTHING[:2]),
        (("--path", "/a*"), EVERYTHING[:3]),
        (("--path", "/apis", "--path", "/health"), EVERYTHING[2:]),
        (("--method", "post"), EVERYTHING[1:2]),
        (("--method", "POST,DELETE"), EVERYTHING[1:2]),
        (("--missing", "authentication"), EVERYTHING[2:]),
        (("--missing", "rate-limit", "--method", "POST"), EVERYTHING[1:2]),
        (("--missing", "auth,limits"), EVERYTHING[2:]),
        (("--unknown", "authentication"), []),
        (("--framework", "FastAPI"), EVERYTHING),
        (("--framework", "flask"), []),
        (("shop",), EVERYTHING),
    ],
)
def test_filters(backend: Path, arguments: tuple[str, ...], expected: list[str]) -> None:
    assert listed(*arguments) == expected


def test_a_path_on_the_command_line_lists_its_own_endpoints(backend: Path) -> None:
    (backend / "other.py").write_text('from shop.api import app\n\n\n@app.get("/other")\ndef other():\n    return 1\n')
    assert listed("other.py") == ["GET /other"]
    assert "GET /other" in listed()


def test_what_chose_nothing_is_said(backend: Path) -> None:
    result = run("--framework", "flask")
    assert "there are fastapi" in result.stderr
    assert "0 of 4 endpoints" in result.stdout


def test_a_backend_without_endpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.py").write_text("import falcon\n")
    monkeypatch.chdir(tmp_path)
    result = run()
    assert result.exit_code == 0
    assert "0 endpoints recognised\nframeworks seen in imports: falcon" in result.stdout


def test_files_by_their_suffix(backend: Path) -> None:
    names = ("a.json", "a.csv", "a.md", "a.txt")
    result = run("-q", *(word for name in names for word in ("-o", name)), "-o", "csv=b")
    assert result.exit_code == 0, result.stderr
    assert json.loads((backend / "a.json").read_text())["all"] == 4
    assert (backend / "a.csv").read_text() == (backend / "b").read_text()
    assert (backend / "a.md").read_text().startswith("## backend-audit: 4 endpoints\n")
    assert (backend / "a.txt").read_text() == result.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--missing", "authentification"), "did you mean authentication?"),
        (("--missing", "xyz"), "use one of authentication, authorisation, rate-limit"),
        (("--unknown", "limit"), "--unknown limit: there is no such protection"),
        (("--method", "PSOT"), "did you mean POST?"),
        (("--path", ""), "for example: --path /api/v1"),
        (("-o", "a.html"), "use .json, .csv, .md or .txt, or FORMAT=FILE with one of table, json, csv, markdown"),
        (("-o", "no/a.json"), "there is no folder"),
        (("--openapi", "gone.json"), "is no file"),
        (("--openapi", "shop"), "is a folder"),
        (("--openapi", "shop/api.py"), "for example: --openapi docs/openapi.json"),
        (("--openapi", "a.json", "--missing", "csrf"), "--missing and --unknown have no place here"),
        (("gone",), "does not exist"),
    ],
)
def test_bad_input(backend: Path, arguments: tuple[str, ...], words: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


def test_nothing_to_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run().exit_code == 3


# ------------------------------------------------------------------ a document

DOCUMENT = {
    "openapi": "3.1.0",
    "servers": [{"url": "https://shop.example/api"}],
    "security": [{"key": []}],
    "paths": {
        "/orders": {"get": {"parameters": [{"name": "limit", "in": "query"}]}, "put": {}},
        "/gone": {"get": {}},
        "/health": {"get": {"security": []}},
    },
}


def document(folder: Path, **more: Any) -> str:
    (folder / "openapi.json").write_text(json.dumps({**DOCUMENT, **more}))
    return "openapi.json"


def test_a_document_that_has_gone_stale(backend: Path) -> None:
    result = run("--openapi", document(backend), "-o", "a.json", "-o", "a.csv", "-o", "a.md")
    assert result.exit_code == 1
    assert "1 in the code, not in the document" in result.stdout and "5 differences" not in result.stdout
    value = json.loads((backend / "a.json").read_text())
    Draft202012Validator(SCHEMA).validate(value)
    told = [(d["kind"], d["method"], d["path"]) for d in value["openapi"]["differences"]]
    assert told == [
        ("undocumented", "GET", "/apis"),
        ("missing", "GET", "/gone"),
        ("methods", "POST", "/api/orders"),
        ("methods", "PUT", "/orders"),
    ]
    assert [row["path"] for row in csv.DictReader(io.StringIO((backend / "a.csv").read_text()))] == [p for _, _, p in told]
    assert "4 differences from the API's document" in (backend / "a.md").read_text()
    assert run("--openapi", "openapi.json", "--exit-zero").exit_code == 0


def test_filters_ask_both_sides(backend: Path) -> None:
    assert run("--openapi", document(backend), "--path", "/health").exit_code == 0
    assert run("--openapi", "openapi.json", "--method", "GET", "--path", "/api").exit_code == 1
    paths = {"/orders": DOCUMENT["paths"]["/orders"]}  # type: ignore[index]  # a plain mapping
    result = run("--openapi", document(backend, paths=paths), "--path", "/api", "--method", "GET")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "no differences")


def test_other_methods_of_a_handler_are_not_asked_for(backend: Path) -> None:
    (backend / "shop" / "api.py").write_text(
        'from fastapi import FastAPI\n\napp = FastAPI()\n\n\n'
        '@app.api_route("/both", methods=["GET", "POST"])\ndef both():\n    return 1\n'
    )
    name = document(backend, paths={"/both": {"get": {"security": []}}}, servers=[])
    assert run("--openapi", name).exit_code == 1
    assert run("--openapi", name, "--method", "GET").exit_code == 0


# ------------------------------------------------------------------ how it looks

AT = Location("src/shop/routers/orders/api.py", Span(120, 4, 120, 9))
GUARD = Protection("authentication", "shop.auth.signed_in", AT)
EVIL = "=cmd\x1b[31m\u202e`<b>|"


def one(methods: str, path: str, exposure: Exposure = Exposure.PUBLIC, serves: Serves = Serves.HTTP, **more: Any) -> Exposed:
    values: dict[str, Any] = {
        "framework": "fastapi", "app": "app", "handler": "shop.routers.orders.api.handler", "handler_at": AT,
        "registered_at": AT, "is_async": True, "purpose": Purpose.OTHER, "limits": Known(()),
        "authentication": Known((GUARD,)), **more,
    }  # fmt: skip
    return Exposed(Endpoint(tuple(methods.split()), path, **values), serves, exposure)


def surface(*endpoints: Exposed, **more: Any) -> Surface:
    apps = tuple(App(key, "fastapi", key, AT, tuple(o.endpoint for o in endpoints if o.endpoint.app == key), Known(()))
                 for key in sorted({o.endpoint.app for o in endpoints}))
    values: dict[str, Any] = {
        "version": "0.1.0", "targets": (".",), "apps": apps, "endpoints": endpoints, "all": len(endpoints), "doubts": (),
        "frameworks": ("fastapi",), "problems": (), **more,
    }  # fmt: skip
    return Surface(**values)


LONG = "/api/v1/organisations/{organisation_id}/projects/{project_id}/attachments/{attachment_id:path}"
MANY = surface(
    one("GET", "/orders"),
    one("DELETE GET PATCH", LONG, authentication=Unknown("a decorator that is not understood")),
    one("*", "/", authentication=Known(())),
    one("TASK", "shop.tasks.send", Exposure.INTERNAL, Serves.TASKS, app="queue", authentication=Unknown("of our own queue")),
)


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for details in (False, True):
        lines = render_endpoints(MANY, "table", width=width, details=details).splitlines()
        # below 60 a column may be as wide as its least
        assert max(map(len, lines)) <= max(width, 60)
    assert "any" in "\n".join(lines)


def test_at_80_columns() -> None:
    assert render_endpoints(MANY, "table", width=80) == (
        "── app · fastapi · src/shop/routers/orders/api.py:120 · 3 endpoints ────────────\n"
        "        path                                  auth rate handler\n"
        "GET     /orders                               yes  no   …/orders/api.py:120\n"
        "DELETE  /api/v1/organisations/                ?    no   …/orders/api.py:120\n"
        "GET     {organisation_id}/projects/\n"
        "PATCH   {project_id}/attachments/\n"
        "        {attachment_id:path}\n"
        "any     /                                     no   no   …/orders/api.py:120\n"
        "\n"
        "── queue · fastapi · src/shop/routers/orders/api.py:120 · 1 endpoint ───────────\n"
        "        path                                  handler\n"
        "TASK    shop.tasks.send                       …/orders/api.py:120\n"
        "\n"
        "                  yes     no      ?\n"
        "authentication      1      1      1\n"
        "     1 ?  a decorator that is not understood\n"
        "rate-limit          0      3      0\n"
        "nobody looked: authorisation, csrf, body-limit, caching\n"
        "\n"
        "4 endpoints of 2 applications\n"
    )


def test_there_is_nothing_to_protect_tasks_from() -> None:
    tasks = [found for found in MANY.endpoints if found.serves is Serves.TASKS]
    assert chosen(tasks, Choice()) == (tuple(tasks), ())
    assert chosen(tasks, Choice(unknown=(Guard.AUTHENTICATION,))) == ((), ())
    assert chosen(tasks, Choice(missing=(Guard.AUTHENTICATION,))) == ((), (Doubt(Guard.AUTHENTICATION, 0),))


def test_what_is_not_known_is_said_at_the_end() -> None:
    found = replace(MANY, all=9, doubts=(Doubt(Guard.CSRF, 3), Doubt(Guard.CACHING, 0)))
    text = render_endpoints(found, "table")
    assert "4 of 9 endpoints\ncsrf: of 3 others it is not known: --unknown csrf\n" in text and "caching: of" not in text
    apps = (replace(MANY.apps[0], complete=Unknown("an unresolved include")), *MANY.apps[1:])
    assert "`app` may have more endpoints: an unresolved include" in render_endpoints(replace(MANY, apps=apps), "table")


def test_details_show_evidence_and_inputs() -> None:
    inputs = (Input("limit", Place.QUERY, "int", False, (("ge", 1), ("le", 100)), AT),)
    text = render_endpoints(
        surface(one("GET", "/", inputs=inputs, response=Known("shop.Order"), middleware=(GUARD,))), "table", details=True, width=120
    )
    lines = [re.split(r"  +", line.strip()) for line in text.splitlines()]
    assert ["authentication", "shop.auth.signed_in", "src/shop/routers/orders/api.py:120"] in lines
    assert ["takes", "limit (query, int, optional, ge=1, le=100)"] in lines
    assert ["gives", "shop.Order"] in lines
    assert ["around", "shop.auth.signed_in", "src/shop/routers/orders/api.py:120"] in lines


def test_heads_are_repeated_in_a_long_table() -> None:
    text = render_endpoints(surface(*(one("GET", f"/{n:03}") for n in range(100))), "table")
    assert text.count("auth rate handler") == 3


def test_colours_are_asked_for() -> None:
    assert "\x1b[" not in render_endpoints(MANY, "table") and "\x1b[31mno" in render_endpoints(MANY, "table", color=True)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("compared", [False, True])
def test_names_of_audited_code_act_on_nothing(format: str, compared: bool) -> None:
    guard = Protection("authentication", EVIL, Location(EVIL, AT.span))
    evil = one(EVIL, EVIL, handler=EVIL, handler_at=Location(EVIL, AT.span), framework=EVIL, authentication=Known((guard,)),
               inputs=(Input(EVIL, Place.QUERY, EVIL, True, (("ge", float("inf")),), AT),), response=Known(EVIL))
    difference = Difference(Differs.SECURITY, EVIL, EVIL, EVIL, Location(EVIL, AT.span))
    comparison = Comparison(EVIL, EVIL, 1, 1, (difference,), ((EVIL, 1),)) if compared else None
    text = render_endpoints(surface(evil, comparison=comparison), format, details=True)
    assert "\x1b" not in text and "\u202e" not in text
    if format == "markdown":
        assert "<b>|" not in text
    if format == "csv":
        cells = [cell for row in list(csv.reader(io.StringIO(text)))[1:] for cell in row]
        assert cells and not any(cell.startswith("=") for cell in cells)
    if format == "json":
        Draft202012Validator(SCHEMA).validate(json.loads(text))


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(json.loads(render_endpoints(MANY, "json")))


def test_markdown_says_who_guards() -> None:
    text = render_endpoints(MANY, "markdown")
    assert "| authentication | 1 | 1 | 1 |" in text
    assert "<td>yes: <code>shop.auth.signed_in  src/shop/routers/orders/api.py:120</code></td>" in text
    assert "<td><b>no</b></td>" in text


def test_what_is_said_of_many_is_said_once() -> None:
    says = "`trace` (header) is read, and not documented"
    many = tuple(Difference(Differs.PARAMETERS, "GET", f"/{n:02}", says, AT) for n in range(20))
    open_ = tuple(Difference(Differs.SECURITY, "GET", f"/s{n}", "the code asks nobody", AT) for n in range(9))
    text = render_endpoints(surface(comparison=Comparison("a.json", "3.1.0", 30, 30, (*many, *open_), ())), "table")
    assert text.count(says) == 1 and "and 17 more: --format csv" in text
    assert all(f"/s{n} " in text for n in range(9))


@pytest.mark.parametrize(
    ("path", "pattern", "expected"),
    [
        ("/api/orders", "/api", True),
        ("/apis", "/api", False),
        ("/api", "/api/", True),
        ("/api/orders", "api", True),
        ("/anything", "/", True),
        ("/orders/{id}", "/orders/{id}", True),
        ("/a/b/export", "*/export", True),
        ("shop.tasks.send", "shop.tasks", True),
    ],
)
def test_paths_that_begin_or_look_so(path: str, pattern: str, expected: bool) -> None:
    assert under(path, pattern) is expected


def test_lines_break_after_slashes() -> None:
    assert folded("/api/v1/orders", 10) == ["/api/v1/", "orders"]
    assert folded("abcdefghijkl", 5) == ["abcde", "fghij", "kl"]
    assert folded("GET POST PUT", 9) == ["GET POST", "PUT"]
    assert folded("注文注文", 5) == ["注文", "注文"]
    assert last_part("src/shop/orders/api.py:12", 18) == "…/orders/api.py:12"
    assert last_part("api.py:12", 18) == "api.py:12"


def test_suffixes() -> None:
    assert [endpoints_format_of(name) for name in ("a.JSON", "a.csv", "a.md", "a.txt", "a.html")] == [
        "json", "csv", "markdown", "table", None,
    ]  # fmt: skip
