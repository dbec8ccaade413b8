"""
The dependency that asks who is calling is replaced for every request.

`dependency_overrides` is how tests put a known user in place of the log-in. The table belongs to the application object
and not to the test: where code that the server imports fills it, every endpoint takes everybody for that user, and the
route still shows `Depends(get_current_user)`.

Fill the table in a test's fixture, and empty it there again. To run without a log-in at home, choose the dependency
itself by a setting that is off by default and that a start in production refuses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer import Confidence, Node, Project, Rule, Severity, Standard, Suspicion, Unjudged

RULE = Rule(
    id="auth-dependency-overridden",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.LOW,
    cwe=285,
    standard=Standard.SECURITY,
    node=Node.ASSIGNMENT,
    since="0.1",
    bad={
        "main.py": """
            from fastapi import FastAPI
            from users import User, get_current_user

            app = FastAPI()
            app.dependency_overrides[get_current_user] = lambda: User(name="admin")
        """,
        "serve.py": "from main import app",
    },
    good={
        "main.py": """
            from fastapi import FastAPI
            from settings import Settings, get_settings

            app = FastAPI()
            app.dependency_overrides[get_settings] = lambda: Settings("shop")
        """,
        "serve.py": "from main import app",
    },
)
_ASKS = re.compile(
    r"user|auth|login|logged|identity|principal|permission|role|admin|token|session_?required|api_?key|access|tenant",
    re.IGNORECASE,
)


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for override in project.overrides():
        if not _ASKS.search(override.dependency.rpartition(".")[2]):
            continue
        message = f"`{override.dependency}` is replaced for every request"
        # In a branch it may be a switch for development; what nobody imports is run by hand.
        sure = Confidence.LOW if override.switched or not override.imported else None
        yield Suspicion(RULE.id, override.at, message, override.dependency, confidence=sure)
