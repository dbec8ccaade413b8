"""Constant texts → those that are credentials by their format, their name, or the parameter they are given to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ..model.answer import Known
from ..model.location import Location
from ..model.project import Argument
from ..model.provenance import Credential, Look, Writing, WrittenText
from .calls import KnownCall, arguments
from .evaluate import Evaluator
from .formats import HINTS, format_of, look_of, password_in
from .index import ScopeRef
from .reach import function_at
from .strings import written_texts
from .switches import is_switched

_NAMES = r"passw|passphrase|passcode|pwd|secret|token(?!s|iz)|api_?key|_key|credential|jwt"
_REQUIRED = re.compile(r"dependenc|requires|packages|\bon\.workflow")
ROLES = ("signing-key", "password")


def credentials(ev: Evaluator, calls: tuple[KnownCall, ...], with_tests: bool) -> Iterator[Credential]:
    """Every constant text that is a credential, a placeholder for one included; one for each place."""
    given = {at: argument for role in ROLES for argument in arguments(ev, calls, role) for at in _place(argument)}
    seen: set[Location] = set()
    for text in written_texts(ev, HINTS, with_tests, _NAMES):
        if text.writing is Writing.ENTRY and (_REQUIRED.search(text.name) or text.at.path.endswith((".txt", ".in"))):
            continue  # the name of a package says nothing of its version
        if found := _credential(text, given.get(text.at)):
            seen.add(text.at)
            yield replace(found, switched=_is_switched(ev, text))
    for at, argument in sorted(given.items(), key=lambda item: item[0]):
        if at not in seen and isinstance(argument.value, Known) and (with_tests or at.path not in ev.index.tests):
            value = str(argument.value.value)
            text = WrittenText("", "", value, at, Writing.ARGUMENT, argument.call.name, argument.call.within)
            yield Credential(text, argument.role, look_of(value), False, argument)


def _is_switched(ev: Evaluator, text: WrittenText) -> bool:
    if text.writing is Writing.ENTRY:
        return False
    return is_switched(ev, function_at(ev, text.at) or ScopeRef(text.at.path, 0), text.at.span)


def _place(argument: Argument) -> tuple[Location, ...]:
    """Where the constant stands that an argument is."""
    if not argument.given or not isinstance(argument.value, Known) or not isinstance(argument.value.value, str):
        return ()
    return argument.value.at[:1]


def _credential(text: WrittenText, argument: Argument | None) -> Credential | None:
    if what := format_of(text.text):
        return Credential(text, what, Look.ISSUED, False, argument)
    if found := password_in(text.text):
        return Credential(text, "a connection string", look_of(found[0]), found[1], argument)
    kind = argument.role if argument is not None else text.holds
    return Credential(text, kind, look_of(text.text), False, argument) if kind else None
