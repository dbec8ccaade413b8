"""
An upload of any size is read into memory.

The frameworks keep a large upload in a file on the disk, and do not say how large it may be: FastAPI, Starlette and
Flask have no limit of their own, Django has none for files. `await file.read()` then takes as much memory as a client
cares to send. One request of a few gigabytes, or some at the same time, and the process is killed with all that it was
doing for others. To compare the length afterwards comes too late.

Refuse large bodies before the handler: `client_max_body_size` of the proxy, a middleware that looks at
`Content-Length`, `MAX_CONTENT_LENGTH` in Flask. Look at `file.size` before you read, and read in pieces:
`await file.read(64 * 1024)`.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import (  # isort: skip
    Confidence, Node, Project, Rule, Severity, Standard, Suspicion
)  # fmt: skip

RULE = Rule(
    id="upload-read-whole",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=770,
    standard=Standard.RELIABILITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        from fastapi import FastAPI, UploadFile

        app = FastAPI()

        @app.post("/avatar")
        async def avatar(file: UploadFile):
            return {"bytes": len(await file.read())}
    """,
    good="""
        from fastapi import FastAPI, HTTPException, UploadFile

        app = FastAPI()
        MOST = 2 * 1024 * 1024

        @app.post("/avatar")
        async def avatar(file: UploadFile):
            if file.size is None or file.size > MOST:
                raise HTTPException(413)
            return {"bytes": len(await file.read())}
    """,
)


def detect(project: Project) -> Iterator[Suspicion]:
    for read in project.uploads_read():
        late = ", and its length is compared only then" if read.late else ""
        yield Suspicion(RULE.id, read.at, f"an upload of any size is read into memory{late}", read.within)
