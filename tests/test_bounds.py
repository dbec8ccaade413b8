"""What following values or endpoints cut off is told: nothing is silently less."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer import detection
from analyzer.audit import audit
from analyzer.model.config import Config


def messages(root: Path) -> list[str]:
    """The problems of an audit."""
    config = Config(paths=(str(root),), root=str(root), cache=False, jobs=1)
    return [problem.message for problem in audit(config).problems]


def test_too_many_callers_are_told(tmp_path: Path) -> None:
    calls = "\n".join(f"    run('select ' + names[{n}])" for n in range(300))
    (tmp_path / "app.py").write_text(
        f"import sqlite3\n\ndb = sqlite3.connect('x')\n\ndef run(text):\n    return db.execute(text)\n\ndef all(names):\n{calls}\n"
    )
    assert "called from too many places to read what each of them passes: 1, as `run`" in messages(tmp_path)


def test_few_callers_are_not(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "import sqlite3\n\ndb = sqlite3.connect('x')\n\ndef run(text):\n    return db.execute(text)\n\nrun('select 1')\n"
    )
    assert messages(tmp_path) == []


def test_cut_endpoints_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    routes = "\n".join(f"@app.get('/{n}')\ndef f{n}(): ...\n" for n in range(4))
    (tmp_path / "app.py").write_text(f"from fastapi import FastAPI\n\napp = FastAPI()\n\n{routes}")
    assert messages(tmp_path) == []
    monkeypatch.setattr(detection, "MOST_ENDPOINTS", 4)
    assert "`app` has 4 endpoints or more: the others were not read" in messages(tmp_path)


def test_a_failing_rule_costs_itself_only(tmp_path: Path) -> None:
    """A rule that raises half-way is named; what the others find is still reported."""
    rules = tmp_path / "audit_rules" / "own"
    rules.mkdir(parents=True)
    (rules / "half_way.py").write_text(
        '"""\nA rule that fails.\n"""\nfrom analyzer import Confidence, Node, Rule, Severity, Standard\n\n'
        'RULE = Rule(id="half-way", doc=__doc__, severity=Severity.LOW, confidence=Confidence.LOW, cwe=None,\n'
        '            standard=Standard.SECURITY, node=Node.CALL, bad="", good="", since="0.1")\n\n\n'
        "def detect(project):\n    yield from ()\n    raise ValueError('half way')\n"
    )
    root = tmp_path / "backend"
    root.mkdir()
    (root / "app.py").write_text("import requests\n\nrequests.get('https://a.example')\n")
    config = Config(paths=(str(root),), root=str(root), cache=False, jobs=1, rules=(str(tmp_path / "audit_rules"),))
    report = audit(config)
    assert [problem.message for problem in report.problems] == ["rule half-way failed: ValueError: half way"]
    assert [finding.rule for finding in report.findings] == ["http-call-without-timeout"]
