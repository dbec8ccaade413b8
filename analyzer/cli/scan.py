"""`backend-audit scan`: options → one audit → reports and an exit code."""

from __future__ import annotations

import os

from . import options as o

HELP = """Audit a backend. This is what [bold]backend-audit PATH[/bold] runs.

The whole project around PATH is read, its settings, migrations and deployment files too; PATH says what is
reported. Nothing of it is run.

[bold]Examples[/bold]

  [cyan]backend-audit src[/cyan]                                   in the terminal

  [cyan]backend-audit -o audit.sarif -o audit.json[/cyan]          files for code scanning and for scripts

  [cyan]backend-audit --select raw-sql --confidence low[/cyan]     all of one rule

  [cyan]backend-audit --fail-on high -q[/cyan]                     in a pipeline

  [cyan]backend-audit --write-baseline audit-baseline.json[/cyan]  accept what is there, and see only what is new

  [cyan]backend-audit --diff-base origin/main[/cyan]               only what a branch adds
"""


def scan(
    paths: o.Paths = None, select: o.Select = None, extend_select: o.ExtendSelect = None, ignore: o.Ignore = None,
    engine: o.Engines = None, rules: o.Rules = None, semgrep_rules: o.SemgrepRules = None,
    no_supersede: o.NoSupersede = False, severity: o.LeastSeverity = None, confidence: o.LeastConfidence = None,
    fail_on: o.FailOn = None, exit_zero: o.ExitZero = False, strict: o.Strict = False, baseline: o.Baseline = "",
    write_baseline: o.WriteBaseline = "", diff_base: o.DiffBase = "", format: o.Formatted = None,
    output: o.Output = None, show_suppressed: o.ShowSuppressed = False, show_files: o.ShowFiles = False,
    statistics: o.Statistics = False, quiet: o.Quiet = False, verbose: o.Verbose = False,
    color: o.Coloured = o.Color.AUTO, root: o.Root = "", exclude: o.Exclude = None, include: o.Include = None,
    config: o.Configured = None, isolated: o.Isolated = False, jobs: o.Jobs = None, no_cache: o.NoCache = False,
    cache_dir: o.CacheDir = "", front_end: o.ReadBy = None,
) -> None:  # fmt: skip
    """Audit a backend."""
    given = o.overrides(
        root=root, select=o.listed(select), extend_select=o.listed(extend_select), ignore=o.listed(ignore),
        engines=tuple(map(str, engine or ())), rules=tuple(rules or ()), severity=severity,
        semgrep_rules=tuple(map(os.path.abspath, semgrep_rules or ())), no_supersede=no_supersede,
        confidence=confidence, fail_on=fail_on, strict=strict, exclude=o.listed(exclude), include=o.listed(include),
        jobs=jobs, cache_dir=cache_dir, front_end=front_end, show_suppressed=show_suppressed, no_cache=no_cache,
        baseline=baseline and os.path.abspath(baseline), diff_base=diff_base,
    )  # fmt: skip
    from .auditing import Wanted, start

    start(Wanted(
        tuple(paths or ()), given, tuple(config or ()), isolated, format or "", tuple(output or ()),
        str(color), exit_zero, show_files, statistics, quiet, verbose, write_baseline,
    ))  # fmt: skip
