"""
An exception is caught and nobody learns of it.

A clause that catches everything and goes on turns each failure, from a typing error to a lost database, into silence.
The error rate looks fine while data is missing; the first to notice is a customer, and there is no log line to start
from. A bare `except` also swallows `KeyboardInterrupt`, `SystemExit` and the cancellation of a task.

Catch the exception that you expect, and let the others pass. Where going on is right, say so: log it with
`logger.exception`, count it, and keep the clause as small as the call that may fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from analyzer import Confidence, Known, Node, Project, Rule, Severity, Standard, Suspicion, Unjudged

if TYPE_CHECKING:
    import libcst

RULE = Rule(
    id="swallowed-exception",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=391,
    standard=Standard.RELIABILITY,
    node=Node.HANDLER,
    aliases=("bandit:B110", "bandit:B112", "ruff:S110", "ruff:S112", "ruff:SIM105"),
    supersedes=("bandit:B110", "bandit:B112"),
    since="0.1",
    bad="""
        def charge(order, gateway, mailer):
            try:
                gateway.charge(order)
                mailer.send_receipt(order)
            except Exception:
                pass
    """,
    good="""
        import logging

        def charge(order, gateway, mailer):
            gateway.charge(order)
            try:
                mailer.send_receipt(order)
            except Exception:
                logging.exception("receipt of order %s was not sent", order)
    """,
)
_BROAD = ("builtins.BaseException", "builtins.Exception")
# Best effort by custom: tidying up, telling somebody who may be gone, counting.
_TIDYING = frozenset({
    "close", "aclose", "disconnect", "shutdown", "unlink", "remove", "rmtree", "kill", "terminate", "cancel",
    "quit", "release", "stop", "rollback", "flush", "cleanup", "clean_up", "rmdir", "unsubscribe", "unregister",
    "wait_closed", "join", "wait", "put_nowait", "__exit__", "__aexit__", "killpg", "dispose", "record",
    "set_attribute", "set_attributes", "add_event", "increment", "incr", "inc", "dec", "labels", "observe", "gauge",
    "timing", "set_status", "set_tag", "set_context",
})  # fmt: skip
# Reading a value that may be of another kind.
_PROBING = frozenset({
    "int", "float", "Decimal", "bool", "loads", "json_loads", "literal_eval", "fromisoformat", "strptime",
    "UUID", "getattr", "hasattr", "isatty", "signature", "getsource", "get_type_hints", "decode", "b64decode",
    "ip_address", "json", "text", "partition", "rsplit", "parse_qs", "urlparse", "startswith", "split", "strip",
})  # fmt: skip
# What can hardly fail says nothing of what a clause is for.
_HARMLESS = frozenset({
    "str", "len", "list", "dict", "tuple", "set", "repr", "isinstance", "get", "items", "keys", "values",
    "format", "exists", "is_closed", "poll", "append", "print", "info", "debug", "type", "time", "monotonic",
    "perf_counter", "current_task", "getLogger", "get_running_loop", "MetricRegistry",
})  # fmt: skip
_MIGRATION = re.compile(r"(^|/)(migrations|versions|alembic)/")
_LAST_THINGS = ("__del__", "__exit__", "__aexit__", "atexit", "teardown", "tear_down")
_FOR_TOOLS = re.compile(
    r"\s*(noqa|nosec|nosemgrep|nosonar|pylint|pragma|type|ruff|flake8|mypy|pyright|todo|fixme|xxx|fmt)\b", re.IGNORECASE
)
_CODE = re.compile(r"\s*([\w.]+\(.*\)|raise\b.*|return\b.*|[\w.]+\s*=\s*\S.*|pass)\s*$")


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for handler in project.exception_handlers():
        quiet = handler.does in ("nothing", "continue") and not handler.logs and not handler.raises
        if not quiet or not isinstance(handler.caught, Known):
            continue
        broad = [name for name in _BROAD if name in handler.caught.value]
        if handler.caught.value and not broad:
            continue
        what = f"`{broad[0].removeprefix('builtins.')}`" if broad else "everything"
        low = handler.returns or handler.suppress or handler.imports or _small(handler.effects)
        low = low or handler.within.endswith(_LAST_THINGS) or bool(_MIGRATION.search(handler.at.path))
        message, confidence = f"{what} is caught here and dropped without a trace", Confidence.LOW if low else None
        node = Node.CALL if handler.suppress else None
        yield Suspicion(RULE.id, handler.at, message, "", confidence=confidence, node=node)


def _small(effects: tuple[str, ...]) -> bool:
    """Whether a clause guards tidying up, reading a doubtful value, or no effect at all: dropped on purpose."""
    serious = {name.rpartition(".")[2] for name in effects} - _HARMLESS
    rest = serious - _TIDYING - _PROBING
    return not rest or (len(rest) == 1 and bool(serious & _TIDYING) and len(serious) <= 2)


def confirm(node: libcst.CSTNode, suspicion: Suspicion) -> bool:
    """A comment in or behind the clause is somebody's reason; only the lossless tree shows it."""
    import libcst as cst
    from libcst import matchers as m

    return not any(isinstance(c, cst.Comment) and _explains(c.value) for c in m.findall(node, m.Comment()))


def _explains(comment: str) -> bool:
    """Whether a comment says something to a reader: not to a tool, not as a plan, and not as code switched off."""
    for part in comment.split("#"):
        aside = _FOR_TOOLS.match(part)
        said = part.partition(" -")[2].lstrip("- ") if aside else part
        if len(said.split()) > 1 and len(said.strip()) > 8 and not _CODE.match(said):
            return True
    return False
