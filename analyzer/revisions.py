"""A git revision → its files in a folder of our own; nothing is checked out, no program that a repository names is run.

git is asked with its plumbing alone, by the absolute place of the repository, and with everything switched off that a
repository's own configuration could start: hooks, the file system monitor, transports that fetch what is missing.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .failure import UserError
from .tools import Ran, find, run

BIGGEST = 2 * 1024 * 1024  # bytes of a file that is worth reading
_AT_ONCE = 32 * 1024 * 1024  # bytes of files that are asked for in one go
_SECONDS = 300
_QUIET = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",  # git knows it from 2.45 on; older ones are stopped by the next
    "GIT_ALLOW_PROTOCOL": "none",
    "LC_ALL": "C",
}
_OFF = ("--no-pager", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "core.sshCommand=false")
_DEPTH = "fetch the whole history: `git fetch --unshallow`, or `fetch-depth: 0` for actions/checkout"


@dataclass(frozen=True, slots=True)
class Base:
    """The last commit that a revision and the working tree have in common."""

    commit: str  # hexadecimal
    program: Path
    top: str  # the repository's working tree, absolute
    prefix: str  # the project's root under it, with slash; "" where they are the same


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The files of a commit in a folder that stands for the project's root."""

    folder: str
    submodules: tuple[str, ...]  # relative to the root: other repositories, of which nothing is here


@dataclass(frozen=True, slots=True)
class _Blob:
    path: str
    object: str
    size: int


def merge_base(root: str, revision: str) -> Base:
    """Where HEAD and a revision part, for the repository that an absolute folder lies in.

    Raises UserError, with what to do: no git, no repository, no such revision, a history that is cut off or another.
    """
    program = find("git", root)
    if program is None:
        raise UserError("--diff-base needs git, and there is none on PATH", "install git, or compare with a --baseline")
    top = root
    while not os.path.lexists(os.path.join(top, ".git")):
        if top == os.path.dirname(top):
            raise UserError(f"--diff-base: {root} is in no git repository", "compare with a --baseline")
        top = os.path.dirname(top)
    prefix = "" if top == root else f"{os.path.relpath(root, top)}/".replace(os.sep, "/")
    base = Base("", program, top, prefix)
    head = _commit(base, "HEAD")
    if not head:
        asked = _git(base, "rev-parse", "--git-dir")
        why = asked.errors.strip() if asked.code else "it has no commit"
        raise UserError(f"--diff-base: the repository at {top} cannot be used: {why}")
    other = _commit(base, revision)
    shallow = _git(base, "rev-parse", "--is-shallow-repository").output.strip() == b"true"
    if not other:
        hint = _DEPTH if shallow else "`git fetch` the branch, and name it as it is called here: origin/main"
        raise UserError(f"--diff-base {revision}: there is no such revision in {top}", hint)
    found = _git(base, "merge-base", other, head)
    commit = found.output.split(b"\n")[0].decode("ascii", "replace")
    if found.code or not commit:
        if shallow:
            raise UserError(f"--diff-base {revision}: the history is cut off before it meets HEAD", _DEPTH)
        raise UserError(
            f"--diff-base {revision}: it has no commit in common with HEAD", "name a revision that HEAD comes from"
        )
    return Base(commit, program, top, prefix)


@contextlib.contextmanager
def unpacked(base: Base, worth: Callable[[str], bool]) -> Iterator[Unpacked]:
    """The regular files under the root at the base, as far as their paths are `worth` it and they are not too big.

    The folder is private, and gone in the end, whatever happens. Raises UserError.
    """
    with contextlib.ExitStack() as stack:
        try:
            private = stack.enter_context(tempfile.TemporaryDirectory(prefix="backend-audit-"))
            top = os.path.join(os.path.realpath(private), "project")
            folder = os.path.normpath(os.path.join(top, base.prefix.replace("/", os.sep)))
            os.makedirs(os.path.join(top, ".git"))  # ignore files of folders above it rule nothing
            os.makedirs(folder, exist_ok=True)
            blobs, submodules = _listed(base, worth)
            _write(base, top, blobs)
        except OSError as error:
            raise UserError(f"revision {base.commit[:12]} could not be unpacked: {error.strerror or error}") from None
        yield Unpacked(folder, submodules)


def _listed(base: Base, worth: Callable[[str], bool]) -> tuple[list[_Blob], tuple[str, ...]]:
    """The files to unpack, with the ignore files of the folders above the root; and the submodules under the root."""
    blobs, submodules = [], []
    for line in _told(base, "ls-tree", "-r", "-z", "-l", "--full-tree", base.commit).split(b"\0"):
        about, _, name = line.partition(b"\t")
        if not name:
            continue
        mode, _, object_, size = about.decode("ascii").split()
        path = os.fsdecode(name)
        under = path.startswith(base.prefix)
        above = path.endswith(".gitignore") and base.prefix.startswith(path.removesuffix(".gitignore"))
        if mode == "160000" and under:
            submodules.append(path.removeprefix(base.prefix))
        elif mode.startswith("100") and _plain(path) and ((under and worth(path)) or above):
            if not size.isdigit():
                raise UserError(
                    f"the files of revision {base.commit[:12]} are not all here: the clone is a partial one",
                    "clone it in full: without `--filter`",
                )
            if int(size) <= BIGGEST:
                blobs.append(_Blob(path, object_, int(size)))
    return blobs, tuple(submodules)


def _plain(path: str) -> bool:
    """Whether a path of a tree stays in the folder that it is written to; trees can be forged."""
    odd = ("\\", ":") if os.name == "nt" else ()
    parts = path.split("/")
    return all(part and part not in (".", "..") and part.lower() != ".git" for part in parts) and not any(
        letter in path for letter in odd
    )


def _write(base: Base, top: str, blobs: list[_Blob]) -> None:
    """Write the files; equal ones are asked for once in each go."""
    while blobs:
        size, count = 0, 0
        while count < len(blobs) and (count == 0 or size + blobs[count].size <= _AT_ONCE):
            size += blobs[count].size
            count += 1
        batch, blobs = blobs[:count], blobs[count:]
        contents = _contents(base, sorted({blob.object for blob in batch}))
        for blob in batch:
            place = os.path.join(top, *blob.path.split("/"))
            with contextlib.suppress(FileExistsError, NotADirectoryError):  # paths that this file system takes for one
                os.makedirs(os.path.dirname(place), exist_ok=True)
                with open(place, "xb") as file:
                    file.write(contents[blob.object])


def _contents(base: Base, objects: list[str]) -> dict[str, bytes]:
    asked = "".join(f"{name}\n" for name in objects).encode("ascii")
    output = _told(base, "cat-file", "--batch", given=asked)
    found, at = {}, 0
    for name in objects:
        end = output.find(b"\n", at)
        words = output[at:end].split(b" ")
        if end < 0 or len(words) != 3 or words[0] != name.encode("ascii"):
            raise UserError(f"git does not have all files of revision {base.commit[:12]}", "try `git fsck`")
        size = int(words[2])
        found[name] = output[end + 1 : end + 1 + size]
        at = end + 1 + size + 1
    return found


def _commit(base: Base, revision: str) -> str:
    """The commit that a name stands for; "" for none. What looks like an option names none."""
    if revision.startswith("-") or "\0" in revision:
        return ""
    found = _git(base, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    return "" if found.code else found.output.decode("ascii", "replace").strip()


def _told(base: Base, *arguments: str, given: bytes = b"") -> bytes:
    """What git says. Raises UserError where it fails."""
    ran = _git(base, *arguments, given=given)
    if ran.code or ran.why:
        said = ran.why or " ".join(ran.errors.split())[-300:] or f"it ended with {ran.code}"
        raise UserError(f"git {arguments[0]} failed at revision {base.commit[:12]}: {said}")
    return ran.output


def _git(base: Base, *arguments: str, given: bytes = b"") -> Ran:
    place = ("--git-dir", os.path.join(base.top, ".git"))  # named: not looked for, and nobody else's by accident
    try:
        return run(
            base.program, (*_OFF, *place, *arguments), cwd=base.top, seconds=_SECONDS, environment=_QUIET, given=given
        )
    except OSError as error:
        raise UserError(f"git could not be started: {error.strerror or error}") from None
