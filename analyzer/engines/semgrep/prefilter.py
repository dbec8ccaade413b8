"""A semgrep rule's patterns → literals without which no file can match: a file without them is not handed over.

Derived more weakly than semgrep's own filter does: identifiers of code patterns alone. No strings (it folds them
together from parts), no keywords (it holds some equal to others), no types of typed metavariables (it infers them).
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping, Sequence
from typing import Any

Clauses = tuple[tuple[bytes, ...], ...]  # of each clause, one of the literals occurs in every file that matches

_CODE = frozenset({"python", "py", "python3", "javascript", "js", "typescript", "ts"})
_SHORTEST = 3
_MOST = 40  # literals in one clause; longer ones are not worth their time
_NOT_CODE = re.compile(
    r'"(?:\\.|[^"\\])*"' r"|'(?:\\.|[^'\\])*'" r"|`(?:\\.|[^`\\])*`"  # texts
    r"|//[^\n]*|#[^\n]*|/\*.*?\*/"  # comments, and what may be one in another language
    r"|\(\s*\$\w+\s*:[^()]*\)"  # typed metavariables
    r"|\$(?:\.\.\.)?\w+",
    re.DOTALL,
)  # fmt: skip
_MARKUP = re.compile(r"<\s*/?\s*[A-Za-z]")  # JSX: its texts are not code
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_KEYWORDS = frozenset(
    re.findall(
        r"\w+",
        "async await break case catch class const constructor continue debugger declare default delete do else enum "
        "export extends false finally for from function get if implements import in instanceof interface let module "
        "namespace new null object of package private protected public readonly require return set static string super "
        "switch this throw true try type typeof undefined var void while with yield NaN number boolean any never "
        "unknown",
    )
) | frozenset((*keyword.kwlist, *keyword.softkwlist))


def clauses_of(definition: Mapping[str, Any], needs: Sequence[str | tuple[str, ...]]) -> Clauses:
    """What a rule says that it needs, and what its patterns show; () where every file may match."""
    said = [(need,) if isinstance(need, str) else need for need in needs]
    languages = {str(language).lower() for language in definition["languages"]}
    shown = _formula(definition) if languages <= _CODE else []
    return tuple(dict.fromkeys(tuple(literal.encode() for literal in clause) for clause in [*said, *shown]))


def may_match(clauses: Clauses, content: bytes) -> bool:
    """Whether a file with these bytes can match at all."""
    return all(any(literal in content for literal in clause) for clause in clauses)


_Names = list[tuple[str, ...]]


def _formula(node: Any) -> _Names:
    """The clauses of a pattern, or of a mapping that holds one; of a conjunction all, of what is not known none."""
    if isinstance(node, str):
        return [(name,) for name in _names(node)]
    if not isinstance(node, Mapping) or "requires" in node:
        return []
    found: _Names = []
    for key in ("pattern", "pattern-inside"):
        found += _formula(node.get(key))
    if isinstance(parts := node.get("patterns"), list):
        found += [clause for part in parts for clause in _formula(part)]
    for key in ("pattern-either", "pattern-sources", "pattern-sinks"):
        if isinstance(parts := node.get(key), list):
            found += _either(parts)
    return found


def _either(parts: Sequence[Any]) -> _Names:
    """One clause for a disjunction: of each part the longest name; none where a part shows none."""
    clauses = [_formula(part) for part in parts]
    if not all(clauses):
        return []
    best = [max(names, key=lambda clause: min(map(len, clause))) for names in clauses]
    joined = tuple(sorted({name for clause in best for name in clause}))
    return [joined] if 0 < len(joined) <= _MOST else []


def _names(pattern: str) -> list[str]:
    code = _NOT_CODE.sub(" ", pattern)
    if _MARKUP.search(code):
        return []
    return sorted({name for name in _NAME.findall(code) if len(name) >= _SHORTEST and name not in _KEYWORDS})
