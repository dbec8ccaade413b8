"""The command line: arguments → one function's result → text and an exit code."""

from __future__ import annotations


def main() -> None:
    """Run `backend-audit` with the arguments of the process; ends with SystemExit."""
    from .finish import interrupted

    try:
        from .app import app

        app(prog_name="backend-audit")
    except KeyboardInterrupt:
        raise SystemExit(interrupted()) from None
