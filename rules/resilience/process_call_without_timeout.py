"""
A child process is waited for without a time limit while a request is served.

`subprocess.run` and its relatives wait until the child ends. A converter that meets a broken file, a `git` that asks
for a password, a tool that waits for a lock: each holds the request's worker for good, and the client's retry takes
the next one.

Pass `timeout=` and handle `subprocess.TimeoutExpired`; for work that may rightly take long, use a queue. Outside of
endpoints (scripts, commands, build steps) the finding is of low confidence, since there a person waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analyzer import Confidence, Node, Project, Rule, Severity, Standard, Step, Suspicion, Unjudged, Unknown

if TYPE_CHECKING:
    import libcst

RULE = Rule(
    id="process-call-without-timeout",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=1088,
    standard=Standard.RELIABILITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        import subprocess
        from fastapi import FastAPI

        app = FastAPI()

        @app.post("/thumbnails")
        def thumbnail(path: str):
            subprocess.run(["convert", path, "out.png"], check=True)
    """,
    good="""
        import subprocess
        from fastapi import FastAPI

        app = FastAPI()

        @app.post("/thumbnails")
        def thumbnail(path: str):
            subprocess.run(["convert", path, "out.png"], check=True, timeout=20)
    """,
)


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for wait in project.endless("process"):
        served = project.requested(wait.at) and wait.call.sure
        message = f"`{wait.call.name}` waits for ever for its child"
        related = tuple(Step(call.at, f"`{call.name}` waits without limit too") for call in wait.others[:10])
        yield Suspicion(RULE.id, wait.at, message, "", related=related, confidence=None if served else Confidence.LOW)
    for deadline in project.deadlines("process"):
        if isinstance(deadline.seconds, Unknown):
            yield Unjudged(RULE.id, deadline.seconds.why, deadline.call.at)


def confirm(node: libcst.Call, suspicion: Suspicion) -> bool:
    """`subprocess.run(["git", "--version"])` is over at once: only the source shows what is asked for."""
    from libcst import matchers as m

    asks = m.SimpleString(value=m.MatchIfTrue(lambda text: text.strip("\"'") in ("--version", "-V", "--help")))
    parts = [m.Element(m.SimpleString() | m.Attribute() | m.Name()), m.Element(asks)]
    return not (node.args and m.matches(node.args[0].value, m.List(parts) | m.Tuple(parts)))
