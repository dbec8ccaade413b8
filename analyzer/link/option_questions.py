"""The linked project's answers about configuration: options of calls, settings as lists, and who may read answers."""

from __future__ import annotations

from collections.abc import Sequence

from ..model.location import Step
from ..model.options import Claims, CrossOrigin, Option, SettingOption, Unset
from . import claims, cross_origin, exempted, options, unset
from .linked import Linked


class OptionQuestions(Linked):
    """A part of `LinkedProject`."""

    __slots__ = ()

    def options(self, *roles: str) -> Sequence[Option]:
        """Every use of a library parameter with one of these roles, as a list, sorted by place."""

        def compute() -> tuple[Option, ...]:
            found = [option for role in roles for option in options.of_calls(self.ev, self._calls(), role)]
            return tuple(sorted(found, key=lambda o: (o.argument.call.at, o.argument.at, o.argument.role)))

        return self._once(("options", roles), compute)

    def setting_options(self, name: str) -> Sequence[SettingOption]:
        """Every definition of a setting, as a list, sorted by place."""
        self._calls()  # first, whatever rules are selected: see memory.py
        return self._once(("setting options", name), lambda: tuple(options.of_settings(self.ev, self.settings(name))))

    def unset(self, name: str) -> Sequence[Unset]:
        """The Django settings modules that are known to leave a setting at its default, sorted by place."""
        self._calls()
        return self._once(("unset", name), lambda: tuple(unset.unset(self.ev, name)))

    def cross_origins(self) -> Sequence[CrossOrigin]:
        """Everything that says which origins may read answers, sorted by place."""

        def compute() -> tuple[CrossOrigin, ...]:
            found = cross_origin.cross_origins(self.ev, self._calls())
            return tuple(sorted(found, key=lambda c: c.at))

        return self._once("cross origins", compute)

    def claims(self) -> Sequence[Claims]:
        """Everything that signs a token, with the names of what it says, sorted by place."""

        def compute() -> tuple[Claims, ...]:
            return tuple(sorted(claims.claims(self.ev, self._calls()), key=lambda c: c.call.at))

        return self._once("claims", compute)

    def decorated(self, marker: str) -> Sequence[Step]:
        """The functions and classes under a decorator with this marker: their names' places, sorted."""
        self._calls()

        def compute() -> tuple[Step, ...]:
            return tuple(sorted(exempted.decorated(self.ev, marker, self.with_tests), key=lambda step: step.at))

        return self._once(("decorated", marker), compute)
