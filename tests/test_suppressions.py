"""What silences a finding, what does not, and what is said about it."""

from __future__ import annotations

import textwrap
from collections.abc import Collection
from datetime import date
from typing import Any

import pytest

from analyzer.extract.python import read
from analyzer.inspect import inspect
from analyzer.model.config import Config, FileIgnore
from analyzer.model.facts import Directive, FileFacts, PythonFacts, TextFacts
from analyzer.model.finding import Finding, Suspicion
from analyzer.model.location import Location, Span
from analyzer.model.rule import Confidence, LoadedRule, Node, Rule, Severity, Standard
from analyzer.model.source import FileKind, Snapshot, SourceFile
from analyzer.triage import Triaged, triage

PATH = "app/main.py"


def loaded(identity: str, *aliases: str, node: Node = Node.CALL) -> LoadedRule:
    said = Rule(
        identity, "Doc.", Severity.HIGH, Confidence.HIGH, None, Standard.SECURITY, node, "", "", "0.1", aliases=aliases
    )
    return LoadedRule(said, "outbound", "", lambda project: iter(()), None, None)


RULES = {
    "no-timeout": loaded("no-timeout", "bandit:B113", "ruff:S113", "semgrep:python.requests.no-timeout"),
    "raw-sql": loaded("raw-sql", "bandit:B608", "ruff:S608"),
    "no-limit": loaded("no-limit", node=Node.FUNCTION),
}


def audit(
    source: str, today: date = date(2026, 5, 1), ran: Collection[str] | None = None, test: bool = False, **settings: Any
) -> Triaged:
    """Triage of a file in which `get()` lacks a timeout and the handler `login` lacks a limit."""
    source = textwrap.dedent(source)
    facts = read(source.encode())
    assert isinstance(facts, PythonFacts), facts
    file = SourceFile(PATH, source.encode(), "", FileKind.PYTHON, reported=True, test=test)
    calls = [Suspicion("no-timeout", Location(PATH, call.at), "m", "") for call in facts.calls if call.callee == "get"]
    names = [Suspicion("no-limit", Location(PATH, s.name_at), "m", s.name) for s in facts.scopes if s.name == "login"]
    inspected = inspect(calls + names, {PATH: file}, {PATH: facts}, RULES)
    assert inspected.problems == ()
    snapshot = Snapshot("/root", (".",), (file,), ())
    return triage(inspected.findings, snapshot, Config(**settings), RULES, {PATH: facts}, today, ran)


def said(triaged: Triaged) -> list[str]:
    assert all(problem.note and problem.stage == "triage" for problem in triaged.problems)
    return [problem.message for problem in triaged.problems]


IGNORE = "# backend-audit: ignore[no-timeout] -- internal"


@pytest.mark.parametrize(
    "source",
    [
        f"get()  {IGNORE}",
        f"{IGNORE}\nget()",
        f"{IGNORE}\n# more\n#and more\nget()",
        f"x = [\n  1,  {IGNORE}\n  get(),\n]",
        f"x = [\n  get(),\n]  {IGNORE}",
        f"x = [  {IGNORE}\n  get(),\n]",
        f"x = [\n  {IGNORE}\n  get(),\n]",
        f"if x:\n    {IGNORE}\n    get()",
        f"if get():  {IGNORE}\n    pass",
        f"with (\n  get() as x,\n):  {IGNORE}\n    pass",
        f"try: x\n{IGNORE}\nexcept get(): pass",
        f"@a(get())\n@b  {IGNORE}\ndef f():\n    pass",
        f"{IGNORE}\n@a(get())\ndef f():\n    pass",
        f"x = 1; get()  {IGNORE}",
        "get()  # backend-audit: ignore[bandit:B113] -- internal",
        "get()  # backend-audit: ignore[S113] -- internal",
        "get()  # backend-audit:ignore [ no-timeout ]--internal",
        "get()  # noqa: E501  # backend-audit: ignore[no-timeout] -- internal  # pragma: x",
    ],
)
def test_a_comment_on_or_above_the_statement_silences(source: str) -> None:
    triaged = audit(source)
    assert triaged.findings == ()
    [suppressed] = triaged.suppressed
    assert (suppressed.by, suppressed.reason) == ("comment", "internal")
    assert suppressed.finding.rule == "no-timeout" and suppressed.finding.fingerprint
    assert said(triaged) == []


@pytest.mark.parametrize(
    "source",
    [
        f"{IGNORE}\n\nget()",
        f"x = 1  {IGNORE}\nget()",
        f"get()\n{IGNORE}",
        f"{IGNORE}\n*a, b = x\nget()",
        f"*a, b = x  {IGNORE}\nget()",
        f"if x:  {IGNORE}\n    get()",
        f"def f():  {IGNORE}\n    get()",
        f"{IGNORE}\nif x:\n    get()",
        f"if get():\n    pass  {IGNORE}",
        f"if get():\n    {IGNORE}\n    pass",
        f"@a(get())\ndef f():\n    pass  {IGNORE}",
        "get()  # backend-audit: ignore[raw-sql] -- internal",
    ],
)
def test_a_comment_elsewhere_does_not_silence_and_is_reported_as_unused(source: str) -> None:
    triaged = audit(source)
    assert len(triaged.findings) == 1 and triaged.suppressed == ()
    [message] = said(triaged)
    assert message.endswith("suppresses nothing; remove it") and message.startswith("line ")


@pytest.mark.parametrize(
    "source",
    [
        "@app.post('/')  # backend-audit: ignore[no-limit] -- internal\ndef login(): ...",
        "@app.post('/')\n@other\nasync def login():  # backend-audit: ignore[no-limit] -- internal\n    ...",
        "@app.post('/')\ndef login(\n  a,\n):  # backend-audit: ignore[no-limit] -- internal\n    ...",
        "class C:\n    # backend-audit: ignore[no-limit] -- internal\n    @app.post('/')\n    def login(self): ...",
    ],
)
def test_a_handler_is_silenced_at_its_decorators_and_its_def(source: str) -> None:
    triaged = audit(source)
    assert triaged.findings == () and len(triaged.suppressed) == 1 and said(triaged) == []


def test_one_comment_may_name_several_rules_and_each_must_be_of_use() -> None:
    both = "# backend-audit: ignore[no-timeout, no-limit] -- internal\n@a(get())\ndef login(): ..."
    assert len(audit(both).suppressed) == 2 and said(audit(both)) == []
    triaged = audit("get()  # backend-audit: ignore[no-timeout, no-limit] -- internal")
    assert len(triaged.suppressed) == 1
    assert said(triaged) == ["line 1: `ignore[no-limit]` suppresses nothing; remove it"]


@pytest.mark.parametrize("tail", ["", " --", " --   ", " internal", " -- # noqa: S113"])
def test_without_a_reason_nothing_is_silenced(tail: str) -> None:
    triaged = audit(f"x = 1\nget()  # backend-audit: ignore[no-timeout]{tail}")
    assert len(triaged.findings) == 1
    [message] = said(triaged)
    assert message.startswith("line 2: ") and "no reason" in message
    assert "`backend-audit: ignore[no-timeout] -- why it is right here`" in message


def test_an_unknown_rule_is_named_with_the_nearest_one() -> None:
    triaged = audit("get()  # backend-audit: ignore[no-timeuot] -- internal")
    assert len(triaged.findings) == 1
    assert said(triaged) == ["line 1: `no-timeuot` is no rule and suppresses nothing; did you mean `no-timeout`?"]


@pytest.mark.parametrize("comment", ["ignore", "ignore -- why", "ignore[] -- why", "disable=no-timeout", "ignore[a'b] -- x"])
def test_what_is_not_understood_is_said(comment: str) -> None:
    triaged = audit(f"get()  # backend-audit: {comment}")
    assert len(triaged.findings) == 1
    assert said(triaged) == [
        "line 1: this comment is not understood; write `backend-audit: ignore[rule-id] -- reason`"
    ]


def test_unused_is_judged_only_for_rules_that_ran() -> None:
    source = "x = 1  # backend-audit: ignore[no-timeout] -- internal"
    assert len(said(audit(source))) == 1
    assert said(audit(source, ran={"raw-sql"})) == []
    assert said(audit(source, test=True)) == []  # the rule does not judge test code
    assert said(audit("get()  # backend-audit: ignore[bandit:B999] -- internal")) == []  # not ours to judge


def test_a_hidden_finding_does_not_make_its_suppression_unused() -> None:
    triaged = audit(f"get()  {IGNORE}", severity="critical")
    assert said(triaged) == [] and len(triaged.suppressed) == 1 and triaged.hidden == ()


def test_a_directive_in_a_string_is_none() -> None:
    triaged = audit(f"get('''\n{IGNORE}\n''')")
    assert len(triaged.findings) == 1 and said(triaged) == []


@pytest.mark.parametrize(
    ("comment", "silences"),
    [
        ("nosec", True),
        ("nosec B113", True),
        ("nosec: B101, B113", True),
        ("nosec B608", False),
        ("noqa: S113", True),
        ("noqa:E501,S113", True),
        ("noqa: E501", False),
        ("noqa", False),
        ("nosemgrep", True),
        ("nosemgrep: python.requests.no-timeout", True),
        ("nosemgrep: rules.python.requests.no-timeout, x", True),
        ("nosemgrep: no-timeout", True),
        ("nosemgrep: timeout", False),
    ],
)
def test_other_tools_comments_count_only_on_request(comment: str, silences: bool) -> None:
    tool = comment.partition(" ")[0].partition(":")[0]
    source = f"get()  # {comment}"
    assert len(audit(source).findings) == 1
    assert len(audit(source, honor=tuple({"nosec", "noqa", "nosemgrep"} - {tool})).findings) == 1
    triaged = audit(source, honor=(tool,))
    assert bool(triaged.suppressed) == silences and bool(triaged.findings) != silences
    if silences:
        assert (triaged.suppressed[0].by, triaged.suppressed[0].reason) == ("comment", f"`{comment}`")


def test_a_bare_comment_of_another_tool_says_nothing_about_what_it_cannot_find() -> None:
    triaged = audit("@a  # nosec\ndef login(): ...  # nosemgrep", honor=("nosec", "nosemgrep", "noqa"))
    assert len(triaged.findings) == 1


def test_nosemgrep_also_counts_from_the_line_above() -> None:
    assert len(audit("# nosemgrep\nget()", honor=("nosemgrep",)).suppressed) == 1
    assert len(audit("# nosec\nget()", honor=("nosec",)).findings) == 1


def per_file(glob: str = "app/**", rules: tuple[str, ...] = ("no-timeout",), **more: str) -> dict[str, Any]:
    return {"per_file_ignores": (FileIgnore(glob, rules, **{"reason": "legacy", **more}),)}


@pytest.mark.parametrize(
    ("glob", "silences"),
    [("app/**", True), ("app/", True), ("*.py", True), ("main.py", True), ("/main.py", False), ("**/main.py", True), ("lib/", False)],
)
def test_per_file_ignores_are_gitignore_globs(glob: str, silences: bool) -> None:
    triaged = audit("get()", **per_file(glob))
    assert bool(triaged.suppressed) == silences
    if silences:
        assert (triaged.suppressed[0].by, triaged.suppressed[0].reason) == ("configuration", "legacy")
        assert said(triaged) == []
    else:
        assert said(triaged) == [f"per-file-ignores `{glob}`: `no-timeout` suppresses nothing there; remove it"]


@pytest.mark.parametrize("name", ["no-timeout", "bandit:B113", "B113", "outbound"])
def test_per_file_ignores_take_ids_aliases_and_families(name: str) -> None:
    assert audit("get()", **per_file(rules=(name,))).findings == ()


def test_per_file_ignores_expire_after_their_day() -> None:
    holding = audit("get()", **per_file(expires="2026-05-01"))
    assert holding.findings == () and said(holding) == []
    triaged = audit("get()", **per_file(expires="2026-04-30"))
    assert len(triaged.findings) == 1
    assert said(triaged) == ["per-file-ignores `app/**`: expired on 2026-04-30 and suppresses nothing any more"]


def test_per_file_ignores_that_do_not_hold_say_why() -> None:
    assert len(audit("get()", **per_file(reason=" ")).findings) == 1
    assert said(audit("get()", **per_file(reason=" "))) == ["per-file-ignores `app/**`: gives no reason and suppresses nothing"]
    assert "no date" in said(audit("get()", **per_file(expires="soon")))[0]
    assert "did you mean `raw-sql`" in said(audit("get()", **per_file(rules=("raw-sq",))))[0]
    assert said(audit("x", ran={"raw-sql"}, **per_file())) == []


def test_a_comment_is_asked_before_the_configuration_and_both_are_of_use() -> None:
    triaged = audit(f"get()  {IGNORE}", **per_file())
    assert triaged.suppressed[0].by == "comment" and said(triaged) == []


def test_comments_in_other_languages_silence_too() -> None:
    content = b"-- backend-audit: ignore[raw-sql] -- checked */\nSELECT 1;\n"
    directive = Directive("backend-audit", content.decode().splitlines()[0][3:], Span(1, 0, 1, 47), alone=True)
    file = SourceFile("m.sql", content, "", FileKind.SQL, reported=True, test=False)
    span = Span(2, 0, 2, 9)
    finding = Finding("raw-sql", Location("m.sql", span), span, span, "m", "", "high", "high", "", "SELECT1;")
    facts: dict[str, FileFacts] = {"m.sql": TextFacts((), (directive,), 2)}
    triaged = triage([finding], Snapshot("/r", (".",), (file,), ()), Config(), RULES, facts, date(2026, 5, 1))
    assert triaged.suppressed[0].reason == "checked"
    late = Directive("backend-audit", directive.text, directive.at, alone=False)
    facts = {"m.sql": TextFacts((), (late,), 2)}
    assert triage([finding], Snapshot("/r", (".",), (file,), ()), Config(), RULES, facts, date(2026, 5, 1)).findings


def test_notes_on_files_that_are_not_reported_are_left_out() -> None:
    content = b"x = 1  # backend-audit: ignore[no-timeout] -- internal\n"
    facts = read(content)
    assert isinstance(facts, PythonFacts)
    for reported in (True, False):
        file = SourceFile(PATH, content, "", FileKind.PYTHON, reported=reported, test=False)
        triaged = triage([], Snapshot("/r", (".",), (file,), ()), Config(), RULES, {PATH: facts}, date(2026, 5, 1))
        assert len(triaged.problems) == reported
