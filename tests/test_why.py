"""What `backend-audit why PATH:LINE` says of the expressions on a line, where it says it comes from, and bad input."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from analyzer import assets
from analyzer.cli.app import app
from analyzer.extract.python import read
from analyzer.frameworks import ALL
from analyzer.libraries import load_libraries
from analyzer.link import build, link, top_packages
from analyzer.link.bindings import Bind
from analyzer.link.grounds import HOW
from analyzer.model.facts import Extracted
from analyzer.model.location import Location, Span
from analyzer.model.taken import Ground, Taken
from analyzer.reporters.terminal_taken import drawn

MODELS = """\
class User:
    limit = 3

    def __init__(self, name):
        self.name = name

    def greet(self):
        return "hello"


class Admin(User):
    pass
"""
CLIENTS = """\
import requests

session = requests.Session()
PASSWORD = "tr0ub4dor"


def fetch(url, timeout=5):
    return session.get(url, timeout=timeout)
"""
API = """\
from shop import clients
from shop.clients import PASSWORD, fetch
from shop.models import Admin, User


def handler(who, flag):
    user = User(who)
    if flag:
        user = Admin(who)
    greeting = user.greet()
    print(greeting, user.name, user.limit)
    reply = clients.session.post("https://pay.example", json=[user])
    other = elsewhere(reply)
    token = PASSWORD
    return fetch(other.address)


names = ["a", "b"]
users = [User(name) for name in names]

handler("me", True)
"""
FILES = {"shop/__init__.py": "", "shop/models.py": MODELS, "shop/clients.py": CLIENTS, "shop/api.py": API}


def said(path: str, line: int, files: dict[str, str] = FILES) -> dict[str, Taken]:
    """What is said of each expression on a line, by the expression as written."""
    index = build([Extracted(p, read(text.encode())) for p, text in files.items()], ())
    project = link(index, load_libraries(assets.rules() / "libraries", top_packages(index)), ALL, with_tests=False)
    return {taken.written: taken for taken in project.taken(path, line)}


def line_of(path: str, text: str) -> int:
    return next(number for number, line in enumerate(FILES[path].splitlines(), 1) if text in line)


def at(path: str, text: str) -> str:
    return f"{path}:{line_of(path, text)}"


def places(taken: Taken) -> list[str]:
    return [f"{ground.at.path}:{ground.at.span.line}" for ground in taken.grounds if ground.at is not None]


# ------------------------------------------------------------------ what it is


@pytest.mark.parametrize(
    ("text", "written", "values"),
    [
        ("user = User", "user", ("shop.models.User",)),
        ("user = User", "User", ("the class shop.models.User",)),
        ("user = User", "User(…)", ("shop.models.User",)),
        ("user = User", "who", ("a constant text",)),
        ("greeting =", "user", ("shop.models.Admin", "shop.models.User")),
        ("greeting =", "user.greet", ("the method shop.models.User.greet",)),
        ("greeting =", "user.greet()", ("a constant text",)),
        ("print(", "user.limit", ("the constant 3",)),
        ("print(", "print", ("the function builtins.print",)),
        ("reply =", "clients", ("the module shop.clients",)),
        ("reply =", "clients.session", ("requests.Session",)),
        ("reply =", "clients.session.post", ("the method requests.Session.post",)),
        ("users =", "users", ("builtins.list of shop.models.User",)),
        ("users =", "name", ("a constant text",)),
        ("def handler", "handler", ("the function shop.api.handler",)),
        ("def handler", "flag", ("the constant True",)),
        ("import clients", "clients", ("the module shop.clients",)),
        ("return fetch", "fetch", ("the function shop.clients.fetch",)),
    ],
)  # fmt: skip
def test_what_an_expression_is_taken_to_be(text: str, written: str, values: tuple[str, ...]) -> None:
    found = said("shop/api.py", line_of("shop/api.py", text))[written]
    assert (found.values, found.why) == (values, "")


def test_what_is_not_known_has_a_reason() -> None:
    found = said("shop/api.py", line_of("shop/api.py", "other ="))
    assert found["elsewhere"].values == ()
    assert found["elsewhere"].why == "a name that is not defined here"
    assert found["other"].why and found["elsewhere(…)"].why


def test_a_list_that_is_spread_into_itself_ends() -> None:
    files = {"a.py": "names = ['a']\nwhile names:\n    names = [*names, 'b']\n    last = names[len(names) - 1]\n"}
    assert said("a.py", 4, files)["last"].values == ("a constant text",)


def test_what_has_no_value_has_a_reason_too() -> None:
    assert said("a.py", 1, {"a.py": "super().get()\n"})["super().get"].why == "no value was found"


def test_no_text_of_the_code_is_told() -> None:
    found = said("shop/api.py", line_of("shop/api.py", "token ="))
    assert found["PASSWORD"].values == ("a constant text",)
    assert "tr0ub4dor" not in repr(found)


def test_a_written_name_is_what_it_is_given_and_a_read_one_what_it_was() -> None:
    files = {"a.py": "x = 1\nx = str(x)\ny = x\n"}
    first, last = said("a.py", 2, files), said("a.py", 3, files)
    assert first["x"] != last["x"]
    assert places(last["x"]) == ["a.py:2"]


@pytest.mark.parametrize(
    ("code", "written", "value"),
    [
        ("n = 1\nn += 2\n", "n", "the constant 3"),
        ("if (n := 'a'):\n    pass\n", "n", "a constant text"),
        ("first, *rest = [1, 'a', 'b']\n", "first", "the constant 1"),
        ("first, *rest = [1, 'a', 'b']\n", "rest", "builtins.list of builtins.str"),
        ("for n in [1, 1]:\n    pass\n", "n", "the constant 1"),
        ("with open('a') as f:\n    pass\n", "open", "the function builtins.open"),
        ("f = lambda n: n\nf(3)\n", "f", "a lambda"),
        ("f = lambda n=2: (\n    n)\n", "n", "the constant 2"),
        ("f = [n for n in (2,)]\n", "n", "the constant 2"),
        ("d = {}\nd['k'] = 5\n", "d[…]", "the constant 5"),
        ("import json as j\n", "j", "the module json"),
        ("class A:\n    pass\n", "A", "the class a.A"),
        ("def f(*, n=7):\n    pass\nf(n=7)\n", "n", "the constant 7"),
    ],
)  # fmt: skip
def test_every_way_to_write_a_name(code: str, written: str, value: str) -> None:
    line = next(n for n, text in enumerate(code.splitlines(), 1) if written.partition("[")[0] in text)
    if "+=" in code or "d[" in code:
        line = 2
    assert said("a.py", line, {"a.py": code})[written].values == (value,)


def test_each_link_of_a_chain_stands_on_its_own_line() -> None:
    files = {"a.py": "import requests\n\nasync def f(s):\n    return (\n        requests\n        .Session()\n        .get(\n            s)\n    )\n"}
    assert list(said("a.py", 6, files)) == ["requests.Session", "requests.Session()"]
    assert said("a.py", 6, files)["requests.Session()"].values == ("requests.Session",)
    assert list(said("a.py", 7, files)) == ["requests.Session().get", "requests.Session().get(…)"]
    assert list(said("a.py", 8, files)) == ["s"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("src/shop/models.py", "shop.models"), ("backend/app/models.py", "backend.app.models"), ("models.py", "models"),
        ("deep/pkg/sub/models.py", "pkg.sub.models"),
    ],
)  # fmt: skip
def test_a_class_is_called_as_it_is_imported(path: str, name: str) -> None:
    files = {path: "class User:\n    pass\n", "deep/pkg/__init__.py": "", "deep/pkg/sub/__init__.py": ""}
    assert said(path, 1, files)["User"].values == (f"the class {name}.User",)


# ------------------------------------------------------------------ from where


@pytest.mark.parametrize(
    ("text", "written", "where"),
    [
        ("greeting =", "user", [at("shop/api.py", "user = User"), at("shop/api.py", "user = Admin")]),
        ("greeting =", "user.greet", [at("shop/models.py", "def greet")]),
        ("print(", "user.name", [at("shop/models.py", "self.name =")]),
        ("reply =", "clients.session", [at("shop/clients.py", "session = ")]),
        ("user = User", "who", [at("shop/api.py", "def handler"), at("shop/api.py", 'handler("me"')]),
        ("return fetch", "fetch(…)", [at("shop/clients.py", "def fetch")]),
    ],
)  # fmt: skip
def test_where_it_comes_from(text: str, written: str, where: list[str]) -> None:
    found = places(said("shop/api.py", line_of("shop/api.py", text))[written])
    assert [place for place in found if place in where] == where


def test_every_way_to_bind_has_a_word() -> None:
    assert set(HOW) == set(Bind)


def test_its_own_line_says_nothing_new() -> None:
    here = at("shop/api.py", "user = User")
    found = said("shop/api.py", int(here.rpartition(":")[2]))
    assert [taken.written for taken in found.values() if here in places(taken)] == []


def test_a_library_is_named() -> None:
    found = said("shop/api.py", line_of("shop/api.py", "reply ="))
    assert Ground("by the library model of requests") in found["clients.session.post"].grounds


# ------------------------------------------------------------------ the command


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a project."""
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "broken.py").write_text("def :\n")
    (tmp_path / "notes.md").write_text("x\n")
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--no-cache", "-q"], prog_name="backend-audit")


def test_a_place_alone(repo: Path) -> None:
    result = run("why", "shop/api.py:7")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "shop/api.py:7"
    assert "  7 │     user = User(who)" in lines
    assert any(line.split(maxsplit=1) == ["user", "shop.models.User"] for line in lines)
    assert str(repo) not in result.stdout


def test_from_another_folder_and_with_a_column(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repo / "shop")
    assert run("why", "api.py:7:4").stdout.splitlines()[0] == "shop/api.py:7"


def test_a_rule_and_a_place(repo: Path) -> None:
    assert "raw-sql suspects nothing here" in run("why", "raw-sql", "shop/api.py:7").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("raw-sql",), 2, "raw-sql is no PATH:LINE of a file\n  for example: backend-audit why app/db.py:42"),
        (("shop/api.py",), 2, "shop/api.py is no PATH:LINE of a file"),
        (("shop:3",), 2, "shop:3 is no PATH:LINE of a file"),
        (("shop/api.py:0",), 2, "shop/api.py:0 is no PATH:LINE of a file"),
        (("shop/api.py:7", "raw-sql"), 2, "before the place\n  backend-audit why raw-sql shop/api.py:7"),
        (("raw-sql", "weak-password-hash", "shop/api.py:7"), 2, "at most one rule"),
        (("nowhere.py:3",), 2, "nowhere.py does not exist"),
        (("shop/api.py:999",), 2, "shop/api.py has 21 lines, and no line 999"),
        (("shop/api.py:4",), 2, "parameter\n  backend-audit why shop/api.py:2\n  backend-audit why shop/api.py:3"),
        (("broken.py:1",), 2, "broken.py could not be read"),
        (("notes.md:1",), 3, "notes.md"),
    ],
)
def test_bad_input_is_named(repo: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    result = run("why", *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert words in result.stderr


def test_the_help_says_both_forms(repo: Path) -> None:
    text = run("why", "--help").stdout
    for words in ("[RULE] PATH:LINE", "backend-audit why app/db.py:42", "backend-audit why raw-sql app/db.py:42"):
        assert words in text


# ------------------------------------------------------------------ how it looks


def test_how_it_is_drawn() -> None:
    reply = Taken(
        Location("app/db.py", Span(2, 4, 2, 9)), "reply", ("requests.Response",), "",
        (Ground("made", Location("app/db.py", Span(2, 12, 2, 28))), Ground("by the library model of requests")),
    )  # fmt: skip
    other = Taken(
        Location("app/db.py", Span(2, 24, 2, 27)), "a_very_long_name_of_something_rather_long", (), "a parameter whose callers are not known",
        tuple(Ground("called", Location("app/x.py", Span(number, 0, number, 1))) for number in range(1, 7)),
    )  # fmt: skip
    lines = {1: "def get(url):", 2: "    reply = session.get(url)", 3: "    return reply"}
    assert drawn([reply, other], 2, lines, 80, color=False) == """\
app/db.py:2
  1 │ def get(url):
  2 │     reply = session.get(url)
    │     ^^^^^^^^^^^^^^^^^^^^^^^^
  3 │     return reply

  reply                             requests.Response
                                    made  app/db.py:2
                                    by the library model of requests
  a_very_long_name_of_something_ra  unknown: a parameter whose callers are not
  ther_long                         known
                                    called  app/x.py:1
                                    called  app/x.py:2
                                    called  app/x.py:3
                                    called  app/x.py:4
                                    and 2 more places
"""


def test_nothing_of_the_code_is_obeyed_by_the_terminal() -> None:
    hostile = Taken(Location("a\x1b[2J.py", Span(1, 0, 1, 1)), "x", ("the class \u202eevil",), "", ())
    text = drawn([hostile], 1, {1: "x = '\x1b[31m'"}, 80, color=False)
    assert "\x1b" not in text and "\u202e" not in text
