"""The path of a file, or the words of a name → whether it is production's."""

from __future__ import annotations

import posixpath
import re

from ..model.answer import Known, Unknown

_ELSEWHERE = re.compile(
    r"(^|[_\-/.])(dev|devel|develop|development|local|locals|test|tests|testing|ci|debug|example|sample|playground|"
    r"demo|docker_dev|e2e)([_\-/.]|$)"
)
_PRODUCTION = re.compile(r"(^|[_\-/.])(prod|production|live|deploy|deployment|release|heroku)([_\-/.]|$)")


def environment(path: str) -> Known[bool] | Unknown:
    """Whether a settings module is production's, by its path."""
    stem = posixpath.splitext(path)[0].lower()
    last = "/".join(stem.split("/")[-2:])
    if _ELSEWHERE.search(last):
        return Known(False)
    if _PRODUCTION.search(last):
        return Known(True)
    return Unknown("a settings module for no named environment")
