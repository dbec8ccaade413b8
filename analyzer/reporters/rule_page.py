"""A rule → its page in Markdown (for `explain`, SARIF help and the documentation), and single sentences of it."""

from __future__ import annotations

import re

from ..model.report import RuleSummary

# A sentence ends before white space and a capital, digit, quote or code; "e.g. a" does not end one.
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[\"'`(A-Z0-9])")
_FENCE = re.compile(r"^ {0,3}(```|~~~)")


def page(rule: RuleSummary) -> str:
    """The whole page: title, what kind of rule it is, the reason, both examples, how to ignore one place."""
    parts = [f"# {rule.id}", f"**{rule.title}**", metadata(rule)]
    parts += _paragraphs(rule)[1:]
    if rule.bad.strip():
        parts += ["## Reported", _fenced(rule.bad)]
    if rule.good.strip():
        parts += ["## Not reported", _fenced(rule.good)]
    parts += [
        "## Ignoring one place",
        "Write the reason on the statement, or on a line of its own directly above it:",
        _fenced(f"# backend-audit: ignore[{rule.id}] -- why this is right here"),
    ]
    return "\n\n".join(parts) + "\n"


def metadata(rule: RuleSummary) -> str:
    """One line: severity, confidence, standard, CWE, names in other tools, since when."""
    parts = [f"Severity {rule.severity}", f"confidence {rule.confidence}", rule.standard.replace("-", " ")]
    if rule.cwe is not None:
        parts.append(f"[CWE-{rule.cwe}](https://cwe.mitre.org/data/definitions/{rule.cwe}.html)")
    if rule.aliases:
        parts.append("elsewhere " + ", ".join(f"`{alias}`" for alias in rule.aliases))
    if rule.since:
        parts.append(f"since {rule.since}")
    return " · ".join(parts)


def plain(rule: RuleSummary) -> str:
    """The reason without Markdown's headings and examples; never empty."""
    return "\n\n".join([rule.title or rule.id, *_paragraphs(rule)[1:]])


def body(rule: RuleSummary) -> list[str]:
    """The blocks of Markdown after the title, as written."""
    return _paragraphs(rule)[1:]


def why(rule: RuleSummary) -> str:
    """What happens if nobody mends it, in one sentence."""
    prose = _prose(rule)
    return first_sentence(prose[1]) if len(prose) > 1 else rule.title


def advice(rule: RuleSummary) -> str:
    """What to do: the last paragraph of the page; "" where the page has no paragraph of its own for it."""
    prose = _prose(rule)
    return prose[-1] if len(prose) > 2 else ""


def first_sentence(text: str) -> str:
    """The text up to the end of its first sentence."""
    return _SENTENCE_END.split(text, maxsplit=1)[0]


def shortened(text: str, limit: int) -> str:
    """The text, or as many of its words as fit in `limit` characters with an ellipsis."""
    if len(text) <= limit:
        return text
    return text[: limit - 1].rsplit(None, 1)[0] + "…"


def _paragraphs(rule: RuleSummary) -> list[str]:
    """The blocks of the page's text between blank lines, as written; code in fences stays in one piece."""
    blocks: list[list[str]] = [[]]
    fenced = False
    for line in rule.doc.strip().splitlines():
        if _FENCE.match(line):
            fenced = not fenced
        if line.strip() or fenced:
            blocks[-1].append(line.rstrip())
        elif blocks[-1]:
            blocks.append([])
    return ["\n".join(block) for block in blocks if block]


def _prose(rule: RuleSummary) -> list[str]:
    """The paragraphs that are sentences, each on one line: no code, lists or tables."""
    blocks = _paragraphs(rule)
    return [" ".join(block.split()) for block in blocks if not block.startswith((" ", "`" * 3, "~~~", "- ", "* ", "|"))]


def _fenced(code: str) -> str:
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}python\n{code.strip(chr(10))}\n{fence}"
