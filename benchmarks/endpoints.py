"""Routes that a backend's framework holds once it runs → how many of them our endpoint table has, and what it invents.

    python benchmarks/endpoints.py [--into FOLDER] [--python PYTHON] [--env FOLDER] [--again] [--show] [NAME …]

Each backend is got by name and version and installed into a virtual environment of its own under FOLDER (`--env`: one
that is there already, for one NAME). There `surface.py` makes its application and writes what `app.routes`,
`app.url_map` or the URL resolver hold. Nothing of the backend is imported here: the same sources are read and linked by us.

A route is one method of one path. Paths are compared with the names of their parameters, whatever their syntax and
type: `<int:id>`, `{id:int}` and `(?P<id>\\d+)` are `{id}`. HEAD and OPTIONS, which frameworks add, are left aside where
they are not told to be the backend's own. Apart are counted: routes of libraries (an admin, docs, static files), and
what our table leaves open ("…" in a path, "*" for methods that are not known), which is neither found nor invented.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from applications import BACKENDS, Backend
from calls import facts_of, linked
from sdists import fetch

from analyzer.model.project import App, Endpoint

Pair = tuple[str, str]  # method, path
_AUTOMATIC = ("HEAD", "OPTIONS")


# -------------------------------------------------------------------- the truth


@dataclass(frozen=True)
class Told:
    """A route as the framework holds it."""

    methods: tuple[str, ...]
    path: str
    handler: str
    file: str
    library: str  # "" for the backend's own


def truth(name: str, backend: Backend, root: Path, into: Path, inside: Path, again: bool) -> list[Told]:
    """What the framework holds; asked for where it is not written down yet."""
    out = (into / f"{name}-{backend.version}.routes.json").resolve()
    if again or not out.is_file():
        home = (into / "home").resolve()  # what backends write there is nobody's
        home.mkdir(exist_ok=True)
        paths = os.pathsep.join(str((root / path).resolve()) for path in backend.paths)
        command = [str(inside.absolute()), str(Path(__file__).with_name("surface.py").resolve())]
        command += [str(root.resolve()), str(out), backend.framework]
        settings = dict(pair.split("=", 1) for pair in backend.environment.split())
        with open(out.with_suffix(".log"), "w", encoding="utf-8") as log:
            subprocess.run(
                command, cwd=root, env={**os.environ, "HOME": str(home), "PYTHONPATH": paths, **settings},
                input=backend.makes.encode(), stdout=log, stderr=subprocess.STDOUT, timeout=600, check=True,
            )  # fmt: skip
    rows = json.loads(out.read_text("utf-8"))
    return [Told(tuple(r["methods"]), normal(r["path"]), r["handler"], r["file"], r["library"]) for r in rows]


def environment(name: str, backend: Backend, into: Path, python: str) -> Path:
    """The interpreter of an environment with the backend in it; made where it is not there. `recorded.py` shares it."""
    folder = into / f"{name}-{backend.version}-environment"
    inside = folder / "bin" / "python"
    if not inside.is_file():
        subprocess.run([python, "-m", "venv", str(folder)], check=True)
        for packages in ((f"{name}=={backend.version}",), backend.needs):
            if packages:
                subprocess.run([str(inside), "-m", "pip", "install", "--quiet", *packages], check=True, timeout=1800)
    return inside


_GROUP = re.compile(r"\((?:\?P<(\w+)>|\?:)?")
_CONVERTED = re.compile(r"<(?:[^<>:]*:)?(\w+)>|\{(\w+)(?::[^{}]*)?\}")


def normal(path: str) -> str:
    """A path with its parameters as `{name}`."""
    found = _CONVERTED.sub(lambda m: f"{{{m[1] or m[2]}}}", _without_groups(path))
    found = re.sub(r"\\Z|(?<!\\)[\^$]", "", found)
    found = re.sub(r"\\(.)", r"\1", found).replace("/?", "/")
    found = re.sub("…/*", "…/", found)  # what is not known may end with a slash
    return found if found.startswith("/") else f"/{found}"


def _without_groups(path: str) -> str:
    """Regular expressions' groups, with what is in them, as `{name}`."""
    while match := _GROUP.search(path):
        depth, end = 0, match.start()
        for end in range(match.start(), len(path)):
            depth += {"(": 1, ")": -1}.get(path[end], 0)
            if not depth:
                break
        path = f"{path[: match.start()]}{{{match[1] or ''}}}{path[end + 1 :]}"
    return path


# -------------------------------------------------------------------- comparing


@dataclass
class Comparison:
    """The routes of one backend, told and ours."""

    own: dict[Pair, Told]
    library: dict[Pair, Told]
    ours: dict[Pair, Endpoint]
    open: list[Endpoint]  # a part of the path, or the methods, are not known

    @property
    def found(self) -> set[Pair]:
        return self.own.keys() & self.ours.keys()

    @property
    def missed(self) -> list[Pair]:
        return sorted(self.own.keys() - self.ours.keys(), key=lambda pair: pair[::-1])

    @property
    def invented(self) -> list[Pair]:
        return sorted(self.ours.keys() - self.own.keys() - self.library.keys(), key=lambda pair: pair[::-1])


def compare(told: Iterable[Told], ours: Iterable[Endpoint]) -> Comparison:
    """Routes of both as pairs of method and path."""
    own: dict[Pair, Told] = {}
    library: dict[Pair, Told] = {}
    for one in told:
        for method in one.methods:
            (library if one.library else own).setdefault((method, one.path), one)
    for pair in own.keys() & library.keys():
        del library[pair]
    paths = {path for _, path in own.keys() | library.keys()}
    mine: dict[Pair, Endpoint] = {}
    open_: list[Endpoint] = []
    for found in ours:
        path = normal(found.path)
        pairs = [(method, path) for method in found.methods]
        vague = "…" in path or (found.methods == ("*",) and path in paths)  # "*" of a path that is none is invented
        if vague and pairs[0] not in (own if "…" in path else own | library):
            open_.append(found)
            continue
        for method, _ in pairs:
            if method not in _AUTOMATIC or (method, path) in own or path not in paths:
                mine.setdefault((method, path), found)
    return Comparison(own, library, mine, open_)


def why_missed(compared: Comparison, pair: Pair) -> str:
    """Why we lack a route, as far as the tables tell."""
    method, path = pair
    told = compared.own[pair]
    here = {m for m, p in compared.ours if p == path}
    if any(normal(e.path) == path for e in compared.open):
        return "the path is known, its methods are not"
    if here:
        return f"the path is known, the method is not: {method}, not {' '.join(sorted(here))}"
    last = told.handler.rpartition(".")[2]
    same = [e for e in (*compared.ours.values(), *compared.open) if e.handler_at.path == told.file]
    same = [e for e in same if last in e.handler.split(".")]
    if any("…" in e.path for e in same):
        return "the handler is known, a part of its path is not"
    return "the handler is known under another path" if same else "neither path nor handler is known"


def why_invented(compared: Comparison, pair: Pair) -> str:
    """What is wrong with a route of ours."""
    here = {m for m, p in compared.own.keys() | compared.library.keys() if p == pair[1]}
    if here:
        return f"the path is true, the method is not: {pair[0]}, not {' '.join(sorted(here))}"
    mine = compared.ours[pair]
    handlers = {(told.file, told.handler.rpartition(".")[2]) for told in compared.own.values()}
    if any((mine.handler_at.path, word) in handlers for word in mine.handler.split(".")[-2:]):
        return "the handler is true under another path"
    return "there is no such route"


# -------------------------------------------------------------------- printing


def report(compared: Comparison, show: bool) -> None:
    """One line of figures; with `show`, what is missed and invented by cause."""
    true, found = len(compared.own), len(compared.found)
    libraries = len(compared.library.keys() & compared.ours.keys())
    print(
        f"  {true} routes true, {found} found, {true - found} missed, {len(compared.invented)} invented: "
        f"{found / true if true else 1:.1%}; {len(compared.open)} of ours left open; "
        f"{len(compared.library)} library routes, {libraries} found"
    )
    if not show:
        return
    for title, pairs, why in (
        ("missed", compared.missed, why_missed),
        ("invented", compared.invented, why_invented),
    ):
        by: dict[str, list[Pair]] = defaultdict(list)
        for pair in pairs:
            by[why(compared, pair)].append(pair)
        for cause, group in sorted(by.items(), key=lambda item: (-len(item[1]), item[0])):
            print(f"  {len(group):4} {title}: {cause}")
            for pair in group:
                print(f"         {pair[0]} {pair[1]}  {where(compared, pair)}")
    for found_open in compared.open:
        at = found_open.registered_at
        print(f"    open: {' '.join(found_open.methods)} {found_open.path}  {at.path}:{at.span.line}")


def where(compared: Comparison, pair: Pair) -> str:
    """The handler of a route, and the place where ours is registered."""
    if told := compared.own.get(pair):
        return f"{told.file} {told.handler}"
    at = compared.ours[pair].registered_at
    return f"{at.path}:{at.span.line} {compared.ours[pair].handler}"


def tables(root: Path, file: str) -> list[App]:
    """Our applications that are made in a file."""
    return [app for app in linked(*facts_of(root)).apps() if app.at.path == file]


def main() -> None:
    """Compare the backends named, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--into", type=Path, default=Path(tempfile.gettempdir()) / "backends")
    parser.add_argument("--python", default=sys.executable, help="for the throwaway environments")
    parser.add_argument("--env", type=Path, help="an environment with the one backend that is named")
    parser.add_argument("--again", action="store_true", help="ask the framework even where it was asked before")
    parser.add_argument("--show", action="store_true", help="what is missed, invented and left open, by cause")
    options = parser.parse_args()
    if options.env and len(options.names) != 1:
        parser.error("--env goes with one name")
    options.into.mkdir(parents=True, exist_ok=True)
    for name in options.names or BACKENDS:
        backend = BACKENDS[name]
        root = fetch(name, backend.version, options.into)
        inside = options.env / "bin" / "python" if options.env else None
        inside = inside or environment(name, backend, options.into, options.python)
        print(f"{name} {backend.version} ({backend.kind})", flush=True)
        try:
            told = truth(name, backend, root, options.into, inside, options.again)
        except subprocess.CalledProcessError:
            print(f"  it could not be started: {options.into / f'{name}-{backend.version}.routes.log'}")
            continue
        apps = tables(root, backend.ours)
        report(compare(told, [found for app in apps for found in app.endpoints]), options.show)


if __name__ == "__main__":
    main()
