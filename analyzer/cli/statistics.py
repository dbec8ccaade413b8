"""What is known of the receivers of a project's method calls → lines for people."""

from __future__ import annotations

from ..model.report import Receivers

_MOST = 12  # causes that are named


def receivers(found: Receivers) -> str:
    """How many receivers are known, and of the others why not."""
    if not found.all:
        return "receivers      no method call that may wait, block or ask"
    share = 100 * found.known / found.all
    lines = [f"receivers      {found.known} of {found.all} known ({share:.0f} %), {found.partly} partly"]
    lines += [f"{count.count:>9}  {count.what} ({count.examples[0]})" for count in found.unknown[:_MOST]]
    if rest := sum(count.count for count in found.unknown[_MOST:]):
        lines.append(f"{rest:>9}  for other reasons")
    return "\n".join(lines)
