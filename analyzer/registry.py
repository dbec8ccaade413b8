"""Folders of rule files → loaded rules; a folder is the registry, and a rule that cannot be loaded is a problem."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from . import assets
from .failure import UserError
from .model.finding import Problem
from .model.rule import LoadedRule, Rule

_PACKAGE = "backend_audit_rules"
_MACHINE = re.compile(r" \((?:/|[A-Za-z]:\\)[^)]*\)")  # where an ImportError says that the module lies on this machine
_NOT_FAMILIES = frozenset({"libraries", "semgrep"})


@dataclass(frozen=True, slots=True)
class Registry:
    """Every rule that could be loaded, sorted by id, and what was wrong with the others."""

    rules: tuple[LoadedRule, ...]
    problems: tuple[Problem, ...]


def rule_files(folders: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    """The rule files of several folders with their families, sorted."""
    for folder in folders:
        for path in sorted(folder.glob("*/*.py")):
            family = path.parent.name
            if family not in _NOT_FAMILIES and not path.name.startswith("_"):
                yield family, path


def load_rules(own: Sequence[str] = (), only: str = "") -> Registry:
    """The built-in rules and those of the user's folders; `only` loads the one file that a rule id names.

    Raises UserError where a user's folder does not exist.
    """
    folders = [assets.rules(), *map(Path, own)]
    for folder in folders[1:]:
        if not folder.is_dir():
            raise UserError(
                f"no folder of rules at {folder}",
                "name a folder that holds <family>/<rule>.py, as in --rules ./audit_rules",
            )
    loaded: dict[str, LoadedRule] = {}
    problems: list[Problem] = []
    for family, path in rule_files(folders):
        if only and path.stem != only.replace("-", "_"):
            continue
        found = _load(family, path)
        if isinstance(found, Problem):
            problems.append(found)
        elif found.rule.id in loaded:
            problems.append(Problem("detect", "", f"rule {found.rule.id} is defined twice; the second one is left out"))
        else:
            loaded[found.rule.id] = found
    return Registry(tuple(loaded[name] for name in sorted(loaded)), tuple(problems))


def _load(family: str, path: Path) -> LoadedRule | Problem:
    name = path.stem.replace("_", "-")
    try:
        content = path.read_bytes()
        module = _execute(f"{_PACKAGE}.{family}.{path.stem}", path)
        rule, detect = module.RULE, module.detect
    except Exception as error:  # noqa: BLE001 - whatever a rule raises costs that rule only
        why = _MACHINE.sub("", str(error))
        return Problem("detect", "", f"rule {name} cannot be loaded: {type(error).__name__}: {why}")
    if not isinstance(rule, Rule) or rule.id != name:
        return Problem(
            "detect", "", f"rule {name} cannot be loaded: its RULE must be a Rule with the file's name as id"
        )
    digest = hashlib.blake2b(content, digest_size=16).hexdigest()
    return LoadedRule(rule, family, digest, detect, getattr(module, "confirm", None), getattr(module, "fix", None))


def _execute(name: str, path: Path) -> ModuleType:
    spec = spec_from_file_location(name, path)
    assert isinstance(spec, ModuleSpec) and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module  # dataclasses in a rule look their module up there
    spec.loader.exec_module(module)
    return module
