"""The endpoints of a project as somebody asked for them: which were chosen, out of how many, and what is not known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from .contract import Comparison
from .endpoint import App, Endpoint, Guarded
from .exposure import Exposed
from .finding import Problem
from .reached import Reach


class Guard(StrEnum):
    """The kinds of protection that an endpoint may have or lack, the weightiest first."""

    AUTHENTICATION = "authentication"
    AUTHORISATION = "authorisation"
    RATE_LIMIT = "rate-limit"
    CSRF = "csrf"
    BODY_LIMIT = "body-limit"
    CACHING = "caching"


@dataclass(frozen=True, slots=True)
class Doubt:
    """How many endpoints may lack a protection: it is not known whether they have it."""

    guard: Guard
    count: int


@dataclass(frozen=True, slots=True)
class Surface:
    """What one `backend-audit endpoints` was asked for."""

    version: str  # of backend-audit
    targets: tuple[str, ...]  # as given, relative to the root
    apps: tuple[App, ...]  # sorted by place
    endpoints: tuple[Exposed, ...]  # chosen; sorted by path, methods and place
    all: int  # under the targets, before anything was chosen
    doubts: tuple[Doubt, ...]  # where what lacks a protection was asked for
    frameworks: tuple[str, ...]  # seen in imports
    problems: tuple[Problem, ...]
    comparison: Comparison | None = None  # with an OpenAPI document
    reach: tuple[Reach, ...] = ()  # of each endpoint, in their order; none where nobody asked for it


def guarded(endpoint: Endpoint, guard: Guard) -> Guarded:
    """What is known of one kind of protection."""
    match guard:
        case Guard.AUTHENTICATION:
            return endpoint.authentication
        case Guard.AUTHORISATION:
            return endpoint.authorisation
        case Guard.RATE_LIMIT:
            return endpoint.limits
        case Guard.CSRF:
            return endpoint.csrf
        case Guard.BODY_LIMIT:
            return endpoint.body_limit
        case Guard.CACHING:
            return endpoint.caching
    assert_never(guard)
