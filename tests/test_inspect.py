"""The visitor alone flags Python code: at the right node, in every kind of statement, or it says why not."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable
from typing import Any

import pytest

from analyzer.extract.python import read
from analyzer.inspect import Inspected, inspect, visitor
from analyzer.model.facts import PythonFacts
from analyzer.model.finding import Edit, Fix, Suspicion
from analyzer.model.location import Location, Span, Step
from analyzer.model.rule import Confidence, LoadedRule, Node, Rule, Severity, Standard
from analyzer.model.source import FileKind, SourceFile

PATH = "app/main.py"


def rule(
    node: Node = Node.CALL,
    confirm: Callable[[Any, Suspicion], bool] | None = None,
    fix: Callable[[Any, Suspicion], Fix | None] | None = None,
) -> dict[str, LoadedRule]:
    said = Rule("r", "Doc.", Severity.HIGH, Confidence.MEDIUM, None, Standard.SECURITY, node, "", "", "0.1")
    return {"r": LoadedRule(said, "family", "", lambda project: iter(()), confirm, fix)}


def span_of(source: str, piece: str, occurrence: int = 0) -> Span:
    """Where the piece stands in the source, counted as the model counts."""
    offset = -1
    for _ in range(occurrence + 1):
        offset = source.index(piece, offset + 1)

    def point(at: int) -> tuple[int, int]:
        return source.count("\n", 0, at) + 1, at - (source.rfind("\n", 0, at) + 1)

    return Span(*point(offset), *point(offset + len(piece)))


def suspect(span: Span, **more: Any) -> Suspicion:
    return Suspicion(rule="r", at=Location(PATH, span), message="is wrong", subject="", **more)


def look(source: str | bytes, *suspicions: Suspicion, rules: dict[str, LoadedRule] | None = None) -> Inspected:
    content = source.encode() if isinstance(source, str) else source
    facts = read(content)
    assert isinstance(facts, PythonFacts), facts
    file = SourceFile(PATH, content, "", FileKind.PYTHON, reported=True, test=False)
    return inspect(suspicions, {PATH: file}, {PATH: facts}, rules or rule())


STATEMENTS = [
    # the source, and the header (or whole statement) that holds the call `bad()`, both as written
    ("bad()", "bad()"),
    ("def f():\n    return bad()\n", "return bad()"),
    ("x = 1; y = bad(); z = 2", "y = bad()"),
    ("if x: bad()", "bad()"),
    ("if bad(): pass", "if bad():"),
    ("if x:\n    pass\nelif bad():\n    pass\n", "elif bad():"),
    ("def f():\n  if x:\n    pass\n  elif y: pass\n  elif bad(): pass\n", "elif bad():"),
    ("if x:\n    pass\nelse:\n    bad()\n", "bad()"),
    ("if x: pass\nelse: bad(); y\n", "bad()"),
    ("for i in bad():\n    pass\nelse:\n    pass\n", "for i in bad():"),
    ("while (bad()  # why: so\n  ):  # because: x\n    pass\n", "while (bad()  # why: so\n  ):"),
    ("with open(x) as f, bad() as g:\n    pass\n", "with open(x) as f, bad() as g:"),
    ("with (\n    bad() as f,\n    g(),\n):\n    pass\n", "with (\n    bad() as f,\n    g(),\n):"),
    ("async def f():\n    async with bad(): await x\n", "async with bad():"),
    ("async def f():\n    async for i in x:\n        await bad()\n", "await bad()"),
    ("try:\n    bad()\nexcept E:\n    pass\n", "bad()"),
    ("try:\n    x\nexcept bad() as e:\n    pass\n", "except bad() as e:"),
    ("def f():\n    try:\n        x\n    except E:\n        bad()\n", "bad()"),
    ("try:\n    x\nexcept* bad():\n    pass\n", "except* bad():"),
    ("try:\n    x\nexcept E:\n    pass\nelse:\n    bad()\nfinally:\n    pass\n", "bad()"),
    ("try:\n    x\nfinally:\n    bad()\n", "bad()"),
    ("match bad():\n    case 1:\n        pass\n", "match bad():"),
    ("def f():\n  match bad():\n    case 1: pass\n", "match bad():"),
    ("match x:\n    case (\n        [a, *b]\n    ) if bad(): pass\n", "case (\n        [a, *b]\n    ) if bad():"),
    ("def f():\n  match x:\n    case C(a=1) if bad(): pass\n", "case C(a=1) if bad():"),
    ("def f():\n  match x:\n    case C(a=1):\n      bad()\n", "bad()"),
    ("@bad()\ndef f(): ...\n", "@bad()\ndef f():"),
    ("class C:\n    @a  # one: two\n    @(\n        bad()\n    )\n    async def f(self): ...\n",
     "@a  # one: two\n    @(\n        bad()\n    )\n    async def f(self):"),
    ("def f(a, b: int = bad()) -> int:\n    return 1\n", "def f(a, b: int = bad()) -> int:"),
    ("class C(B, metaclass=bad()):\n    x = 1\n", "class C(B, metaclass=bad()):"),
    ("class C:\n    x: int = bad()\n", "x: int = bad()"),
    ("def f():\n\tif x:\n\t\treturn bad()\n", "return bad()"),
    ("x = '''\nno: indent\n''' + bad(\n)\n", "x = '''\nno: indent\n''' + bad(\n)"),
    ("def f():\n    x = [\n  1, # )\n  bad()]\n", "x = [\n  1, # )\n  bad()]"),
    ("f = lambda: bad()\n", "f = lambda: bad()"),
    ("if lambda: bad(): pass\n", "if lambda: bad():"),
    ("def f():\n    yield {bad(): 1}[0:2]\n", "yield {bad(): 1}[0:2]"),
    ("é = 'ü'; bad(), ß\n", "bad(), ß"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "statement"), STATEMENTS, ids=[source for source, _ in STATEMENTS])
def test_a_call_is_flagged_in_every_kind_of_statement(source: str, statement: str) -> None:
    call = "bad(\n)" if "bad(\n)" in source else "bad()"
    span = span_of(source, call)
    outcome = look(source, suspect(span))
    assert outcome.problems == () and outcome.cleared == ()
    [finding] = outcome.findings
    assert finding.at == Location(PATH, span)
    assert finding.header == span_of(source, statement)
    assert finding.statement.line <= finding.header.line and finding.statement.end_line >= finding.header.end_line


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_marks_do_not_move_anything(ending: str, mark: str) -> None:
    source = "x = 1\ndef f():\n    return g(\n        'a'\n    )\n"
    outcome = look((mark + source.replace("\n", ending)).encode(), suspect(span_of(source, "g(\n        'a'\n    )")))
    assert outcome.problems == ()
    assert outcome.findings[0].text == "returng('a')"
    assert outcome.findings[0].within == "f"


def test_every_expression_of_a_rich_file_is_found() -> None:
    source = textwrap.dedent("""\
        x = (1, (2, 3), f(a for a in b), *c), ()
        y = g  (  # (
            z for z in y  # )
        )
        def h(a, *b, c=[i async for i in j], **d): return (yield (a), b[1:2, ::3])
        k = f"a {b(1)!r:>{c}}" 'tail'
        w = ("#<10", (q for q in "#)"), not (a) < (b))
        v = {**a, 'b': (c := d)} if await_ else -x ** 2
        assert (a.b[c].d('e' 'f'), "…")
    """)
    tree = ast.parse(source)
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.iter_child_nodes(node)}
    inside |= {id(part) for node in ast.walk(tree) if id(node) in inside for part in ast.walk(node)}
    # `b[1:2, ::3]` is the one place where libcst has no node for a node of `ast`: the tuple in the brackets
    inside |= {id(node.slice) for node in ast.walk(tree) if isinstance(node, ast.Subscript)}
    rows = source.split("\n")
    suspicions = []
    for node in ast.walk(tree):
        if isinstance(node, ast.expr | ast.keyword) and id(node) not in inside:
            assert node.end_lineno is not None and node.end_col_offset is not None
            start = len(rows[node.lineno - 1].encode()[: node.col_offset].decode())
            end = len(rows[node.end_lineno - 1].encode()[: node.end_col_offset].decode())
            suspicions.append(suspect(Span(node.lineno, start, node.end_lineno, end)))
    assert len(suspicions) > 70
    outcome = look(source, *suspicions, rules=rule(Node.EXPRESSION))
    assert outcome.problems == ()
    assert sorted(finding.at for finding in outcome.findings) == sorted(suspicion.at for suspicion in suspicions)


@pytest.mark.parametrize(
    ("node", "source", "piece", "flagged"),
    [
        (Node.FUNCTION, "@a\nasync def fun(x): ...\n", "fun", "fun"),
        (Node.FUNCTION, "@a\nasync def fun(x): ...\n", "async def fun(x): ...", "fun"),
        (Node.CLASS, "class K(B):\n    x = 1\n", "K", "K"),
        (Node.HANDLER, "try: x\nexcept (A, B) as e: pass\n", "except (A, B) as e: pass", "except (A, B) as e:"),
        (Node.HANDLER, "try: x\nexcept: pass\n", "except:", "except:"),
        (Node.ASSIGNMENT, "class K:\n    DEBUG = True\n", "DEBUG = True", "DEBUG = True"),
        (Node.ASSIGNMENT, "DEBUG: bool = True; x = 1\n", "DEBUG: bool = True", "DEBUG: bool = True"),
        (Node.ASSIGNMENT, "a.b += 1\n", "a.b += 1", "a.b += 1"),
        (Node.IMPORT, "def f(): from a.b import c, d as e\n", "d as e", "d as e"),
        (Node.IMPORT, "import a.b\n", "import a.b", "import a.b"),
        (Node.IMPORT, "from a import *\n", "*", "*"),
        (Node.EXPRESSION, "f(1, verify=False)\n", "verify=False", "verify=False"),
        (Node.EXPRESSION, "f((a, b))\n", "(a, b)", "(a, b)"),
        (Node.EXPRESSION, "f( (( (a, b) )) )\n", "(a, b)", "(a, b)"),
    ],
)
def test_each_kind_of_node(node: Node, source: str, piece: str, flagged: str) -> None:
    outcome = look(source, suspect(span_of(source, piece)), rules=rule(node))
    assert outcome.problems == ()
    assert outcome.findings[0].at.span == span_of(source, flagged)


def test_a_node_of_another_kind_is_a_problem_and_no_finding() -> None:
    outcome = look("x = f(1)\n", suspect(Span(1, 0, 1, 1)), suspect(Span(1, 4, 1, 7)), suspect(Span(9, 0, 9, 1)))
    assert outcome.findings == ()
    assert [problem.note for problem in outcome.problems] == [False] * 3
    assert all("a bug of backend-audit" in problem.message and problem.path == PATH for problem in outcome.problems)
    assert "line 1, column 5, where no call is" in outcome.problems[2].message


def test_the_suspicion_may_name_another_kind_of_node() -> None:
    outcome = look("x = f(1)\n", suspect(Span(1, 0, 1, 8), node="assignment"))
    assert len(outcome.findings) == 1


def test_calls_in_an_f_string_carry_its_span_and_are_found_in_order() -> None:
    source = "x = ('a'\n  f'{one(1)} {two(two2())!r:>{three()}}')\n"
    whole = span_of(source, "'a'\n  f'{one(1)} {two(two2())!r:>{three()}}'")
    seen: list[str] = []

    def confirm(node: Any, suspicion: Suspicion) -> bool:
        seen.append(node.func.value)
        return False

    outcome = look(source, *[suspect(whole)] * 2, rules=rule(confirm=confirm))
    # each suspicion may be any of the calls: it is cleared only if all of them are
    assert seen == ["one", "two", "two2", "three", "two", "two2", "three", "one"]
    assert len(outcome.cleared) == 2 and outcome.findings == ()


def test_the_only_call_of_an_f_string_is_flagged_at_its_own_place() -> None:
    source = 'query(f"""\n  SELECT {name()}\n""")\n'
    outcome = look(source, suspect(span_of(source, 'f"""\n  SELECT {name()}\n"""')))
    assert outcome.findings[0].at.span == span_of(source, "name()")


def test_an_f_string_itself_is_flagged_as_a_whole() -> None:
    source = "query(f'{name()}')\n"
    outcome = look(source, suspect(span_of(source, "f'{name()}'")), rules=rule(Node.EXPRESSION))
    assert outcome.findings[0].at.span == span_of(source, "f'{name()}'")


def test_confirm_clears_and_its_failure_is_a_problem() -> None:
    source = "f(1)\nf(2)\nf(3)\n"

    def confirm(node: Any, suspicion: Suspicion) -> bool:
        if node.args[0].value.value == "2":
            raise ValueError("odd\nnode")
        return bool(node.args[0].value.value == "3")

    outcome = look(source, *(suspect(span_of(source, f"f({i})")) for i in (1, 2, 3)), rules=rule(confirm=confirm))
    assert [finding.at.span.line for finding in outcome.findings] == [3]
    assert [(suspicion.at.span.line, why) for suspicion, why in outcome.cleared] == [(1, "confirm")]
    [problem] = outcome.problems
    assert problem.message == "line 2: `confirm` of rule `r` failed: ValueError: odd"


def test_a_fix_is_kept_and_its_failure_leaves_the_finding() -> None:
    import libcst as cst

    def fix(node: cst.Call, suspicion: Suspicion) -> Fix:
        more = node.with_changes(args=[*node.args, cst.parse_expression("f(timeout=5)").args[0]])  # type: ignore[attr-defined]
        return Fix("Give it a deadline", (Edit(suspicion.at.span, cst.Module([]).code_for_node(more)),), safe=False)

    def broken(node: Any, suspicion: Suspicion) -> Fix:
        raise KeyError("x")

    source = "def f():\n    return get(url,\n      verify = True, ) # why\n"
    place = suspect(span_of(source, "get(url,\n      verify = True, )"))
    [finding] = look(source, place, rules=rule(fix=fix)).findings
    assert finding.fix is not None
    assert finding.fix.edits == (Edit(place.at.span, "get(url,\n      verify = True, timeout=5)"),)
    outcome = look(source, place, rules=rule(fix=broken))
    assert outcome.findings[0].fix is None
    assert outcome.problems[0].message == "line 2: `fix` of rule `r` failed: KeyError: 'x'"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("x =  f ( 1,# no\n   'a # b  c' ) # no\n", "x=f(1,'a # b  c')"),
        ("x = 1 + \\\n   f(\"\"\"two\n  lines\"\"\", 1, 'a # b  c')", 'x=1+f("""two\n  lines""",1,\'a # b  c\')'),
        ("x = f(1, f'# {a  +  b : >3} # c', 'a # b  c')", "x=f(1,f'# {a+b: >3} # c','a # b  c')"),
        ("@d  # no\n# no\ndef f(a = f(1, 'a # b  c')) : # no\n    return 1", "@ddeff(a=f(1,'a # b  c')):"),
        ("if f(1, 'a # b  c') : # no\n    pass\n", "iff(1,'a # b  c'):"),
    ],
)
def test_the_token_text_has_no_comments_and_no_white_space_but_in_strings(source: str, text: str) -> None:
    start = max(source.find(opening) for opening in ('f(1', 'f ( 1', 'f("""'))
    end = source.index("'a # b  c'") + len("'a # b  c'")
    end = source.index(")", end) + 1
    [finding] = look(source, suspect(span_of(source, source[start:end]))).findings
    assert finding.text == text


def test_within_names_the_definition_around_the_statement() -> None:
    source = "class C:\n    def m(self, a=bad()):\n        def inner():\n            bad(1)\n        bad(2)\nbad(3)\n"
    pieces = ["bad()", "bad(1)", "bad(2)", "bad(3)"]
    findings = look(source, *(suspect(span_of(source, piece)) for piece in pieces)).findings
    assert [finding.within for finding in findings] == ["C.m", "C.m.inner", "C.m", ""]


def test_severity_and_confidence_are_the_rule_s_unless_the_suspicion_says_otherwise() -> None:
    one, two = look("f(1)\nf(2)\n", suspect(Span(1, 0, 1, 4)), suspect(Span(2, 0, 2, 4), severity="low", confidence="high")).findings
    assert (one.severity, one.confidence, two.severity, two.confidence) == ("high", "medium", "low", "high")


def test_what_the_suspicion_knows_is_handed_on() -> None:
    step = Step(Location("b.py", Span(1, 0, 1, 1)), "from here")
    known = {"trace": (step,), "related": (step,), "endpoints": ("GET /a",)}
    [finding] = look("f(1)\n", suspect(Span(1, 0, 1, 4), engine="semgrep", **known)).findings
    assert (finding.trace, finding.related, finding.endpoints) == ((step,), (step,), ("GET /a",))
    assert (finding.rule, finding.message, finding.engines) == ("r", "is wrong", ("semgrep",))


def test_without_the_visitor_there_is_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    source = "f(1)\n"
    assert len(look(source, suspect(Span(1, 0, 1, 4))).findings) == 1
    monkeypatch.setattr(visitor.Flagger, "on_visit", lambda self, node: False)
    assert look(source, suspect(Span(1, 0, 1, 4))).findings == ()
    monkeypatch.setattr(visitor.Flagger, "on_leave", lambda self, node: None)
    assert look(source, suspect(Span(1, 0, 1, 4))).findings == ()


def test_a_statement_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    parse = visitor.cst.parse_module
    monkeypatch.setattr(visitor.cst, "parse_module", lambda text: parsed.append(text) or parse(text))
    source = "if f(1) and f(2):\n    f(3)\n"
    assert len(look(source, *(suspect(span_of(source, f"f({i})")) for i in (3, 1, 2))).findings) == 3
    assert parsed == ["if f(1) and f(2): ...\n", "f(3)\n"]


def test_what_is_nested_too_deeply_never_reaches_libcst(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitor, "too_deep", lambda text: ("brackets", 201))
    monkeypatch.setattr(visitor.cst, "parse_module", lambda text: pytest.fail("libcst was called"))
    [problem] = look("f(1)\n", suspect(Span(1, 0, 1, 4))).problems
    assert problem.message == "line 1: too deeply nested (brackets) to confirm `r`"


@pytest.mark.parametrize("deep", ["f(a" + ".b" * 450 + ")", "f(" * 180 + ")" * 180, "f(" + "g(a.b.c + " * 180 + "1" + ")" * 181])
def test_what_the_scan_lets_pass_is_flagged_also_on_a_deep_stack(deep: str) -> None:
    def sink(levels: int) -> Inspected:
        return sink(levels - 1) if levels else look(deep, suspect(Span(1, 0, 1, len(deep))))

    for levels in (0, 700):
        assert sink(levels).problems == ()


def test_the_order_of_suspicions_does_not_matter() -> None:
    source = "f(1)\nf(2)\nif f(3): f(4)\n"
    suspicions = [suspect(span_of(source, f"f({i})")) for i in (1, 2, 3, 4)] + [suspect(Span(1, 0, 1, 1))]
    assert look(source, *suspicions) == look(source, *reversed(suspicions))


def test_files_that_cannot_be_judged_are_problems() -> None:
    place = suspect(Span(1, 0, 1, 4))
    python = SourceFile(PATH, b"f(1)\n", "", FileKind.PYTHON, reported=True, test=False)
    assert "not part of the project" in inspect([place], {}, {}, rule()).problems[0].message
    assert "was not read" in inspect([place], {PATH: python}, {}, rule()).problems[0].message
    latin = SourceFile(PATH, b"# coding: ascii\nf('\xff')\n", "", FileKind.PYTHON, reported=True, test=False)
    assert "not valid ascii" in inspect([place], {PATH: latin}, {}, rule()).problems[0].message
    assert "no such rule is loaded" in inspect([place], {PATH: python}, {}, {}).problems[0].message


def test_a_suspicion_in_unknown_words_costs_only_itself() -> None:
    wrong: list[dict[str, Any]] = [{"node": "thing"}, {"severity": "bad"}, {"confidence": "sure"}]
    outcome = look("f(1)\n", suspect(Span(1, 0, 1, 4)), *(suspect(Span(1, 0, 1, 4), **word) for word in wrong))
    assert len(outcome.findings) == 1
    assert [problem.message.split("`")[3] for problem in outcome.problems] == ["bad", "sure", "thing"]


def test_other_files_are_flagged_by_their_text() -> None:
    sql = SourceFile("m.sql", b"SELECT  *\n  FROM x;\n", "", FileKind.SQL, reported=True, test=False)
    good = Suspicion("r", Location("m.sql", Span(1, 8, 2, 8)), "m", "")
    outside = [Suspicion("r", Location("m.sql", span), "m", "") for span in (Span(1, 0, 9, 0), Span(2, 0, 2, 99), Span(0, 0, 1, 1))]
    outcome = inspect([*outside, good], {"m.sql": sql}, {}, rule())
    [finding] = outcome.findings
    assert finding.text == "SELECT*FROMx;" and finding.statement == Span(1, 0, 2, 9)
    assert len(outcome.problems) == 3
