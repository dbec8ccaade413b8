"""What switches and lists are set to, by calls and by settings: answers to questions about configuration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from .answer import Constant, Known, Unknown
from .location import Location, Step

if TYPE_CHECKING:
    from .project import Argument, Call, Setting


@dataclass(frozen=True, slots=True)
class Option:
    """What a call gives to a parameter that switches something, or lists what is allowed."""

    argument: Argument
    items: Known[tuple[Constant, ...]] | Unknown  # of a list each item, of anything else the one value; () for None
    soft: bool  # it is a default: the environment, or whoever runs the backend, may say otherwise


@dataclass(frozen=True, slots=True)
class SettingOption:
    """The same of a setting."""

    setting: Setting
    items: Known[tuple[Constant, ...]] | Unknown
    soft: bool


@dataclass(frozen=True, slots=True)
class Unset:
    """A settings module that production may load, and that is known to give a setting no value."""

    at: Location  # the first of the settings that say what is installed, which the module and those below it make
    module: str  # the path of the file
    installed: Known[tuple[Constant, ...]] | Unknown  # INSTALLED_APPS
    sure: bool  # production is known to load it


@dataclass(frozen=True, slots=True)
class CrossOrigin:
    """Which pages of other origins may read the answers of a backend."""

    at: Location
    name: str  # of what says so: "starlette.middleware.cors.CORSMiddleware"
    origins: Known[tuple[Constant, ...]] | Unknown  # as given; "*" for any
    patterns: Known[tuple[Constant, ...]] | Unknown  # regular expressions for further origins
    anchored: bool  # they must match the whole origin, and not only its beginning
    credentials: Known[bool] | Unknown  # whether cookies may be sent along
    soft: bool  # it is a default that whoever runs the backend may replace
    sure: bool
    by_default: bool  # no origins are given


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says that a call signs."""

    call: Call
    names: Known[tuple[str, ...]] | Unknown  # sorted


class OptionQuestions(Protocol):
    """The questions of `Project` about configuration."""

    def options(self, *roles: str) -> Sequence[Option]:
        """Every use of a library parameter with one of these roles, as a list, sorted by place."""

    def setting_options(self, name: str) -> Sequence[SettingOption]:
        """Every definition of a setting, as a list, sorted by place."""

    def unset(self, name: str) -> Sequence[Unset]:
        """The Django settings modules that are known to leave a setting at its default, sorted by place."""

    def cross_origins(self) -> Sequence[CrossOrigin]:
        """Everything that says which origins may read answers, sorted by place."""

    def claims(self) -> Sequence[Claims]:
        """Everything that signs a token, with the names of what it says, sorted by place."""

    def decorated(self, marker: str) -> Sequence[Step]:
        """The functions and classes under a decorator with this marker: their names' places, sorted."""
