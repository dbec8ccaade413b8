"""
Any failure of a service becomes an empty result, and no log tells.

A time limit, a wrong password and a spelling mistake in our own code all give the same answer: None, False or an empty
list. The client sees "nothing found", caches keep it, and the error rate stays at zero while the service is down.
Whoever looks for the cause has not one line to start from.

Catch the one error for which the default is right, and let the others pass. Where an answer without that service is
better than none, log it with `logger.exception` or count it, so that somebody learns how often it happens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer import Confidence, Known, Node, Project, Rule, Severity, Standard, Suspicion

RULE = Rule(
    id="failure-turned-into-default",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=392,
    standard=Standard.RELIABILITY,
    node=Node.HANDLER,
    aliases=("ruff:BLE001", "pylint:broad-exception-caught"),
    since="0.1",
    bad="""
        import requests
        from fastapi import FastAPI

        app = FastAPI()

        @app.get("/offers")
        def offers():
            try:
                return requests.get("https://offers.example/latest", timeout=5).json()["offers"]
            except Exception:
                return []
    """,
    good="""
        import logging
        import requests
        from fastapi import FastAPI

        app = FastAPI()

        @app.get("/offers")
        def offers():
            try:
                return requests.get("https://offers.example/latest", timeout=5).json()["offers"]
            except Exception:
                logging.exception("no offers")
                return []
    """,
)
_BROAD = ("builtins.BaseException", "builtins.Exception")
_DEFAULTS = ("return-constant", "assign-constant")
# Who asks whether something works gets the answer.
_ASKING = re.compile(
    r"(^|[._])(test|valid|check|health|prob|ping|verif|connect|alive|ready|status|exist|is_|has_|can_)", re.I
)


def detect(project: Project) -> Iterator[Suspicion]:
    for handler in project.exception_handlers():
        broad = isinstance(handler.caught, Known) and (not handler.caught.value or _any(handler.caught.value))
        silent = handler.does in _DEFAULTS and not handler.logs and not handler.raises and not handler.hands_on
        if not broad or not silent or not handler.asks or _ASKING.search(handler.within):
            continue
        asked = {"http": "other service", "database": "database", "mail": "mail server", "queue": "broker"}
        yield Suspicion(
            RULE.id,
            handler.at,
            f"any failure of the {asked[handler.asks[0]]} becomes a default here, and no log tells",
            "",
            confidence=None if project.requested(handler.at) else Confidence.LOW,
        )


def _any(names: tuple[str, ...]) -> bool:
    return any(name in _BROAD for name in names)
