"""The linked project's answers about who may reach what."""

from __future__ import annotations

from collections.abc import Sequence

from ..model.access import AdminView, Loaded, Norm, Override
from .admin_interfaces import admin_views
from .linked import Linked
from .loaded_objects import loaded
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

    def admin_views(self) -> Sequence[AdminView]:
        """Every view that is given to an admin interface without guards of its own, sorted by place."""
        self.apps()  # first, whatever rules are selected: see memory.py
        return self._once("admin views", lambda: tuple(sorted(admin_views(self.ev), key=lambda v: v.at)))

    def loaded(self) -> Sequence[Loaded]:
        """Every object that belongs to somebody and is found for whoever knows its key, sorted by place."""

        def compute() -> tuple[Loaded, ...]:
            return tuple(sorted(loaded(self.ev, self.apps()), key=lambda one: (one.at, one.endpoint.path)))

        return self._once("loaded", compute)
