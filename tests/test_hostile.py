"""Hostile and broken input: each file costs itself alone, is named with the reason, and all else is still audited."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SCRIPT = str(Path(sysconfig.get_path("scripts")) / "backend-audit")
FIXTURES = Path(__file__).parent / "fixtures" / "hostile"
GUARD = 60  # seconds, for a run that takes one or two
MEMORY = 3 << 30  # bytes of address space; a run needs a tenth
PLANTED = """import requests

class Client{n}:
    def __init__(self):
        self.session = requests.Session()

    def load(self, name):
        return self.session.get("https://example.org/" + name, timeout=5)

def planted(url):
    return requests.get(url, verify=False, timeout=3)
"""


@dataclass(frozen=True)
class Run:
    """How a run ended and what it reported."""

    code: int
    report: dict[str, Any]
    stderr: str

    def problems(self, stage: str = "") -> dict[str, str]:
        """Path → message of what makes the run incomplete."""
        assert all(stage in ("", p["stage"]) for p in self._real()), self._real()
        return {p["path"]: p["message"] for p in self._real()}

    def _real(self) -> list[dict[str, Any]]:
        return [p for p in self.report["problems"] if not p["note"]]

    def notes(self) -> dict[str, str]:
        return {p["path"]: p["message"] for p in self.report["problems"] if p["note"]}

    def found(self, path: str) -> list[tuple[str, int]]:
        return sorted((f["rule"], f["line"]) for f in self.report["findings"] if f["path"] == path)

    def planted(self) -> int:
        return sum(f["path"].startswith("good/") and f["rule"] == "tls-verification-off" for f in self.report["findings"])

    def left_out(self) -> dict[str, list[str]]:
        return {entry["what"]: entry["examples"] for entry in self.report["left_out"]}


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def start(*arguments: str | Path, setup: Any = limited) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "NO_COLOR", "PYTHONPATH")}
    return subprocess.run(
        [SCRIPT, *map(str, arguments)], capture_output=True, text=True, timeout=GUARD, check=False, env=environment,
        preexec_fn=setup,
    )  # fmt: skip


def run(root: Path, *options: str, setup: Any = limited) -> Run:
    done = start(root, "--format", "json", "--no-cache", *options, setup=setup)
    assert "Traceback" not in done.stderr
    assert done.stdout, done.stderr
    return Run(done.returncode, json.loads(done.stdout), done.stderr)


def project(root: Path, files: dict[str, str | bytes], good: int = 1) -> Path:
    """A tree with hostile files under `bad/` and good ones, each with one planted finding, under `good/`."""
    every: dict[str, str | bytes] = {f"good/m{n}.py": PLANTED.replace("{n}", str(n)) for n in range(good)}
    every |= {f"bad/{name}": content for name, content in files.items()} | {"pyproject.toml": "[project]\nname = 'x'\n"}
    for path, content in every.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


# ------------------------------------------------------------------ what the user can mend


def refused(*arguments: str | Path, code: int) -> str:
    done = start(*arguments, "--no-cache")
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr
    return done.stderr


def test_a_path_that_does_not_exist(tmp_path: Path) -> None:
    said = refused(tmp_path / "missing", code=2)
    assert "missing does not exist" in said
    assert "relative paths start at" in said


@pytest.mark.parametrize("inside", ["", "notes.txt", "empty/README.md"])
def test_a_tree_without_python(tmp_path: Path, inside: str) -> None:
    if inside:
        (tmp_path / inside).parent.mkdir(exist_ok=True)
        (tmp_path / inside).write_text("nothing\n")
    assert "Python" in refused(tmp_path, code=3)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("[tool.backend-audit\n", "is not valid TOML"),
        ("[tool.backend-audit]\nseverty = 'low'\n", "did you mean `severity`?"),
        ("[tool.backend-audit]\njobs = 'two'\n", "for example: jobs = 2"),
        ("[tool.backend-audit]\nselect = 'raw-sql'\n", 'for example: select = ["raw-sql"]'),
        ("[tool.backend-audit]\nignore = ['raw-sq']\n", "raw-sql"),
        ("[tool.backend-audit.assume]\nrate-limit = 'gateway'\n", "for example: rate-limit = {value ="),
        ("[tool]\nbackend-audit = 3\n", "must be a table"),
        (b"[tool.backend-audit]\n# \xff\n", "is not UTF-8"),
    ],
)  # fmt: skip
def test_a_broken_configuration(tmp_path: Path, config: str | bytes, said: str) -> None:
    project(tmp_path, {})
    (tmp_path / "pyproject.toml").write_bytes(config if isinstance(config, bytes) else config.encode())
    assert said in refused(tmp_path, code=2)


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_a_rule_that_does_not_exist(tmp_path: Path, option: str) -> None:
    said = refused(project(tmp_path, {}), option, "raw-sqll", code=2)
    assert "raw-sqll" in said
    assert "did you mean raw-sql?" in said


# ------------------------------------------------------------------ files that cannot be used

BROKEN: dict[str, str | bytes] = {
    "latin1.py": b"name = '\xfcber'\n",
    "ascii.py": b"# coding: ascii\nname = '\xc3\xbc'\n",
    "klingon.py": b"# coding: klingon\nname = 1\n",
    "contradiction.py": b"\xef\xbb\xbf# coding: latin-1\nname = 1\n",
    "nul.py": b"name = 1\n\0",
    "unparsable.py": b"def broken(:\n",
    "python2.py": b"print 'x'\n",
    "huge_number.py": b"n = " + b"9" * 5000 + b"\n",
}
BROKEN_TEXT: dict[str, str | bytes] = {  # named, but the Python is whole without them
    "nul.yaml": b"a: \0\n",
    "broken.yaml": b"services: [\n",
    "broken.toml": b"[a\n",
}
BROKEN_BUT_READ: dict[str, str | bytes] = {
    "bom.py": b"\xef\xbb\xbfimport requests\nrequests.get('u')\n",
    "crlf.py": b"import requests\r\n\r\nrequests.get(\r\n  'u')\r\n",
    "cr.py": b"import requests\rrequests.get('u')\r",
    "feed.py": b"import requests\n\x0c\nrequests.get('\xe2\x80\xa8\xc2\x85')\nrequests.get('u')",
    "latin.py": b"# coding: latin-1\nimport requests\nrequests.get('\xfc', verify=False, timeout=1)\n",
    "empty.py": b"",
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = project(tmp_path_factory.mktemp("broken"), BROKEN | BROKEN_TEXT | BROKEN_BUT_READ)
    with (root / "bad" / "huge.py").open("wb") as huge:
        huge.truncate(50 << 20)
    os.mkfifo(root / "bad" / "pipe.py")
    (root / "bad" / "folder.py").mkdir()
    (root / "bad" / "around.py").symlink_to("around.py")
    (root / "bad" / "up").symlink_to("..")
    secret = root.parent / "secret.py"
    secret.write_text("import requests\nrequests.get('u')\n")
    (root / "bad" / "out.py").symlink_to(secret)
    (root / "bad" / "gone.py").symlink_to("nowhere.py")
    return root


@pytest.fixture(scope="module")
def broken_run(broken: Path) -> Run:
    return run(broken)


def test_every_broken_file_is_named_with_the_reason(broken_run: Run) -> None:
    said = {path.removeprefix("bad/"): message for path, message in broken_run.problems().items()}
    assert sorted(said) == sorted(BROKEN)
    for name, words in {
        "latin1.py": "utf-8", "ascii.py": "ascii", "klingon.py": "klingon", "contradiction.py": "byte order mark",
        "nul.py": "NUL", "unparsable.py": "not valid Python", "python2.py": "not valid Python",
    }.items():  # fmt: skip
        assert words in said[name], said[name]
    assert not [message for message in said.values() if "the reader" in message]
    assert {f"bad/{name}" for name in BROKEN_TEXT} <= set(broken_run.notes())


def test_what_is_not_read_is_counted(broken_run: Run) -> None:
    left = broken_run.left_out()
    assert left["over 2 MB"] == ["bad/huge.py"]
    assert left["symbolic link out of the project"] == ["bad/out.py"]
    assert left["symbolic link to nothing"] == ["bad/gone.py"]
    assert left["symbolic link, read at its own place"] == ["bad/up/"]
    notes = broken_run.notes()
    assert "pipe" in notes["bad/pipe.py"]
    assert "leads back to itself" in notes["bad/around.py"]


def test_odd_files_are_read_where_python_reads_them(broken_run: Run) -> None:
    timeout, tls = "http-call-without-timeout", "tls-verification-off"
    assert broken_run.found("bad/bom.py") == [(timeout, 2)]
    assert broken_run.found("bad/crlf.py") == [(timeout, 3)]
    assert broken_run.found("bad/cr.py") == [(timeout, 2)]
    assert broken_run.found("bad/feed.py") == [(timeout, 3), (timeout, 4)]
    assert broken_run.found("bad/latin.py") == [(tls, 3)]


def test_everything_else_is_still_audited(broken_run: Run) -> None:
    assert broken_run.planted() == 1
    assert broken_run.code == 1
    assert "incomplete" in broken_run.stderr


def test_incomplete_is_an_error_when_strict(broken: Path) -> None:
    assert run(broken, "--strict").code == 4
    assert run(broken, "--exit-zero").code == 0


@pytest.mark.parametrize("name", ["pipe.py", "huge.py"])
def test_a_file_that_is_named_and_cannot_be_used(broken: Path, name: str) -> None:
    refused(broken / "bad" / name, code=3)


def unprivileged() -> None:
    """Take from root what lets it read everything; anybody else has no such right."""
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in (1, 2) if os.geteuid() == 0 else ():  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        if libc.prctl(24, capability, 0, 0, 0):  # PR_CAPBSET_DROP
            raise OSError(ctypes.get_errno(), "prctl")


def test_what_may_not_be_read_is_named(tmp_path: Path) -> None:
    project(tmp_path, {"shut/one.py": "x = 1\n", "open/two.py": "x = 1\n"})
    (tmp_path / "bad" / "shut").chmod(0)
    (tmp_path / "bad" / "open" / "two.py").chmod(0)
    try:
        done = run(tmp_path, setup=unprivileged)
        strict = run(tmp_path, "--strict", setup=unprivileged)
    finally:
        (tmp_path / "bad" / "shut").chmod(0o755)
    denied = "cannot be read: Permission denied"
    assert done.problems() == {"bad/shut/": f"folder {denied}", "bad/open/two.py": f"file {denied}"}
    assert (done.planted(), done.code, strict.code) == (1, 1, 4)


# ------------------------------------------------------------------ too deep for a parser

DEEP = {
    "brackets": "(" * 5_000 + "1" + ")" * 5_000,
    "unary": "-" * 50_000 + "1",
    "attributes": "a" + ".b" * 50_000,
    "operators": "a" + "+a" * 50_000,
    "calls": "a" + "()" * 20_000,
}


@pytest.fixture(scope="module")
def deep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each shape in the grammar of all Pythons and in one that Python 3.11 refuses; enough for two processes."""
    files: dict[str, str | bytes] = {f"{name}.py": f"x = {text}\n" for name, text in DEEP.items()}
    files |= {f"new_{name}.py": f"type X = int\nx = {text}\n" for name, text in DEEP.items()}
    files["padding.py"] = "# " + "x" * 1_200_000 + "\n"
    return project(tmp_path_factory.mktemp("deep"), files, good=100)


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("front_end", ["auto", "ast", "libcst"])
def test_a_deep_file_costs_itself_alone(deep: Path, front_end: str, jobs: str) -> None:
    done = run(deep, "--front-end", front_end, "-j", jobs)
    said = done.problems("extract")
    assert sorted(said) == sorted(f"bad/{new}{name}.py" for name in DEEP for new in ("", "new_"))
    assert not [message for message in said.values() if "died" in message or "second" in message or "failed" in message]
    assert done.planted() == 100
    assert done.code == 1


GET = "requests.get('u')"
TOO_DEEP_TO_CONFIRM = {
    "attributes": GET + ".b" * 600,
    "calls": GET + "()" * 600,
    "operators": GET + "+a" * 600,
    "strings": f"{GET}, " + "'a' " * 3_000,
    "unary": "-" * 900 + GET,
    "nots": "not " * 900 + GET,
    "conditions": "1 if a else " * 900 + GET,
    "lambdas": "lambda: " * 900 + GET,
}


@pytest.fixture(scope="module")
def deep_statements(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {f"{name}.py": f"import requests\nx = {text}\n{GET}\n" for name, text in TOO_DEEP_TO_CONFIRM.items()}
    return project(tmp_path_factory.mktemp("statements"), dict(files))


def test_a_suspicion_too_deep_to_confirm_is_named(deep_statements: Path) -> None:
    done = run(deep_statements)
    said = done.problems("inspect")
    assert sorted(said) == sorted(f"bad/{name}.py" for name in TOO_DEEP_TO_CONFIRM)
    for message in said.values():
        assert "line 2: too deeply nested" in message
        assert "`http-call-without-timeout`" in message
    for path in said:
        assert done.found(path) == [("http-call-without-timeout", 3)]  # the next statement is judged
    assert done.planted() == 1


def test_through_libcst_the_same_files_are_not_read(deep_statements: Path) -> None:
    done = run(deep_statements, "--front-end", "libcst")
    unread = sorted(f"bad/{name}.py" for name in TOO_DEEP_TO_CONFIRM)
    told = [(p["path"], p["stage"]) for p in done.report["problems"] if not p["note"]]
    assert sorted(path for path, stage in told if stage == "extract") == unread
    assert {stage for _, stage in told} == {"extract", "inspect"}, "bandit looks where we could not, and cannot be confirmed"
    assert {path for path, _ in told} == set(unread)
    assert done.planted() == 1


NESTED_BUT_FINE = {
    "brackets": "(" * 190 + GET + ")" * 190,
    "lists": "[" * 190 + GET + "]" * 190,
    "calls": "f(" * 190 + GET + ")" * 190,
    "unary": "-" * 190 + GET,
    "operators": GET + "+a" * 450,
    "attributes": GET + ".b" * 450,
}


def test_deep_but_bearable_statements_are_judged(tmp_path: Path) -> None:
    files = {f"{name}.py": f"import requests\nx = {text}\n" for name, text in NESTED_BUT_FINE.items()}
    done = run(project(tmp_path, dict(files)))
    assert done.problems() == {}
    for name in NESTED_BUT_FINE:
        assert done.found(f"bad/{name}.py") == [("http-call-without-timeout", 2)], name


# ------------------------------------------------------------------ facts that are hard to link


def lines(template: str, numbers: range) -> str:
    return "".join(template.replace("{i}", str(i)).replace("{j}", str(i - 1)) + "\n" for i in numbers)


REQUESTS, SQL = "import requests\n", "import sqlite3\nc = sqlite3.connect('x')\n"
LARGE = {
    "functions": REQUESTS + "def f0(a):\n    return a\n" + lines("def f{i}(a):\n    return f{j}(a)", range(1, 20_000))
    + "requests.get(f19999('x'))\n",
    "attributes": REQUESTS + "class A:\n    def __init__(self):\n" + lines("        self.a{i} = requests.Session()", range(3_000))
    + "    def go(self):\n        self.a2999.get('u')\n",
    "attribute_chain": REQUESTS + "class A:\n    def __init__(self):\n        self.a0 = requests.Session()\n"
    + lines("        self.a{i} = self.a{j}", range(1, 3_000)) + "    def go(self):\n        self.a2999.get('u')\n",
    "dictionary": REQUESTS + "D = {" + lines("'k{i}': {i},", range(50_000)) + "}\nrequests.get(D['k1'], timeout=D['k49999'])\n",
    "addition": SQL + "q = 'select '\n" + lines("q += 'a{i}'", range(3_000)) + "q += input()\nc.execute(q)\n",
    "branches": SQL + "q = ''\n" + lines("if a{i}:\n    q = q + 'a'\nelse:\n    q = q + b", range(400)) + "c.execute(q)\n",
    "doubled_text": SQL + "x0 = 'a' * 10\nx0 = 'aaaaaaaaaa'\n" + lines("x{i} = x{j} + x{j}", range(1, 60)) + "c.execute(x59)\n",
    "doubled_format": SQL + "x0 = 'aaaaaaaaaa'\n" + lines("x{i} = f'{x{j}}{x{j}}'", range(1, 60)) + "c.execute(x59)\n",
    "doubled_unknown": SQL + "x0 = input()\n" + lines("x{i} = x{j} + x{j}", range(1, 60)) + "c.execute(x59)\n",
    "many_fields": SQL + "c.execute('" + "%s" * 20_000 + "' % x)\nc.execute('" + "{}" * 20_000 + "'.format(x))\n",
    "callers": REQUESTS + "def run(s):\n    return s.get('u')\n" + lines("def g{i}():\n    run(requests.Session())", range(2_000)),
    "mutual": SQL + lines(
        "def f{i}(q):\n    return f{j}(q + 'a') or f299(q) or q", range(1, 300)
    ) + "def f0(q):\n    return f299(q)\n" + lines("c.execute(f{i}(input()))", range(0, 300, 10)),
    "routers": "from fastapi import APIRouter, FastAPI\napp = FastAPI()\nr0 = APIRouter()\n@r0.get('/x')\ndef f(): pass\n"
    + lines("r{i} = APIRouter()\nr{i}.include_router(r{j}, prefix='/a')\nr{i}.include_router(r{j}, prefix='/b')", range(1, 30))
    + "app.include_router(r29)\n",
    "blueprints": "from flask import Blueprint, Flask\napp = Flask(__name__)\nr0 = Blueprint('r0', __name__)\n@r0.get('/x')\n"
    "def f(): pass\n"
    + lines("r{i} = Blueprint('r{i}', __name__)\nr{i}.register_blueprint(r{j}, url_prefix='/a')\n"
            "r{i}.register_blueprint(r{j}, url_prefix='/b')", range(1, 30)) + "app.register_blueprint(r29)\n",
    "numbers": SQL + "n0 = 9\n" + lines("n{i} = n{j} * n{j} + n{j}", range(1, 60)) + "c.execute(f'{n59}')\nc.execute('a' * 10**10 + x)\n"
    "c.execute(2**99999999)\nc.execute('%1000000000d' % 3)\nc.execute('{:>1000000000}'.format(x))\nc.execute('{\xb2}'.format(x))\n",
}  # fmt: skip
CUT_BY_THE_SCAN = {
    "elifs": "def f(x):\n    if x == 0:\n        pass\n" + lines("    elif x == {i}:\n        pass", range(5_000)),
    "concatenation": "x = ''" + "".join(f" + 'a{i}'" for i in range(3_000)) + "\n",
}


GROUPS = {
    "texts": ("addition", "branches", "doubled_text", "doubled_format", "doubled_unknown", "many_fields", "numbers"),
    "calls": ("attribute_chain", "callers", "mutual"),
    "routes": ("routers", "blueprints"),
}


@pytest.mark.parametrize("group", GROUPS)
def test_large_shapes_end_and_cost_no_other_file(tmp_path: Path, group: str) -> None:
    done = run(project(tmp_path, {f"{name}.py": LARGE[name] for name in GROUPS[group]}))
    told = "`app` has 5000 endpoints or more: the others were not read"
    cut = {f"bad/{name}.py": told for name in GROUPS["routes"]} if group == "routes" else {}
    assert done.problems() == cut
    assert done.planted() == 1


def test_large_shapes_are_still_judged(tmp_path: Path) -> None:
    chosen = ("functions", "attributes", "dictionary")
    assert sorted((*chosen, *sum(GROUPS.values(), ()))) == sorted(LARGE)
    done = run(project(tmp_path, {f"{name}.py": LARGE[name] for name in chosen}))
    assert done.problems() == {}
    timeout = "http-call-without-timeout"
    assert done.found("bad/functions.py") == [(timeout, 40_002)]
    assert done.found("bad/attributes.py") == [(timeout, 3_005)]
    assert done.found("bad/dictionary.py") == []


def test_what_is_too_long_for_a_parser_is_named(tmp_path: Path) -> None:
    done = run(project(tmp_path, {f"{name}.py": text for name, text in CUT_BY_THE_SCAN.items()}))
    said = done.problems("extract")
    assert "elif" in said["bad/elifs.py"]
    assert "chain" in said["bad/concatenation.py"]
    assert done.planted() == 1


def test_circles_and_odd_names(tmp_path: Path) -> None:
    """The files of tests/fixtures/hostile: what refers to itself ends, and what is meant is still found."""
    files = {path.relative_to(FIXTURES).as_posix(): path.read_bytes() for path in sorted(FIXTURES.rglob("*.py"))}
    assert files
    done = run(project(tmp_path, dict(files)))
    assert done.problems() == {}
    assert done.planted() == 1
    for name, content in files.items():
        marked = [n for n, line in enumerate(content.decode().splitlines(), 1) if "# expect" in line]
        found = {line for rule, line in done.found(f"bad/{name}") if rule == "http-call-without-timeout"}
        assert sorted(found) == marked, name


def test_a_report_does_not_grow_with_the_square_of_a_statement(tmp_path: Path) -> None:
    """A thousand findings in one statement do not each carry the whole statement."""
    text = REQUESTS + "D = {" + lines("{i}: requests.get(1),", range(1_000)) + "}\n"
    done = run(project(tmp_path, {"one.py": text}))
    assert len(done.found("bad/one.py")) == 1_000
    assert len(json.dumps(done.report)) < 200 * len(text)


# ------------------------------------------------------------------ readers and linker agree on depth

DEEPEST = """
import sys, threading
import msgspec
from analyzer.extract import keys
from analyzer.extract.python import read
from analyzer.link.index import decoded
from analyzer.model.facts import PythonFacts

shapes = {
    "attributes": lambda n: "x = a" + ".b" * n, "operators": lambda n: "x = a" + "+a" * n,
    "lambdas": lambda n: "x = " + "lambda: " * n + "a", "elifs": lambda n: "if a: pass\\n" + "elif b: pass\\n" * n,
    "default": lambda n: "def f(x=a" + "()" * n + "): pass", "decorator": lambda n: "@a" + ".b" * n + "\\ndef f(): pass",
}
encoded = {}

def facts(text):
    try:
        found = read(text.encode() + b"\\n")
        return msgspec.msgpack.encode(found) if isinstance(found, PythonFacts) else None
    except RecursionError:
        return None

def search():
    sys.setrecursionlimit(12_000)
    for name, shape in shapes.items():
        low, high = 1, 8_000
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if facts(shape(middle)) else (low, middle)
        encoded[name] = low, facts(shape(low))

threading.stack_size(512 << 20)
thread = threading.Thread(target=search)
thread.start()
thread.join()

def below(frames, value):
    return below(frames - 1, value) if frames else keys.decode(value)

for name, (depth, value) in encoded.items():
    here, deep = keys.decode(value), below(500, value)
    assert (here is None) == (deep is None), f"{name}: what the caller's depth is changes what is read"
    if sys.version_info[:2] != (3, 12):  # its C stack is counted apart, and is small: there the file is a problem
        assert depth > 500 and here is not None, f"{name}: accepted at {depth}, refused by the main process"
        sys.setrecursionlimit(20_000)
        for body in here.bodies:
            decoded(bytes(body))
        sys.setrecursionlimit(1_000)
print("agreed")
"""


def test_what_a_reader_accepts_the_main_process_can_decode() -> None:
    done = subprocess.run(
        [sys.executable, "-c", DEEPEST], capture_output=True, text=True, timeout=GUARD, check=False
    )
    assert done.stdout == "agreed\n", done.stderr
