"""
An endpoint answers with every row of a table.

On the day it is written there are twenty rows. A year later one request reads two hundred thousand, builds them all in
memory, sends megabytes and holds a connection for as long; a few at once and the backend is gone. Clients cannot do
without the whole by then, so the mending is a new version of the API.

Page from the first day: `limit` and `offset`, or better the last key that the client has seen, with a maximum that the
server sets; in Django REST framework `DEFAULT_PAGINATION_CLASS` with `PAGE_SIZE`. Tables that hold a handful of rows
for ever are no concern: ignore them with that as the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from analyzer import (  # isort: skip
    App, Confidence, Known, Node, Project, Rule, Severity, Standard, Step, Suspicion
)  # fmt: skip

RULE = Rule(
    id="unbounded-list",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=770,
    standard=Standard.API_DESIGN,
    node=Node.CALL,
    since="0.1",
    bad="""
        from datetime import datetime
        from flask import Flask, jsonify
        from flask_sqlalchemy import SQLAlchemy

        app = Flask(__name__)
        db = SQLAlchemy(app)

        class Order(db.Model):
            created_at = db.Column(db.DateTime, default=datetime.now)

        @app.get("/orders")
        def orders():
            return jsonify(Order.query.all())
    """,
    good="""
        from datetime import datetime
        from flask import Flask, jsonify, request
        from flask_sqlalchemy import SQLAlchemy

        app = Flask(__name__)
        db = SQLAlchemy(app)

        class Order(db.Model):
            created_at = db.Column(db.DateTime, default=datetime.now)

        @app.get("/orders")
        def orders():
            last = request.args.get("after", 0, type=int)
            return jsonify(Order.query.filter(Order.id > last).limit(100).all())
    """,
)
_MOST = 10
_WHOLE = 0.5  # of the lists are not paged: then what lacks is the default


def detect(project: Project) -> Iterator[Suspicion]:
    for _, group in groupby(project.whole_tables(), key=lambda one: one.at):
        first, *more = group
        others, steps = f" and {len(more)} more" if more else "", (first, *more)[:_MOST]
        yield Suspicion(
            RULE.id,
            first.at,
            f"`GET {first.endpoint.path}`{others} reads every row of `{first.table}`",
            first.table,
            related=tuple(Step(one.endpoint.handler_at, f"`GET {one.endpoint.path}`") for one in steps),
            confidence=None if first.grows else Confidence.LOW,
        )
    for app in project.apps():
        yield from _unpaged(app)


def _unpaged(app: App) -> Iterator[Suspicion]:
    """Lists of a REST framework without a pagination: one finding where it is the rule, else one for each view."""
    lists = [(e, e.pagination.value) for e in app.endpoints if isinstance(e.pagination, Known)]
    bare = sorted((e for e, paged in lists if not paged), key=lambda e: e.path)
    if not bare:
        return
    if len(bare) > _WHOLE * len(lists) and len(bare) > 1:
        message = f"{len(bare)} of {len(lists)} lists of `{app.name}` have no pagination, as `GET {bare[0].path}`"
        steps = tuple(Step(e.handler_at, f"`GET {e.path}`") for e in bare[:_MOST])
        yield Suspicion(RULE.id, app.at, message, app.name, related=steps, node=Node.ASSIGNMENT)
        return
    for _, group in groupby(sorted(bare, key=lambda e: e.handler_at), key=lambda e: e.handler_at):
        view = next(group)
        message = f"`GET {view.path}` has no pagination, while other lists have one"
        yield Suspicion(RULE.id, view.handler_at, message, f"GET {view.path}", node=Node.FUNCTION)
