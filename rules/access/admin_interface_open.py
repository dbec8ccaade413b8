"""
An admin interface lets everybody in.

It lists, changes and deletes rows of every table that it is given, and by default it asks nobody who he is: whoever
tries `/admin` owns the data. Scanners try it first.

Flask-Admin: give its views a base class with `is_accessible`. sqladmin: `Admin(app, engine, authentication_backend=…)`.
starlette-admin: `Admin(engine, auth_provider=…)`. And keep it off the public address.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import AdminView, Confidence, Known, Node, Project, Rule, Severity, Standard, Step, Suspicion, Unjudged

RULE = Rule(
    id="admin-interface-open",
    doc=__doc__,
    severity=Severity.CRITICAL,
    confidence=Confidence.MEDIUM,
    cwe=306,
    standard=Standard.SECURITY,
    node=Node.CALL,
    assume="authentication",
    since="0.1",
    bad="""
        from fastapi import FastAPI
        from sqladmin import Admin
        from database import engine

        app = FastAPI()
        admin = Admin(app, engine)
    """,
    good="""
        from fastapi import FastAPI
        from sqladmin import Admin
        from database import engine
        from users import Backend

        app = FastAPI()
        admin = Admin(app, engine, authentication_backend=Backend("key"))
    """,
)
_ROLE = "admin-authentication"
_MOST = 10  # views named in the one finding of an interface


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for argument in project.arguments(_ROLE):
        if isinstance(argument.value, Known) and argument.value.value is None:
            message = f"`{argument.call.name}` is given nothing that asks who is calling"
            yield Suspicion(RULE.id, argument.call.at, message, "")
    views = project.admin_views()
    open_ = [view for view in views if not view.guarded]
    asked = any(not isinstance(app.authentication, Known) or app.authentication.value for app in project.apps())
    if open_ and asked:
        yield Unjudged(RULE.id, "an application that may ask for all of its views", open_[0].at)
    elif open_:
        yield _open(open_, len(views))


def _open(open_: list[AdminView], count: int) -> Suspicion:
    """One interface, one finding: where its first open view is added."""
    how_many = "all" if len(open_) == count else f"{len(open_)} of"
    message = f"{how_many} {count} views of the admin interface let everybody in"
    related = tuple(Step(view.at, "a view that everybody may see") for view in open_[1:_MOST])
    return Suspicion(RULE.id, open_[0].at, message, "admin", (), related)
