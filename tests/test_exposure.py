"""How open a place is, the order that this gives findings, where reports show it, and that identities do not move."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from reports import FINDINGS, make_report

from analyzer.audit import audit
from analyzer.link.exposure import openness
from analyzer.model.answer import Known, Unknown
from analyzer.model.config import Config
from analyzer.model.endpoint import Endpoint, Guarded, Protection, Purpose, Serves
from analyzer.model.exposure import Exposure
from analyzer.model.finding import Finding
from analyzer.model.location import Location, Span
from analyzer.reporters import render
from analyzer.reporters.levels import rank
from analyzer.triage.merge import merged
from analyzer.triage.select import worst_first

SIGN_IN = """\
from fastapi import HTTPException, Request


def signed_in(request: Request):
    token = request.headers.get("authorization")
    if token != "expected":
        raise HTTPException(status_code=401)
    return token
"""
BACKEND = """\
import requests
from fastapi import Depends, FastAPI

from sign_in import signed_in

app = FastAPI()
HOME = requests.get("https://shop.example/home")


def orders():
    return requests.get("https://shop.example/orders").json()


def prices():
    return requests.get("https://shop.example/prices").json()


def never():
    return requests.get("https://shop.example/never").json()


@app.get("/orders")
def list_orders(who=Depends(signed_in)):
    return orders(), prices()


@app.get("/prices")
def list_prices(PARAMETERS):
    return prices()
"""


def found(tmp_path: Path, parameters: str = "") -> dict[str, Finding]:
    """The findings of calls without a time limit, by the last word of the address."""
    (tmp_path / "sign_in.py").write_text(SIGN_IN)
    (tmp_path / "app.py").write_text(BACKEND.replace("PARAMETERS", parameters))
    config = Config(
        paths=(str(tmp_path),), root=str(tmp_path), cache=False, jobs=1, select=("http-call-without-timeout",),
        confidence="low", severity="low",
    )  # fmt: skip
    return {finding.text.split("/")[-1].split('"')[0]: finding for finding in audit(config).findings}


def test_the_widest_door_counts(tmp_path: Path) -> None:
    told = found(tmp_path)
    assert {name: finding.exposure for name, finding in told.items()} == {
        "home": Exposure.PROJECT,
        "orders": Exposure.AUTHENTICATED,
        "prices": Exposure.PUBLIC,
        "never": Exposure.UNREACHED,
    }
    assert told["prices"].endpoints == ("GET /orders", "GET /prices")
    assert told["never"].endpoints == ()


def test_what_guards_an_endpoint_moves_no_identity(tmp_path: Path) -> None:
    before, after = found(tmp_path), found(tmp_path, "who=Depends(signed_in)")
    assert (before["prices"].exposure, after["prices"].exposure) == (Exposure.PUBLIC, Exposure.AUTHENTICATED)
    assert {name: f.fingerprint for name, f in before.items()} == {name: f.fingerprint for name, f in after.items()}


def test_a_place_where_endpoints_are_made_concerns_them(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        'from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.post("/login")\ndef login(name: str):\n    return name\n'
    )
    config = Config(paths=(str(tmp_path),), root=str(tmp_path), cache=False, jobs=1, select=("endpoint-without-rate-limit",))
    [limit] = audit(config).findings
    assert limit.at.span.line in (3, 6, 7)
    assert (limit.endpoints, limit.exposure) == (("POST /login",), Exposure.PUBLIC)


AT = Location("app.py", Span(1, 0, 1, 5))
GUARD = Known((Protection("authentication", "signed_in", AT),))


@pytest.mark.parametrize(
    ("serves", "authentication", "expected"),
    [
        (Serves.HTTP, Known(()), Exposure.PUBLIC),
        (Serves.HTTP, Unknown("a handler that looks at who is asking"), Exposure.UNKNOWN),
        (Serves.HTTP, GUARD, Exposure.AUTHENTICATED),
        (Serves.GRAPHQL, Known(()), Exposure.PUBLIC),
        (Serves.RPC, GUARD, Exposure.AUTHENTICATED),
        (Serves.TASKS, Known(()), Exposure.INTERNAL),
        (Serves.EVENTS, Unknown("nobody looked"), Exposure.INTERNAL),
    ],
)
def test_openness(serves: Serves, authentication: Guarded, expected: Exposure) -> None:
    endpoint = Endpoint(
        ("GET",), "/", "fastapi", "app", "app.home", AT, AT, False, Purpose.OTHER, Known(()), authentication
    )
    assert openness(endpoint, serves) is expected


STARTED = """\
import requests
from fastapi import FastAPI


def made():
    app = FastAPI()
    configure(app)
    return app


def configure(app):
    app.rates = requests.get("https://shop.example/rates")


def loaded():
    return requests.get("https://shop.example/loaded")


def by_hand():
    return requests.get("https://shop.example/by_hand")


LOADED = loaded()

if __name__ == "__main__":
    by_hand()
"""


def test_what_runs_at_start_concerns_the_project(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(STARTED)
    (tmp_path / "serve.py").write_text("from app import made\n")
    config = Config(
        paths=(str(tmp_path),), root=str(tmp_path), cache=False, jobs=1, select=("http-call-without-timeout",),
        confidence="low", severity="low",
    )  # fmt: skip
    told = {finding.within: finding.exposure for finding in audit(config).findings}
    assert told == {"configure": Exposure.PROJECT, "loaded": Exposure.PROJECT, "by_hand": Exposure.UNREACHED}


@pytest.mark.parametrize(
    ("what", "expected"),
    [("app.home", Exposure.PUBLIC), ("app.home.post", Exposure.PUBLIC), ("app.homely", Exposure.AUTHENTICATED)],
)
def test_who_logs_in_is_not_known_yet(what: str, expected: Exposure) -> None:
    guard = Known((Protection("authentication", what, AT),))
    endpoint = Endpoint(("POST",), "/login", "fastapi", "app", "app.home", AT, AT, False, Purpose.LOGIN, Known(()), guard)
    assert openness(endpoint, Serves.HTTP) is expected


def test_exposure_ranks_within_a_severity_and_never_above_it() -> None:
    one = msgspec.structs.replace(FINDINGS[0], severity="high", confidence="medium", exposure=Exposure.PUBLIC)
    sure = msgspec.structs.replace(one, confidence="high", exposure=Exposure.AUTHENTICATED)
    doubtful = msgspec.structs.replace(one, confidence="high", exposure=Exposure.UNKNOWN)
    worse = msgspec.structs.replace(one, severity="critical", exposure=Exposure.UNREACHED)
    assert worst_first([sure, one, worse, doubtful]) == (worse, one, doubtful, sure)


def test_what_two_detectors_say_keeps_the_widest_door() -> None:
    one = msgspec.structs.replace(FINDINGS[0], exposure=Exposure.INTERNAL)
    other = msgspec.structs.replace(one, engines=("semgrep",), exposure=Exposure.PUBLIC)
    [both] = merged([one, other])
    assert both.exposure is Exposure.PUBLIC


def test_reports_show_it() -> None:
    report = make_report()
    assert "reached  by GET /customers/{customer}/orders (public)" in render(report, "terminal")
    value = json.loads(render(report, "json"))
    assert [f["exposure"] for f in value["findings"]][:1] == ["public"]
    assert [e["exposure"] for e in value["endpoints"]] == ["public", "public"]
    results = json.loads(render(report, "sarif"))["runs"][0]["results"]
    assert results[0]["properties"]["exposure"] == "public"


def test_what_nothing_is_seen_to_reach_says_so() -> None:
    alone = msgspec.structs.replace(FINDINGS[0], endpoints=(), exposure=Exposure.UNREACHED)
    setting = msgspec.structs.replace(alone, exposure=Exposure.PROJECT)
    assert "reached  by no endpoint that is seen" in render(make_report(findings=(alone,)), "terminal")
    assert "reached" not in render(make_report(findings=(setting,)), "terminal")


def test_the_rank_of_sarif_falls_with_each_door() -> None:
    ranks = [rank("high", "high", exposure) for exposure in Exposure]
    assert ranks == sorted(set(ranks), reverse=True)
    assert min(ranks) > rank("medium", "high", Exposure.PUBLIC)
