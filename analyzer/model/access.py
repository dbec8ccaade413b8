"""Who may reach what: what most endpoints beside each other carry and a few do not, and objects that clients name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .endpoint import Endpoint, Idle
    from .location import Location
    from .rule import Node


@dataclass(frozen=True, slots=True)
class Norm:
    """What most endpoints of one application under one prefix carry, and the few that do not."""

    kind: str  # of protection: "authentication", "authorisation", "rate-limit"
    app: str  # the key of the App
    prefix: str  # "/api/orders"; "/" for the whole application
    writing: bool  # it is the norm of those that change something, else of those that read
    followed: int
    total: int  # of which it is known
    strangers: tuple[Endpoint, ...]  # in the order of the table


@dataclass(frozen=True, slots=True)
class Loaded:
    """An object that belongs to somebody, found by a key that the client sends, and nobody looks whose it is."""

    at: Location  # the call that finds it
    endpoint: Endpoint
    model: str  # "Order"
    owner: str  # the column that says whose it is: "user_id"
    parameter: str  # the endpoint's, as the client writes it
    direct: bool  # in the handler itself


@dataclass(frozen=True, slots=True)
class Override:
    """Something stands in the place of a dependency, for every request."""

    at: Location
    dependency: str  # as written: "get_current_user"
    switched: bool  # in a branch
    imported: bool  # another module imports the one that does it


@dataclass(frozen=True, slots=True)
class AdminView:
    """A view of an admin interface that guards nothing by itself."""

    at: Location  # the call that adds it
    guarded: bool  # its class says who may see it


@dataclass(frozen=True, slots=True)
class Believed:
    """A function that takes a header of the request for who is calling."""

    at: Location  # the parameter, or the expression that reads it
    headers: tuple[str, ...]  # as the code writes them: "X-User-Id"
    within: str  # the function
    endpoints: tuple[Endpoint, ...]  # those where nothing else is known to ask, in the order of the table
    sure: bool  # of one of them it is known, and the function speaks of no other proof and no switch
    proxied: bool  # proxies that authenticate are known to set all of these headers
    node: Node  # what stands at the place


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """An endpoint for known callers, behind a cache whose key knows none of them."""

    at: Location  # where the cache is put around it
    cache: str  # qualified name: "django.views.decorators.cache.cache_page"
    endpoint: Endpoint
    told: Location | None  # where the answer is made for who is asking
    before: bool  # what is kept is given before anybody asks who is there
    sure: bool  # False where the installed release may put a token into the key by itself


@dataclass(frozen=True, slots=True)
class IdleLimit:
    """A rate limit that is written down and limits nothing."""

    why: Idle
    what: str  # "slowapi.Limiter.limit"
    at: Location  # what is to blame
    endpoints: tuple[Endpoint, ...]  # those that it would be for
    others: tuple[Location, ...]  # further places with the same cause


@dataclass(frozen=True, slots=True)
class LimitKey:
    """What a limiter counts by, where whoever sends a request writes it himself."""

    at: Location  # where it is read, or where a limiter of a library is told, or left, to read it
    header: str  # "x-forwarded-for"
    within: str  # the function around that place
    beside: bool  # whoever has logged in is counted in another way
    limiters: tuple[Location, ...]  # further places that count by it
    setting: str = ""  # what would say how much of the header to believe: "NUM_PROXIES"


@dataclass(frozen=True, slots=True)
class LogOut:
    """An endpoint that logs somebody out by clearing cookies, and does nothing else."""

    endpoint: Endpoint
    cookies: tuple[str, ...]  # in the order of the code; "" for one whose name is no constant


@dataclass(frozen=True, slots=True)
class DirectoryBind:
    """A bind to a directory with a password that was handed in, and that may be empty."""

    at: Location  # the call
    within: str  # the function


class AccessQuestions(Protocol):
    """The questions of `Project` about who may reach what."""

    def norms(self) -> Sequence[Norm]:
        """What most siblings carry and a few do not, sorted by kind, application and prefix."""

    def overrides(self) -> Sequence[Override]:
        """Every dependency that is replaced for all requests, sorted by place."""

    def believed(self) -> Sequence[Believed]:
        """Every function that takes a header for who is calling, sorted by place."""

    def cached_answers(self) -> Sequence[CachedAnswer]:
        """Every answer that a cache may give to somebody else than it was made for, sorted by place and path."""

    def logouts(self) -> Sequence[LogOut]:
        """Every endpoint that does nothing to log out but to clear cookies, sorted by place and path."""

    def directory_binds(self) -> Sequence[DirectoryBind]:
        """Every bind to a directory before which nobody asks for a password, sorted by place."""

    def admin_views(self) -> Sequence[AdminView]:
        """Every view that is given to an admin interface without guards of its own, sorted by place."""

    def idle_limits(self) -> Sequence[IdleLimit]:
        """Every rate limit that is written down and limits nothing, one for each cause, sorted by place."""

    def limit_keys(self) -> Sequence[LimitKey]:
        """Everything that limiters count by and that a client writes himself, sorted by place."""

    def loaded(self) -> Sequence[Loaded]:
        """Every object that belongs to somebody and is found for whoever knows its key, sorted by place."""
