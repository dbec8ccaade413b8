"""A place of the code → the endpoints that concern it, and the widest door among them."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.answer import Known
from ..model.endpoint import Audience, Endpoint, Purpose, Serves
from ..model.exposure import Exposed, Exposure
from ..model.location import Location
from .index import ScopeRef
from .linked import Linked
from .reach import function_at, functions_above
from .startup import runs_at_start
from .walk import contains

_WIDEST_FIRST = tuple(Exposure)
_INSIDE = frozenset({Serves.TASKS, Serves.EVENTS})  # nobody outside asks these
_BEFORE = frozenset({Purpose.LOGIN, Purpose.TOKEN, Purpose.OTP, Purpose.SIGN_UP, Purpose.PASSWORD_RESET})


def openness(endpoint: Endpoint, serves: Serves) -> Exposure:
    """How open an endpoint is: a task or event is nobody's outside; else it depends on whether it asks who is there."""
    if serves in _INSIDE:
        return Exposure.INTERNAL
    asks = endpoint.authentication
    if not isinstance(asks, Known):
        return Exposure.UNKNOWN
    if endpoint.purpose in _BEFORE or endpoint.audience is Audience.ANYBODY:
        # Whoever logs in is not known yet: what the handler itself checks, anybody may send.
        own = all(f"{protection.what}.".startswith(f"{endpoint.handler}.") for protection in asks.value)
        return Exposure.PUBLIC if own else Exposure.AUTHENTICATED
    return Exposure.AUTHENTICATED if asks.value else Exposure.PUBLIC


class ExposureQuestions(Linked):
    """A part of `LinkedProject`."""

    __slots__ = ()

    def endpoints_reaching(self, at: Location) -> tuple[str, ...]:
        """The endpoints ("POST /login") whose handlers reach a place, sorted."""
        by_handler = self._by_handler()
        found = {name for ref in functions_above(self.ev, self.call_graph(), at) for name in by_handler.get(ref, ())}
        return tuple(sorted(found))

    def surface(self) -> tuple[Exposed, ...]:
        """Every endpoint with its exposure, sorted by path, methods and place."""

        def compute() -> tuple[Exposed, ...]:
            found = [
                Exposed(endpoint, serves, openness(endpoint, serves))
                for serves in Serves
                for app in self.apps(serves)
                for endpoint in app.endpoints
            ]
            return tuple(sorted(found, key=_order))

        return self._once("surface", compute)

    def endpoints_concerned(self, at: Location) -> tuple[str, ...]:
        """The endpoints that reach a place; of one that none reaches, those that are registered or mounted there."""
        return self.endpoints_reaching(at) or tuple(sorted(set(self._registered_at(at)) or set(self._mounted_at(at))))

    def requested(self, at: Location) -> bool:
        """Whether somebody's request runs a place, so that he waits for it: no task of a queue and no clock."""
        doors = self._once("doors", self._doors)
        return any(doors[name] is not Exposure.INTERNAL for name in self.endpoints_reaching(at))

    def exposure(self, at: Location) -> Exposure:
        """The widest door that leads to a place."""
        if names := self.endpoints_concerned(at):
            doors = self._once("doors", self._doors)
            return min((doors[name] for name in names), key=_WIDEST_FIRST.index)
        if function_at(self.ev, at) and not runs_at_start(self.ev, self.call_graph(), at, self._makers()):
            return Exposure.UNREACHED
        return Exposure.PROJECT

    def _makers(self) -> frozenset[ScopeRef]:
        """The functions that make applications, or register endpoints with them."""

        def compute() -> frozenset[ScopeRef]:
            places = {app.at for serves in Serves for app in self.apps(serves)}
            places |= {one.endpoint.registered_at for one in self.surface()}
            found = {function_at(self.ev, place) for place in sorted(places)}
            return frozenset(ref for ref in found if ref is not None)

        return self._once("makers", compute)

    def _registered_at(self, at: Location) -> Iterator[str]:
        for one in self.surface():
            if _covers(one.endpoint.registered_at, at):
                yield from names(one.endpoint)

    def _mounted_at(self, at: Location) -> Iterator[str]:
        for app in (app for serves in Serves for app in self.apps(serves)):
            if _covers(app.at, at):
                yield from (name for endpoint in app.endpoints for name in names(endpoint))

    def _doors(self) -> dict[str, Exposure]:
        """The widest door of each name: two applications may both have a "GET /"."""
        found: dict[str, Exposure] = {}
        for one in sorted(self.surface(), key=lambda one: -_WIDEST_FIRST.index(one.exposure)):
            found.update(dict.fromkeys(names(one.endpoint), one.exposure))
        return found


def names(endpoint: Endpoint) -> tuple[str, ...]:
    """What findings call an endpoint, one name for each method: "POST /login"."""
    return tuple(f"{method} {endpoint.path}" for method in endpoint.methods)


def _covers(outer: Location, inner: Location) -> bool:
    return outer.path == inner.path and contains(outer.span, inner.span)


def _order(one: Exposed) -> tuple[object, ...]:
    endpoint = one.endpoint
    return endpoint.path, endpoint.methods, endpoint.registered_at, endpoint.app
