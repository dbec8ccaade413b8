"""
Who logs out is forgotten by his browser alone: the token in the cookie stays valid.

The log-out asks the browser to drop the cookie, and the backend goes on taking what was in it. A copy that somebody
made on a shared computer, out of a log or by a script in the page, opens the account until the token runs out, and the
one thing that its owner can do about it does nothing.

Let the backend forget: delete the row of the session, write the token's `jti` into a list that each request asks until
it runs out, or count up a number in the account that the token has to match. Where access tokens live for minutes, it
is enough to do that with the refresh token.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from analyzer import Confidence, LogOut, Node, Project, Rule, Severity, Standard, Suspicion

RULE = Rule(
    id="logout-keeps-token",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=613,
    standard=Standard.SECURITY,
    node=Node.FUNCTION,
    since="0.1",
    bad="""
        from fastapi import FastAPI, Response

        app = FastAPI()

        @app.post("/logout")
        def logout(response: Response):
            response.delete_cookie("access_token")
    """,
    good="""
        from fastapi import Cookie, FastAPI, Response
        from sessions import forget

        app = FastAPI()

        @app.post("/logout")
        def logout(response: Response, session: str = Cookie()):
            forget(session)
            response.delete_cookie("session")
    """,
)


def detect(project: Project) -> Iterator[Suspicion]:
    for _, group in groupby(project.logouts(), key=lambda one: one.endpoint.handler_at):
        yield _remembered(next(group))


def _remembered(found: LogOut) -> Suspicion:
    named = [f"`{name}`" for name in found.cookies if name]
    what = f"the cookie {named[0]}" if named else "a cookie"
    name = f"{','.join(found.endpoint.methods)} {found.endpoint.path}"
    message = f"`{name}` clears {what}, and what was in it stays valid"
    return Suspicion(RULE.id, found.endpoint.handler_at, message, name)
