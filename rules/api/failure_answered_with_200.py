"""
Whatever goes wrong is answered as a success.

The handler catches everything and returns `{"error": …}` with the status 200. Clients that look at the status go on as
if it had worked, and do not try again; proxies and caches may keep the answer; the error rate that monitoring counts
stays at zero while nothing works.

Let the error go on to the handler that the application has for all of them, or answer with a status of the 500s: `raise
HTTPException(502, "the shop does not answer")`.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import (  # isort: skip
    Confidence, Node, Project, Rule, Severity, Standard, Suspicion
)  # fmt: skip

RULE = Rule(
    id="failure-answered-with-200",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.LOW,
    cwe=None,
    standard=Standard.API_DESIGN,
    node=Node.STATEMENT,
    since="0.1",
    bad="""
        from fastapi import FastAPI

        app = FastAPI()

        @app.post("/refresh")
        def refresh():
            try:
                rebuild()
                return {"status": "success"}
            except Exception:
                return {"status": "error", "message": "not refreshed"}
    """,
    good="""
        from fastapi import FastAPI, HTTPException

        app = FastAPI()

        @app.post("/refresh")
        def refresh():
            try:
                rebuild()
                return {"status": "success"}
            except Exception:
                raise HTTPException(500, "not refreshed")
    """,
)


def detect(project: Project) -> Iterator[Suspicion]:
    for found in project.hidden_failures():
        yield Suspicion(RULE.id, found.at, "any failure is answered with the status 200", found.within)
