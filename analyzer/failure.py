"""Errors that are the user's to mend: a message, a hint, and the exit code that they end in."""

from __future__ import annotations


class UserError(Exception):
    """A mistake in the command line or the configuration; ends the run with exit code 2.

    `message` says in one line what is wrong; `hint` says what to do about it, or is empty.
    """

    code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class NothingToScan(UserError):
    """The paths hold no Python file that may be read; ends the run with exit code 3."""

    code = 3
