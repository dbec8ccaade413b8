"""rules/bandit.yaml → what each of bandit's tests means in our words, as rules."""

from __future__ import annotations

import hashlib
from functools import cache

import msgspec

from ... import assets
from ...library_files import LibraryError, decode_model
from ...model.finding import Problem
from ...model.rule import Confidence, Engine, LoadedRule, Node, Rule, Severity, Standard
from .confirm import CONFIRM

FAMILY = "bandit"


class Verdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one of bandit's own verdicts on a place is worth to us; "" for what the test says in general."""

    severity: Severity | None = None
    confidence: Confidence | None = None
    message: str = ""


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One test of bandit's in our words."""

    title: str  # one sentence
    why: str  # what happens, and what to do
    message: str  # one clause; `{name}` is what is called, imported or assigned to
    severity: Severity
    confidence: Confidence
    cwe: int
    bad: str
    good: str
    needs: tuple[str, ...]  # a file without all the words of one of these cannot match: see prefilter
    standard: Standard = Standard.SECURITY
    node: Node = Node.CALL
    default: bool = True  # False: it runs only where it is selected by name
    verdicts: dict[str, Verdict] = {}  # bandit's "severity/confidence" → ours


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    tests: dict[str, Definition]


@cache
def load() -> tuple[dict[str, Definition], tuple[Problem, ...]]:
    """Test id → definition, sorted, and what is wrong with the file where there is none."""
    try:
        tests = decode_model(assets.rules() / "bandit.yaml", _File).tests
    except LibraryError as error:
        return {}, (Problem("detect", "", f"bandit's tests have no words: {error.message}"),)
    except OSError as error:
        return {}, (Problem("detect", "", f"bandit's tests have no words: {error.strerror}"),)
    return dict(sorted(tests.items())), ()


def load_rules() -> tuple[tuple[LoadedRule, ...], tuple[Problem, ...]]:
    """Bandit's tests as rules, sorted by id, and what is wrong with their definitions."""
    definitions, problems = load()
    return tuple(_rule(test, definition) for test, definition in definitions.items()), problems


def _rule(test: str, said: Definition) -> LoadedRule:
    rule = Rule(
        id=f"{FAMILY}:{test}",
        doc=f"{said.title}\n\n{said.why.strip()}\n",
        severity=said.severity,
        confidence=said.confidence,
        cwe=said.cwe,
        standard=said.standard,
        node=said.node,
        bad=said.bad,
        good=said.good,
        since="0.1",
        by_default=said.default,
    )
    digest = hashlib.blake2b(msgspec.msgpack.encode(said), digest_size=16).hexdigest()
    return LoadedRule(rule, FAMILY, digest, None, CONFIRM.get(test), engine=Engine.BANDIT)
