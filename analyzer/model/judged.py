"""What all engines found in a project, as the visitor flagged it; kept under the hash of everything it depends on."""

from __future__ import annotations

import msgspec

from .finding import Finding, Problem, Unjudged
from .report import EndpointSummary, EngineSummary, Receivers


class Judged(msgspec.Struct, frozen=True):
    """Everything that depends on the files and rules alone: kept under the hash of both."""

    findings: tuple[Finding, ...]
    cleared: tuple[tuple[str, str], ...]  # rule, "path:line"
    unjudged: tuple[Unjudged, ...]
    problems: tuple[Problem, ...]
    endpoints: tuple[EndpointSummary, ...]
    frameworks: tuple[str, ...]
    engines: tuple[EngineSummary, ...]
    receivers: Receivers
