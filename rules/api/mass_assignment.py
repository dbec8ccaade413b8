"""
A row takes whatever keys a client sends.

`User(**request.json)` sets the name and the mail that the form has, and also `is_admin`, `balance` or `owner_id` when
somebody adds them to the request. Every column that the table gets later can be written from outside on the same day.

Say which keys may come in: a Pydantic model, a serializer or form with a list of fields, or the names one by one.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import (  # isort: skip
    Confidence, Node, Project, Rule, Severity, Standard, Suspicion
)  # fmt: skip

RULE = Rule(
    id="mass-assignment",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    cwe=915,
    standard=Standard.SECURITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        from flask import Flask, request
        from flask_sqlalchemy import SQLAlchemy

        app = Flask(__name__)
        db = SQLAlchemy(app)

        class User(db.Model):
            name = db.Column(db.String(80))
            is_admin = db.Column(db.Boolean, default=False)

        @app.post("/users")
        def create():
            db.session.add(User(**request.json))
            db.session.commit()
            return "", 201
    """,
    good="""
        from flask import Flask, request
        from flask_sqlalchemy import SQLAlchemy

        app = Flask(__name__)
        db = SQLAlchemy(app)

        class User(db.Model):
            name = db.Column(db.String(80))
            is_admin = db.Column(db.Boolean, default=False)

        @app.post("/users")
        def create():
            db.session.add(User(name=request.json["name"]))
            db.session.commit()
            return "", 201
    """,
)


def detect(project: Project) -> Iterator[Suspicion]:
    for found in project.filled():
        yield Suspicion(RULE.id, found.at, f"a client may set any column of `{found.table}`", found.table)
