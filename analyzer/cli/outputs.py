"""`-o` values → files that reports are written to: checked before the audit, replaced as a whole after it."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..failure import UserError


@dataclass(frozen=True, slots=True)
class Output:
    """One report to write."""

    format: str
    given: str  # as the user wrote it
    file: str  # absolute, links resolved
    option: str = "-o"


@dataclass(frozen=True, slots=True)
class Kinds:
    """What may be written: the formats, which of them a file's suffix asks for, and the suffixes in words."""

    formats: tuple[str, ...]
    format_of: Callable[[str], str | None]
    suffixes: str


def parse_outputs(values: Sequence[str], kinds: Kinds | None = None) -> tuple[Output, ...]:
    """The reports to write. Raises UserError for an unknown format and for a place that cannot be written."""
    kinds = kinds or _of_reports()
    outputs = tuple(_parse(value, kinds) for value in values)
    for number, output in enumerate(outputs):
        if any(output.file == other.file for other in outputs[:number]) and not _is_stream(output.file):
            raise UserError(f"-o {output.given}: two reports would be written to the same file")
        _try(output)
    return outputs


def parse_baseline(value: str, outputs: Sequence[Output]) -> Output:
    """The baseline to write. Raises UserError where it cannot be, or where a report is written to the same file."""
    baseline = Output("baseline", value, os.path.realpath(value), "--write-baseline")
    if any(baseline.file == output.file for output in outputs):
        raise UserError(f"--write-baseline {value}: a report would be written to the same file")
    _try(baseline)
    return baseline


def write(output: Output, text: str) -> None:
    """Write a report so that a reader sees the old file or the new one, never a part. Raises UserError."""
    content = text.encode("utf-8", "replace")
    try:
        if _is_stream(output.file):
            with open(output.file, "wb") as stream:
                stream.write(content)
        else:
            _replace(output.file, content)
    except OSError as error:
        raise UserError(f"{output.given} could not be written: {error.strerror}") from None


def _of_reports() -> Kinds:
    from ..reporters import FORMATS, format_of

    return Kinds(tuple(FORMATS), format_of, ".html, .md, .sarif, .json or .txt")


def _parse(value: str, kinds: Kinds) -> Output:
    name, equals, file = value.partition("=")
    if equals and name in kinds.formats:
        format = name
    else:
        file = value
        format = kinds.format_of(value) or ""
    if not format:
        raise UserError(
            f"-o {value}: the name does not say the format",
            f"use {kinds.suffixes}, or FORMAT=FILE with one of {', '.join(kinds.formats)}",
        )
    if not file:
        raise UserError(f"-o {value}: no file is named")
    return Output(format, file, os.path.realpath(file))


def _is_stream(file: str) -> bool:
    """Whether a file exists and is no regular one: /dev/stdout, a pipe."""
    try:
        return not stat.S_ISREG(os.stat(file).st_mode)
    except OSError:
        return False


def _try(output: Output) -> None:
    """Raises UserError where the report could not be written after the audit."""
    folder = os.path.dirname(output.file)
    if os.path.isdir(output.file):
        raise UserError(f"{output.option} {output.given} is a folder")
    if not os.path.isdir(folder):
        raise UserError(f"{output.option} {output.given}: there is no folder {folder}")
    if _is_stream(output.file):
        return
    try:
        handle, name = tempfile.mkstemp(prefix=".backend-audit-", dir=folder)
        os.close(handle)
        os.unlink(name)
        if os.path.exists(output.file) and not os.access(output.file, os.W_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        raise UserError(f"{output.option} {output.given} cannot be written: {error.strerror}") from None


def _replace(file: str, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=".backend-audit-", dir=os.path.dirname(file))
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.chmod(name, _mode(file))
        os.replace(name, file)
    except BaseException:
        os.unlink(name)
        raise


def _mode(file: str) -> int:
    """The permissions of the file that is replaced, or those of any new file."""
    try:
        return stat.S_IMODE(os.stat(file).st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
