"""From suspicion to report: what detectors say, what the visitor flagged, what the reader gets."""

from __future__ import annotations

import msgspec

from .exposure import Exposure
from .location import Location, Span, Step


class Suspicion(msgspec.Struct, frozen=True):
    """A place that a detector holds for wrong; it becomes a finding only when the visitor flags it."""

    rule: str
    at: Location
    message: str  # one clause, no full stop, the thing in backticks, no advice
    subject: str  # the project's word for what is wrong: "POST /login", "public.orders"; "" to go by the statement
    trace: tuple[Step, ...] = ()  # how it comes about, in order
    related: tuple[Step, ...] = ()  # other places that matter
    confidence: str | None = None  # overrides the rule's
    severity: str | None = None  # overrides the rule's
    node: str | None = None  # overrides the rule's
    engine: str = "native"
    endpoints: tuple[str, ...] = ()  # "POST /login": those that reach it, sorted; the engine fills them in


class Unjudged(msgspec.Struct, frozen=True):
    """A place that a rule could not judge; counted by reason in every report."""

    rule: str
    why: str  # the reason in words that can be counted: no names in it
    at: Location


class Edit(msgspec.Struct, frozen=True):
    """Replace the text of a span (of the flagged file)."""

    at: Span
    text: str


class Fix(msgspec.Struct, frozen=True):
    """A change that mends a finding."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool  # whether behaviour stays the same but for the failure
    imports: tuple[str, ...] = ()  # import lines that the edits need


class Finding(msgspec.Struct, frozen=True):
    """A suspicion that the visitor flagged, with its exact place and identity."""

    rule: str
    at: Location  # the exact range flagged
    statement: Span  # the statement around it: where a suppression may stand
    header: Span  # its header, where it is a compound statement, else the statement
    message: str
    subject: str
    severity: str
    confidence: str
    within: str  # the qualified name of the function or class around it; "" at module level
    text: str  # the whitespace-free token text of the statement's header
    trace: tuple[Step, ...] = ()
    related: tuple[Step, ...] = ()
    endpoints: tuple[str, ...] = ()  # "POST /login": those that reach it, sorted
    engines: tuple[str, ...] = ("native",)
    fix: Fix | None = None
    fingerprint: str = ""  # 32 hexadecimal digits; set by triage
    exposure: Exposure = Exposure.UNREACHED  # the widest door among those endpoints; no part of its identity
    also: tuple[str, ...] = ()  # names under which other tools report it at the same statement: "bandit:B113"; sorted


class Problem(msgspec.Struct, frozen=True, order=True):
    """Something that could not be checked; the run goes on."""

    stage: str  # "discover", "extract", "link", "detect", "inspect", "triage"
    path: str  # "" where no file is to blame
    message: str
    note: bool = False  # worth saying, but the audit is not incomplete for it
