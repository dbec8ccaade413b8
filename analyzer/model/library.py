"""What a third-party library means to an analysis: the schema of `rules/libraries/*.yaml`.

Names are fully qualified as users import them ("requests.Session"); `aliases` maps other spellings onto these.

A *type* is such a name of a class, or starts with one of the words in `TYPE_WORDS`, from where steps may lead on:
`.item` to what something holds, `.class` to its class, `.name` to a member, `.name()` to what calling that gives; a
class that is come to stands for an instance of it. ` | ` stands between alternatives. In brackets stands what it
holds: the items of a list, the values of a dict, the rows of a query. `sqlalchemy.orm.Query[argument]` is what
`session.query(User)` gives, `item` what its `first()` gives, `self.get_queryset().item` what a view's `get_object()`
does.
"""

from __future__ import annotations

import msgspec

# What a type may start from instead of a class: what the receiver holds; the class that the first argument is or names,
# or an instance of it; the receiver (in a class attribute: an instance of the class it is asked of).
TYPE_WORDS = ("item", "argument", "self")
# Where a function runs that is handed over: during the call, some time later in the same way, or somewhere else.
RUNS = ("", "here", "later", "event loop", "worker thread", "process", "task worker")


class Parameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A parameter with a meaning. The role is a name declared in `kinds.yaml`."""

    role: str
    position: int | None = None  # from 0, the receiver not counted; None: keyword only
    default: str | int | float | bool | None | msgspec.UnsetType = msgspec.UNSET  # not set: required, or no meaning
    inherits: bool = False  # not given: the parameter of the same role of the client's constructor decides
    none: str = "unbounded"  # what an explicit None means for a timeout: "unbounded", "default" or "inherits"
    unit: str = "s"  # of a timeout: "s" or "ms"
    element: str = ""  # the role's text sits in "items" of a list, or "values" of a dict given here
    path: str = ""  # the value sits under this key of a dict given here ("options.timeout")
    carrier: str = ""  # a connection string given to this other parameter may hold it too, as "name=value"
    runs: str = ""  # the argument is a function, and this is where it runs: RUNS
    unless: str = ""  # calling this function anywhere in the project changes the default: socket.setdefaulttimeout
    default_before: dict[str, str | int | float | bool | None] = {}  # "redis<8.0" → the default of those releases


class Operation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A function, method or constructor."""

    returns: str = ""  # the type of the result (awaited, if `is_async`)
    returns_by: dict[str, str] = {}  # the class by the first argument's literal value: boto3.client("s3")
    enters: str = ""  # `with`/`async with` on the result binds this type; "" for the result itself
    element: str = ""  # iterating over the result gives this type
    is_async: bool = False  # the result must be awaited
    blocks: str = ""  # blocks the calling thread: "http", "database", "cache", "mail", "process", "sleep", "file", …
    waits: str = ""  # waits for somebody else, blocking or not: the kinds of `deadlines`
    parameters: dict[str, Parameter] = {}
    safe_for: tuple[str, ...] = ()  # the result is safe in texts of these roles: quote_name → "sql"
    text_of: int | None = None  # the result is the text of this argument (shlex.join, textwrap.dedent → 0)
    overrides: tuple[
        str, ...
    ] = ()  # calling it on a client may set these roles for all its calls: Session.mount → "timeout"
    self_typed: bool = False  # the result is the receiver (query builders)
    decorates: str = ""  # the class that a function is an instance of once this decorates it: celery.Task
    registers: str = ""  # what it decorates is called by the library, and this is where: RUNS
    constructs: int | None = None  # position of a class that it makes with the arguments by name: `add_middleware`
    invokes: str = ""  # calling it runs the function that its receiver is, and this is where (RUNS): `task.delay()`
    refuses_loop: bool = False  # raises when it is called on an event loop, so that it never blocks one
    asks: str | None = None  # each call is a round trip to this kind of service; None: as `waits` or `blocks` say
    remembers: bool = False  # it asks only for what has not been loaded yet: `Session.get` and its identity map
    shared: str = ""  # what it makes is meant to be made once and used by every request: why, with the source
    pause: str = ""  # of what decides how long a retry waits: "none", "fixed", "grows" (alike for all) or "varies"
    note: str = ""  # the fact behind a default, one sentence, with its source


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A class."""

    bases: tuple[str, ...] = ()
    constructor: Operation = Operation()
    methods: dict[str, Operation] = {}
    attributes: dict[str, str] = {}  # attribute → type
    assignments: dict[str, Parameter] = {}  # attribute whose assignment has a role: `session.verify = False`
    enters: str = ""  # `with` on an instance binds this type; "" for itself
    element: str = ""  # iterating over an instance gives this type; "" for what it holds, where that is known
    awaits: str = ""  # awaiting an instance gives this type
    read: str = ""  # where a class has an instance of it, the class's own instances have this: a column, a foreign key
    owned: bool = False  # where a class has an instance of it, that holds instances of the class: a manager
    request: bool = False  # what it holds comes from the client of the backend
    gathers: bool = False  # what it inherits is collected until one of its own methods sends it: a pipeline
    safe_for: tuple[str, ...] = ()  # instances are safe in texts of these roles: int → "sql"


class Library(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of `rules/libraries/`."""

    library: str
    version: str  # the release whose source was read
    imports: tuple[str, ...]  # top-level packages that make this file relevant
    aliases: dict[str, str] = {}  # spelling → qualified name (exact, or a prefix ending in ".*")
    functions: dict[str, Operation] = {}
    classes: dict[str, Model] = {}
    instances: dict[str, str] = {}  # module-level object → type: flask.request
    constants: dict[str, str | int | float | bool | None] = {}  # ssl.CERT_NONE → "CERT_NONE"
    markers: dict[str, tuple[str, ...]] = {}  # kind of protection → qualified decorators, classes, dependencies


class Kinds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`rules/libraries/kinds.yaml`: the names that library files may use, each with its meaning in one sentence."""

    roles: dict[str, str]
    waits: dict[str, str]
    blocks: dict[str, str]
    markers: dict[str, str]
