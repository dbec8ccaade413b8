"""Published backends by name and version → their unpacked source distributions; nothing of them is installed or run.

`pip download` would run their build to learn metadata, so the index is asked directly (PEP 691) and the archive is
unpacked with the "data" filter (PEP 706).
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path


def index_url() -> str:
    """The package index that pip is set up with here."""
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", "global.index-url"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    if asked.returncode == 0 and asked.stdout.strip():
        return asked.stdout.strip().rstrip("/")
    from pip._internal.models.index import PyPI

    return str(PyPI.simple_url).rstrip("/")


def fetch(name: str, version: str, into: Path) -> Path:
    """The folder with the unpacked sources of a release; downloaded once. Raises LookupError where there is no sdist."""
    target = into / f"{name}-{version}"
    if target.is_dir():
        return target
    base = f"{index_url()}/{name}/"
    request = urllib.request.Request(base, headers={"Accept": "application/vnd.pypi.simple.v1+json, text/html;q=0.1"})
    with urllib.request.urlopen(request, timeout=60) as response:
        page, kind = response.read(), response.headers.get("Content-Type", "")
    for file, url in _files(page, kind, base):
        if file.lower().replace("_", "-") in {f"{name}-{version}{end}".replace("_", "-") for end in (".tar.gz", ".zip")}:
            with urllib.request.urlopen(url, timeout=300) as response:
                _unpack(response.read(), file, target)
            return target
    raise LookupError(f"no source distribution of {name} {version}")


def _files(page: bytes, kind: str, base: str) -> list[tuple[str, str]]:
    if "json" in kind:
        return [(f["filename"], urllib.parse.urljoin(base, f["url"])) for f in json.loads(page)["files"]]
    import re

    links = re.findall(r'href="([^"]+)"[^>]*>([^<]+)<', page.decode())
    return [(text.strip(), urllib.parse.urljoin(base, link)) for link, text in links]


def _unpack(content: bytes, file: str, target: Path) -> None:
    partial = target.with_name(f"{target.name}.part")
    partial.mkdir(parents=True, exist_ok=True)
    if file.endswith(".zip"):
        zipfile.ZipFile(io.BytesIO(content)).extractall(partial)
    else:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            archive.extractall(partial, filter="data")
    inner = [path for path in partial.iterdir()]
    if len(inner) == 1 and inner[0].is_dir():
        inner[0].rename(target)
        partial.rmdir()
    else:
        partial.rename(target)
