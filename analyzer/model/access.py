"""Who may reach what: what most endpoints beside each other carry and a few do not, and objects that clients name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .endpoint import Endpoint
    from .location import Location


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


class AccessQuestions(Protocol):
    """The questions of `Project` about who may reach what."""

    def norms(self) -> Sequence[Norm]:
        """What most siblings carry and a few do not, sorted by kind, application and prefix."""

    def overrides(self) -> Sequence[Override]:
        """Every dependency that is replaced for all requests, sorted by place."""

    def admin_views(self) -> Sequence[AdminView]:
        """Every view that is given to an admin interface without guards of its own, sorted by place."""

    def loaded(self) -> Sequence[Loaded]:
        """Every object that belongs to somebody and is found for whoever knows its key, sorted by place."""
