"""What the user asked for, built once from the command line and `[tool.backend-audit]`."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FileIgnore:
    """Rules silenced in the files that a glob names."""

    glob: str
    rules: tuple[str, ...]
    reason: str
    expires: str = ""  # ISO date; "" for never


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something true that the repository cannot show."""

    key: str  # "rate-limit"
    value: str  # "gateway"
    reason: str


@dataclass(frozen=True, slots=True)
class Config:
    """One run's settings; every field has the default of a bare `backend-audit`."""

    paths: tuple[str, ...] = (".",)
    root: str = ""  # "" to find it
    select: tuple[str, ...] = ()  # rule ids, families or aliases; empty for all
    extend_select: tuple[str, ...] = ()  # besides those that run by default
    ignore: tuple[str, ...] = ()
    engines: tuple[str, ...] = ("native", "semgrep", "bandit")
    supersede: bool = True  # whether other tools' tests that a rule of ours replaces are left out
    severity: str = "low"  # the least shown
    confidence: str = "medium"  # the least shown
    fail_on: str = "low"
    strict: bool = False
    include: tuple[str, ...] = ()  # gitignore-style globs that win over excludes
    exclude: tuple[str, ...] = ()
    per_file_ignores: tuple[FileIgnore, ...] = ()
    assume: tuple[Assumption, ...] = ()
    honor: tuple[str, ...] = ()  # of "nosec", "nosemgrep", "noqa"
    libraries: tuple[str, ...] = ()  # folders with library models of the user's
    rules: tuple[str, ...] = ()  # folders with rules of the user's
    semgrep_rules: tuple[str, ...] = ()  # folders or files with semgrep rules of the user's
    baseline: str = ""  # a file of findings that are known
    diff_base: str = ""  # a git revision: only what is new since its merge base is shown
    jobs: int = 0  # 0 for as many as there are cores
    cache: bool = True
    cache_dir: str = ""  # "" for the user's cache directory
    front_end: str = "auto"  # "auto", "ast" or "libcst"
    show_suppressed: bool = False
    source: str = field(default="", compare=False)  # the file it came from, for messages
