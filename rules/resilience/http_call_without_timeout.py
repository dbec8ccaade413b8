"""
An outbound HTTP call can wait for ever.

`requests`, `urllib` and `urllib3` have no time limit of their own. When the service on the other side stops answering
without closing the connection, every request that needs it holds a worker, a connection and often a database
transaction. Within minutes no worker is left, and the whole backend is down because a neighbour is slow.

Give every call a deadline that is shorter than the one your own caller has: `timeout=(3.05, 10)` sets connecting and
reading apart. For a client that is shared, set it where the client is made. `httpx` waits five seconds and `aiohttp`
five minutes by default: only a limit that was switched off is reported for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analyzer import Confidence, Edit, Fix, Node, Project, Rule, Severity, Standard, Step, Suspicion, Unjudged, Unknown

if TYPE_CHECKING:
    import libcst

RULE = Rule(
    id="http-call-without-timeout",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    cwe=1088,
    standard=Standard.RELIABILITY,
    node=Node.CALL,
    aliases=("bandit:B113", "ruff:S113"),
    supersedes=("bandit:B113",),
    since="0.1",
    bad="""
        import requests

        def rates():
            return requests.get("https://rates.example/latest").json()
    """,
    good="""
        import requests

        def rates():
            return requests.get("https://rates.example/latest", timeout=5).json()
    """,
)


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for wait in project.endless("http"):
        yield Suspicion(
            RULE.id,
            wait.at,
            f"`{wait.call.name}` waits for ever when the other side does not answer",
            "",
            related=tuple(Step(call.at, f"`{call.name}` waits without limit too") for call in wait.others[:10]),
            confidence=None if wait.call.sure and not wait.call.main_guard else Confidence.LOW,
        )
    for deadline in project.deadlines("http"):
        if isinstance(deadline.seconds, Unknown):
            yield Unjudged(RULE.id, deadline.seconds.why, deadline.call.at)


def confirm(node: libcst.Call, suspicion: Suspicion) -> bool:
    """`urlopen(f"file://{path}")` asks no other machine: only the source shows how the address begins."""
    from libcst import matchers as m

    begins = m.MatchRegex(r"""(?:[rbu]*["']+)?(?:file|data):.*""")
    local = m.SimpleString(begins) | m.FormattedString([m.FormattedStringText(begins), m.ZeroOrMore()])
    return not (node.args and m.matches(node.args[0].value, local))


def fix(node: libcst.Call, suspicion: Suspicion) -> Fix | None:
    import libcst as cst

    if any(arg.star for arg in node.args):
        return None
    name = cst.Module([]).code_for_node(node.func)
    if name.rpartition(".")[2] not in (
        "get",
        "post",
        "put",
        "patch",
        "delete",
        "head",
        "options",
        "request",
        "urlopen",
    ):
        return None
    given = next(
        (number for number, arg in enumerate(node.args) if arg.keyword and arg.keyword.value == "timeout"), None
    )
    args = list(node.args)
    if given is not None:
        if not isinstance(args[given].value, cst.Name):  # `None`; a tuple is its writer's business
            return None
        args[given] = args[given].with_changes(value=cst.Integer("10"))
    else:
        if args and not (isinstance(args[-1].comma, cst.Comma) and "#" in cst.Module([]).code_for_node(args[-1].comma)):
            args[-1] = args[-1].with_changes(comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))
        equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
        args.append(cst.Arg(cst.Integer("10"), cst.Name("timeout"), equal))
    text = cst.Module([]).code_for_node(node.with_changes(args=args))
    return Fix("give the call ten seconds", (Edit(suspicion.at.span, text),), safe=False)
