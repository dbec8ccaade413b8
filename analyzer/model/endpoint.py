"""What is known of an endpoint: where it answers, what it takes and gives, and what protects it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .answer import Constant, Known, Unknown
from .location import Location
from .rule import Node


class Purpose(StrEnum):
    """What an endpoint is for, as its path and handler's name say."""

    LOGIN = "login"
    PASSWORD_RESET = "password-reset"
    OTP = "otp"
    SIGN_UP = "sign-up"
    TOKEN = "token"
    HEALTH = "health"
    DOCS = "docs"
    STATIC = "static"
    WEBHOOK = "webhook"
    REFUSAL = "refusal"  # the handler does nothing but refuse: 404, 405, 410, 501
    OTHER = "other"


class Audience(StrEnum):
    """Whom an endpoint is for, as its path and handler's name say."""

    OPERATORS = "operators"  # whoever runs the backend: "/admin", "/internal", "/debug"
    ANYBODY = "anybody"  # before anybody is known, or where the path itself holds a secret
    UNSAID = "unsaid"


class Serves(StrEnum):
    """What asks an application."""

    HTTP = "http"
    GRAPHQL = "graphql"  # the operations of a schema: methods are QUERY, MUTATION and SUBSCRIPTION
    RPC = "rpc"  # gRPC: methods are RPC, the path is "/package.Service/Method"
    SOCKETS = "sockets"  # what comes over WebSockets where HTTP is served apart: methods are WEBSOCKET
    TASKS = "tasks"  # a queue's workers: methods are TASK, the path is the task's name
    EVENTS = "events"  # a cloud's events that are no HTTP, and clocks: methods are EVENT


@dataclass(frozen=True, slots=True)
class Protection:
    """Something that guards endpoints, with the place in the code that gives it."""

    kind: str  # "rate-limit", "authentication", "authorisation", "csrf", …
    what: str  # "slowapi.Limiter.limit"
    at: Location


class Idle(StrEnum):
    """Why a rate limit that is written down limits nothing: the kind of a `Protection` that is none."""

    INCLUDED = "rate-limit-past-routers"  # slowapi's middleware finds no endpoint in an included router, and lets pass
    INCLUDED_NEWER = "rate-limit-past-routers-of-newer-releases"  # where the newest FastAPI that is allowed runs
    MOUNTED = "rate-limit-past-mounts"  # nor in a mounted application
    WITHOUT_MIDDLEWARE = "rate-limit-without-middleware"
    ABOVE_ROUTE = "rate-limit-above-route"  # it wraps the function after the framework has taken it
    UNATTACHED = "rate-limit-unattached"  # a limiter that no application is given to
    NOBODY_LOOKS = "rate-limit-nobody-looks"  # it only notes that there were too many, and nobody reads the note
    WITHOUT_RATE = "rate-limit-without-rate"
    WITHOUT_SCOPE = "rate-limit-without-scope"  # a throttle that looks at views with a scope alone
    SCOPE_ALONE = "rate-limit-scope-alone"  # a scope, and no throttle that asks for it
    RATES_ALONE = "rate-limit-rates-alone"  # rates, and no throttle that uses them


Guarded = Known[tuple[Protection, ...]] | Unknown
NOBODY_LOOKED = Unknown("nobody looked")


class Place(StrEnum):
    """Where in a request a value stands."""

    PATH = "path"
    QUERY = "query"
    HEADER = "header"
    COOKIE = "cookie"
    BODY = "body"
    FORM = "form"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Input:
    """One value that an endpoint takes from a request."""

    name: str  # as the client writes it
    place: Place
    type: str  # "int", "shop.schemas.Order"; "" where nothing says it
    required: bool
    bounds: tuple[tuple[str, Constant], ...]  # sorted: ("ge", 1), ("le", 100), ("max_length", 50), ("pattern", "^a")
    at: Location
    default: Known[Constant] | Unknown = Known(None)  # where it is not required
    node: Node = Node.PARAMETER  # what stands at the place


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method-and-path that the backend answers."""

    methods: tuple[str, ...]  # upper case, sorted; ("*",) for any; "WEBSOCKET"; for what is no HTTP see `Serves`
    path: str  # with every prefix joined; "…" where a part is not known
    framework: str
    app: str  # the key of its App
    handler: str  # qualified name
    handler_at: Location  # the name in its `def` or `class`
    registered_at: Location
    is_async: bool
    purpose: Purpose
    limits: Guarded
    authentication: Guarded = NOBODY_LOOKED
    audience: Audience = Audience.UNSAID
    authorisation: Guarded = NOBODY_LOOKED
    csrf: Guarded = NOBODY_LOOKED  # what checks that a browser's request is meant
    caching: Guarded = NOBODY_LOOKED  # what answers without the handler, or tells clients how long an answer holds
    body_limit: Guarded = NOBODY_LOOKED  # what refuses a body that is too large
    pagination: Guarded = NOBODY_LOOKED  # what bounds the rows of an answer that lists
    middleware: tuple[Protection, ...] = ()  # what else stands around it, outermost first as far as one file says it
    all_middleware: Known[bool] | Unknown = NOBODY_LOOKED  # whether it is all that stands there
    inputs: tuple[Input, ...] = ()  # those that are seen, in the order of the signature
    all_inputs: Known[bool] | Unknown = NOBODY_LOOKED  # whether they are all that there are
    turn: int = 0  # its place in the order in which the application tries its routes, as far as that is seen
    response: Known[str] | Unknown = NOBODY_LOOKED  # the model that shapes an answer; "" where none is declared
    idle_limits: tuple[Protection, ...] = ()  # rate limits that are written down and limit nothing: the kinds of `Idle`


@dataclass(frozen=True, slots=True)
class App:
    """One application object, or one Django project."""

    key: str
    framework: str
    name: str  # as the code calls it: "app", "shop.settings"
    at: Location  # where it is made; Django: the root URL list
    endpoints: tuple[Endpoint, ...]
    limits: Guarded  # app-wide ones
    authentication: Guarded = NOBODY_LOOKED  # app-wide one
    complete: Known[bool] | Unknown = NOBODY_LOOKED  # whether the endpoints are all that there are
    serves: Serves = Serves.HTTP
