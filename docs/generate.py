"""Rules, coverage.yaml and the sample backend → docs and parts of the README: run it to mend what is stale."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import coverage_page
from typer.testing import CliRunner

from analyzer.assemble import summary
from analyzer.audit import audit
from analyzer.cli.app import app
from analyzer.engines import semgrep
from analyzer.model.config import Config
from analyzer.model.report import RuleSummary
from analyzer.registry import load_rules
from analyzer.reporters import render
from analyzer.reporters.rule_page import page

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = "tests/fixtures/apps/orders"
SHOWN = ("app/routes/reports.py", "`requests.get` blocks", "── summary")  # what the README shows of the run
WIDTH = 100
ROWS = 9  # of the table of endpoints


def wanted() -> dict[Path, str]:
    """Every generated file and what it must hold."""
    rules = [summary(loaded) for loaded in load_rules().rules]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    readme = _between(readme, "run", f"```console\n$ backend-audit --root {SAMPLE}\n{_run()}```\n")
    readme = _between(
        readme, "endpoints", f"```console\n$ backend-audit endpoints --root {SAMPLE}\n{_endpoints()}```\n"
    )
    readme = _between(readme, "rules", _table(rules))
    readme = _between(readme, "patterns", _patterns())
    pages = {ROOT / "docs" / "rules" / f"{rule.id}.md": page(rule) for rule in rules}
    coverage = coverage_page.page(coverage_page.load(), {rule.id for rule in rules})
    return {**pages, ROOT / "docs" / "coverage.md": coverage, ROOT / "README.md": readme}


def stale() -> list[Path]:
    """Files that differ from what they must hold, and pages of rules that are gone."""
    files = wanted()
    gone = [path for path in sorted((ROOT / "docs" / "rules").glob("*.md")) if path not in files]
    return [p for p, text in files.items() if not p.exists() or p.read_text(encoding="utf-8") != text] + gone


def main() -> None:
    """Write what is stale, remove what is gone, and name both."""
    files = wanted()
    for path in stale():
        sys.stdout.write(f"{path.relative_to(ROOT).as_posix()}\n")
        if path in files:
            path.parent.mkdir(exist_ok=True)
            path.write_text(files[path], encoding="utf-8")
        else:
            path.unlink()


def _between(text: str, name: str, inner: str) -> str:
    """The text with something else between the two comments of that name."""
    begin, end = f"<!-- {name}: written by docs/generate.py -->\n", f"<!-- end of {name} -->\n"
    before, found, rest = text.partition(begin)
    if not found or end not in rest:
        raise LookupError(f"README.md has lost its comments around {name}")
    return before + begin + inner + end + rest.partition(end)[2]


def _run() -> str:
    """The terminal report on the sample, cut down to a few findings and the summary."""
    report = audit(Config(paths=(str(ROOT / SAMPLE),), root=str(ROOT / SAMPLE), cache=False, jobs=1))
    text = render(report, "terminal", width=WIDTH, color=False, show_suppressed=False)
    return "".join(_cut(re.split(r"(?m)^(?=── )", text)))


def _endpoints() -> str:
    """The first rows of the sample's table, and its end."""
    listed = (
        CliRunner().invoke(app, ["endpoints", "--root", str(ROOT / SAMPLE), "--no-cache", "--jobs", "1", "-q"]).stdout
    )
    rows, rest = listed.partition("\n── ")[0].splitlines(), listed.rpartition("\n\n          ")
    return "\n".join([*rows[:ROWS], "[…]", "", f"          {rest[2]}"])


def _cut(sections: list[str]) -> Iterator[str]:
    """The chosen sections; `[…]` for each run of others."""
    cut = False
    for section in filter(None, sections):
        if any(word in section for word in SHOWN):
            yield section
            cut = False
        elif not cut:
            yield "[…]\n\n"
            cut = True


def _patterns() -> str:
    """The semgrep rules of ours, by what they look at."""
    topics: dict[str, list[str]] = {}
    for loaded in semgrep.load_rules()[0]:
        if not loaded.reports:
            topic, _, name = loaded.rule.id.partition(":")[2].partition("-")
            topics.setdefault(topic, []).append(f"`{topic}-{name}`" + ("" if loaded.rule.by_default else " (off)"))
    return "".join(f"- {topic.capitalize()}: {', '.join(names)}\n" for topic, names in sorted(topics.items()))


def _table(rules: list[RuleSummary]) -> str:
    rows = ["| Rule | Severity | Standard | What it finds |", "|---|---|---|---|"]
    for rule in rules:
        standard = rule.standard.replace("-", " ")
        rows.append(f"| [`{rule.id}`](docs/rules/{rule.id}.md) | {rule.severity} | {standard} | {rule.title} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    main()
