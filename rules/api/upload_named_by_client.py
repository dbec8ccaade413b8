"""
An upload is stored under the name that the client gave it.

A client writes the name by hand: `../../app/main.py`, `/etc/cron.d/job`, or the name of somebody else's file.
`os.path.join` and `Path / name` go up with `..`, and forget the folder where the name starts with `/`. The file lands
wherever the process may write, over what is there.

Make up a name, `uuid4().hex`, and keep the client's one in a column; or take what `secure_filename(name)` of Werkzeug
or `Path(name).name` leave of it, in a folder of that user's own.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import (  # isort: skip
    Confidence, Node, Project, Rule, Severity, Standard, Step, Suspicion
)  # fmt: skip

RULE = Rule(
    id="upload-named-by-client",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.LOW,  # no published backend that was read does it
    cwe=22,
    standard=Standard.SECURITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        import os
        from flask import Flask, request

        app = Flask(__name__)

        @app.post("/files")
        def store():
            sent = request.files["file"]
            sent.save(os.path.join("/srv/files", sent.filename))
            return "", 201
    """,
    good="""
        import os
        from uuid import uuid4
        from flask import Flask, request

        app = Flask(__name__)

        @app.post("/files")
        def store():
            sent = request.files["file"]
            sent.save(os.path.join("/srv/files", uuid4().hex))
            return "", 201
    """,
)


def detect(project: Project) -> Iterator[Suspicion]:
    for found in project.upload_paths():
        step = Step(found.named, "the client's name")
        message = f"`{found.writes}` writes where the client's file name says" if found.writes else "written there"
        yield Suspicion(RULE.id, found.at, message, found.writes, related=(step,))
