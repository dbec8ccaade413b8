"""Same input, same bytes out: whatever the place, the jobs, the cache, the order, the hash seed, and who else runs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import sysconfig
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from analyzer.audit import audit
from analyzer.model.config import Config
from analyzer.model.finding import Finding
from analyzer.model.report import Report
from analyzer.registry import load_rules
from analyzer.reporters import render

APPS = Path(__file__).parent / "fixtures" / "apps"
SCRIPT = str(Path(sysconfig.get_path("scripts")) / "backend-audit")
GUARD = 60  # seconds
_PROPERTY = settings(
    max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)  # fmt: skip
EXTRA = {
    "mixed/api/__init__.py": "",
    "mixed/api/main.py": """\
import requests
from fastapi import APIRouter, Depends, FastAPI
from mixed.shared import lookup, http

app = FastAPI(debug=True)
router = APIRouter(prefix="/users")

@app.post("/login")
async def login(name: str):
    return lookup(name), http.get("https://id.example/" + name)

@router.get("/{name}")
def show(name: str):
    try:
        return requests.get("https://x.example", verify=False).json()
    except Exception:
        pass

app.include_router(router)
""",
    "mixed/site.py": """\
from flask import Flask, request
from mixed.shared import lookup, save

site = Flask(__name__)

@site.route("/find")
def find():
    return lookup(request.args["q"])

@site.route("/reset-password", methods=["POST"])
def reset():
    save("public.tokens", {"t": 1})
    return ""

if __name__ == "__main__":
    site.run(debug=True)
""",
    "mixed/shared.py": """\
import smtplib
import sqlite3
import subprocess

import redis
import requests
from supabase import create_client

http = requests.Session()
cache = redis.Redis()
client = create_client("https://p.supabase.co", "key")

def lookup(name):
    connection = sqlite3.connect("app.db")
    return connection.execute(f"SELECT * FROM users WHERE name = '{name}'").fetchall()

def save(table, row):
    client.from_("auth.tokens").insert(row).execute()
    cache.set("k", "v")
    subprocess.run(["backup"])
    smtplib.SMTP("mail").sendmail("a", "b", "c")

class Everything:
    def __init__(self, made=None):
        self.http = made or requests.Session()
        self.other = requests

    def call(self):
        return self.http.get("u"), self.other.get("u")
""",
    **{f"mixed/broken{number}.py": f"def broken{number}(:\n" for number in range(8)},
    "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
    "shop/__init__.py": "",
    "shop/settings.py": "DEBUG = True\nROOT_URLCONF = 'shop.urls'\nINSTALLED_APPS = ['shop']\n",
    "shop/urls.py": """\
from django.urls import path
from shop import views

urlpatterns = [path("orders/<int:number>", views.order), path("login", views.Login.as_view())]
""",
    "shop/views.py": """\
from django.db import connection
from django.http import HttpResponse
from django.views import View

def order(request, number):
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM orders WHERE state = '%s'" % request.GET["state"])
    return HttpResponse("")

class Login(View):
    def post(self, request):
        return HttpResponse("")
""",
    "compose.yaml": "services:\n  web:\n    image: x\n",
    "pyproject.toml": "[project]\nname = 'mixed'\n",
}


def write(root: Path, files: dict[str, str]) -> Path:
    for path, content in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content, encoding="utf-8")
    return root


def make(root: Path) -> Path:
    """The tree: every backend of tests/fixtures/apps, and one more that mixes frameworks and breaks most rules."""
    shutil.copytree(APPS, root / "apps")
    return write(root, EXTRA)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("one") / "project")


def report(root: Path, paths: Sequence[str] = (".",), **options: object) -> Report:
    given_options: dict[str, object] = {"cache": False, "jobs": 1} | options
    return audit(Config(paths=tuple(str(root / path) for path in paths), **given_options))  # type: ignore[arg-type]  # fields of Config


def both(found: Report) -> tuple[str, str]:
    return render(found, "json"), render(found, "sarif")


@pytest.fixture(scope="module")
def expected(tree: Path) -> tuple[str, str]:
    """What an audit of the tree says, by one process without a cache."""
    found = report(tree)
    rules = {finding.rule for finding in found.findings}
    assert len(rules) > len(load_rules(()).rules) * 2 // 3, sorted(rules)  # else little would be compared
    return both(found)


def same(actual: tuple[str, str], expected: tuple[str, str]) -> None:
    for one, other in zip(actual, expected, strict=True):
        for here, there in zip(one.splitlines(), other.splitlines(), strict=False):
            assert here == there
        assert one == other


# ------------------------------------------------------------------ place, jobs, cache


def test_from_another_place_with_two_jobs(tmp_path: Path, expected: tuple[str, str]) -> None:
    other = make(tmp_path / "some where" / "älse")
    (other / "padding.txt").write_text("x")
    same(both(report(other, jobs=2)), expected)


def test_whatever_the_cache_holds(tree: Path, tmp_path: Path, expected: tuple[str, str]) -> None:
    cached = {"cache": True, "cache_dir": str(tmp_path / "cache")}
    for jobs in (2, 1):  # cold, then warm
        same(both(report(tree, jobs=jobs, **cached)), expected)
    database = sqlite3.connect(tmp_path / "cache" / "cache-1.sqlite3")
    with database:  # half of the entries are gone, one is damaged
        database.execute("DELETE FROM entries WHERE rowid % 2")
        database.execute("UPDATE entries SET value = x'00' WHERE rowid = (SELECT min(rowid) FROM entries)")
    database.close()
    same(both(report(tree, **cached)), expected)
    (tmp_path / "file").write_text("no folder")
    without = report(tree, cache=True, cache_dir=str(tmp_path / "file" / "cache"))
    assert [finding.fingerprint for finding in without.findings] == [f["fingerprint"] for f in json.loads(expected[0])["findings"]]


def test_the_front_ends_give_the_same_findings(tree: Path, expected: tuple[str, str]) -> None:
    through_libcst = json.loads(render(report(tree, front_end="libcst"), "json"))
    assert through_libcst["findings"] == json.loads(expected[0])["findings"]
    assert through_libcst["unknowns"] == json.loads(expected[0])["unknowns"]


def start(root: Path, *options: str | Path, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, SCRIPT, ".", "--format", "json", "-q", *map(str, options)], cwd=root,
        env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def output(process: subprocess.Popen[bytes]) -> str:
    out, error = process.communicate(timeout=GUARD)
    assert b"Traceback" not in error
    assert process.returncode == 1, error
    return out.decode()


def test_whatever_the_hash_seed(tree: Path, expected: tuple[str, str]) -> None:
    runs = [start(tree, "--no-cache", PYTHONHASHSEED=seed) for seed in ("0", "1", "2")]
    for process in runs:
        same((output(process),), expected[:1])  # type: ignore[arg-type]  # JSON alone


def test_two_runs_share_a_cache(tree: Path, tmp_path: Path, expected: tuple[str, str]) -> None:
    runs = [start(tree, "--cache-dir", tmp_path / "cache") for _ in range(2)]
    for process in runs:
        same((output(process),), expected[:1])  # type: ignore[arg-type]  # JSON alone


def test_after_a_run_that_was_killed(tree: Path, tmp_path: Path, expected: tuple[str, str]) -> None:
    killed = 0
    for wait in (0.25, 0.4, 0.6):
        process = start(tree, "--cache-dir", tmp_path / "cache")
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=GUARD)
        killed += process.returncode == -signal.SIGKILL
    assert killed
    same((output(start(tree, "--cache-dir", tmp_path / "cache")),), expected[:1])  # type: ignore[arg-type]  # JSON alone


# ------------------------------------------------------------------ parts and the whole


def of_file(text: str, path: str) -> list[object]:
    return [finding for finding in json.loads(text)["findings"] if finding["path"] == path]


@pytest.mark.parametrize("path", ["mixed/shared.py", "mixed/api/main.py", "shop/views.py"])
def test_one_file_alone_against_the_whole(tree: Path, expected: tuple[str, str], path: str) -> None:
    alone = render(report(tree, [path]), "json")
    assert of_file(alone, path) == of_file(expected[0], path)
    assert of_file(alone, path)
    assert len(json.loads(alone)["findings"]) == len(of_file(alone, path))


def test_several_paths_in_any_order(tree: Path) -> None:
    paths = ["shop", "mixed/api", "mixed/shared.py"]
    same(both(report(tree, paths)), both(report(tree, [*reversed(paths), "shop"])))


def test_the_order_of_select_is_irrelevant(tree: Path) -> None:
    chosen = ("raw-sql", "tls-verification-off", "debug-enabled")
    same(both(report(tree, select=chosen)), both(report(tree, select=chosen[::-1])))


def test_a_rule_alone_against_all_of_them(tree: Path, expected: tuple[str, str]) -> None:
    together = [finding for finding in json.loads(expected[0])["findings"] if finding["rule"] == "raw-sql"]
    alone = json.loads(render(report(tree, select=("raw-sql",)), "json"))["findings"]
    for finding in (*alone, *together):  # who else says it depends on who else was asked
        del finding["also"], finding["engines"]
    assert alone == together
    assert alone


# ------------------------------------------------------------------ properties

SMALL = {path: EXTRA[path] for path in ("mixed/api/__init__.py", "mixed/api/main.py", "mixed/site.py", "mixed/shared.py", "pyproject.toml")}
UNRELATED = (
    ("unrelated.py", "x = 1\n"),
    ("unrelated/requests.py", "def get(u):\n    return u\n"),
    ("tools/mixed.py", "http = None\n"),
    ("other/api/main.py", "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/other')\ndef other(): ...\n"),
    ("other/limits.py", "from slowapi import Limiter\nlimiter = Limiter(key_func=str)\n"),
    ("jobs.py", "from mixed.shared import lookup\nlookup('constant')\n"),
    ("tests/test_x.py", "from mixed.shared import lookup\ndef test_x():\n    lookup('x')\n"),
    ("deploy/values.yaml", "a: [1, 2]\n"),
    ("legacy/broken.yaml", "a: [\n"),
    ("Dockerfile", "FROM python:3.12\nRUN pip install x\n"),
    ("schema.sql", "CREATE TABLE users (name text);\n"),
    ("web/app.ts", "const x = 1;\n"),
    (".env", "DEBUG=1\n"),
    ("docs/conf.py", "project = 'x'\n"),
)


def keys(findings: Sequence[Finding]) -> set[tuple[str, str, int, str]]:
    return {(f.rule, f.at.path, f.at.span.line, f.fingerprint) for f in findings}


@_PROPERTY
@given(added=st.lists(st.sampled_from(UNRELATED), min_size=1, max_size=4, unique=True))
def test_an_unrelated_file_removes_no_finding(
    tmp_path_factory: pytest.TempPathFactory, added: list[tuple[str, str]]
) -> None:
    root = write(tmp_path_factory.mktemp("grown"), SMALL)
    before = keys(report(root).findings)
    assert len(before) > 8
    write(root, dict(added))
    assert before <= keys(report(root).findings)


RENAMED = """\
import sqlite3
import requests

def load({name}):
    {session} = requests.Session()
    {query} = "SELECT * FROM t WHERE name = '" + {name} + "'"
    {rows} = sqlite3.connect("x").execute({query})
    try:
        {answer} = {session}.get("https://x.example", verify=False)
    except Exception as {error}:
        pass
    return {rows}, {answer}

load(input())
"""
NAMES = ("name", "session", "query", "rows", "answer", "error")


def renamed(root: Path, names: dict[str, str]) -> Report:
    write(root, {"app.py": RENAMED.format(**names)})
    return report(root, confidence="low")


@_PROPERTY
@given(chosen=st.permutations(["a", "value", "сессия", "timeout", "client", "x1", "get", "type"]))
def test_renaming_locals_changes_no_finding(tmp_path_factory: pytest.TempPathFactory, chosen: list[str]) -> None:
    root = tmp_path_factory.mktemp("renamed")
    plain = renamed(root, dict(zip(NAMES, NAMES, strict=True))).findings
    other = renamed(root, dict(zip(NAMES, chosen, strict=False))).findings
    assert len(plain) == 4
    assert [(f.rule, f.at.span.line, f.severity, f.confidence) for f in plain] == [
        (f.rule, f.at.span.line, f.severity, f.confidence) for f in other
    ]


def test_renaming_moves_only_the_identities_of_statements_that_hold_the_name(tmp_path: Path) -> None:
    names = dict(zip(NAMES, NAMES, strict=True))
    before = {f.rule: f.fingerprint for f in renamed(tmp_path, names).findings}
    after = {f.rule: f.fingerprint for f in renamed(tmp_path, names | {"query": "statement"}).findings}
    assert {rule for rule in before if before[rule] != after[rule]} == {"raw-sql"}


# ------------------------------------------------------------------ the warm path


class Stages:
    """Remembers which stages ran."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def stage(self, name: str, total: int) -> None:
        self.names.append(name)

    def advance(self, steps: int) -> None:
        pass


@pytest.fixture
def read_by_us(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The content of every file that goes to a reader, first line only."""
    from analyzer import pool

    sent: list[str] = []
    real = pool.run

    def spy(function: str, payloads: Sequence[bytes], **options: object) -> object:
        sent.extend(str(len(payload)) for payload in payloads)
        return real(function, payloads, **options)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(pool, "run", spy)
    return sent


def test_with_nothing_changed_nothing_is_done_again(tmp_path: Path, read_by_us: list[str]) -> None:
    root, config = write(tmp_path / "p", SMALL), Config(paths=(str(tmp_path / "p"),), cache_dir=str(tmp_path / "c"), jobs=1)
    cold, warm = Stages(), Stages()
    first = audit(config, cold)
    assert {"link", "detect", "inspect"} <= set(cold.names)
    assert len(read_by_us) == len({content for content in SMALL.values()})
    read_by_us.clear()
    second = audit(config, warm)
    assert {"link", "detect", "inspect"}.isdisjoint(warm.names)
    assert read_by_us == []
    assert both(first) == both(second)
    (root / "mixed" / "site.py").write_text(SMALL["mixed/site.py"] + "\nx = 1\n")
    changed = Stages()
    third = audit(config, changed)
    assert len(read_by_us) == 1
    assert {"link", "detect", "inspect"} <= set(changed.names)
    assert keys(third.findings) == keys(first.findings)


def test_what_findings_depend_on_is_in_the_key(tmp_path: Path) -> None:
    """Other rules, and files that only moved, are not answered from the cache."""
    root = write(tmp_path / "p", SMALL)
    options = {"cache": True, "cache_dir": str(tmp_path / "c")}
    everything = report(root, **options)
    chosen = report(root, select=("raw-sql",), **options)
    assert {f.rule for f in chosen.findings} == {"raw-sql"}
    assert keys(report(root, **options).findings) == keys(everything.findings)
    (root / "mixed" / "site.py").rename(root / "mixed" / "test_site.py")  # the same bytes in the same order
    moved = report(root, **options)
    assert "mixed/site.py" not in {f.at.path for f in moved.findings}
    same(both(moved), both(report(root)))
