"""
A client is told what went wrong inside.

`str(error)` of a database driver names tables, columns, hosts and the value that broke the constraint; that of the
operating system names paths; a traceback shows the code. Whoever probes a backend reads them first. Honest clients
can do nothing with them either: they change with every release of a library, so nobody can handle them.

Log the error with its traceback, and answer with words of your own and an id to find it by:
`logger.exception("import failed"); raise HTTPException(500, "import failed")`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from analyzer import (  # isort: skip
    Confidence, Node, Project, Rule, Severity, Standard, Step, Suspicion, ToldError
)  # fmt: skip

RULE = Rule(
    id="internal-error-told",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=209,
    standard=Standard.SECURITY,
    node=Node.STATEMENT,
    since="0.1",
    bad="""
        from fastapi import FastAPI, HTTPException

        app = FastAPI()

        @app.post("/imports")
        def start(url: str):
            try:
                load(url)
            except Exception as error:
                raise HTTPException(500, detail=str(error))
    """,
    good="""
        import logging
        from fastapi import FastAPI, HTTPException

        app = FastAPI()

        @app.post("/imports")
        def start(url: str):
            try:
                load(url)
            except Exception:
                logging.exception("import failed")
                raise HTTPException(500, detail="the import failed")
    """,
)
# What catches everything, and what comes from drivers, other services and the operating system: nobody wrote their
# words for a client. A ValueError is often raised with words that are meant for him.
_ANY = frozenset({"builtins.Exception", "builtins.BaseException"})
_INSIDE = (
    "sqlalchemy.", "psycopg", "asyncpg.", "pymysql.", "MySQLdb.", "sqlite3.", "django.db.", "pymongo.", "redis.",
    "botocore.", "requests.", "httpx.", "aiohttp.client", "urllib", "subprocess.", "smtplib.", "socket.",
    "builtins.OSError", "builtins.IOError", "builtins.ConnectionError", "builtins.PermissionError", "builtins.KeyError",
    "builtins.AttributeError", "builtins.TypeError", "docker.", "kubernetes.", "elasticsearch.", "ldap", "kombu.",
)  # fmt: skip
_MOST = 10


def detect(project: Project) -> Iterator[Suspicion]:
    """One finding for each file that tells: it is a habit more than a slip; the other places are related."""
    found = [told for told in project.told_errors() if _inside(told)]
    for _, group in groupby(found, key=lambda told: told.at.path):
        first, *more = sorted(group, key=lambda told: (told.what != "traceback", told.at))
        caught = ", ".join(f"`{name.removeprefix('builtins.')}`" for name in first.caught) or "every exception"
        what = "gets the traceback of" if first.what == "traceback" else "is told the words of"
        others = f", and so in {len(more)} more places" if more else ""
        yield Suspicion(
            RULE.id,
            first.at,
            f"the client {what} {caught}{others}",
            first.within,
            related=tuple(Step(told.at, f"and here, in `{told.within}`") for told in more[:_MOST]),
            severity=Severity.HIGH if first.what == "traceback" else None,
        )


def _inside(told: ToldError) -> bool:
    return not told.caught or any(name in _ANY or name.startswith(_INSIDE) for name in told.caught)
