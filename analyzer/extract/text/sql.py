"""An SQL script → its comments, and its statements that make, change or remove tables, views and schemas."""

from __future__ import annotations

from functools import partial

from ...sql.outline import MATTERS, outline
from .sheet import MOST, Malformed, Sheet, comment, span

_TOOLS = ("backend-audit:", "nosec", "nosemgrep", "noqa")
_DUMPS = ("-- PostgreSQL database dump", "-- MySQL dump", "-- MariaDB dump", "-- phpMyAdmin SQL Dump")
_HEAD = 2_000  # characters in which a dump says what it is


def read_sql(found: Sheet) -> None:
    """Statements and comments, in order. What a program dumped is nobody's statement. Raises Malformed for too many."""
    text = found.text
    dumped = any(words in text[:_HEAD] for words in _DUMPS)
    lowered = text.lower()
    if (dumped or not MATTERS.search(text)) and not any(word in lowered for word in _TOOLS):
        return
    script = outline(text, partial(span, found))
    if len(script.statements) > MOST:
        raise Malformed(f"holds more than {MOST} statements", 0)
    if not dumped:
        found.statements += script.statements
    for start, words in script.comments:
        for line in words.splitlines(keepends=True):
            comment(found, start, line.rstrip())
            start += len(line)
