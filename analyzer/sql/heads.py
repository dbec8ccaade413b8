"""The tokens of one statement → the heads in it: what is created, dropped, renamed or moved, and under which name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .lexer import Kind, Token

_MODIFIERS = frozenset({
    "OR", "REPLACE", "GLOBAL", "LOCAL", "TEMP", "TEMPORARY", "UNLOGGED", "EXTERNAL", "FOREIGN", "MATERIALIZED",
    "RECURSIVE", "TRANSIENT", "VOLATILE", "COLUMN", "VIRTUAL",
})  # fmt: skip
_OBJECTS = {"TABLE": "table", "VIEW": "view", "SCHEMA": "schema"}
_TEMPORARY = frozenset({"TEMP", "TEMPORARY", "VOLATILE"})
_NO_NAMES = frozenset({"ON", "TO", "OF", "IF", "AS", "IS", "FOR", "FROM", "SELECT", "TABLE", "OUTFILE", "DUMPFILE"})
_PARTS_OF_TABLES = frozenset({"COLUMN", "CONSTRAINT", "INDEX", "KEY", "PARTITION"})
_TAKE_FROM = frozenset({"EXTRACT", "SUBSTRING", "TRIM", "OVERLAY"})  # functions with a FROM of their own
_AHEAD = 200_000  # tokens of a statement that may be looked at ahead of their turn, all in all
HOLE = "…"


@dataclass(frozen=True, slots=True)
class Head:
    """One change; `start` and `end` are offsets, from the first word to the end of the name."""

    verb: str
    object: str
    name: str
    start: int
    end: int
    new_name: str = ""
    source: str = ""
    guarded: bool = False
    temporary: bool = False

    def moved(self, by: int) -> Head:
        """The same, for a text that starts at an offset of another one."""
        return replace(self, start=self.start + by, end=self.end + by)


class Reader:
    """The tokens of a statement, read from a position on."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.words = [token.text.upper() if token.kind is Kind.WORD else "" for token in tokens]
        self.at = 0
        self.ahead = _AHEAD
        self.inherits = "INHERITS" in self.words

    def word(self) -> str:
        """The word here in upper case; "" for anything else."""
        return self.words[self.at] if self.at < len(self.words) else ""

    def mark(self) -> str:
        """The punctuation here; "" for anything else."""
        here = self.tokens[self.at] if self.at < len(self.tokens) else None
        return here.text if here is not None and here.kind is Kind.MARK else ""

    def skip(self, *words: str) -> bool:
        """Pass these words if they all stand here."""
        found = tuple(self.words[self.at : self.at + len(words)]) == words
        self.at += len(words) if found else 0
        return found

    def name(self) -> str:
        """Pass a name with its dots: "" where none stands here; "…" for what is filled in."""
        parts = [self._part()]
        while parts[-1] and self.mark() == ".":
            self.at += 1
            parts.append(self._part())
        return ".".join(part for part in parts if part)

    def _part(self) -> str:
        """One part: pieces that touch each other, `{{ prefix }}_old`."""
        text, end = "", -1
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            touches = not text or (token.start == end and Kind.HOLE in (token.kind, self.tokens[self.at - 1].kind))
            if token.kind not in (Kind.WORD, Kind.NAME, Kind.HOLE) or not touches or self.word() in _NO_NAMES:
                break
            text += HOLE if token.kind is Kind.HOLE else token.text
            end = token.end
            self.at += 1
        return text

    def end(self) -> int:
        """The offset at which the token before this place ends."""
        return self.tokens[self.at - 1].end


def makes_routine(tokens: Sequence[Token]) -> bool:
    """Whether a statement makes a function or procedure."""
    words = [token.text.upper() for token in tokens[:40] if token.kind is Kind.WORD]
    makes = "CREATE" in words[:1] or ("ALTER" in words[:1])
    return makes and any(word in ("FUNCTION", "PROCEDURE", "PROC", "TRIGGER", "EVENT") for word in words[1:6])


def heads(tokens: Sequence[Token], *, script: bool) -> Iterator[Head]:
    """The changes that a statement makes, in order. In a body (`script` is false) SELECT INTO fills a variable."""
    reader = Reader(tokens)
    while reader.at < len(tokens):
        start = reader.at
        offset = tokens[start].start
        if tokens[start].kind is Kind.BROKEN:
            yield Head("unread", "", "", offset, offset + 1)
        match reader.word():
            case "CREATE":
                found = _create(reader, offset)
            case "DROP":
                found = _drop(reader, offset)
            case "ALTER":
                found = _alter(reader, offset)
            case "RENAME":
                found = _rename(reader, offset)
            case "SP_RENAME":
                found = _sp_rename(reader, offset)
            case "SELECT" if script and (start == 0 or tokens[start - 1].text != "("):
                found = _into(reader, tokens[0].start if reader.words[0] == "WITH" else offset)
            case _:
                found = []
        yield from found
        reader.at = max(reader.at, start + 1)


def _create(reader: Reader, offset: int) -> list[Head]:
    reader.at += 1
    modifiers = set()
    while reader.word() in _MODIFIERS:
        modifiers.add(reader.word())
        reader.at += 1
    kind = _OBJECTS.get(reader.word())
    if kind is None:
        return []
    reader.at += 1
    guarded = reader.skip("IF", "NOT", "EXISTS")
    name = reader.name()
    if not name:
        return []
    end = reader.end()
    temporary = bool(modifiers & _TEMPORARY) or name.startswith("#")
    if kind == "table" and (reader.skip("PARTITION", "OF") or reader.inherits):
        kind = "partition"
    source = _source(reader) if kind == "table" else ""
    return [Head("create", kind, name, offset, end, "", source, guarded, temporary)]


def _source(reader: Reader) -> str:
    """The table that a new one copies: behind LIKE, CLONE, or the FROM of its query; "" for none."""
    opened: list[str] = []  # what stands before each bracket that is open
    query = False
    while reader.at < len(reader.tokens) and reader.ahead:
        reader.ahead -= 1
        word, mark = reader.word(), reader.mark()
        if word in ("CREATE", "ALTER", "DROP") and not opened:
            return ""
        before = reader.tokens[reader.at - 1].text
        reader.at += 1
        if mark == "(":
            opened.append(before.upper())
        elif mark == ")" and opened:
            opened.pop()
        query = query or (word in ("SELECT", "WITH", "AS") and len(opened) <= 1)
        like = word in ("LIKE", "CLONE") and not query and (not opened or before in ("(", ","))
        if like or (query and word in ("FROM", "TABLE") and not (opened and opened[-1] in _TAKE_FROM)):
            reader.skip("ONLY")
            if name := reader.name():
                return name
    return ""


def _drop(reader: Reader, offset: int) -> list[Head]:
    reader.at += 1
    while reader.word() in ("MATERIALIZED", "FOREIGN", "EXTERNAL", "TEMPORARY"):
        reader.at += 1
    kind = _OBJECTS.get(reader.word())
    if kind is None:
        return []
    reader.at += 1
    guarded = reader.skip("IF", "EXISTS")
    found: list[Head] = []
    while True:
        name = reader.name()
        # A text that ends here is pasted together: EXECUTE 'DROP TABLE ' || name.
        if name or (not found and reader.at >= len(reader.tokens)):
            found.append(Head("drop", kind, name or HOLE, offset, reader.end(), guarded=guarded))
        if reader.mark() != ",":
            return found
        reader.at += 1


def _alter(reader: Reader, offset: int) -> list[Head]:
    reader.at += 1
    while reader.word() in ("MATERIALIZED", "FOREIGN", "EXTERNAL"):
        reader.at += 1
    kind = _OBJECTS.get(reader.word())
    if kind is None:
        return []
    reader.at += 1
    guarded = reader.skip("IF", "EXISTS")
    reader.skip("ONLY")
    name = reader.name()
    if not name:
        return []
    end = reader.end()
    reader.at += reader.mark() == "*"
    if reader.skip("SET", "SCHEMA"):
        return [Head("move", kind, name, offset, end, reader.name(), guarded=guarded)]
    if reader.skip("ATTACH", "PARTITION"):
        return [Head("attach", kind, name, offset, end, reader.name(), guarded=guarded)]
    if reader.word() != "RENAME":
        return []
    reader.at += 1
    if reader.word() in _PARTS_OF_TABLES:
        return []
    reader.at += reader.word() in ("TO", "AS")
    new = reader.name()
    if not new or reader.word() == "TO":  # RENAME old_column TO new_column
        return []
    return [Head("rename", kind, name, offset, reader.end(), new, guarded=guarded)]


def _rename(reader: Reader, offset: int) -> list[Head]:
    """MySQL: RENAME TABLE a TO b, c TO d."""
    reader.at += 1
    if not reader.skip("TABLE"):
        return []
    found = []
    while (name := reader.name()) and reader.skip("TO"):
        new = reader.name()
        found.append(Head("rename", "table", name, offset, reader.end(), new or HOLE))
        if reader.mark() != ",":
            break
        reader.at += 1
    return found


def _sp_rename(reader: Reader, offset: int) -> list[Head]:
    """T-SQL: EXEC sp_rename 'dbo.orders', 'orders_old'; a third argument says that it is no table."""
    rest = [token for token in reader.tokens[reader.at + 1 : reader.at + 7] if token.text not in ("@", "=")]
    texts = [token for token in rest if token.kind is Kind.STRING]
    reader.at += 1
    if len(texts) != 2 or (len(rest) > 3 and rest[3].text == ","):
        return []
    old, new = (token.text.replace("[", "").replace("]", "") for token in texts)
    return [Head("rename", "table", old, offset, texts[1].end, new)]


def _into(reader: Reader, offset: int) -> list[Head]:
    """SELECT … INTO name FROM source."""
    start, depth = reader.at, 0
    for position in range(start + 1, min(len(reader.tokens), start + reader.ahead)):
        reader.ahead -= 1
        reader.at = position
        word, mark = reader.word(), reader.mark()
        depth += (mark == "(") - (mark == ")")
        if depth:
            continue
        if word in ("SELECT", "INSERT", "MERGE", "CREATE", "ALTER", "DROP", "FROM"):
            break
        if word == "INTO":
            reader.at += 1
            temporary = reader.word() in _TEMPORARY
            reader.at += reader.word() in _TEMPORARY | {"UNLOGGED"}
            reader.skip("TABLE")
            name = reader.name()
            if not name or name == HOLE:
                break
            end = reader.end()
            reader.at += reader.word() == "FROM"
            source = reader.name()
            temporary = temporary or name.startswith("#")
            return [Head("create", "table", name, offset, end, "", source, temporary=temporary)]
    reader.at = start + 1
    return []
