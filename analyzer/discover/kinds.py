"""A file's name, and where that is silent its bytes → its kind, and whether a machine wrote it."""

from __future__ import annotations

import re

from ..model.source import FileKind

_SUFFIXES = {
    "py": FileKind.PYTHON,
    "sql": FileKind.SQL,
    "dockerfile": FileKind.DOCKERFILE,
    "yml": FileKind.YAML,
    "yaml": FileKind.YAML,
    "toml": FileKind.TOML,
    "ini": FileKind.INI,
    "cfg": FileKind.INI,
    "env": FileKind.ENV,
    "conf": FileKind.NGINX,
    "graphql": FileKind.GRAPHQL,
    "gql": FileKind.GRAPHQL,
    "proto": FileKind.PROTO,
    **dict.fromkeys(("js", "jsx", "mjs", "cjs"), FileKind.JAVASCRIPT),
    **dict.fromkeys(("ts", "tsx", "mts", "cts"), FileKind.TYPESCRIPT),
    **dict.fromkeys(("html", "htm", "jinja", "jinja2", "j2"), FileKind.TEMPLATE),
}
# JSON that says what a backend answers: every JSON text is YAML too (YAML 1.2, section 1.3).
_DOCUMENTS = frozenset({"openapi.json", "swagger.json"})
_NOT_DOCKERFILES = frozenset({"md", "rst", "txt", "dockerignore", "json", "sh", "lock", "bak", "swp", "orig"})
_LOCK = re.compile(r"(?:poetry|uv|pdm|pipfile)\.lock|pylock(?:\.[^.]+)?\.toml")
_COMPOSE = re.compile(r"(?:docker-)?compose(?:[._-].*)?\.ya?ml")
_API_VERSION = re.compile(rb"^apiVersion:", re.MULTILINE)
_OBJECT_KIND = re.compile(rb"^kind:", re.MULTILINE)
_NGINX = re.compile(rb"^\s*(?:server|http)\s*\{", re.MULTILINE)
_SHEBANG = re.compile(rb"#![^\r\n]*\bpython[0-9.]*\b")

_WRITTEN = frozenset({FileKind.PYTHON, FileKind.JAVASCRIPT, FileKind.TYPESCRIPT, FileKind.SQL, FileKind.GRAPHQL})
_MACHINE = re.compile(rb"@generated\b|\bDO NOT EDIT\b")
_COMMENT = (b"#", b"//", b"/*", b"*", b"--", b"<!--")
_DOCSTRING = re.compile(rb"""[rRuU]?(\"{3}|'{3})""")
_HEAD_LINES = 12
_DENSE = 500  # bytes per line on average; people write far less


def by_name(name: str, folder: str) -> FileKind | None:
    """The kind that a file name in a folder (both without slashes) suggests; `settle` has the last word."""
    lower = name.lower()
    stem, dot, suffix = lower.rpartition(".")
    if lower.startswith(("dockerfile", "containerfile")) and suffix not in _NOT_DOCKERFILES | {"py", "j2", "jinja"}:
        return FileKind.DOCKERFILE
    if _LOCK.fullmatch(lower):
        return FileKind.LOCK
    if lower in _DOCUMENTS:
        return FileKind.YAML
    if dot and suffix in _SUFFIXES:
        return FileKind.COMPOSE if _COMPOSE.fullmatch(lower) else _SUFFIXES[suffix]
    if lower == ".env" or lower.startswith(".env."):
        return FileKind.ENV
    if suffix in ("txt", "in") and (stem.startswith("requirements") or stem.endswith("requirements")):
        return FileKind.REQUIREMENTS
    if suffix == "txt" and (folder == "requirements" or stem == "constraints"):
        return FileKind.REQUIREMENTS
    return FileKind.TOML if name == "Pipfile" else None


def may_be_script(name: str) -> bool:
    """Whether a file that `by_name` does not know is worth a look at its first line."""
    return "." not in name


def settle(kind: FileKind | None, name: str, content: bytes) -> FileKind | None:
    """The final kind of a file; None for one that is not analysed."""
    match kind:
        case None:
            return FileKind.PYTHON if _SHEBANG.match(content) else None
        case FileKind.NGINX:
            return kind if name.lower().startswith("nginx") or _NGINX.search(content) else None
        case FileKind.YAML if _API_VERSION.search(content) and _OBJECT_KIND.search(content):
            return FileKind.KUBERNETES
        case _:
            return kind


def machine_made(kind: FileKind, name: str, content: bytes) -> str:
    """ "generated" or "minified" for what no person wrote; else ""."""
    if kind in (FileKind.JAVASCRIPT, FileKind.TYPESCRIPT):
        dense = len(content) > 2 * _DENSE and len(content) > _DENSE * (content.count(b"\n") + 1)
        if dense or name.lower().endswith((".min.js", "-min.js", ".min.mjs", ".min.cjs")):
            return "minified"
    if kind is FileKind.PYTHON and name.endswith(("_pb2.py", "_pb2_grpc.py")):
        return "generated"
    return "generated" if kind in _WRITTEN and _says_generated(content) else ""


def _says_generated(content: bytes) -> bool:
    """Whether a comment or the docstring at the top says that a machine wrote the file.

    Code does not count: a generator's own source holds the same words in a string.
    """
    head = content[:4096]
    if b"@generated" not in head and b"DO NOT EDIT" not in head:
        return False
    quote = b""
    for line in head.splitlines()[:_HEAD_LINES]:
        text = line.removeprefix(b"\xef\xbb\xbf").strip()
        opens = _DOCSTRING.match(text) if not quote else None
        if (quote or opens or text.startswith(_COMMENT)) and _MACHINE.search(text):
            return True
        if opens and text.count(opens[1]) == 1:
            quote = opens[1]
        elif quote and quote in text:
            quote = b""
    return False
