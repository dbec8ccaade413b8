"""
A GET changes something.

Browsers, proxies, link previews, crawlers and prefetching all take GET for something that may be asked at any time, and
again. A link in a mail or an image on another site then deletes what it names, with the cookies of whoever looks at
it: protection against forged requests leaves GET alone. Caches may answer it, and clients repeat it after an error.

Take POST, PUT or DELETE for what changes something; where a link in a mail must do it, answer with a page that asks,
and change things when its form is sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from analyzer import (  # isort: skip
    Confidence, Endpoint, Node, Project, Purpose, Rule, Severity, Standard, Step, Suspicion
)  # fmt: skip

RULE = Rule(
    id="state-changed-by-get",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=650,
    standard=Standard.API_DESIGN,
    node=Node.FUNCTION,
    since="0.1",
    bad="""
        from flask import Flask, redirect
        from flask_sqlalchemy import SQLAlchemy

        app = Flask(__name__)
        db = SQLAlchemy(app)

        class Note(db.Model):
            text = db.Column(db.String(80))

        @app.get("/notes/<int:number>/delete")
        def delete(number):
            db.session.delete(db.session.get(Note, number))
            db.session.commit()
            return redirect("/notes")
    """,
    good="""
        from flask import Flask, redirect
        from flask_sqlalchemy import SQLAlchemy

        app = Flask(__name__)
        db = SQLAlchemy(app)

        class Note(db.Model):
            text = db.Column(db.String(80))

        @app.post("/notes/<int:number>/delete")
        def delete(number):
            db.session.delete(db.session.get(Note, number))
            db.session.commit()
            return redirect("/notes")
    """,
)
_READING = frozenset({"GET", "HEAD"})
# Said of an endpoint: it is there to change something. To confirm, verify or unsubscribe comes from a link in a mail.
_CHANGES = frozenset({
    "delete", "remove", "destroy", "create", "add", "update", "save", "reset", "toggle", "enable", "disable", "approve",
    "reject", "revoke", "cancel", "purge", "clear", "archive", "restore", "rename", "move", "publish", "unpublish",
    "block", "unblock", "ban", "promote", "regenerate", "activate", "deactivate", "increment",
})  # fmt: skip
_NOUNS = frozenset({"ban", "block", "archive"})  # alone they may be what is shown
_WRITES = frozenset({
    "commit", "delete", "save", "create", "bulk_create", "update", "insert", "add", "flush", "delete_one", "insert_one",
    "update_one", "delete_many", "update_many", "insert_many", "replace_one", "bulk_update", "remove", "set",
    "execute_sql", "hset", "hdel",
})  # fmt: skip
# "add_member_view" shows the form in which a member is added.
_FORMS, _PAGES = frozenset({"add", "create", "update", "admin"}), frozenset({"view", "page", "form", "modal", "dialog"})
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_PARAMETER = re.compile(r"\{[^}]*\}|<[^>]*>")
_DEEPEST = 3


def detect(project: Project) -> Iterator[Suspicion]:
    found = [(e, step) for app in project.apps() for e in app.endpoints if (step := _change(project, e)) is not None]
    for _, group in groupby(sorted(found, key=lambda pair: pair[0].handler_at), key=lambda pair: pair[0].handler_at):
        endpoint, step = next(group)
        name = f"GET {endpoint.path}"
        yield Suspicion(RULE.id, endpoint.handler_at, f"`{name}` changes what it finds", name, related=(step,))


def _change(project: Project, endpoint: Endpoint) -> Step | None:
    """The write of an endpoint that only reads by its method, and says by its name that it does more."""
    if not _READING.issuperset(endpoint.methods) or endpoint.purpose is not Purpose.OTHER:
        return None
    path = [part for part in _PARAMETER.sub("", endpoint.path).split("/") if part][-1:]
    handler = endpoint.handler.rpartition(".")[2]
    said = [[word.lower() for word in _WORD.findall(text)] for text in (*path, handler)]
    first = [words[0] for words in said if words and not (words[0] in _NOUNS and len(words) == 1)]
    if _CHANGES.isdisjoint(first):
        return None
    reached = [one for one in project.reached(endpoint) if one.kind == "database" and one.depth <= _DEEPEST]
    writes = [one for one in reached if one.name.rpartition(".")[2] in _WRITES]
    if _FORMS.issuperset(first) and "".join(_WORD.findall(handler)[-1:]).lower() in _PAGES:
        writes = [one for one in writes if not one.name.endswith(".commit")]  # what hands the session out commits
    return Step(writes[0].at, f"`{writes[0].name}` writes") if writes else None
