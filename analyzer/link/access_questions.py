"""The linked project's answers about who may reach what."""

from __future__ import annotations

from collections.abc import Sequence

from ..model.access import (
    AdminView,
    Believed,
    CachedAnswer,
    DirectoryBind,
    IdleLimit,
    LimitKey,
    Loaded,
    LogOut,
    Norm,
    Override,
)
from .admin_interfaces import admin_views
from .believed_headers import believed
from .cached_answers import cached_answers
from .directory_binds import directory_binds
from .limit_keys import limit_keys
from .limiters import idle_limits
from .linked import Linked
from .loaded_objects import loaded
from .logouts import logouts
from .norms import norms
from .overrides import overrides


class AccessQuestions(Linked):
    """A part of `LinkedProject`."""

    __slots__ = ()

    def norms(self) -> Sequence[Norm]:
        """What most siblings carry and a few do not, sorted by kind, application and prefix."""

        def compute() -> tuple[Norm, ...]:
            return tuple(sorted(norms(self.apps()), key=lambda n: (n.kind, n.app, n.prefix, n.writing)))

        return self._once("norms", compute)

    def overrides(self) -> Sequence[Override]:
        """Every dependency that is replaced for all requests, sorted by place."""
        return self._once("overrides", lambda: tuple(sorted(overrides(self.ev), key=lambda o: o.at)))

    def believed(self) -> Sequence[Believed]:
        """Every function that takes a header for who is calling, sorted by place."""

        def compute() -> tuple[Believed, ...]:
            found = believed(self.ev, self.call_graph(), self.apps(), self._by_handler())
            return tuple(sorted(found, key=lambda one: one.at))

        return self._once("believed", compute)

    def cached_answers(self) -> Sequence[CachedAnswer]:
        """Every answer that a cache may give to somebody else than it was made for, sorted by place and path."""

        def compute() -> tuple[CachedAnswer, ...]:
            found = cached_answers(self.ev, self.apps())
            return tuple(sorted(found, key=lambda one: (one.at, one.endpoint.path)))

        return self._once("cached answers", compute)

    def logouts(self) -> Sequence[LogOut]:
        """Every endpoint that does nothing to log out but to clear cookies, sorted by place and path."""

        def compute() -> tuple[LogOut, ...]:
            return tuple(sorted(logouts(self.ev, self.apps()), key=lambda o: (o.endpoint.handler_at, o.endpoint.path)))

        return self._once("logouts", compute)

    def directory_binds(self) -> Sequence[DirectoryBind]:
        """Every bind to a directory before which nobody asks for a password, sorted by place."""

        def compute() -> tuple[DirectoryBind, ...]:
            return tuple(sorted(directory_binds(self.ev, self.call_graph()), key=lambda bind: bind.at))

        return self._once("directory binds", compute)

    def admin_views(self) -> Sequence[AdminView]:
        """Every view that is given to an admin interface without guards of its own, sorted by place."""
        self.apps()  # first, whatever rules are selected: see memory.py
        return self._once("admin views", lambda: tuple(sorted(admin_views(self.ev), key=lambda v: v.at)))

    def idle_limits(self) -> Sequence[IdleLimit]:
        """Every rate limit that is written down and limits nothing, one for each cause, sorted by place."""
        return self._once("idle", lambda: tuple(sorted(idle_limits(self.apps()), key=lambda one: (one.at, one.why))))

    def limit_keys(self) -> Sequence[LimitKey]:
        """Everything that limiters count by and that a client writes himself, sorted by place."""

        def compute() -> tuple[LimitKey, ...]:
            found = limit_keys(self.ev, self.call_graph(), self._calls(), self.apps())
            return tuple(sorted(found, key=lambda key: key.at))

        return self._once("limit keys", compute)

    def loaded(self) -> Sequence[Loaded]:
        """Every object that belongs to somebody and is found for whoever knows its key, sorted by place."""

        def compute() -> tuple[Loaded, ...]:
            return tuple(sorted(loaded(self.ev, self.apps()), key=lambda one: (one.at, one.endpoint.path)))

        return self._once("loaded", compute)
