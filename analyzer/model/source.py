"""Files as `discover` hands them on: their bytes, their kind, and what was left out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FileKind(StrEnum):
    """What a file is, told by its name and, where the name is silent, its content."""

    PYTHON = "python"
    SQL = "sql"
    DOCKERFILE = "dockerfile"
    COMPOSE = "compose"
    KUBERNETES = "kubernetes"
    YAML = "yaml"
    TOML = "toml"
    INI = "ini"
    ENV = "env"
    NGINX = "nginx"
    GRAPHQL = "graphql"
    PROTO = "proto"
    JAVASCRIPT = "javascript"
    TYPESCRIPT = "typescript"
    TEMPLATE = "template"
    REQUIREMENTS = "requirements"
    LOCK = "lock"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of the project, read once."""

    path: str  # relative to the root, forward slashes
    content: bytes
    digest: str  # of the content, 32 hexadecimal digits
    kind: FileKind
    reported: bool  # whether PATH on the command line covers it
    test: bool  # whether it is test code


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Files that were not read, one entry per reason."""

    reason: str
    count: int
    examples: tuple[str, ...]  # the first few paths


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole project as it stood on disk when it was read."""

    root: str  # absolute; never printed in a report
    targets: tuple[str, ...]  # what is reported, relative to the root; "." is everything
    files: tuple[SourceFile, ...]  # sorted by path
    left_out: tuple[LeftOut, ...]
