"""Code that nobody should write: every question ends, what was cut is counted, and unknown is said, never guessed.

In the sources `# expect` marks where `http-call-without-timeout` is true, and `# unknown` a call whose receiver nobody
can know; on every other line the rule is silent. What following costs is counted in calls of functions, never in time.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import pytest
from marks import judge

import analyzer.audit
from analyzer import assets
from analyzer.audit import audit
from analyzer.cli.auditing import exit_code
from analyzer.extract.python import read
from analyzer.libraries import load_libraries
from analyzer.link import build, top_packages
from analyzer.link.evaluate import Evaluator
from analyzer.link.index import ScopeRef, SiteRef, call_at
from analyzer.link.values import Frame, Opaque, Values
from analyzer.model.code import Attribute
from analyzer.model.config import Config
from analyzer.model.facts import Extracted
from analyzer.model.report import Report
from analyzer.reporters import render

RULE = "http-call-without-timeout"
HOSTILE = Path(__file__).parent / "fixtures" / "hostile"
REQUESTS = "import requests\n"
BOUND, CROWDED = "values were followed to a bound", "called from too many places"

Files = Mapping[str, str]


def lines(template: str, numbers: range) -> str:
    """The template once for each number; `{j}` is the number before."""
    return "".join(template.replace("{i}", str(i)).replace("{j}", str(i - 1)) + "\n" for i in numbers)


@dataclass(frozen=True)
class Shape:
    """One way to write badly, in any size."""

    made: Callable[[int], Files]
    size: int
    cut: tuple[str, ...] = ()  # how the notes begin that say what was not followed


def one(made: Callable[[int], str], size: int, *cut: str) -> Shape:
    """A shape of one file."""
    return Shape(lambda n: {"app.py": made(n)}, size, cut)


def cyclic_inheritance(n: int) -> str:
    ring = lines("class C{i}(C{j}):\n    def load(self):\n        self.client.get('u')  # unknown", range(1, n))
    return REQUESTS + ring + (
        f"class C0(C{n - 1}): pass\n"
        "class Own(C0):\n"
        "    def __init__(self):\n"
        "        self.own = requests.Session()\n"
        "    def load(self):\n"
        "        self.own.get('u')  # expect\n"
    )  # fmt: skip


def star_circle(n: int) -> Files:
    ring = {f"p/m{i}.py": f"from p.m{(i + 1) % n} import *\nx{i} = 1\nnowhere.get('u')  # unknown\n" for i in range(n)}
    made = REQUESTS + f"from p.m{n // 2 + 1} import *\nsession = requests.Session()\n"
    use = (
        f"from p.m{n // 2 + 1} import *\ndef load():\n    session.get('u')  # expect\n    nowhere.get('u')  # unknown\n"
    )
    return ring | {"p/__init__.py": "", f"p/m{n // 2}.py": made, "p/use.py": use}


def stars_everywhere(n: int) -> Files:
    every = "".join(f"from p.m{i} import *\n" for i in range(n))
    return {"p/__init__.py": ""} | {f"p/m{i}.py": every + "nowhere.get('u')  # unknown\n" for i in range(n)}


def circular_imports(n: int) -> Files:
    ring = {
        f"p/m{i}.py": f"from p.m{(i + 1) % n} import lost, x{(i + 1) % n}\nx{i} = x{(i + 1) % n}\nlost.get('u')  # unknown\n"
        for i in range(n)
    }
    return ring | {"p/__init__.py": ""}


def attributes(n: int) -> str:
    return (
        REQUESTS + "class A:\n    def __init__(self):\n" + lines("        self.a{i} = requests.Session()", range(n))
        + lines("    def m{i}(self):\n        self.a{i}.get('u')  # expect", range(0, n, n // 20))
        + "    def other(self):\n        self.nowhere.get('u')  # unknown\n"
    )  # fmt: skip


def attributes_of_attributes(n: int) -> str:
    return (
        REQUESTS + "class A:\n    def __init__(self):\n        self.a0 = requests.Session()\n"
        + lines("        self.a{i} = self.a{j}", range(1, n)) + "    def go(self):\n        self.a9.get('u')  # expect\n"
        + lines("        self.a{i}.get('u', timeout=1)", range(1, n))
    )  # fmt: skip


def bound_again(n: int) -> str:
    return (
        "x = [unheard()]\n" + lines("x = [y for y in x for z in x]", range(n)) + "x.nowhere.get('u')\n"
        + "for y in x:\n    y.get('u')  # unknown\n"
    )  # fmt: skip


def functions_that_ask(n: int) -> str:
    return (
        REQUESTS + "def f0(a):\n    a.get('u')\n" + lines("def f{i}(a):\n    a.get('u')\n    f{j}(a)", range(1, n))
        + f"def last():\n    requests.get('u')  # expect\n    f{n - 1}(unheard)\n"
    )  # fmt: skip


def functions(n: int) -> str:
    return (
        REQUESTS + "def f0(a):\n    return a\n" + lines("def f{i}(a):\n    return f{j}(a)", range(1, n))
        + f"f{n - 1}(requests.Session()).get('u')  # unknown\nrequests.get('u')  # expect\n"
    )  # fmt: skip


def subclasses(n: int) -> str:
    own = lines("class D{i}(Base):\n    def own(self):\n        self.client.get('u', timeout=1)", range(n))
    return REQUESTS + (
        "class Base:\n"
        "    client = requests.Session()\n"
        "    def go(self):\n"
        "        self.client.get('u')  # expect\n"
        "        self.hook().get('u')  # unknown\n"
    ) + own + "def use(b: Base):\n    b.client.get('u')  # expect\n"  # fmt: skip


def overrides(n: int) -> str:
    return (
        REQUESTS + "class Base:\n    def hook(self, c):\n        return c\n"
        + lines("class D{i}(Base):\n    def hook(self, c):\n        c.get('u')  # expect", range(n))
        + lines("def use{i}(b: D{i}):\n    b.hook(requests.Session())", range(n))
        + "def use(b: Base):\n    b.hook(requests.Session())\n"
    )  # fmt: skip


def callers(n: int) -> str:
    calls = lines("def g{i}(q):\n    run(requests.Session(), q)", range(n))
    return REQUESTS + "def run(s, q):\n    s.get(q)  # unknown\n" + calls + "requests.get('u')  # expect\n"


def mutual(n: int) -> str:
    bodies = lines(f"def f{{i}}(q):\n    return f{{j}}(q) or f{n - 1}(q) or q", range(1, n))
    asks = lines("f{i}(unheard).get('u')  # unknown", range(0, n, n // 10))
    return REQUESTS + bodies + f"def f0(q):\n    return f{n - 1}(q)\n" + asks


def decorators(n: int) -> str:
    wrapper = (
        "def d{i}(f):\n    @functools.wraps(f)\n    def inner(*a, **k):\n        return f(*a, **k)\n    return inner"
    )
    return (
        "import functools\n" + REQUESTS + lines(wrapper, range(n)) + lines("@d{i}", range(n))
        + "def client():\n    return requests.Session()\nclient().get('u')  # expect\n"
    )  # fmt: skip


def own_attribute(n: int) -> str:
    chain = "".join(f".y{i}" for i in range(n))
    return (
        "class A:\n    def __init__(self, x):\n        self.x = self.x" + chain + "\n"
        "        self.x = self.x.x.x\n        self.z = self.z.z\n        self.w = self\n"
        "    def go(self):\n        self.x.get('u')  # unknown\n        self.z.get('u')  # unknown\n"
        "        self.w.w.w.w.missing.get('u')  # unknown\n"
    )  # fmt: skip


def join(n: int) -> str:
    return (
        REQUESTS + lines("class K{i}:\n    def get(self, u):\n        requests.get(u, timeout=1)", range(n))
        + "def pick(n):\n" + lines("    if n == {i}:\n        return K{i}()", range(n)) + "    return requests.Session()\n"
        + "def go(n):\n    pick(n).get('u')\n"
        + "held = None\ndef fill(n):\n    global held\n" + lines("    if n == {i}:\n        held = K{i}()", range(n))
        + "def use():\n    held.get('u')\n"
    )  # fmt: skip


def dispatch(n: int) -> str:
    return (
        REQUESTS + lines("def f{i}(s):\n    return s", range(n)) + "TABLE = {\n" + lines("    'k{i}': f{i},", range(n))
        + "}\ndef run(k, s):\n    TABLE[k](s).get('u')  # unknown\n    TABLE['absent'](s).get('u')  # unknown\n"
        + "    requests.get('u')  # expect\n"
    )  # fmt: skip


def chain_of_classes(n: int) -> str:
    chain = lines("class C{i}(C{j}): pass", range(1, n))
    return (
        REQUESTS + "class C0(requests.Session): pass\n" + chain + "C1().get('u')  # expect\nC20().get('u')  # expect\n"
    )


def handed_over(n: int) -> str:
    asked = lines("    await asyncio.to_thread(f{i}, f{j})", range(1, n))
    bodies = lines("def f{i}(g):\n    return g(f{j})", range(1, n))
    return (
        "import asyncio\n"
        + REQUESTS
        + bodies
        + "def f0(g):\n    requests.get('u')  # expect\nasync def main():\n"
        + asked
    )


def nested_lists(n: int) -> str:
    return (
        "x0 = [unheard()]\n" + lines("x{i} = [x{j}, x{j}]", range(1, n)) + f"x{n - 1}{'[0]' * n}.get('u')  # unknown\n"
        + "d0 = {}\n" + lines("d{i} = {'a': d{j}, 'b': d{j}, **d{j}}", range(1, n)) + f"d{n - 1}['a']['b'].get('u')\n"
    )  # fmt: skip


def annotations(n: int) -> str:
    union = ", ".join(f"'K{i}'" for i in range(n))
    return (
        "from typing import *\n" + lines("class K{i}:\n    pass", range(n)) + f"U = Union[{union}]\nT0 = T1\nT1 = T0\n"
        + f"def f(x: {'list[' * n}unheard{']' * n}, y: '{'Optional[' * n}unheard{']' * n}', z: U, t: T0, s: 'S'):\n"
        + "    y.nowhere.get('u')  # unknown\n    z.nowhere.get('u')  # unknown\n    t.get('u')  # unknown\n"
        + "    s.get('u')  # unknown\n"
    )  # fmt: skip


SHAPES = {
    "cyclic inheritance": one(cyclic_inheritance, 200),
    "a circle of star imports": Shape(star_circle, 30),
    "everything from everywhere": Shape(stars_everywhere, 20),
    "circular imports": Shape(circular_imports, 30),
    "a class with 3,000 attributes": one(attributes, 3_000),
    "3,000 attributes, each of the one before": one(attributes_of_attributes, 3_000),
    "a name bound 300 times": one(bound_again, 300),
    "5,000 functions that pass on what they ask": one(functions_that_ask, 5_000),
    "20,000 functions in one file": one(functions, 20_000, BOUND),
    "5,000 classes that derive from one": one(subclasses, 5_000),
    "500 overrides of one method": one(overrides, 500),
    "a function with 400 call sites": one(callers, 400, CROWDED),
    "300 functions that call each other": one(mutual, 300, BOUND),
    "50 decorators": one(decorators, 50),
    "an attribute made of itself": one(own_attribute, 300),
    "a join of 100 classes": one(join, 100),
    "a dispatch over 5,000 functions": one(dispatch, 5_000),
    "a chain of 1,000 classes": one(chain_of_classes, 1_000),
    "2,000 functions handed over": one(handed_over, 2_000),
    "lists of lists, 60 deep": one(nested_lists, 60),
    "annotations of 90 parts": one(annotations, 90),
}  # fmt: skip
# ------------------------------------------------------------------ the whole pipeline


def marked(files: Files, mark: str) -> list[tuple[str, int]]:
    """Where a mark stands."""
    return [
        (path, number)
        for path, text in sorted(files.items())
        for number, line in enumerate(text.splitlines(), 1)
        if line.endswith(f"# {mark}")
    ]


def found(report: Report) -> list[tuple[str, int]]:
    return sorted((f.at.path, f.at.span.line) for f in report.findings if f.rule == RULE)


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_ends_and_what_is_true_is_found(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the right exit code, with what was cut counted, and the same bytes when files come in another order."""
    shape = SHAPES[name]
    files = shape.made(shape.size)
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    config = Config((str(tmp_path),), str(tmp_path), engines=("native",), confidence="low", cache=False, jobs=1)
    report = audit(config)
    assert found(report) == marked(files, "expect")
    assert exit_code(report, config, False) == (1 if report.findings else 0)
    told = [problem.message for problem in report.problems]
    assert all(problem.note for problem in report.problems), told
    assert [cut for cut in shape.cut if not any(message.startswith(cut) for message in told)] == [], told
    real = analyzer.audit.extract
    monkeypatch.setattr(analyzer.audit, "extract", lambda *given, **named: real(*given, **named)[::-1])
    assert render(audit(config), "json") == render(report, "json")


# ------------------------------------------------------------------ unknown is said


def evaluator(files: Files) -> Evaluator:
    extracted = [Extracted(path, read(text.encode())) for path, text in sorted(files.items())]
    index = build(extracted, ())
    return Evaluator(index, load_libraries(assets.rules() / "libraries", top_packages(index)))


def receivers(ev: Evaluator, places: list[tuple[str, int]]) -> Iterator[tuple[tuple[str, int], Values]]:
    """What the calls on these lines are called on; of several on a line, the last that is written."""
    wanted = dict.fromkeys(places)
    for path in sorted({path for path, _ in places}):
        for number, site in enumerate(ev.index.python[path].calls):
            call = call_at(ev.index, SiteRef(path, number)) if (path, site.at.line) in wanted else None
            if call is not None and isinstance(call.callee, Attribute) and call.callee.name == "get":
                yield (path, site.at.line), ev.expr(call.callee.value, Frame(ScopeRef(path, site.scope)))


def not_said(files: Files) -> list[tuple[tuple[str, int], Values]]:
    """Receivers marked as unknown that are taken to be something, or are unknown without a reason."""
    places = marked(files, "unknown")
    answered = dict(receivers(evaluator(files), places))
    assert sorted(answered) == places
    wrong = [
        (at, values) for at, values in answered.items() if not (values and all(isinstance(v, Opaque) for v in values))
    ]
    reasons = {v.why for values in answered.values() for v in values if isinstance(v, Opaque)}
    assert not [why for why in reasons if not why or any(letter.isdigit() for letter in why)]
    return wrong


@pytest.mark.parametrize("name", SHAPES)
def test_what_nobody_can_know_is_unknown_with_a_reason(name: str) -> None:
    assert not_said(SHAPES[name].made(SHAPES[name].size)) == []


HANDWRITTEN = {path.relative_to(HOSTILE).as_posix(): path.read_text("utf-8") for path in sorted(HOSTILE.rglob("*.py"))}


def test_circles_and_odd_classes_are_unknown_with_a_reason() -> None:
    """The files of tests/fixtures/hostile; what is found in them is held by tests/test_hostile.py."""
    assert len(marked(HANDWRITTEN, "unknown")) > 10
    assert not_said(HANDWRITTEN) == []


# ------------------------------------------------------------------ what it costs


def calls_of(action: Callable[[], object]) -> int:
    """How many functions of Python run in this thread."""
    count = 0

    def counted(frame: FrameType, event: str, _: object) -> None:
        nonlocal count
        count += event == "call"

    gc.collect()
    sys.setprofile(counted)
    try:
        action()
    finally:
        sys.setprofile(None)
    return count


def cost(shape: Shape, size: int) -> int:
    files = {path: text.encode() for path, text in shape.made(size).items()}

    def judged() -> None:
        assert judge(files).problems == ()

    return calls_of(judged)


@pytest.mark.parametrize("name", SHAPES)
def test_twice_the_code_costs_little_more_than_twice(name: str) -> None:
    shape = SHAPES[name]
    small = min(shape.size // 2, 400)
    cost(shape, small)  # loads what is loaded once
    assert cost(shape, 2 * small) < 3 * cost(shape, small)
