"""The bandit engine: every test in our words, found where the visitor looks, and named where it could not look."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from pathlib import Path

import pytest

from analyzer import assets, pool
from analyzer.decode import decode, lines
from analyzer.engines import bandit
from analyzer.engines.bandit import asking, definitions, prefilter
from analyzer.engines.bandit.replies import Asked, Reply
from analyzer.engines.detected import Detected
from analyzer.extract import extract
from analyzer.inspect import Inspected, inspect
from analyzer.model.facts import Unread
from analyzer.model.rule import Confidence, Engine, LoadedRule, Severity
from analyzer.model.source import FileKind, SourceFile
from analyzer.store import Store, open_store

FIXTURES = Path(__file__).parent / "fixtures"
EVERY, BROKEN = bandit.load_rules()
RULES = {loaded.rule.id: loaded for loaded in EVERY}


def source(path: str, content: str | bytes, test: bool = False) -> SourceFile:
    raw = content.encode() if isinstance(content, str) else content
    return SourceFile(path, raw, blake2b(raw, digest_size=16).hexdigest(), FileKind.PYTHON, True, test)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A cache of the test's own, closed in the end."""
    opened = open_store(tmp_path / "cache")
    yield opened
    opened.close()


def ask(
    *files: SourceFile,
    tests: Iterable[str] = (),
    superseded: Iterable[str] = (),
    unread: Iterable[str] = (),
    store: Store | None = None,
    advance: Callable[[int], None] = lambda steps: None,
    jobs: int = 1,
) -> Detected:
    chosen = [RULES[f"bandit:{test}"] for test in tests] or EVERY
    return bandit.detect(
        chosen, files, superseded=set(superseded), unread=set(unread), jobs=jobs, store=store, advance=advance
    )


def look(detected: Detected, *files: SourceFile) -> Inspected:
    facts = {e.path: e.facts for e in extract(files, jobs=1, front_end="auto", store=None)}
    read = {path: said for path, said in facts.items() if not isinstance(said, Unread)}
    return inspect(detected.suspicions, {file.path: file for file in files}, read, RULES)


def flagged(content: str | bytes, *tests: str) -> list[tuple[str, str]]:
    """What is found in one file, each with the text that the visitor flags."""
    file = source("app.py", content)
    detected = ask(file, tests=tests)
    assert detected.problems == ()
    seen = look(detected, file)
    assert (seen.problems, seen.cleared) == ((), ())
    rows = lines(decode(file.content))
    return [(f.rule.partition(":")[2], text_of(rows, f.at.span)) for f in seen.findings]


def text_of(rows: list[str], span: object) -> str:
    line, column, end_line, end_column = (getattr(span, name) for name in ("line", "column", "end_line", "end_column"))
    part = rows[line - 1 : end_line]
    part[-1] = part[-1][:end_column]
    return "\n".join([part[0][column:], *part[1:]])


def messages(detected: Detected) -> list[str]:
    assert all(problem.note and problem.stage == "detect" for problem in detected.problems)
    return [problem.message for problem in detected.problems]


# ------------------------------------------------------------------- what the tests mean


def test_every_test_of_bandit_has_words_of_ours_and_none_is_invented() -> None:
    assert BROKEN == ()
    [result] = [result for _, result in pool.run(asking.FUNCTION, [_inventory()], jobs=1)]
    assert isinstance(result, bytes)
    reply = asking.decode(result)
    assert reply is not None
    assert sorted(f"bandit:{test}" for test in reply.known) == sorted(RULES)


def _inventory() -> bytes:
    import msgspec

    return msgspec.msgpack.encode(Asked(b"", ()))


def test_bad_fires_good_is_silent_and_the_visitor_flags_each() -> None:
    files = [source(f"{rule.family}/{i[7:]}_{kind}.py", str(getattr(rule.rule, kind))) for i, rule in RULES.items() for kind in ("bad", "good")]
    detected = ask(*files)
    assert messages(detected) == []
    assert detected.lasting
    seen = look(detected, *files)
    assert (seen.problems, seen.cleared) == ((), ())
    hits = {(finding.at.path, finding.rule) for finding in seen.findings}
    assert [i for i in RULES if (f"bandit/{i[7:]}_bad.py", i) not in hits] == []
    assert [i for i in RULES if (f"bandit/{i[7:]}_good.py", i) in hits] == []
    assert all("{" not in finding.message for finding in seen.findings)


@pytest.mark.parametrize("loaded", EVERY, ids=lambda loaded: str(loaded.rule.id))
def test_the_words_are_of_the_house(loaded: LoadedRule) -> None:
    said = definitions.load()[0][loaded.rule.id.partition(":")[2]]
    title, empty, *page = loaded.rule.doc.splitlines()
    assert title.endswith(".") and not empty and len(title) < 80 and len([row for row in page if not row]) == 1
    for message in (said.message, *(verdict.message for verdict in said.verdicts.values() if verdict.message)):
        assert not message.endswith(".") and message.count("`") % 2 == 0 and len(message) < 80
    assert (loaded.engine, loaded.family, loaded.detect) == (Engine.BANDIT, "bandit", None)
    assert said.needs and len(loaded.digest) == 32


def test_what_fires_without_evidence_is_off() -> None:
    off = {i.partition(":")[2] for i, loaded in RULES.items() if not loaded.rule.by_default}
    assert off >= {"B101", "B105", "B110", "B112", "B311", "B324", "B404", "B603", "B607", "B703", "B704"}
    assert off >= {test for test in definitions.load()[0] if test.startswith("B4")}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tests: {B101: {title: x", "rules/bandit.yaml line 2: "),
        ("- B101", "rules/bandit.yaml: the file: Expected `object`, got `array`"),
        ("tests: {B101: {title: A., severity: grave}}", "rules/bandit.yaml: tests.B101.severity: Invalid enum value 'grave'"),
        ("tests: {B101: {titel: A.}}", 'rules/bandit.yaml: tests.B101: unknown key "titel"; did you mean "title"?'),
        ("tests: {B101: 1, B101: 2}", 'rules/bandit.yaml line 1: key "B101" is written twice'),
        ("\x07", "rules/bandit.yaml: not valid YAML"),
    ],
)
def test_a_broken_file_of_words_is_named(text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "bandit.yaml").write_text(text)
    monkeypatch.setattr(assets, "rules", lambda: folder)
    definitions.load.cache_clear()
    try:
        rules, [problem] = bandit.load_rules()
    finally:
        definitions.load.cache_clear()
    assert rules == () and problem.message.startswith(f"bandit's tests have no words: {said}")


def test_a_missing_file_of_words_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "rules", lambda: tmp_path)
    definitions.load.cache_clear()
    try:
        rules, [problem] = bandit.load_rules()
    finally:
        definitions.load.cache_clear()
    assert (rules, problem.message) == ((), "bandit's tests have no words: No such file or directory")


# ------------------------------------------------------------------- where it stands

PLACES = [
    ("run(\n    a,\n    shell=True,\n)\n", "B604", "run(\n    a,\n    shell=True,\n)"),
    ("größe = 'ä'; eval('ö')  # é\n", "B307", "eval('ö')"),
    ("x = ['𝔘', eval(a)]\r\ny = 1\r\n", "B307", "eval(a)"),
    ("\f\nif x:\n\f    eval(a)\n", "B307", "eval(a)"),
    ("\ufeffeval(a)\n", "B307", "eval(a)"),
    ("# coding: latin-1\nü = 'ß'; eval('ä')\n".encode("latin-1"), "B307", "eval('ä')"),
    ("@app.get(eval(a))\n@b\ndef f(): pass\n", "B307", "eval(a)"),
    ("class A(\n  eval(a)\n): pass\n", "B307", "eval(a)"),
    ("def f(x=eval(a)) -> eval(b):\n    pass\n", "B307", "eval(a)|eval(b)"),
    ("def f():\n    class A:\n        async def g(self):\n            return [eval(x) async for x in y]\n", "B307", "eval(x)"),
    ("z = lambda: (yield eval(a))\n", "B307", "eval(a)"),
    ("eval(x for x in y)\n", "B307", "eval(x for x in y)"),
    ("(eval)((a))\n", "B307", "(eval)((a))"),
    ("z = f'{eval(a)} {b}'\n", "B307", "eval(a)"),
    ("z = f'ä {eval(a)}' \\\n    f'{eval(b)}'\n", "B307", "f'ä {eval(a)}' \\\n    f'{eval(b)}'|f'ä {eval(a)}' \\\n    f'{eval(b)}'"),
    ("match x:\n    case 1 if eval(a): pass\n", "B307", "eval(a)"),
    ("with (\n    open(eval(a)) as f,\n): pass\n", "B307", "eval(a)"),
    ("try: pass\nexcept eval(a): pass\n", "B307", "eval(a)"),
    ("if a: pass\nelif eval(b): pass\nelse: eval(c)\n", "B307", "eval(b)|eval(c)"),
    ("class A:\n    @staticmethod\n    def g(a, *, b, password='x'): pass\n    def f(password='x'):\n        pass\n", "B107", "f"),
    ("try:\n    f()\nexcept Exception:  # ü\n    pass\n", "B110", "except Exception:"),
    ("for x in y:\n    try: f()\n    except: continue\n", "B112", "except:"),
    ("x = 1; assert (a,\n  b), 'ü'; y = 2\n", "B101", "assert (a,\n  b), 'ü'"),
    ("import os; import json, pickle as p; x = 1\n", "B403", "import json, pickle as p"),
    ("from xml.etree import (\n    ElementTree,\n)\n", "B405", "from xml.etree import (\n    ElementTree,\n)"),
    ("m = __import__('pickle')\n", "B403", "__import__('pickle')"),
    ("import importlib\nimportlib.import_module('ftplib')\n", "B402", "importlib.import_module('ftplib')"),
    ("f(('0.0.0.0'), 1)\n", "B104", "'0.0.0.0'"),
    ("f('0.0.0.0'\n  '')\n", "B104", "'0.0.0.0'\n  ''"),
    ("c.execute(f'SELECT a FROM b WHERE c = {d}')\n", "B608", "f'SELECT a FROM b WHERE c = {d}'"),
    ("c.execute('SELECT ' + a + '''\nFROM b ''')\n", "B608", "'SELECT '"),
    ("d = {'ü': 1, 'password': 'x'}\n", "B105", "'password'"),
    ("match x:\n    case {'path': '/tmp/x'}: pass\n", "B108", "'/tmp/x'"),
    ("a = 1\n# \u202e\nif a:\n    b = 2\n", "B613", "b = 2"),
    ("a = '''\n\u2066'''; b = 1\n", "B613", "a = '''\n\u2066'''"),
    ("a = 1; b = 2\n# the end \u202e", "B613", "b = 2"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "test", "pieces"), PLACES, ids=lambda value: repr(value)[:40])
def test_the_place_is_the_one_that_the_visitor_looks_for(content: str | bytes, test: str, pieces: str) -> None:
    assert flagged(content, test) == [(test, piece) for piece in pieces.split("|")]


def test_a_name_of_the_place_stands_in_the_message() -> None:
    file = source("a.py", "import os\nos.system(a + b)\nsettings.db.password = 'x'\nf()().system\nfactory().eval = 1\n")
    said = {(s.rule, s.message) for s in ask(file, tests=["B105", "B605"]).suspicions}
    assert said == {
        ("bandit:B605", "`os.system` runs text that is not constant in a shell"),
        ("bandit:B105", "`settings.db.password` goes with a literal"),
    }


def test_no_value_of_a_secret_is_told() -> None:
    file = source("a.py", "password = 'hunter2'\nconnect(password='hunter2')\ndef f(password='hunter2'): pass\n")
    detected = ask(file, tests=["B105", "B106", "B107"])
    assert len(detected.suspicions) == 3 and "hunter2" not in repr(detected)


def test_bandits_own_verdict_is_heard() -> None:
    file = source("a.py", "import os\nos.system(a)\nos.system('ls')\nos.chmod(a, 0o777)\nos.chmod(a, 0o755)\n")
    said = [(s.at.span.line, s.severity, s.confidence) for s in ask(file, tests=["B103", "B605"]).suspicions]
    low = (Severity.LOW, Confidence.LOW)
    assert said == [(2, None, None), (3, *low), (4, None, None), (5, *low)]


def test_what_the_source_shows_to_be_right_is_cleared() -> None:
    file = source("a.py", textwrap.dedent("""\
        import subprocess, sys, yaml
        from ours import SafeLoader as OurSafeLoader
        subprocess.run(command, shell=sys.platform == "win32")
        subprocess.run(command, shell=True)
        yaml.load(text, Loader=OurSafeLoader)
        yaml.load(text, yaml.loader.CSafeLoader)
        yaml.load(text, Loader=yaml.UnsafeLoader if a else b)
        yaml.load(text, yaml.Loader)
    """))  # fmt: skip
    seen = look(ask(file, tests=["B602", "B506"]), file)
    assert [f.at.span.line for f in seen.findings] == [4, 7, 8]
    assert sorted(s.at.span.line for s, _ in seen.cleared) == [3, 5]
    assert seen.problems == ()


def test_nosec_is_for_triage_to_honour() -> None:
    assert flagged("eval(a)  # nosec\neval(b)  # nosec B307\n", "B307") == [("B307", "eval(a)"), ("B307", "eval(b)")]


def test_a_docstring_is_no_value() -> None:
    assert flagged("def f():\n    '0.0.0.0'\n    return '0.0.0.0'\n", "B104") == [("B104", "'0.0.0.0'")]


def test_bandit_on_its_own_says_the_same(tmp_path: Path) -> None:
    """Its command line over whole backends and over every example, against what its tests say here."""
    texts = {f"{i[7:]}.py": str(loaded.rule.bad).encode() for i, loaded in RULES.items()}
    texts |= {f"{number}.py": path.read_bytes() for number, path in enumerate(sorted((FIXTURES / "apps").rglob("*.py")))}
    texts["scopes.py"] = Path(ast.__file__).read_bytes()
    folder = tmp_path / "code"
    folder.mkdir()
    for name, content in texts.items():
        (folder / name).write_bytes(content)
    command = [sys.executable, "-W", "ignore", "-m", "bandit", "-q", "-r", ".", "-f", "json", "--ignore-nosec", "-o", "../said"]
    subprocess.run(command, cwd=folder, env={**os.environ, "HOME": str(tmp_path)}, capture_output=True, check=False)
    theirs = Counter((r["filename"][2:], r["test_id"]) for r in json.loads((tmp_path / "said").read_text())["results"])
    ours = Counter((s.at.path, s.rule[7:]) for s in ask(*(source(name, content) for name, content in texts.items())).suspicions)
    assert ours == theirs and len(theirs) > 100


# ------------------------------------------------------------------- what is run on what


def test_test_code_and_other_files_are_left_out() -> None:
    steps: list[int] = []
    text = SourceFile("eval.sql", b"eval(a)", "", FileKind.SQL, True, False)
    detected = ask(source("tests/a.py", "eval(a)", test=True), text, source("b.py", "x = 1"), source("c.py", "eval(a)"), advance=steps.append)
    assert [s.at.path for s in detected.suspicions] == ["c.py"]
    assert (detected.files, sum(steps)) == (1, 4)


def test_a_superseded_test_looks_only_where_ours_could_not() -> None:
    files = [source(name, "import requests\nrequests.get(url)\neval(a)\n") for name in ("a.py", "b.py")]
    detected = ask(*files, tests=["B113", "B307"], superseded=["bandit:B113"], unread=["b.py"])
    said = [(s.at.path, s.rule) for s in detected.suspicions]
    assert said == [("a.py", "bandit:B307"), ("b.py", "bandit:B113"), ("b.py", "bandit:B307")]


def test_nothing_chosen_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "run", None)
    assert bandit.detect([], [source("a.py", "eval(a)")], superseded=(), unread=(), jobs=1, store=None, advance=print) == Detected()
    assert ask(source("a.py", "x = 1"), source("b.py", "")) == Detected()


def test_the_prefilter_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    paths = sorted(FIXTURES.rglob("*.py"))
    files = [source(path.relative_to(FIXTURES).as_posix(), path.read_bytes()) for path in paths]
    files += [source(f"{i[7:]}.py", str(loaded.rule.bad)) for i, loaded in RULES.items()]
    files += [source("wide.py", "ｅｖａｌ(a)\n"), source("seven.py", b"# coding: utf-7\n+AGU-val(a)\n"), source("upper.py", "x('UPDATE a SET b' + c)")]
    with_it = ask(*files, jobs=2)
    monkeypatch.setattr(prefilter, "matching", lambda content, tests, needs: tuple(tests))
    without = ask(*files, jobs=2)
    assert with_it.files < without.files == len(files)
    assert with_it.suspicions == without.suspicions and with_it.lasting
    assert {"wide.py", "seven.py", "upper.py"} <= {s.at.path for s in with_it.suspicions}


# ------------------------------------------------------------------- what goes wrong


def test_a_missing_bandit_is_one_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bandit, "version", lambda: "")
    detected = ask(source("a.py", "eval(a)"))
    assert messages(detected) == ["bandit is not installed: none of its tests ran"]
    assert (detected.suspicions, detected.files, detected.lasting) == ((), 0, True)


def test_the_installed_version_is_told_without_importing_it() -> None:
    from importlib.metadata import version

    before = set(sys.modules)
    assert bandit.version() == version("bandit")
    assert bandit.version() in bandit.identity()
    assert not {name for name in set(sys.modules) - before if name.partition(".")[0] == "bandit"}


def test_newer_syntax_is_counted_in_one_note() -> None:
    files = [source(f"{name}.py", "eval(a) := 1") for name in "abcd"]
    detected = ask(*files, source("e.py", "eval(a)"), source("f.py", "eval(a"), unread=["f.py"])
    host = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert messages(detected) == [
        f"bandit could not read 4 files (`a.py`, `b.py`, `c.py`, …): newer syntax than Python {host}",
        "bandit could not read 1 file (`f.py`): no Python that can be parsed",
    ]
    assert [s.at.path for s in detected.suspicions] == ["e.py"] and detected.lasting


def test_quotes_nested_as_in_3_12() -> None:
    content = 'z = f"{eval(a["b"])}"\n'
    if sys.version_info >= (3, 12):
        assert flagged(content, "B307") == [("B307", 'eval(a["b"])')]
    else:
        assert "newer syntax" in messages(ask(source("a.py", content)))[0]


@pytest.mark.parametrize("content", [b"eval(a)\0", b"# coding: nothing\neval(a)\n", b"eval('\xff')\n", b"eval(" + b"(" * 5000])
def test_what_is_no_text_is_a_note(content: bytes) -> None:
    detected = ask(source("a.py", content), source("b.py", "eval(a)"))
    assert [s.at.path for s in detected.suspicions] == ["b.py"]
    assert len(messages(detected)) == 1 and "`a.py`" in messages(detected)[0]


def test_deep_and_long_code_is_read() -> None:
    deep = "x = " + "(" * 80 + "eval(a)" + ")" * 80 + "\n" + "y = a" + ".b" * 3000 + "\n"
    many = "d = {\n" + "".join(f"    'key{n}': 'value',\n" for n in range(20_000)) + "}\neval(a)\n"
    detected = ask(source("deep.py", deep), source("many.py", many))
    assert [(s.at.path, s.rule) for s in detected.suspicions] == [("deep.py", "bandit:B307"), ("many.py", "bandit:B307")]


OTHER = '''\
"""Tests of another version of bandit."""
import time

import bandit
from bandit.core import test_properties as test


@test.checks("Call")
@test.test_id("B307")
def moved(context):
    match context.call_function_name_qual:
        case "eval":
            raise KeyError("name")
        case "hang":
            time.sleep(60)
        case "exec":
            return bandit.Issue(severity="UNDEFINED", confidence="UNDEFINED", cwe=0, text="odd")


@test.checks("Call")
@test.test_id("B999")
def new(context):
    return bandit.Issue(severity=bandit.LOW, confidence=bandit.LOW, cwe=0, text="new")
'''


@pytest.fixture
def other_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bandit with other tests than the installed one, found before it."""
    info = tmp_path / "bandit-0.0.7.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bandit\nVersion: 0.0.7\nAuthor: nobody\n")
    (info / "entry_points.txt").write_text("[bandit.plugins]\na = odd_tests:moved\nb = odd_tests:new\n")
    (tmp_path / "odd_tests.py").write_text(OTHER)
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.usefixtures("other_version")
def test_another_version_works_and_its_differences_are_named() -> None:
    assert bandit.version() == "0.0.7"
    files = [source("a.py", "eval(a)"), source("b.py", "exec(a)\nx = eval\n"), source("c.py", "eval(b)")]
    detected = ask(*files, tests=["B102", "B307"])
    assert messages(detected) == [
        "bandit's test `B307` failed on 2 files (`a.py`, `c.py`): KeyError: 'name'",
        "the installed bandit has no `B102`",
        "bandit has tests that backend-audit does not know and did not run: `B999`",
    ]
    assert [(s.at.path, s.rule, s.severity) for s in detected.suspicions] == [("b.py", "bandit:B307", None)]


@pytest.mark.usefixtures("other_version")
def test_a_file_on_which_a_test_hangs_costs_itself_alone(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "LIMITS", pool.Limits(seconds=3))
    detected = ask(source("a.py", "hang(eval)"), source("b.py", "exec(eval)"), tests=["B307"], store=store)
    assert messages(detected)[0] == "bandit could not read 1 file (`a.py`): not read within 3 seconds"
    assert [s.at.path for s in detected.suspicions] == ["b.py"]
    assert not detected.lasting
    monkeypatch.setattr(asking, "run", lambda function, payloads, **limits: iter([(0, pool.Failure(f"asked again about {len(payloads)}"))]))
    assert "asked again about 1" in messages(ask(source("a.py", "hang(eval)"), source("b.py", "exec(eval)"), tests=["B307"], store=store))[0]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return b'\\xc1'", "its reply is garbled"),
        ("return b''", "its reply is garbled"),
        ("os._exit(3)", "the reader's process died (exit code 3)"),
        ("raise ImportError('no bandit')", "the reader failed: ImportError: no bandit"),
    ],
)
def test_rubbish_from_the_other_side_is_named(body: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "odd_side.py").write_text(f"import os\ndef run(payload):\n    {body}\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(asking, "FUNCTION", "odd_side:run")
    detected = ask(source("a.py", "eval(a)"), source("b.py", "exec(a)"))
    assert messages(detected) == [f"bandit could not read 2 files (`a.py`, `b.py`): {said}"]
    assert (detected.suspicions, detected.lasting) == ((), False)


def test_a_process_that_cannot_be_started_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **limits: object) -> object:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(asking, "run", refuse)
    assert messages(ask(source("a.py", "eval(a)"))) == ["bandit could not read 1 file (`a.py`): cannot be run: Cannot allocate memory"]


def test_nothing_is_written_to_the_home_or_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, project = tmp_path / "home", tmp_path / "project"
    for folder in (home, project):
        folder.mkdir()
    (project / ".bandit").write_text("[bandit]\nskips: B307\n")
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.chdir(project)
    assert [s.rule for s in ask(source("a.py", "eval(a)"), tests=["B307"]).suspicions] == ["bandit:B307"]
    assert sorted(path.name for path in tmp_path.rglob("*")) == [".bandit", "home", "project"]


# ------------------------------------------------------------------- what is kept


def test_what_is_kept_is_not_asked_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [source("a.py", "eval(a)"), source("b.py", "eval(a)"), source("c.py", "eval(a) := 1"), source("d.py", "exec(b)")]
    steps: list[int] = []
    cold = ask(*files, store=store, advance=steps.append)
    assert len(cold.suspicions) == 3 and sum(steps) == 4
    real, asked = asking.run, []

    def watch(function: str, payloads: list[bytes], **limits: object) -> object:
        asked.append(len(payloads))
        return real(function, payloads, **limits)  # type: ignore[arg-type]  # what was given

    monkeypatch.setattr(asking, "run", watch)
    assert ask(*files, store=store, advance=steps.append) == cold
    assert asked == [0] and sum(steps) == 8
    ask(*files, tests=["B307"], store=store)
    assert asked[1:] == [0]  # the prefilter had asked for no other test
    monkeypatch.setattr(asking, "identity", lambda: "another bandit")
    assert ask(*files, store=store) == cold
    assert asked[2:] == [4]  # three different contents, and which tests there are


def test_an_entry_that_is_no_reply_is_a_miss(store: Store) -> None:
    file = source("a.py", "eval(a)")
    cold = ask(file, store=store)
    assert store.connection is not None
    keys = [key for (key,) in store.connection.execute("SELECT key FROM entries")]
    assert len(keys) == 2
    for junk in (b"\x90junk", b"\x93\x91\x95\x01\x02\x03\x04\x05\x90\xa0", b"\xff"):
        store.put_many([(key, junk) for key in keys])
        assert ask(file, store=store) == cold


def test_order_and_number_of_processes_change_nothing() -> None:
    paths = sorted(FIXTURES.rglob("*.py"))[:200]
    files = [source(path.relative_to(FIXTURES).as_posix(), path.read_bytes()) for path in paths]
    assert ask(*files, jobs=1) == ask(*reversed(files), jobs=2)


def test_a_reply_survives_the_journey() -> None:
    import msgspec

    assert asking.decode(msgspec.msgpack.encode(Reply(known=("B101",)))) == Reply(known=("B101",))
