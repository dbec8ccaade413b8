"""What a `scan` was asked for → the audit, its reports on stdout and in files, and the exit code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from ..failure import UserError
from ..settings import load
from . import screen
from .finish import Exit, finish, put, say
from .knowing import accepted, at_base, known, say_written, together
from .outputs import Output, parse_baseline, parse_outputs, write
from .progress import watching
from .statistics import receivers

if TYPE_CHECKING:
    from ..model.config import Config
    from ..model.report import Report

_WORST_FIRST = ("critical", "high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The command line of one `scan`."""

    paths: tuple[str, ...]
    overrides: dict[str, object]  # fields of Config
    config: tuple[str, ...]
    isolated: bool
    format: str  # of stdout; "" for the terminal's
    outputs: tuple[str, ...]
    color: str
    exit_zero: bool
    show_files: bool
    statistics: bool
    quiet: bool
    verbose: bool
    write_baseline: str = ""  # a file; "" for none


def start(wanted: Wanted) -> NoReturn:
    """Do what was asked for and exit."""
    finish(lambda: show(wanted) if wanted.show_files else work(wanted), verbose=wanted.verbose)


def work(wanted: Wanted) -> int:
    """Audit, report, and say how it ended. Raises UserError before the audit for whatever the user can mend."""
    outputs = parse_outputs(wanted.outputs)
    baseline = parse_baseline(wanted.write_baseline, outputs) if wanted.write_baseline else None
    config = settings(wanted)
    if wanted.verbose:
        say(f"configuration: {config.source or 'none'}")
    from ..audit import audit

    before = known(config, baseline)
    with watching(wanted.quiet) as watch:
        if config.diff_base:
            before = together((before, at_base(config, watch)))
        report = audit(config, watch, before=before)
    texts = {output: _render(report, output.format, config, False) for output in outputs}
    if baseline:
        texts[baseline] = accepted(report)
    failures = _write(texts)
    if wanted.statistics:
        say(watch.statistics())
        say(receivers(report.receivers))
    put(_render(report, wanted.format or "terminal", config, screen.color(wanted.color)))
    if not wanted.quiet:
        _conclude(report, wanted, [output for output in outputs if output not in failures])
        if baseline and baseline not in failures:
            say_written(report, baseline.given)
    if failures:
        raise UserError("\n".join(failures[output].message for output in failures))
    return exit_code(report, config, wanted.exit_zero or baseline is not None)


def show(wanted: Wanted) -> int:
    """List the files that an audit would read, on stdout; what is left out, on stderr."""
    from ..discover import discover
    from ..reporters.visible import visible

    snapshot, problems = discover(settings(wanted))
    put("".join(f"{visible(file.path)}\n" for file in snapshot.files if file.reported))
    if not wanted.quiet:
        reported = sum(file.reported for file in snapshot.files)
        say(f"{reported} files reported, {len(snapshot.files)} read")
        for entry in snapshot.left_out:
            say(f"left out: {entry.count} {entry.reason} ({', '.join(entry.examples)})")
        for problem in problems:
            say(f"{problem.path}: {problem.message}")
    return Exit.CLEAN


def settings(wanted: Wanted) -> Config:
    """The configuration, its rule names checked. Raises UserError."""
    config = load(wanted.paths, wanted.overrides, config=wanted.config, isolated=wanted.isolated)
    silenced = {rule for entry in config.per_file_ignores for rule in entry.rules}
    names = {*config.select, *config.extend_select, *config.ignore} | silenced
    if names:
        from ..catalogue import catalogue
        from ..rule_names import refuse_unknown

        refuse_unknown(names, catalogue(config).rules)
    return config


def exit_code(report: Report, config: Config, exit_zero: bool) -> int:
    """What a run ends in. Under --strict an incomplete audit outranks its findings."""
    if config.strict and any(not problem.note for problem in report.problems):
        return Exit.INTERNAL
    limit = _WORST_FIRST.index(config.fail_on)
    failed = any(_WORST_FIRST.index(finding.severity) <= limit for finding in report.findings)
    return Exit.FINDINGS if failed and not exit_zero else Exit.CLEAN


def _render(report: Report, format: str, config: Config, color: bool) -> str:
    from ..assets import templates
    from ..discover.root import locate
    from ..reporters import render

    seen = format in ("markdown", "github")
    return render(
        report, format, width=screen.width(), color=color, show_suppressed=config.show_suppressed,
        templates=templates() if format == "html" else {}, places=screen.places() if seen else "",
        prefix=screen.prefix(locate(config).root) if seen or format == "sarif" else "",
    )  # fmt: skip


def _write(texts: dict[Output, str]) -> dict[Output, UserError]:
    """Write the files; one that cannot be written keeps no other from it."""
    failures = {}
    for output, text in texts.items():
        try:
            write(output, text)
        except UserError as error:
            failures[output] = error
    return failures


def _conclude(report: Report, wanted: Wanted, outputs: Sequence[Output]) -> None:
    """What a machine's format on stdout does not tell the person in front of it."""
    for output in outputs:
        say(f"wrote {output.given}")
    if wanted.format in ("", "terminal"):
        return
    totals, count = report.totals, len(report.findings)
    where = "" if report.targets == (".",) else f", reporting on {', '.join(report.targets)}"
    findings = f"{count}{' new' if report.compared else ''} finding{'' if count == 1 else 's'}"
    say(f"{findings}; read {totals.files} file{'' if totals.files == 1 else 's'}{where}")
    incomplete = sum(not problem.note for problem in report.problems)
    if incomplete:
        say(f"incomplete: {incomplete} thing{'' if incomplete == 1 else 's'} could not be checked")
