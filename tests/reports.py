"""A made-up but realistic report for tests of the reporters: true spans, excerpts and hashes of small source files."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from analyzer.line_hash import line_hashes
from analyzer.model.exposure import Exposure
from analyzer.model.finding import Edit, Finding, Fix, Problem
from analyzer.model.known import Entry
from analyzer.model.location import Location, Span, Step
from analyzer.model.report import Count, EndpointSummary, EngineSummary, Report, RuleSummary, Suppressed, Totals

SOURCES = {
    "src/shop/orders.py": '''\
import requests
from sqlalchemy import text

from .db import engine


def find_orders(customer: str, status: str):
    """All orders of a customer."""
    query = f"SELECT * FROM orders WHERE customer = '{customer}' AND status = '{status}'"
    with engine.connect() as connection:
        return connection.execute(text(query)).all()


def charge(order, 金額):
    return requests.post("https://支払い.example/charge", json={"order": order.id, "amount": 金額}, headers=order.headers, auth=order.auth)


async def refresh(order):
\tif order.open:
\t\treturn load_rates(order.currency)
''',
    "src/shop/api.py": '''\
from fastapi import FastAPI

from .orders import find_orders, refresh

app = FastAPI(title="Shop")


@app.get("/customers/{customer}/orders")
def orders(customer: str, status: str = "open"):
    return find_orders(customer, status)


@app.post("/login")
def login(credentials: Credentials):
    try:
        return issue_token(credentials)
    except Exception:
        pass
''',
}

RULES = (
    RuleSummary(
        id="blocking-call-in-async", family="concurrency",
        title="A coroutine makes a call that blocks the event loop.",
        doc="A coroutine makes a call that blocks the event loop.\n\n"
            "While it waits, no other request is answered: one slow call stops the whole worker.\n\n"
            "Await an asynchronous client, or hand the call to a thread with `asyncio.to_thread`.\n",
        severity="high", confidence="high", standard="performance", cwe=None, aliases=("ruff:ASYNC210",), since="0.1",
        bad="async def f():\n    time.sleep(1)\n", good="async def f():\n    await asyncio.sleep(1)\n",
    ),
    RuleSummary(
        id="endpoint-without-rate-limit", family="api",
        title="Nothing limits how often an endpoint may be called.",
        doc="Nothing limits how often an endpoint may be called.\n\n"
            "Passwords can be guessed as fast as the server answers. One client can take all workers.\n\n"
            "Limit by client at the gateway, or in the application.\n",
        severity="medium", confidence="high", standard="api-design", cwe=799, aliases=(), since="0.1",
        bad="app = FastAPI()\n", good="limiter = Limiter(key_func=get_remote_address)\n",
    ),
    RuleSummary(
        id="http-call-without-timeout", family="reliability",
        title="An outbound HTTP call has no timeout.",
        doc="An outbound HTTP call has no timeout.\n\n"
            "`requests` waits for ever by default. One slow dependency then holds a worker until none is left\n"
            "to answer anybody.\n\n"
            "Give every call a deadline shorter than your own caller's.\n",
        severity="high", confidence="high", standard="reliability", cwe=400,
        aliases=("bandit:B113", "ruff:S113"), since="0.1",
        bad='requests.get("https://example.org")\n', good='requests.get("https://example.org", timeout=3)\n',
    ),
    RuleSummary(
        id="raw-sql", family="security",
        title="SQL text is put together from values.",
        doc="SQL text is put together from values.\n\n"
            "Whoever controls a value controls the statement, and reads or deletes any row. It also defeats the\n"
            "database's plan cache.\n\n"
            "    never_taken_for_advice()\n\n"
            "Write a parameter where the value goes, and pass the value beside the text.\n",
        severity="critical", confidence="high", standard="security", cwe=89, aliases=("bandit:B608",), since="0.1",
        bad='cursor.execute(f"SELECT {name}")\n', good='cursor.execute("SELECT %s", [name])\n',
    ),
    RuleSummary(
        id="swallowed-exception", family="reliability",
        title="An exception is caught and nobody hears of it.",
        doc="An exception is caught and nobody hears of it.\n\nThe failure is found by a customer, not by you.\n\n"
            "Log it with its traceback, or let it go.\n",
        severity="medium", confidence="medium", standard="observability", cwe=None, aliases=(), since="0.1",
        bad="try:\n    f()\nexcept Exception:\n    pass\n", good="f()\n",
    ),
)  # fmt: skip


def span(path: str, piece: str) -> Span:
    """Where a piece of text stands in one of SOURCES; it must stand there once."""
    source = SOURCES[path]
    assert source.count(piece) == 1, piece
    start = source.index(piece)
    end = start + len(piece)
    return Span(
        source.count("\n", 0, start) + 1, start - source.rfind("\n", 0, start) - 1,
        source.count("\n", 0, end) + 1, end - source.rfind("\n", 0, end) - 1,
    )  # fmt: skip


def place(path: str, piece: str) -> Location:
    """The location of a piece of text in one of SOURCES."""
    return Location(path, span(path, piece))


def finding(rule: str, path: str, piece: str, message: str, **more: Any) -> Finding:
    """A finding at a piece of text; severity and confidence are the rule's unless given."""
    at = more.pop("at", None) or place(path, piece)
    summary = next((one for one in RULES if one.id == rule), RULES[0])
    values: dict[str, Any] = {
        "severity": summary.severity, "confidence": summary.confidence, "statement": at.span, "header": at.span,
        "subject": "", "within": "", "text": "".join(piece.split()),
        "fingerprint": hashlib.md5(f"{rule}{at}".encode(), usedforsecurity=False).hexdigest(), **more,
    }  # fmt: skip
    return Finding(rule=rule, at=at, message=message, **values)


ORDERS, API = "src/shop/orders.py", "src/shop/api.py"
FINDINGS = (
    finding(
        "raw-sql", ORDERS, "connection.execute(text(query))", "SQL text is built from `customer` with an f-string",
        within="find_orders", endpoints=("GET /customers/{customer}/orders",), exposure=Exposure.PUBLIC, engines=("native", "semgrep"),
        trace=(
            Step(place(API, "customer: str, status"), "`customer` comes from the path of the request"),
            Step(place(API, "find_orders(customer, status)"), "it is passed to `find_orders`"),
            Step(place(ORDERS, "'{customer}'"), "it is put into the text"),
        ),
    ),
    finding(
        "http-call-without-timeout", ORDERS,
        'requests.post("https://支払い.example/charge", json={"order": order.id, "amount": 金額}, '
        "headers=order.headers, auth=order.auth)",
        "`requests.post` can wait for ever", within="charge",
        fix=Fix("Add `timeout=10`", (Edit(Span(15, 133, 15, 133), ", timeout=10"),), safe=False),
    ),
    finding("blocking-call-in-async", ORDERS, "load_rates(order.currency)", "`load_rates` blocks the event loop",
            within="refresh", endpoints=tuple(f"GET /rates/{n}" for n in range(1, 8)),
            exposure=Exposure.AUTHENTICATED),
    finding("endpoint-without-rate-limit", API, 'FastAPI(title="Shop")', "none of 2 routes is limited; worst: `POST /login`",
            subject="app", related=(Step(place(API, "login(credentials: Credentials)"), "`POST /login`"),
                                    Step(place(API, "orders(customer: str"), "`GET /customers/{customer}/orders`"))),
    finding("swallowed-exception", API, "except Exception:", "`Exception` is caught and dropped", within="login"),
)  # fmt: skip


# What a report holds besides when there were several engines and something to compare with.
COMPARED: dict[str, Any] = {
    "findings": (msgspec.structs.replace(FINDINGS[1], also=("bandit:B113",), engines=("bandit", "native")), *FINDINGS[2:]),
    "engines": (EngineSummary("native", "", 18, 812), EngineSummary("semgrep", "1.182.0", 21, 40)),
    "replaced": (Count("bandit:B113 by http-call-without-timeout", 1), Count("bandit:B608 by raw-sql", 1)),
    "baselined": FINDINGS[:1],
    "stale": (Count("raw-sql", 2, ("src/shop/gone.py", "src/shop/old.py")),),
    "compared": "baseline audit-baseline.json",
    "untouched": (Entry("docs/conf.py", "raw-sql", "0" * 32, "SQL text is built"),),
}  # fmt: skip


def make_report(**changes: Any) -> Report:
    """The report, with the given fields replaced; excerpts and hashes fit the findings."""
    report = Report(
        version="0.1.0",
        targets=("src",),
        totals=Totals(files=812, reported=640, tests=0, lines=96_412, endpoints=2),
        findings=FINDINGS,
        hidden=(Count("raw-sql", 3), Count("swallowed-exception", 9)),
        cleared=(Count("http-call-without-timeout", 4),),
        suppressed=(
            Suppressed(finding("raw-sql", ORDERS, "import requests", "SQL text is built with `+`"), "comment", "constants"),
        ),
        problems=(
            Problem("extract", "src/legacy/old.py", "invalid syntax on line 12"),
            Problem("detect", "", "semgrep is not installed", note=True),
        ),
        unknowns=(Count("endpoint-without-rate-limit: the router is built at run time", 3, ("src/shop/dynamic.py:7",)),),
        left_out=(Count("excluded by .gitignore", 14, ("build/a.py",)), Count("over 2 MB", 1, ("src/data.py",))),
        frameworks=("fastapi",),
        endpoints=(
            EndpointSummary(("GET",), "/customers/{customer}/orders", "fastapi", "src.shop.api.orders", API, 9, Exposure.PUBLIC),
            EndpointSummary(("POST",), "/login", "fastapi", "src.shop.api.login", API, 14, Exposure.PUBLIC),
        ),
        rules=RULES,
        assumptions=(("tls", "proxy", "the ingress terminates TLS"),),
        excerpts={},
        hashes={},
    )  # fmt: skip
    report = msgspec.structs.replace(report, **changes)
    if "excerpts" not in changes:
        report = msgspec.structs.replace(report, excerpts=_excerpts(report))
    if "hashes" not in changes:
        report = msgspec.structs.replace(report, hashes=_hashes(report))
    return report


def _all(report: Report) -> list[Finding]:
    return [*report.findings, *(entry.finding for entry in report.suppressed)]


def _excerpts(report: Report) -> dict[str, dict[int, str]]:
    excerpts: dict[str, dict[int, str]] = {}
    for one in _all(report):
        for at in (one.at, *(step.at for step in (*one.trace, *one.related))):
            lines = SOURCES.get(at.path, "").split("\n")
            for number in range(at.span.line - 2, at.span.end_line + 3):
                if 1 <= number <= len(lines):
                    excerpts.setdefault(at.path, {})[number] = lines[number - 1]
    return excerpts


def _hashes(report: Report) -> dict[str, str]:
    hashes = {path: line_hashes(source.encode()) for path, source in SOURCES.items()}
    return {
        f"{one.at.path}:{one.at.span.line}": hashes[one.at.path][one.at.span.line - 1]
        if one.at.path in hashes and one.at.span.line <= len(hashes[one.at.path])
        else "c129715d7a2bc9a3:1"
        for one in _all(report)
    }
