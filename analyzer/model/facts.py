"""What `extract` says of one file: an outline that is always decoded, and bodies decoded when somebody asks.

Facts say what the bytes say, never whether it is bad; they hold no path, so equal bytes give equal facts.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from .code import Expr, Params
from .location import Span

LOCKED = "locked:"  # what stands before the name of a package that a lock file holds


class ScopeKind(StrEnum):
    """What opens a scope. Lambdas and comprehensions are expressions, not scopes."""

    MODULE = "module"
    CLASS = "class"
    FUNCTION = "function"


class Scope(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A module, class or function. Scope 0 is the module; a scope's parent has a smaller index."""

    kind: ScopeKind
    name: str  # "" for the module
    qualname: str  # "Class.method.inner"; "" for the module
    parent: int  # -1 for the module
    at: Span  # from `def`/`async`/`class` to the end of the body; the module: the whole file
    header: Span  # from `def`/`async`/`class` to the colon, inclusive; the module: empty at 1:0
    name_at: Span  # the name alone; the module: empty at 1:0
    decorators: tuple[Expr, ...]
    params: Params  # functions
    returns: Expr | None  # functions
    is_async: bool
    is_generator: bool  # a `yield` stands directly in this function
    bases: tuple[Expr, ...]  # classes: positional arguments of the header
    keywords: tuple[tuple[str, Expr], ...]  # classes: `metaclass=…`; the name is "" for `**`
    docstring: str  # the first line, stripped


class Import(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One imported name. `import a.b` → (a.b, "", "a", binds a); `from .m import x as y` → (m, "x", "y", 1)."""

    module: str  # without leading dots
    name: str  # "" for `import module`; "*" for a star import
    bound: str  # the local name; "" for a star import
    level: int  # number of leading dots
    whole: bool  # `import a.b as c`: the bound name is a.b itself, not a
    scope: int
    at: Span
    type_checking: bool  # under `if TYPE_CHECKING:`


class CallSite(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One call of the file. `callee` is as written: "a.b.c"; a receiver that is no dotted name is "?"."""

    callee: str
    scope: int  # the scope whose body evaluates it
    at: Span


class Directive(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A comment that speaks to a tool, found by the language's own tokenizer."""

    tool: str  # "backend-audit", "nosec", "nosemgrep", "noqa"
    text: str  # the comment from the tool's word on, stripped
    at: Span  # the comment
    alone: bool  # nothing but the comment stands on its line


class PythonFacts(msgspec.Struct, frozen=True, array_like=True, tag="python", gc=False):
    """A Python file."""

    scopes: tuple[Scope, ...]
    imports: tuple[Import, ...]
    calls: tuple[CallSite, ...]  # in evaluation order: callee, arguments, keywords, then the call
    attributes: tuple[str, ...]  # every attribute name read or written, sorted, once each
    names: tuple[str, ...]  # every plain name read or written, sorted, once each
    directives: tuple[Directive, ...]
    lines: int
    bodies: tuple[msgspec.Raw, ...]  # one per scope: msgpack of `code.Body`
    prints: tuple[bytes, ...]  # hashes without positions: of the interface, then of each scope's own text
    assigned: tuple[tuple[str, int], ...]  # attributes assigned on anything but `self` and `cls`: name, scope; sorted


class Entry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One key of a settings or deployment file, flattened: "services.web.ports.0"."""

    key: str
    value: str
    at: Span


class Statement(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An SQL statement that makes, changes or removes a table, view or schema. Names are as written, without quotes,
    their parts joined by dots: "sales.orders"; what is filled in at run time is "…".
    """

    verb: str  # "create", "drop", "rename", "move" (to another schema), "attach" (a partition); "unread" for no end
    object: str  # "table", "view" or "schema"; "partition" for a table created as one
    name: str
    new_name: str  # of "rename"; of "move" the schema; of "attach" the partition
    source: str  # of "create": the table that rows or columns are copied from
    guarded: bool  # IF EXISTS, IF NOT EXISTS
    temporary: bool  # gone with the session
    deferred: bool  # in the body of a function or procedure: it runs when that is called
    undo: bool  # behind a comment such as `-- migrate:down`: it takes the rest of the file back
    at: Span  # from its first word to the end of its name


class TextFacts(msgspec.Struct, frozen=True, array_like=True, tag="text", gc=False):
    """A file that is not Python: its entries where its kind has keys, and the directives in its comments."""

    entries: tuple[Entry, ...]
    directives: tuple[Directive, ...]
    lines: int
    statements: tuple[Statement, ...] = ()  # of SQL, in order


FileFacts = PythonFacts | TextFacts


class Unread(msgspec.Struct, frozen=True, array_like=True, tag="unread", gc=False):
    """A file that could not be turned into facts, and why."""

    why: str
    line: int  # 0 where no line is to blame


class Extracted(msgspec.Struct, frozen=True):
    """One file after `extract`: facts, or the reason why there are none."""

    path: str
    facts: PythonFacts | TextFacts | Unread
