"""The bytes of a file that is not Python → TextFacts: entries where its kind has keys, directives, lines.

Directives are read where comments are told apart from text: env, INI, TOML, YAML, Dockerfile, requirements, SQL,
JavaScript and TypeScript. In GraphQL, templates and nginx they are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from ..model.facts import Directive, TextFacts, Unread
from ..model.source import FileKind
from .text.sheet import Malformed, Sheet, count_lines, rows, sheet

_WORDS = ("backend-audit:", "nosec", "nosemgrep", "noqa")


def read(content: bytes, kind: FileKind) -> TextFacts | Unread:
    """The facts of a file, or why there are none. Keys are joined by dots ("services.web.ports.0"); never raises."""
    if b"\0" in content:
        return Unread("holds a NUL byte: not text", content[: content.index(b"\0")].count(b"\n") + 1)
    try:
        found = sheet(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return Unread(f"not valid utf-8: {error.reason}", content[: error.start].count(b"\n") + 1)
    reader = _reader(kind)
    if reader is not None:
        try:
            reader(found)
        except Malformed as error:
            return Unread(*error.args)
    return TextFacts(tuple(found.entries), _directives(found), count_lines(found), tuple(found.statements))


def _reader(kind: FileKind) -> Callable[[Sheet], None] | None:
    """The reader of a kind, imported when there is such a file; None for a kind without keys."""
    match kind:
        case FileKind.ENV:
            from .text.assignments import read_env as reader
        case FileKind.INI:
            from .text.assignments import read_ini as reader
        case FileKind.TOML:
            from .text.toml import read_toml as reader
        case FileKind.YAML | FileKind.COMPOSE | FileKind.KUBERNETES:
            from .text.yaml import read_yaml as reader
        case FileKind.NGINX:
            from .text.nginx import read_nginx as reader
        case FileKind.DOCKERFILE:
            from .text.docker import read_dockerfile as reader
        case FileKind.PROTO:
            from .text.proto import read_proto as reader
        case FileKind.REQUIREMENTS:
            from .text.requirements import read_requirements as reader
        case FileKind.LOCK:
            from .text.locks import read_lock as reader
        case FileKind.SQL:
            from .text.sql import read_sql as reader
        case FileKind.JAVASCRIPT | FileKind.TYPESCRIPT:
            from .text.javascript import read_javascript as reader
        case FileKind.PYTHON | FileKind.GRAPHQL | FileKind.TEMPLATE:
            return None
        case _:
            assert_never(kind)
    return reader


def _directives(found: Sheet) -> tuple[Directive, ...]:
    speaking = [comment for comment in found.comments if any(word in comment[2].lower() for word in _WORDS)]
    if not speaking:
        return ()
    from .python.directives import directives

    return directives(speaking, [line for _, line in rows(found)])
