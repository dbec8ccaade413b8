"""What an `endpoints` was asked for → the endpoints of the project, on stdout and in files, and the exit code."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..failure import UserError
from .chosen import Choice, answers, chosen, under
from .finish import Exit, put, say
from .outputs import Kinds, Output, parse_outputs, write
from .progress import watching

if TYPE_CHECKING:
    from ..link import LinkedProject
    from ..model.contract import Document, Operation
    from ..model.endpoint import Endpoint
    from ..model.exposure import Exposed
    from ..model.source import Snapshot
    from ..model.surface import Surface


@dataclass(frozen=True, slots=True)
class Wanted:
    """The command line of one `endpoints`."""

    paths: tuple[str, ...]
    overrides: Mapping[str, object]  # fields of Config
    config: tuple[str, ...]
    isolated: bool
    choice: Choice
    openapi: str  # a file; "" for none
    exit_zero: bool
    format: str
    outputs: tuple[str, ...]
    evidence: bool
    color: str
    quiet: bool


def work(wanted: Wanted) -> int:
    """List the endpoints. Raises UserError before anything is read for whatever the user can mend."""
    from ..audit import ask
    from ..reporters.endpoints import render_endpoints
    from ..settings import load
    from . import screen

    outputs = _outputs(wanted)
    document = _document(wanted) if wanted.openapi else None
    settings = load(wanted.paths, wanted.overrides, config=wanted.config, isolated=wanted.isolated)
    with_reach = "json" in (wanted.format, *(output.format for output in outputs))  # no other format shows it
    with watching(wanted.quiet) as watch:
        surface = ask(settings, lambda project, snapshot: _surface(project, snapshot, wanted.choice, with_reach), watch)
    if document is not None:
        surface = _compared(surface, document, wanted.choice)
    for output in outputs:
        write(output, render_endpoints(surface, output.format, width=screen.FILE_WIDTH, details=wanted.evidence))
    put(
        render_endpoints(
            surface, wanted.format, width=screen.width(), color=screen.color(wanted.color), details=wanted.evidence
        )
    )
    if not wanted.quiet:
        _conclude(surface, wanted, outputs)
    differs = surface.comparison is not None and bool(surface.comparison.differences)
    return Exit.FINDINGS if differs and not wanted.exit_zero else Exit.CLEAN


def _outputs(wanted: Wanted) -> tuple[Output, ...]:
    from ..reporters.endpoints import FORMATS, endpoints_format_of

    return parse_outputs(wanted.outputs, Kinds(FORMATS, endpoints_format_of, ".json, .csv, .md or .txt"))


def _document(wanted: Wanted) -> Document:
    from ..openapi import LARGEST, read

    example = "for example: backend-audit endpoints --openapi docs/openapi.yaml"
    if wanted.choice.by_guard:
        raise UserError("--openapi compares with all endpoints: --missing and --unknown have no place here", example)
    try:
        if not os.path.isfile(wanted.openapi):
            kind = "is a folder" if os.path.isdir(wanted.openapi) else "is no file"
            raise UserError(f"--openapi {wanted.openapi} {kind}", example)
        with open(wanted.openapi, "rb") as file:
            return read(wanted.openapi, file.read(LARGEST + 1))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "no such name can be"
        raise UserError(f"--openapi {wanted.openapi!r} cannot be read: {why}", example) from None


def _surface(project: LinkedProject, snapshot: Snapshot, wanted: Choice, with_reach: bool) -> Surface:
    """The endpoints whose handler or registration lies under PATH, as far as they are chosen."""
    from .. import __version__
    from ..model.endpoint import Serves
    from ..model.surface import Surface

    reported = {file.path for file in snapshot.files if file.reported}
    here = [one for one in project.surface() if _places(one) & reported]
    listed, doubts = chosen(here, wanted)
    apps = [app for serves in Serves for app in project.apps(serves)]
    reach = tuple(project.reach(one.endpoint) for one in listed) if with_reach else ()
    return Surface(
        version=__version__, targets=snapshot.targets, apps=tuple(sorted(apps, key=lambda app: (app.at, app.key))),
        endpoints=listed, all=len(here), doubts=doubts, frameworks=project.frameworks_seen(),
        problems=tuple(sorted({*project.problems, *project.bounds_met()})), reach=reach,
    )  # fmt: skip


def _places(one: Exposed) -> set[str]:
    return {one.endpoint.handler_at.path, one.endpoint.registered_at.path}


def _compared(surface: Surface, document: Document, wanted: Choice) -> Surface:
    """With the comparison; paths and methods that were not chosen are asked of neither side."""
    from ..openapi import compare

    operations = tuple(operation for operation in document.operations if _asked_for(operation, wanted))
    found = [replace(one, endpoint=_narrowed(one.endpoint, wanted)) for one in surface.endpoints]
    return replace(surface, comparison=compare(found, replace(document, operations=operations)))


def _asked_for(operation: Operation, wanted: Choice) -> bool:
    paths = [prefix + operation.path for prefix in (*operation.prefixes, "")]
    near = not wanted.paths or any(under(path, pattern) for path in paths for pattern in wanted.paths)
    return near and (not wanted.methods or answers((operation.method,), wanted.methods))


def _narrowed(endpoint: Endpoint, wanted: Choice) -> Endpoint:
    """With those methods alone that were asked for."""
    kept = tuple(method for method in endpoint.methods if method in wanted.methods)
    return replace(endpoint, methods=kept) if kept else endpoint


def _conclude(surface: Surface, wanted: Wanted, outputs: Sequence[Output]) -> None:
    """What a machine's format on stdout does not tell the person in front of it, and words that chose nothing."""
    for output in outputs:
        say(f"wrote {output.given}")
    here = sorted({app.framework for app in surface.apps if app.endpoints})
    for name in wanted.choice.frameworks:
        if name not in here:
            say(f"--framework {name}: no endpoint here is of it; there are {', '.join(here) or 'none'}")
    if wanted.format != "table":
        say(f"{len(surface.endpoints)} of {surface.all} endpoints")
        for doubt in surface.doubts:
            if doubt.count:
                say(f"{doubt.guard.value}: of {doubt.count} others it is not known (--unknown {doubt.guard.value})")
