"""Published backends → what the audit says of each: files, lines, findings by rule, problems, unknowns and time.

    python benchmarks/real.py [--into FOLDER] [--show N] [NAME …]

Sources are got by name and version, unpacked, never installed or run. `--show N` prints N findings of each backend,
spread evenly over its list, to be read by a person; the share that was true is kept in `benchmarks/README.md`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from sdists import fetch

TUNED = "read while the rules were made"
FINAL = "opened for a reading only"
BACKENDS = {
    "letta": ("0.16.8", "FastAPI", TUNED),
    "label-studio": ("1.23.2", "Django and DRF", TUNED),
    "apache-superset": ("6.0.0", "Flask", TUNED),
    "weblate": ("5.9.2", "Django and DRF", TUNED),
    "lemur": ("1.9.3", "Flask", TUNED),
    "open-webui": ("0.9.6", "FastAPI", FINAL),
    "privacyidea": ("3.14", "Flask", FINAL),
    "ckan": ("2.9.9", "Flask", FINAL),
    "pulpcore": ("3.95.3", "Django and DRF", FINAL),
    "langflow-base": ("0.0.96", "FastAPI", FINAL),
    "khoj": ("2.0.0b9", "FastAPI and Django", FINAL),
    "mayan-edms": ("4.9.8", "Django and DRF", FINAL),
    "quetz-server": ("0.9.2", "FastAPI", FINAL),
    "octoprint": ("2.0.0rc7", "Flask and Tornado", FINAL),
    "argilla-server": ("2.8.0", "FastAPI", FINAL),
    "nautobot": ("3.1.0", "Django and DRF", FINAL),
    "dstack": ("0.19.20", "FastAPI", FINAL),
    "chainlit": ("2.9.6", "FastAPI", FINAL),
    "skypilot": ("0.9.3", "FastAPI", FINAL),
    "zenml": ("0.85.0", "FastAPI", FINAL),
    "arize-phoenix": ("11.0.0", "FastAPI", FINAL),
    "kolibri": ("0.18.0", "Django and DRF", FINAL),
}


def audit(root: Path, report: Path, cache: Path) -> tuple[dict[str, Any], float]:
    """The JSON report of a folder and the seconds that it took."""
    command = [str(Path(sys.executable).with_name("backend-audit")), str(root), "--root", str(root), "--quiet"]
    command += ["--cache-dir", str(cache), "--output", str(report), "--format", "concise", "--exit-zero"]
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    loaded: dict[str, Any] = json.loads(report.read_text("utf-8"))
    return loaded, seconds


def main() -> None:
    """Audit the backends named, or all that the rules were made on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--into", type=Path, default=Path(tempfile.gettempdir()) / "backends")
    parser.add_argument("--show", type=int, default=0)
    options = parser.parse_args()
    options.into.mkdir(parents=True, exist_ok=True)
    for name in options.names or [name for name, (_, _, use) in BACKENDS.items() if use is TUNED]:
        version, kind, _ = BACKENDS[name]
        root = fetch(name, version, options.into)
        with tempfile.TemporaryDirectory() as scratch:
            report, cold = audit(root, Path(scratch) / "report.json", Path(scratch) / "cache")
            _, warm = audit(root, Path(scratch) / "report.json", Path(scratch) / "cache")
        print(f"\n{name} {version} ({kind}): cold {cold:.1f} s, warm {warm:.1f} s")
        show(report, options.show)


def show(report: dict[str, Any], count: int) -> None:
    """The numbers of a report, and some of its findings."""
    totals = report["totals"]
    print(f"  {totals['files']} files, {totals['lines']} lines, {totals['endpoints']} endpoints")
    for rule, number in sorted(Counter(f["rule"] for f in report["findings"]).items()):
        print(f"  {number:5} {rule}")
    for part in ("hidden", "cleared", "problems", "unknowns"):
        entries = report[part]
        number = sum(e.get("count", 1) for e in entries)
        print(f"  {number:5} {part}")
    findings = report["findings"]
    for finding in findings[:: max(1, len(findings) // count)][:count] if count else []:
        print(f"  {finding['path']}:{finding['line']} [{finding['confidence']}] {finding['rule']}: {finding['message']}")


if __name__ == "__main__":
    main()
