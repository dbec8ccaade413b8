"""
An answer with the status 204 says something in its body.

"No Content" has no body. Some servers drop what the handler wrote, and the message or the reason of a failure never
arrives; others send it, and the client takes it for the beginning of the next answer on the same connection. Where the
body tells of an error, the client is told that all went well.

Answer with 200 where there is something to say, with a status of the 400s where something is wrong, and leave the body
away where it is 204.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import (  # isort: skip
    Confidence, Node, Project, Rule, Severity, Standard, Suspicion
)  # fmt: skip

RULE = Rule(
    id="no-content-with-body",
    doc=__doc__,
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    cwe=None,
    standard=Standard.API_DESIGN,
    node=Node.STATEMENT,
    since="0.1",
    bad="""
        from flask import Flask

        app = Flask(__name__)

        @app.delete("/notes/<int:number>")
        def delete(number):
            return {"deleted": number}, 204
    """,
    good="""
        from flask import Flask

        app = Flask(__name__)

        @app.delete("/notes/<int:number>")
        def delete(number):
            return "", 204
    """,
)


def detect(project: Project) -> Iterator[Suspicion]:
    for lost in project.lost_bodies():
        node = Node.CALL if lost.how == "call" else Node.STATEMENT
        yield Suspicion(RULE.id, lost.at, "a 204 has no body: what is said here does not arrive", "204", node=node)
