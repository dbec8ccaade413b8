"""The semgrep engine: our rules fire where they should, places are right, and whatever goes wrong is named."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from semgrep_rules import cut, detect, everything, examples, file, fixtures, rules

from analyzer import assets
from analyzer.engines import semgrep
from analyzer.engines.detected import Detected
from analyzer.engines.semgrep import batches, binary, nodes, prefilter, reach
from analyzer.failure import UserError
from analyzer.inspect import inspect
from analyzer.model.finding import Problem, Suspicion
from analyzer.model.location import Span
from analyzer.model.rule import Confidence, Engine, LoadedRule, Node, Severity, Standard
from analyzer.store import open_store

NAMES = [loaded.rule.id.partition(":")[2] for loaded in rules()]


def rule(tmp_path: Path, **changes: Any) -> tuple[tuple[LoadedRule, ...], tuple[Problem, ...]]:
    """One rule of the user's, beside the built-in ones; a key with None is left out."""
    plain = {"id": "mine", "languages": ["python"], "severity": "WARNING", "message": "hit $X", "pattern": "foo($X)"}
    written = {key.replace("_", "-"): value for key, value in {**plain, **changes}.items() if value is not None}
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump({"rules": [written]}))
    loaded, problems = semgrep.load_rules([str(path)])
    return tuple(each for each in loaded if each not in rules()), problems


def where(detected: Detected) -> list[tuple[str, str, int]]:
    return [(each.rule, each.at.path, each.at.span.line) for each in detected.suspicions]


def said(detected: Detected) -> list[str]:
    return [problem.message for problem in detected.problems]


# ------------------------------------------------------------------------ our rules


@pytest.mark.parametrize("loaded", rules(), ids=NAMES)
def test_a_rule_says_what_a_reader_needs(loaded: LoadedRule) -> None:
    own = loaded.rule
    definition = msgspec.json.decode(loaded.definition)
    assert own.id == f"semgrep:{definition['id']}" and loaded.engine is Engine.SEMGREP and loaded.family == "semgrep"
    assert own.bad and own.good and own.since and not isinstance(own.bad, str)
    assert not re.search(r"[.!\n]$|\n", definition["message"]) and len(definition["message"]) < 120
    if loaded.reports:
        return
    title, _, page = own.doc.partition("\n")
    assert title.endswith(".") and len(title) < 90
    assert page.strip().count("\n\n") >= 1, "what happens if nobody mends it, and what to do"


def test_a_file_holds_the_rule_that_it_and_its_folder_are_named_after() -> None:
    paths = sorted((assets.rules() / "semgrep").rglob("*.yaml"))
    # Not by the whole id: a file that is called compose_… or dockerfile_… is taken for one.
    assert sorted(f"{path.parent.name}-{path.stem.replace('_', '-')}" for path in paths) == sorted(NAMES)
    assert len(paths) >= 11


@pytest.mark.parametrize("loaded", rules(), ids=NAMES)
def test_bad_fires_and_good_is_silent(loaded: LoadedRule) -> None:
    name = loaded.rule.id.partition(":")[2]
    own = [path for id_, path, _ in where(everything()[1]) if id_ == (loaded.reports or loaded.rule.id)]
    assert {path for path in own if path.startswith(f"{name}/bad/")} == {p for p in examples() if p.startswith(f"{name}/bad/")}
    assert [path for path in own if path.startswith(f"{name}/good/")] == []


def test_marks_hold() -> None:
    files, marks = fixtures()
    found = {(path, line, id_.removeprefix("semgrep:")) for id_, path, line in where(everything()[1]) if path in files}
    assert found == {(path, line, id_) for kind, path, line, id_ in marks if kind != "missed"}


def test_everything_of_ours_is_parsed() -> None:
    assert said(everything()[1]) == []


def test_loading_is_cheap() -> None:
    semgrep.load_rules(())
    best = min(_timed(lambda: semgrep.load_rules(())) for _ in range(5))
    assert best < 0.06  # 12 ms where nothing else runs


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


# ------------------------------------------------------------------------ places


@pytest.mark.parametrize("rule_id,path,line,text", [
    ("dotted-table-name", "supabase/users.ts", 8, "'ui_system.menus'"),
    ("semgrep:compose-privileged-service", "compose/compose.yaml", 26, "privileged: true"),
    ("semgrep:dockerfile-pipes-download-into-shell", "dockerfile/shell/Dockerfile", 4, "wget -qO- https://install.example.org/uv \\\n    | bash"),
    ("semgrep:kubernetes-no-memory-limit", "kubernetes/web.yaml", 13, "web"),
])  # fmt: skip
def test_a_place_covers_exactly_what_is_meant(rule_id: str, path: str, line: int, text: str) -> None:
    files, detected = everything()
    mine = [each for each in detected.suspicions if (each.rule, each.at.path, each.at.span.line) == (rule_id, path, line)]
    assert [cut(files, each) for each in mine] == [text]


def test_places_count_code_points_after_a_byte_order_mark_and_in_other_encodings(tmp_path: Path) -> None:
    loaded, _ = rule(tmp_path)
    files = [
        file("a.py", b"\xef\xbb\xbf# \xc3\xa9\r\nx = '\xf0\x9f\x98\x80\xc3\xa9'; foo(1)\r\n"),
        file("b.py", "# coding: latin-1\nx = 'é'; foo(2)\n".encode("latin-1")),
        file("c.py", "\tfoo(\n\t 3,\n\t)\n"),
    ]
    keys, _ = rule(tmp_path, id="keys", languages=["yaml"], pattern="a: $X")
    detected = detect([*files, file("d.yaml", b'\xef\xbb\xbfb: {"\xc3\xa9": 0, a: 1}\n')], (*loaded, *keys))
    spans = {each.at.path: each.at.span for each in detected.suspicions}
    assert spans["d.yaml"] == Span(1, 12, 1, 16)
    assert spans["a.py"] == Span(2, 10, 2, 16)
    assert spans["b.py"] == Span(2, 9, 2, 15)
    assert {each.message for each in detected.suspicions} >= {"hit 1", "hit 2"}


@pytest.mark.parametrize("text,cut_out,kind,flagged", [
    ("x = foo(1)\n", "foo(1)", Node.CALL, "foo(1)"),
    ("x = foo(1)\n", "x = foo(1)", Node.STATEMENT, "x = foo(1)"),
    ("foo(1); y\n", "foo(1)", Node.CALL, "foo(1)"),
    ("def é():\n    return  foo(1)\n", "return  foo(1)", Node.STATEMENT, "return  foo(1)"),
    ("import os\n", "import os", Node.STATEMENT, "import os"),
    ("class A:\n    @b\n    async def c(self):\n        return 1\n", "async def c(self):\n        return 1", Node.FUNCTION, "async def c"),
    ("def é(a):\n    x\n", "def é(a):\n    x", Node.FUNCTION, "def é"),
    ("class A:\n    @b\n    def c(self):\n        return 1\n", "@b\n    def c(self):\n        return 1", Node.FUNCTION, "def c"),
    ("    \nclass Foo(Bar):\n    x = 1\n", "class Foo(Bar):\n    x = 1", Node.CLASS, "class Foo"),
    ("if  a == b:\n    pass\n", "if  a == b:\n    pass", Node.EXPRESSION, "a == b"),
    ("with open(x) as é:\n\tpass\n", "with open(x) as é:\n\tpass", Node.CALL, "open(x)"),
    ("try:\n    x\nexcept E:\n    pass\n", "try:\n    x\nexcept E:\n    pass", Node.HANDLER, "except"),
    ("y = [é,\n  b]\n", "[é,\n  b]", Node.EXPRESSION, "[é,\n  b]"),
    ("password = 'hunter2'  # é\n", "word = 'hunter2'", Node.STATEMENT, "password = 'hunter2'"),
    ("x = f'{a} key {b}'\n", "key", Node.EXPRESSION, "f'{a} key {b}'"),
    ("f(a, b)\n", "a, b", Node.CALL, "f(a, b)"),
    ("def f():\n    x\n    # key\n    y\n", "# key", None, ""),
    ("x\n# key\n", "# key", None, ""),
    ("# coding: latin-1\nx = 'é'; key\n", "key", Node.EXPRESSION, "key"),
])  # fmt: skip
def test_a_match_in_python_becomes_a_node_that_can_be_flagged(text: str, cut_out: str, kind: Node | None, flagged: str) -> None:
    content = text.encode()
    start = content.index(cut_out.encode())
    (found,) = msgspec.msgpack.decode(nodes.run(msgspec.msgpack.encode((content, [(start, start + len(cut_out.encode()))]))))
    assert (found and (found[0], content[found[1] : found[2]].decode())) == (kind and (kind, flagged))


@pytest.mark.parametrize("text", ["def (:\n", "match x:\n  case", "(" * 3000 + ")" * 3000, "\0"])
def test_python_that_cannot_be_read_has_a_reason(text: str) -> None:
    assert isinstance(msgspec.msgpack.decode(nodes.run(msgspec.msgpack.encode((text.encode(), [(0, 1)])))), str)


def test_the_visitor_flags_what_a_rule_of_the_users_finds(tmp_path: Path) -> None:
    from analyzer.extract.python import read

    loaded, _ = rule(tmp_path, pattern=None, pattern_either=[{"pattern": "return foo($X)"}, {"pattern": "foo(0)"}, {"pattern": "def $X(...): ..."}, {"pattern-regex": "fruit"}, {"pattern": "try: ...\nexcept $E: ..."}])
    source = file("a.py", "def é(a):\n    b = foo(0)\n    return foo(b)\n\n\ntry:\n    x\nexcept E:\n    y = f'{a} fruit'\n")
    detected = detect([source], loaded)
    inspected = inspect(detected.suspicions, {"a.py": source}, {"a.py": read(source.content)}, {each.rule.id: each for each in loaded})
    places = [(f.at.span.line, f.at.span.column, f.engines) for f in inspected.findings]
    assert places == [(line, column, ("semgrep",)) for line, column in ((1, 4), (2, 8), (3, 4), (8, 0), (9, 8))]
    assert inspected.problems == () and detected.problems == ()


# ------------------------------------------------------------------------ which files


@pytest.mark.parametrize("pattern,path,hit", [
    ("*.py", "a/b.py", True), ("src", "a/src/b.py", True), ("src/*.py", "x/src/b.py", True), ("/src", "a/src/b.py", False),
    ("/src", "src/b.py", True), ("a/**/b.py", "a/b.py", True), ("a/**/b.py", "a/x/y/b.py", True), ("[!a].py", "b.py", True),
    ("[!a].py", "a.py", False), ("a?.py", "ab.py", True), ("*.py", "a.pyc", False), ("[z-a]", "[z-a]", True), ("a+b", "aab", False),
])  # fmt: skip
def test_path_filters(pattern: str, path: str, hit: bool) -> None:
    assert bool(reach._glob(pattern).fullmatch(path)) is hit


def test_filters_test_code_and_kinds_are_ours_to_apply(tmp_path: Path) -> None:
    included, _ = rule(tmp_path, id="included", paths={"include": ["src/*.py"]})
    excluded, _ = rule(tmp_path, id="excluded", paths={"exclude": ["src"]})
    also, _ = rule(tmp_path, id="also", metadata={"backend-audit": {"tests": True, "standard": "security"}})
    files = [file(path, "foo(1)\n") for path in ("src/a.py", "lib/a.py", "tests/test_a.py")]
    assert sorted((id_.removeprefix("semgrep:"), path) for id_, path, _ in where(detect(files, (*included, *excluded, *also)))) == [
        ("also", "lib/a.py"), ("also", "src/a.py"), ("also", "tests/test_a.py"), ("excluded", "lib/a.py"), ("included", "src/a.py"),
    ]  # fmt: skip


@pytest.mark.parametrize("languages,keys,clauses", [
    (["python"], {"pattern": 'requests.get("http://x", timeout=None)'}, [("requests",), ("timeout",)]),
    (["python"], {"pattern": "def $F(...): ..."}, []),
    (["python"], {"pattern": "($X : Session).send(...)"}, [("send",)]),
    (["python"], {"patterns": [{"pattern": "alpha($X)"}, {"pattern-not": "beta($X)"}, {"pattern-inside": "with gamma(): ..."}]}, [("alpha",), ("gamma",)]),
    (["js"], {"pattern-either": [{"pattern": "eval($X)"}, {"patterns": [{"pattern": "new Function($X)"}]}]}, [("Function", "eval")]),
    (["js"], {"pattern-either": [{"pattern": "eval($X)"}, {"pattern-regex": "x+"}]}, []),
    (["js"], {"pattern": "<div>words</div>"}, []),
    (["python"], {"mode": "taint", "pattern-sources": [{"pattern": "source()"}], "pattern-sinks": [{"pattern": "sink($X)"}]}, [("source",), ("sink",)]),
    (["yaml"], {"pattern": "privileged: true"}, []),
    (["regex"], {"pattern-regex": "privileged"}, []),
])  # fmt: skip
def test_literals_that_must_occur(languages: list[str], keys: dict[str, Any], clauses: list[tuple[str, ...]]) -> None:
    found = prefilter.clauses_of({"languages": languages, **keys}, ())
    assert sorted(found) == sorted(tuple(word.encode() for word in clause) for clause in clauses)


def test_with_and_without_prefilter_the_findings_are_equal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, _ = rule(tmp_path, pattern="requests.get(...)")
    python = {"a.py": "import requests as r\nr.get(1)\n", "b.py": "from requests import get as g\ng(1)\n", "c.py": "get(1)\n"}
    files = [*everything()[0].values(), *(file(path, text) for path, text in python.items())]
    filtered = detect(files, (*rules(), *mine))
    monkeypatch.setattr(prefilter, "may_match", lambda clauses, content: True)
    unfiltered = detect(files, (*rules(), *mine))
    assert unfiltered.files > filtered.files
    assert unfiltered.suspicions == filtered.suspicions and unfiltered.problems == filtered.problems
    assert [path for id_, path, _ in where(filtered) if id_ == "semgrep:mine"] == ["a.py", "b.py"]


# ------------------------------------------------------------------------ the user's rules


def test_the_registrys_words_are_understood(tmp_path: Path) -> None:
    (loaded,), _ = rule(tmp_path, severity="ERROR", metadata={"cwe": ["CWE-89: SQL"], "category": "performance", "confidence": "LOW"})
    own = loaded.rule
    assert (own.id, own.severity, own.confidence, own.cwe) == ("semgrep:mine", Severity.HIGH, Confidence.LOW, 89)
    assert (own.standard, own.doc, own.tests, own.by_default) == (Standard.PERFORMANCE, "hit $X", False, True)
    assert msgspec.json.decode(loaded.definition)["metadata"]["category"] == "performance"


@pytest.mark.parametrize("changes,why", [
    ({"validators": [{"http": {"request": {"url": "https://x"}}}]}, "`validators` asks servers"),
    ({"mode": "join", "join": {"refs": []}}, "`join` joins other rules"),
    ({"mode": "secrets"}, "`mode: secrets` is not run"),
    ({"mode": "extract", "pattern": "x"}, "`mode: extract` is not run"),
    ({"r2c_internal_project_depends_on": {}}, "needs semgrep's service"),
    ({"message": None}, "no `message`"),
    ({"severity": "WARN"}, 'did you mean "WARNING"?'),
    ({"languages": "python"}, "`languages` is no list"),
    ({"pattern": None}, "no pattern"),
    ({"id": "../x"}, "its id is no text of"),
    ({"options": 5}, "`options` is no mapping"),
    ({"min_version": "soon"}, "`min-version` is no version"),
    ({"metadata": {"backend-audit": {"severty": "high"}}}, 'unknown key `severty`; did you mean "severity"?'),
    ({"metadata": {"backend-audit": {"severity": "bad"}}}, "severity: Invalid enum value 'bad'"),
    ({"metadata": {"backend-audit": {"needs": [""]}}}, "holds an empty text"),
])  # fmt: skip
def test_a_rule_that_cannot_be_used_is_named_and_the_others_go_on(tmp_path: Path, changes: dict[str, Any], why: str) -> None:
    loaded, problems = rule(tmp_path, **changes)
    assert loaded == () and [(p.stage, p.note) for p in problems] == [("detect", False)]
    assert why in problems[0].message and "mine.yaml" in problems[0].message


def test_files_and_folders_of_rules(tmp_path: Path) -> None:
    good = {"id": "good", "languages": ["python"], "severity": "INFO", "message": "m", "pattern": "x"}
    (tmp_path / "a.yaml").write_text(yaml.safe_dump({"rules": [good, "p/ci", {**good, "id": "other"}]}))
    (tmp_path / "b.yml").write_text(yaml.safe_dump({"rules": [good]}))
    (tmp_path / "c.yaml").write_text("rules: [")
    (tmp_path / "d.yaml").write_text("services: {}\n")
    (tmp_path / "e.test.yaml").write_text("rules: [")
    (tmp_path / "f.yaml").write_bytes(b"rules: " + b"[" * 100_000)
    loaded, problems = semgrep.load_rules([str(tmp_path)])
    assert [each.rule.id for each in loaded if each not in rules()] == ["semgrep:good", "semgrep:other"]
    assert [(p.message.split(": ", 1)[1], p.note) for p in problems] == [
        ("rule 2 cannot be used: it is no mapping; rules of the registry are not fetched", False),
        ("rule `good` is defined twice; the second one is left out", False),
        (problems[2].message.split(": ", 1)[1], False),
        ("it holds none", True),
        ("cannot be used: nested too deeply", False),
    ]
    with pytest.raises(UserError, match="no semgrep rules at p/ci"):
        semgrep.load_rules(["p/ci"])


def test_rules_that_semgrep_refuses_cost_themselves_alone(tmp_path: Path) -> None:
    good, _ = rule(tmp_path)
    bad, _ = rule(tmp_path, id="bad", pattern="foo((((")
    strange, _ = rule(tmp_path, id="strange", languages=["cobol"])
    detected = detect([file("a.py", "foo(1)\n")], (*good, *bad, *strange))
    assert where(detected) == [("semgrep:mine", "a.py", 1)]
    assert said(detected) == [
        "1 semgrep rule for languages that are not read: `semgrep:strange`",
        "semgrep refuses `semgrep:bad`: Invalid pattern for Python: Stdlib.Parsing.Parse_error",
    ]


# ------------------------------------------------------------------------ the cache


def test_what_is_known_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded, _ = rule(tmp_path)
    store = open_store(tmp_path / "cache")
    files = [file("a.py", "foo(1)\n"), file("b.py", "foo(2)\n"), file("broken.py", "foo(3)\ndef (:\n")]
    first = detect(files, loaded, store)
    started: list[int] = []
    real = batches.scan
    monkeypatch.setattr(batches, "scan", lambda *given: started.append(1) or real(*given))
    assert detect(files, loaded, store) == first and started == []
    moved = [file("c.py", "foo(1)\n"), *files[1:]]
    assert where(detect(moved, loaded, store)) == [("semgrep:mine", "b.py", 1), ("semgrep:mine", "c.py", 1)]
    assert started == [] and said(first) == said(detect(moved, loaded, store)) and len(said(first)) == 2
    changed, _ = rule(tmp_path, message="another")
    assert {each.message for each in detect(files, changed, store).suspicions} == {"another"}
    assert started == [1]
    store.close()


# ------------------------------------------------------------------------ bad programs


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Puts a program in semgrep's place: Python text that sees `names`, `content(name)`, `native`, `rules`, `answer`."""

    def install(body: str) -> None:
        path = tmp_path / "bin" / "semgrep"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!{sys.executable} -IS\n{_HEAD}\n{body}\n")
        path.chmod(0o755)
        monkeypatch.setattr(binary, "find", lambda root: path)

    yield install


_HEAD = """
import json, os, sys, time
names, native = sorted(os.listdir("files")), "--experimental" in sys.argv
rules = [rule["id"] for rule in json.load(open("rules.json"))["rules"]]
content = lambda name: open("files/" + name).read()
def answer(*left, errors=()):
    at = lambda offset: {"line": 1, "col": 1, "offset": offset}
    results = [{"check_id": rule, "path": "files/" + name, "start": at(0), "end": at(6), "extra": {"message": "m"}}
               for name in names if name not in left for rule in rules]
    print(json.dumps({"version": "9", "results": results, "errors": list(errors),
                      "paths": {"scanned": ["files/" + name for name in names if name not in left]}}))
"""


def run_with(tmp_path: Path, contents: list[str], **changes: Any) -> Detected:
    loaded, _ = rule(tmp_path, **changes)
    return detect([file(f"{number}.py", f"foo({number}){text}\n") for number, text in enumerate(contents)], loaded)


def test_no_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binary, "find", lambda root: None)
    detected = run_with(tmp_path, [""])
    assert said(detected) == ["`semgrep` is not installed: 1 rule did not run"] and detected.suspicions == ()
    assert semgrep.identity("/") == semgrep.version("/") == ""


def test_the_program_gets_a_home_of_its_own_and_nothing_of_ours(tmp_path: Path, program: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYTHONPATH", "SEMGREP_APP_TOKEN", "HTTPS_PROXY", "SEMGREP_RULES"):
        monkeypatch.setenv(name, "mine")
    program("""
own = {name: os.environ.get(name, "").startswith(os.getcwd()) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
assert all(own.values()) and "mine" not in os.environ.values() and os.getcwd() not in os.environ["PATH"], os.environ
assert os.environ["SEMGREP_SEND_METRICS"] == "off" and "--metrics=off" in sys.argv and "--disable-nosem" in sys.argv
answer()""")
    detected = run_with(tmp_path, [""])
    assert len(detected.suspicions) == 1 and detected.problems == ()


@pytest.mark.parametrize("body,why", [
    ("sys.exit(3)", "ended with code 3"),
    ("os.kill(os.getpid(), 11)", "was ended by signal 11"),
    ("print('rubbish')", "ended with code 0 and printed no result that can be read"),
    ("print('{\"results\": 5}')", "ended with code 0 and printed no result that can be read"),
    ("print('[' * 100000)", "ended with code 0 and printed no result that can be read"),
    ("time.sleep(60)", "did not end within 0.5 seconds"),
])  # fmt: skip
def test_a_program_that_does_not_work_is_named_once(tmp_path: Path, program: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, body: str, why: str) -> None:
    program(body)
    monkeypatch.setattr(binary, "_START", 0.5)
    monkeypatch.setattr(binary, "_BYTES_A_SECOND", 1 << 30)
    detected = run_with(tmp_path, [""] * 20)
    assert detected.suspicions == () and not detected.lasting
    assert [message[:60] for message in said(detected)] == [f"`semgrep` does not work here: it {why}; 1 rule did not run"[:60]]
    assert all(problem.note for problem in detected.problems)


def test_another_version_without_the_native_front_runs_by_the_ordinary_one(tmp_path: Path, program: Callable[[str], None]) -> None:
    program("sys.exit(2) if native else answer()")
    detected = run_with(tmp_path, [""] * 3)
    assert len(detected.suspicions) == 3
    assert said(detected) == ["the native front of `semgrep` ended with code 2 and printed no result that can be read; its ordinary one ran instead"]
    assert semgrep.version("/") == "unknown" and "bin/semgrep" in semgrep.identity("/")


@pytest.mark.parametrize("body", ["os.kill(os.getpid(), 6)", "time.sleep(60)"])
def test_a_file_that_ends_the_program_costs_itself_alone(tmp_path: Path, program: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    program(f"any('BOOM' in content(name) for name in names) and {body}\nanswer()")
    monkeypatch.setattr(binary, "_START", 1.5)
    monkeypatch.setattr(binary, "_BYTES_A_SECOND", 1 << 30)
    store = open_store(tmp_path / "cache")
    loaded, _ = rule(tmp_path)
    files = [file(f"{number}.py", f"foo({number}){'; BOOM' if number == 2 else ''}\n") for number in range(5)]
    detected = detect(files, loaded, store)
    assert sorted(path for _, path, _ in where(detected)) == ["0.py", "1.py", "3.py", "4.py"]
    assert len(said(detected)) == 1 and said(detected)[0].startswith("semgrep: 1 file ") and said(detected)[0].endswith("`2.py`")
    assert not detected.lasting
    store.close()


def test_many_files_that_end_the_program_are_given_up_in_time(tmp_path: Path, program: Callable[[str], None]) -> None:
    program("any('BOOM' in content(name) for name in names) and os.kill(os.getpid(), 6)\nanswer()")
    start = time.monotonic()
    detected = run_with(tmp_path, ["; BOOM"] * 200)
    assert time.monotonic() - start < 20
    assert detected.suspicions == () and "left after too many failures" in " ".join(said(detected))


def test_a_rule_that_the_program_cannot_bear_costs_itself_alone(tmp_path: Path, program: Callable[[str], None]) -> None:
    program("'BOOM' in open('rules.json').read() and sys.exit(7)\nanswer()")
    good, _ = rule(tmp_path)
    bad, _ = rule(tmp_path, id="bad", message="BOOM")
    detected = detect([file("a.py", "foo(1)\n")], (*bad, *good))
    assert where(detected) == [("semgrep:mine", "a.py", 1)]
    assert [(p.message, p.note) for p in detected.problems] == [("`semgrep:bad` was not run: `semgrep` fails on it before it reads any file", False)]


def test_what_is_left_without_a_word_is_counted(tmp_path: Path, program: Callable[[str], None]) -> None:
    program("answer(names[1])")
    detected = run_with(tmp_path, ["", "", ""])
    assert said(detected) == ["semgrep: 1 file was not looked at: `1.py`"] and len(detected.suspicions) == 2


@pytest.mark.parametrize("kind,words,lasting", [
    ('"Timeout"', "not finished within 5 seconds", False),
    ('["PartialParsing", []]', "read only in part", True),
    ('"Syntax error"', "not parsed", True),
    ('"Out of memory"', "left for want of memory", False),
    ('"Something new"', "not read: something new", True),
])  # fmt: skip
def test_each_reason_for_a_skip_is_named(tmp_path: Path, program: Callable[[str], None], kind: str, words: str, lasting: bool) -> None:
    program(f"answer(errors=[{{'type': {kind}, 'path': 'files/' + name, 'message': ''}} for name in names[:4]])")
    detected = run_with(tmp_path, [""] * 5)
    assert said(detected) == [f"semgrep: 4 files {words}: `0.py`, `1.py`, `2.py`, …"]
    assert detected.lasting is lasting and len(detected.suspicions) == 5


def test_places_that_no_text_has_are_named(tmp_path: Path, program: Callable[[str], None]) -> None:
    program('at = lambda n: {"offset": n}\nprint(json.dumps({"results": [{"check_id": "r0", "path": "files/" + names[0], "start": at(900), "end": at(901), "extra": {}}], "errors": [], "paths": {"scanned": ["files/" + names[0]]}}))')
    loaded, _ = rule(tmp_path, languages=["yaml"], pattern="a: $X")
    assert said(detect([file("a.yaml", "a: 1\n")], loaded)) == ["semgrep: 1 file matched outside of its text: `a.yaml`"]


def test_a_big_file_is_never_handed_over(tmp_path: Path, program: Callable[[str], None]) -> None:
    program("sys.exit(9)")
    loaded, _ = rule(tmp_path, languages=["js"])
    start = time.monotonic()
    detected = detect([file("app.js", b"foo(1);" * (60 << 17))], loaded)
    assert said(detected) == ["semgrep: 1 file over 1 MB: `app.js`"] and detected.lasting
    assert time.monotonic() - start < 2


def test_too_many_matches_are_cut_off_and_counted(tmp_path: Path) -> None:
    loaded, _ = rule(tmp_path)
    detected = detect([file("a.py", "foo(1)\n" * 150)], loaded)
    assert len(detected.suspicions) == 100 and said(detected) == ["semgrep: 1 file cut off after 100 matches of one rule: `a.py`"]


def test_nothing_is_sent_written_or_heeded_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No home, no settings, no ignore files, no comments of the audited tree; no wait for a network that is not there."""
    home, tree = tmp_path / "home", tmp_path / "tree"
    for folder in (home, tree):
        folder.mkdir()
        (folder / ".semgrepignore").write_text("*\n")
    monkeypatch.chdir(tree)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp" / ".semgrepignore").write_text("*\n")
    monkeypatch.setattr("tempfile.tempdir", None)
    loaded, _ = rule(tmp_path)
    start = time.monotonic()
    detected = detect([file("tests data/-e $(x)\n.py", "foo(1)  # nosemgrep\n"), file("node_modules/a.min.py", "foo(2)\n")], loaded)
    assert time.monotonic() - start < 20
    assert len(detected.suspicions) == 2 and detected.problems == ()
    assert [sorted(os.listdir(folder)) for folder in (home, tree, tmp_path / "tmp")] == [[".semgrepignore"]] * 3


def test_no_room_for_temporary_files(tmp_path: Path, program: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    program("answer()")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    detected = run_with(tmp_path, ["", ""])
    assert said(detected) == ["`semgrep` does not work here: it cannot be given its files: No such file or directory; 1 rule did not run"]
    assert detected.suspicions == () and not detected.lasting


def test_two_jobs_and_one_say_the_same(tmp_path: Path) -> None:
    loaded, _ = rule(tmp_path)
    files = [file(f"{number}.py", f"foo({number})\n" + "# words\n" * 40_000) for number in range(5)]
    one, two = (semgrep.detect(loaded, files, root="/nowhere", jobs=jobs, store=None, advance=lambda _: None) for jobs in (1, 2))
    assert one == two and len(one.suspicions) == 5


def test_messages_hold_one_clause(tmp_path: Path) -> None:
    loaded, _ = rule(tmp_path, message="hit\n  $X.")
    (suspicion,) = detect([file("a.py", f"foo('{'x' * 1000}')\n")], loaded).suspicions
    assert isinstance(suspicion, Suspicion) and suspicion.message.startswith("hit 'xxx") and len(suspicion.message) == 300
