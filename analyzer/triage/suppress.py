"""Findings and all that silences findings → those that stay, those that do not and why, and notes on what is amiss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from ..decode import lines
from ..model.config import Config
from ..model.facts import Directive, FileFacts
from ..model.finding import Finding, Problem
from ..model.report import Suppressed
from ..model.source import FileKind, Snapshot, SourceFile
from .comments import Comments, asked, others_ask
from .file_ignores import FileIgnores
from .names import Names

_Use = tuple[str, Directive, str]  # the path, the comment, and the name in it that silenced something
_OTHERS = {"nosec": ("bandit",), "nosemgrep": ("semgrep",), "noqa": ("ruff", "flake8")}


def suppress(
    findings: Sequence[Finding],
    snapshot: Snapshot,
    config: Config,
    names: Names,
    facts: Mapping[str, FileFacts],
    today: date,
) -> tuple[list[Finding], list[Suppressed], list[Problem]]:
    """The findings that stay; the suppressed ones with who silenced them and why; and notes.

    A comment is asked first, then other tools' comments as far as they are honoured, the configuration's
    `per-file-ignores`, and its assumptions. Notes name what does not suppress and what suppresses nothing.
    """
    files = {file.path: file for file in snapshot.files}
    comments = _Commented(files, facts, names, config.honor)
    configured = FileIgnores(config.per_file_ignores, names, today)
    assumed = {assumption.key: assumption.reason for assumption in config.assume}
    kept: list[Finding] = []
    suppressed: list[Suppressed] = []
    for finding in findings:
        loaded = names.rules.get(finding.rule)
        # Each is asked, also when another has silenced the finding already: it is not unused for that.
        by_comment, by_configuration = comments.reason(finding), configured.reason(finding)
        by_assumption = assumed.get(loaded.rule.assume) if loaded and loaded.rule.assume else None
        if by_comment is not None:
            suppressed.append(Suppressed(finding, "comment", by_comment))
        elif by_configuration is not None:
            suppressed.append(Suppressed(finding, "configuration", by_configuration))
        elif by_assumption is not None:
            suppressed.append(Suppressed(finding, "assumption", by_assumption))
        else:
            kept.append(finding)
    return kept, suppressed, comments.notes() + configured.notes()


class _Commented:
    """The comments of all files that speak to a tool, and which of them were of use."""

    def __init__(
        self, files: Mapping[str, SourceFile], facts: Mapping[str, FileFacts], names: Names, honor: Sequence[str]
    ) -> None:
        self._files, self._facts, self._names, self._honor = files, facts, names, honor
        self._comments: dict[str, Comments] = {}
        self._used: set[_Use] = set()

    def reason(self, finding: Finding) -> str | None:
        """Why a comment silences the finding; None if none does."""
        path = finding.at.path
        if path not in self._facts or path not in self._files or not self._facts[path].directives:
            return None
        if path not in self._comments:
            rows = lines(self._files[path].content.decode("utf-8", "replace"))
            python = self._files[path].kind is FileKind.PYTHON
            self._comments[path] = Comments(self._facts[path].directives, rows, python)
        on, above = self._comments[path].on(finding), self._comments[path].above(finding)
        ours = [self._ours(finding, directive) for directive in on + above if directive.tool == "backend-audit"]
        theirs = [self._theirs(finding, directive) for directive in on if directive.tool in self._honor]
        if "nosemgrep" in self._honor:  # the one that also works from the line above
            theirs += [self._theirs(finding, directive) for directive in above if directive.tool == "nosemgrep"]
        return next((reason for reason in ours + theirs if reason is not None), None)

    def _ours(self, finding: Finding, directive: Directive) -> str | None:
        ignore = asked(directive)
        if ignore is None or not ignore.reason:
            return None
        meant = [name for name in ignore.names if self._means(name, finding.rule)]
        self._used.update((finding.at.path, directive, name) for name in meant)
        return ignore.reason if meant else None

    def _means(self, name: str, rule: str) -> bool:
        return self._names.silences(name, rule) or name in (rule, rule.partition(":")[2])

    def _theirs(self, finding: Finding, directive: Directive) -> str | None:
        named = others_ask(directive)
        if named is None:
            return None
        called = [word for tool in _OTHERS[directive.tool] for word in self._names.of_tool(tool, finding.rule)]
        if directive.tool == "nosemgrep":  # semgrep puts the folders of the rule's file before its id
            hit = any(
                f".{word}".endswith(f".{name}") or f".{name}".endswith(f".{word}") for word in called for name in named
            )
        else:
            hit = any(word in named for word in called)
        return f"`{directive.text}`" if hit or (called and not named) else None

    def notes(self) -> list[Problem]:
        """What is wrong with the comments that speak to us."""
        found: list[Problem] = []
        for path in sorted(set(self._facts) & set(self._files)):
            for directive in self._facts[path].directives:
                if directive.tool == "backend-audit":
                    messages = self._faults(self._files[path], directive)
                    found += [_note(path, f"line {directive.at.line}: {message}") for message in messages]
        return found

    def _faults(self, file: SourceFile, directive: Directive) -> list[str]:
        ignore = asked(directive)
        if ignore is None:
            return ["this comment is not understood; write `backend-audit: ignore[rule-id] -- reason`"]
        faults = [fault for name in ignore.names if (fault := self._unknown(name))]
        known = [name for name in ignore.names if not self._unknown(name)]
        if not ignore.reason:
            written = ", ".join(ignore.names)
            example = f"backend-audit: ignore[{written}] -- why it is right here"
            return [*faults, f"`ignore[{written}]` gives no reason and suppresses nothing; write `{example}`"]
        unused = [name for name in known if (file.path, directive, name) not in self._used and self._ran(name, file)]
        return faults + [f"`ignore[{name}]` suppresses nothing; remove it" for name in unused]

    def _unknown(self, name: str) -> str:
        if self._names.meaning(name) or name.startswith(("bandit:", "semgrep:")):
            return ""
        nearest = self._names.nearest(name)
        advice = f"; did you mean `{nearest}`?" if nearest else ""
        return f"`{name}` is no rule and suppresses nothing{advice}"

    def _ran(self, name: str, file: SourceFile) -> bool:
        """Whether all that it stands for was looked for in this file; what a rule of ours replaces was."""
        meant = self._names.meaning(name)
        judged = [
            rule for rule in meant if rule in self._names.ran and (self._names.rules[rule].rule.tests or not file.test)
        ]
        return bool(meant) and judged == list(meant)


def _note(path: str, message: str) -> Problem:
    return Problem("triage", path, message, note=True)
