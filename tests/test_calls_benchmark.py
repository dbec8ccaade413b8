"""The two benchmarks of the call graph count right: what is true, found, missed and too many on projects of a few lines."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(BENCHMARKS)
    import calls

    return calls


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(BENCHMARKS)
    import recorded

    return recorded


def write(root: Path, files: dict[str, str]) -> None:
    for path, source in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(dedent(source), "utf-8")


# -------------------------------------------------------------------- written down: calls.py


def test_edges_are_compared_by_the_names_of_the_benchmark(tmp_path: Path, calls: ModuleType) -> None:
    truth = {
        "main": ["main.Cart.__init__", "main.Cart.total", "<builtin>.print", "main.gone"],
        "main.Cart.total": ["store.prices.price", "<builtin>.sum"],
        "store.prices.price": [],
    }
    main = """
        from store.prices import price

        class Cart:
            def __init__(self):
                self.items = []

            def total(self):
                return sum([price(item) for item in self.items])

        cart = Cart()
        print(cart.total())
        price(1)
    """
    write(
        tmp_path / "classes" / "cart",
        {
            "main.py": main,
            "store/__init__.py": "",
            "store/prices.py": "def price(item): return 1",
            "callgraph.json": json.dumps(truth),
        },
    )
    (case,) = calls.cases(tmp_path)
    assert case.name == "classes/cart"
    assert case.missed == [("main", "main.gone")]
    assert case.extra == [("main", "store.prices.price")]


def test_a_lambda_is_its_enclosing_scope(tmp_path: Path, calls: ModuleType) -> None:
    truth = {"main": ["main.<lambda1>"], "main.<lambda1>": ["main.save"]}
    main = """
        def save(): pass

        later = lambda: save()
        later()
    """
    write(tmp_path / "lambdas" / "call", {"main.py": main, "callgraph.json": json.dumps(truth)})
    (case,) = calls.cases(tmp_path)
    assert case.missed == [("main", "main")]
    assert calls.cause(case, ("main", "main")) == "called is a lambda"
    assert ("main", "main.save") in case.ours


# -------------------------------------------------------------------- run: recorder.py, recorded.py

PROJECT = {
    "shop/orders.py": """
        from functools import wraps


        def logged(f):
            @wraps(f)
            def inner(*args):
                return f(*args)
            return inner


        @logged
        def place(order):
            return sorted([order], key=lambda o: price(o) + len(list(map(price, [o]))))


        def price(order):
            return 1


        def lines():
            yield price(0)


        def all_lines():
            made = lines()
            return made


        COST = price(1)
    """,
    "tests/__init__.py": "",
    "tests/test_orders.py": """
        from shop import orders

        def test_place():
            assert orders.place("a") == ["a"]
            assert list(orders.all_lines()) == [1]
    """,
}


def told(path: str, qualname: str, line: int, function: bool = True) -> list[object]:
    return [path, qualname, line, function]


INNER = told("shop/orders.py", "logged.<locals>.inner", 6)
PLACE = told("shop/orders.py", "place", 12)
LAMBDA = told("shop/orders.py", "place.<locals>.<lambda>", 14)
PRICE = told("shop/orders.py", "price", 17)
LINES = told("shop/orders.py", "lines", 21)
ALL_LINES = told("shop/orders.py", "all_lines", 25)
MODULE = told("shop/orders.py", "<module>", 1, False)
LOGGED = told("shop/orders.py", "logged", 5)
TEST = told("tests/test_orders.py", "test_place", 4)
EDGES = [
    [MODULE, LOGGED, "", [12]],
    [MODULE, PRICE, "", [30]],
    [INNER, PLACE, "", [8]],
    [LAMBDA, PRICE, "", [14]],
    [LAMBDA, PRICE, "builtins.list", [14]],
    [LINES, PRICE, "", [22]],
    [ALL_LINES, LINES, "", [26]],
    [TEST, INNER, "", [5]],
    [TEST, ALL_LINES, "", [6]],
    [TEST, LINES, "builtins.list", [6]],
]  # fmt: skip


def test_pairs_are_sorted_by_who_called(tmp_path: Path, recorded: ModuleType) -> None:
    write(tmp_path, PROJECT)
    strange = [told("shop/orders.py", "made_by_exec", 1), PRICE, "", [1]]
    between = [PLACE, LOGGED, "library.run", [14]]
    recording = tmp_path.with_suffix(".json")
    recording.write_text(json.dumps({"functions": [INNER, PLACE, TEST], "edges": [*EDGES, strange, between]}), "utf-8")
    compared = recorded.compare(tmp_path, recording)
    named = compared.project.ev.scope
    assert [(named(s.caller).qualname, named(s.callee).qualname) for s in compared.seen] == [
        ("logged.inner", "place"),
        ("place", "price"),
        ("lines", "price"),
        ("all_lines", "lines"),
    ]
    assert [s.between for s in compared.through] == ["library.run"]
    assert {named(s.callee).qualname for s in compared.on_import} == {"logged", "price"}
    assert (compared.strange, compared.ran) == (1, 2)
    assert compared.has(compared.seen[1])


def python_with_monitoring() -> str:
    """A Python of 3.12 or later on this machine."""
    asked = [sys.executable, *(f"python3.{minor}" for minor in (12, 13, 14))]
    check = "import sys; raise SystemExit(sys.version_info < (3, 12))"
    for python in filter(None, map(shutil.which, asked)):
        if subprocess.run([python, "-c", check], capture_output=True, timeout=60, check=False).returncode == 0:
            return python
    pytest.skip("sys.monitoring is of Python 3.12")


def test_what_runs_is_recorded(tmp_path: Path) -> None:
    python = python_with_monitoring()
    write(tmp_path, {**PROJECT, "main.py": "from tests.test_orders import test_place\ntest_place()\n"})
    out = tmp_path / "out.json"
    command = [python, str(BENCHMARKS / "recorder.py"), str(tmp_path), str(out), "60", "main"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
    edges = json.loads(out.read_text("utf-8"))["edges"]
    assert [edge for edge in edges if edge[0][0] != "main.py"] == sorted(EDGES)
