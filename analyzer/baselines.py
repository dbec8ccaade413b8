"""Accepted findings ⇄ the text of a baseline: JSON with one entry per line, sorted, so that its diffs can be read.

It holds no line numbers, dates or severities: it changes where findings come and go, and nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from .failure import UserError
from .model.known import Entry

SCHEMA = 1
HINT = "backend-audit --write-baseline audit-baseline.json makes one of all that is found now"
_TOOL = "backend-audit"
_FIELDS = ("rule", "path", "fingerprint", "message")


def text_of(entries: Iterable[Entry]) -> str:
    """The file. Equal entries are written once: a fingerprint tells equal statements apart by their number."""
    lines = [json.dumps({field: getattr(entry, field) for field in _FIELDS}) for entry in sorted(set(entries))]
    body = "".join(f"\n  {line}," for line in lines).removesuffix(",")
    return f'{{\n"tool": "{_TOOL}",\n"baseline": {SCHEMA},\n"findings": [{body}\n]\n}}\n'


def entries_of(content: bytes, name: str) -> tuple[Entry, ...]:
    """The entries of a file, in their order there. Raises UserError for anything but a baseline that we wrote.

    `name` is what the user calls the file.
    """
    document = _document(content, name)
    if not isinstance(document, dict) or document.get("tool") != _TOOL or "baseline" not in document:
        report = isinstance(document, dict) and document.get("tool") == _TOOL
        what = "a report of backend-audit, not a baseline" if report else "no baseline of backend-audit"
        raise UserError(f"{name} is {what}", HINT)
    if document["baseline"] != SCHEMA:
        raise UserError(
            f"{name} has baseline schema {str(document['baseline'])[:20]}, this backend-audit reads schema {SCHEMA}",
            f"use the backend-audit that wrote it, or move it away: {HINT}",
        )
    found = document.get("findings")
    if not isinstance(found, list):
        raise UserError(f"{name} is a broken baseline: it has no list `findings`", HINT)
    return tuple(_entry(value, number, name) for number, value in enumerate(found, 1))


def _document(content: bytes, name: str) -> object:
    try:
        text = content.decode("utf-8-sig")
        return json.loads(text)
    except UnicodeDecodeError as error:
        raise UserError(f"{name} is no baseline: not UTF-8 (byte {error.start})", HINT) from None
    except RecursionError:
        raise UserError(f"{name} is no baseline: nested too deeply", HINT) from None
    except ValueError as error:
        if "\n<<<<<<< " in text or "\n>>>>>>> " in text:
            raise UserError(
                f"{name} holds an unfinished merge of git",
                "keep the entries of both sides with a comma between two, then run again with --write-baseline",
            ) from None
        raise UserError(f"{name} is a broken baseline: {error}", f"restore it, or move it away: {HINT}") from None


def _entry(value: object, number: int, name: str) -> Entry:
    if isinstance(value, dict):
        fields = [value.get(field) for field in _FIELDS]
        if all(isinstance(field, str) for field in fields):
            rule, path, fingerprint, message = map(str, fields)
            return Entry(path=path, rule=rule, fingerprint=fingerprint, message=message)
    example = json.dumps(dict.fromkeys(_FIELDS, "…"), ensure_ascii=False)
    raise UserError(f"{name} is a broken baseline: entry {number} is not like {example}", HINT)
