"""A library's unpacked sources or stubs → its modules, its names as users import them, and where each is declared.

Everything is read by `ast`; nothing is imported or run.
"""

from __future__ import annotations

import ast
import builtins
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_IMPORT_STEPS = 12  # a re-export may lead to another one; a circle ends here
_BUILTIN = frozenset(dir(builtins))
_NO_API = frozenset({"tests", "test", "testing", "conftest", "_vendor", "__main__"})


@dataclass(frozen=True, slots=True)
class Imported:
    """A name that an import statement binds, with what it stands for: "jinja2.environment.Environment"."""

    target: str
    exported: bool  # `import x as x`, which says so in a stub


@dataclass(frozen=True, slots=True)
class Module:
    """What one file binds at its top level: definitions, assignments and imports."""

    name: str
    package: bool
    names: dict[str, list[ast.stmt] | Imported]
    stars: tuple[str, ...]
    exported: frozenset[str]  # `__all__`, where it is a list of literals
    stub: bool = False  # a stub hands on only the imports that say so

    def gives(self, name: str) -> bool:
        """Whether `from module import *` may bring a name."""
        if self.exported:
            return name in self.exported
        bound = self.names.get(name)
        return not name.startswith("_") and not (self.stub and isinstance(bound, Imported) and not bound.exported)


@dataclass(frozen=True, slots=True)
class Found:
    """Where a name is declared. `nodes` is several for overloads and for what stands in branches."""

    module: str
    name: str
    nodes: Sequence[ast.stmt]

    @property
    def qualified(self) -> str:
        return f"{self.module}.{self.name}"

    @property
    def cls(self) -> ast.ClassDef | None:
        return next((node for node in self.nodes if isinstance(node, ast.ClassDef)), None)


@dataclass(frozen=True)
class Sources:
    """The modules of one or more packages."""

    modules: dict[str, Module] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)  # files with syntax that this Python does not know

    def find(self, name: str) -> Found | str:
        """The declaration of a qualified name; for what is not in these sources, the name itself as far as followed."""
        for _ in range(_IMPORT_STEPS):
            module, rest = self._split(name)
            if module is not None and not rest:  # a function may hide the module of the same name
                module, rest = self.modules.get(name.rpartition(".")[0]), name.rpartition(".")[2]
            if module is None:
                return name
            first, _, tail = rest.partition(".")
            bound = self._bound(module, first)
            if isinstance(bound, Imported):
                name = f"{bound.target}.{tail}".rstrip(".")
            elif bound is None or tail:
                return name
            else:
                return Found(module.name, first, bound)
        return name

    def meaning(self, module: str, written: str) -> Found | str:
        """What a dotted name written in a module stands for; "builtins.str" for what every module knows."""
        first = written.partition(".")[0]
        if first in _BUILTIN and self._bound(self.modules[module], first) is None:
            return f"builtins.{written}"
        return self.find(f"{module}.{written}")

    def public(self, found: Found) -> str:
        """How users spell a declaration: by the shortest public place that has it."""
        spellings = self.spellings.get(found.qualified, [found.qualified])
        return min(spellings, key=lambda one: (_privates(one), one.count("."), one != found.qualified, len(one), one))

    @cached_property
    def tops(self) -> frozenset[str]:
        """The top-level packages."""
        return frozenset(name.partition(".")[0] for name in self.modules)

    @cached_property
    def spellings(self) -> dict[str, list[str]]:
        """Qualified declaration → all the names that it can be imported under."""
        found: dict[str, list[str]] = defaultdict(list)
        for module in self.modules.values():
            for name in self._offered(module):
                what = self.find(f"{module.name}.{name}")
                if isinstance(what, Found):
                    found[what.qualified].append(f"{module.name}.{name}")
        return found

    def _offered(self, module: Module) -> Iterator[str]:
        """The names that users may import from a module: not what it imports for itself."""
        for name, bound in module.names.items():
            if not isinstance(bound, Imported) or bound.exported or module.package or name in module.exported:
                yield name
        for star in module.stars:
            if star in self.modules:
                yield from (
                    n for n in self._starred(self.modules[star], frozenset({module.name})) if n not in module.names
                )

    def _starred(self, module: Module, seen: frozenset[str]) -> Iterator[str]:
        """What `from module import *` brings."""
        if module.name in seen:
            return
        if module.exported:
            yield from sorted(module.exported)
            return
        yield from (name for name in module.names if module.gives(name))
        for star in module.stars:
            if star in self.modules:
                yield from self._starred(self.modules[star], seen | {module.name})

    def _split(self, name: str) -> tuple[Module | None, str]:
        """The longest leading part of a name that is a module, and the rest."""
        head, tail = name, ""
        while head:
            if head in self.modules:
                return self.modules[head], tail
            head, _, last = head.rpartition(".")
            tail = f"{last}.{tail}".rstrip(".")
        return None, name

    def _bound(self, module: Module, name: str, steps: int = _IMPORT_STEPS) -> list[ast.stmt] | Imported | None:
        if name in module.names:
            return module.names[name]
        for star in module.stars if steps else ():
            near = self.modules.get(star)
            if near and near.gives(name) and (found := self._bound(near, name, steps - 1)) is not None:
                return found if isinstance(found, Imported) else Imported(f"{star}.{name}", True)
        return None


def load(folders: Collection[Path], tops: Collection[str]) -> Sources:
    """The modules of the top-level packages `tops` in several folders. Raises LookupError where a package is missing."""
    sources = Sources()
    for top in tops:
        parts = top.split(".")
        for folder in folders:
            for root in (folder, folder / "src"):
                start = root.joinpath(*parts)
                stubs = root.joinpath(f"{parts[0]}-stubs", *parts[1:])
                files = [
                    *start.rglob("*.py"),
                    *start.rglob("*.pyi"),
                    start.with_suffix(".py"),
                    start.with_suffix(".pyi"),
                ]
                for path in sorted(path for path in files if path.is_file()):
                    _add(sources, path, root)
                for path in sorted(stubs.rglob("*.pyi")):
                    _add(sources, path, root)
        if not any(name == top or name.startswith(f"{top}.") for name in sources.modules):
            raise LookupError(f'no package "{top}" in {", ".join(map(str, folders))}')
    return sources


def _add(sources: Sources, path: Path, root: Path) -> None:
    """Reads one file; a stub comes after its source and takes its place."""
    parts = list(path.relative_to(root).with_suffix("").parts)
    parts[0] = parts[0].removesuffix("-stubs")
    if package := parts[-1] == "__init__":
        parts.pop()
    if not parts or _NO_API & {*parts}:
        return
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        sources.unread.append(path.relative_to(root).as_posix())
        return
    name = ".".join(parts)
    names: dict[str, list[ast.stmt] | Imported] = {}
    stars: list[str] = []
    exported: set[str] = set()
    for node in flat(tree.body):
        if isinstance(node, ast.Import | ast.ImportFrom):
            _imports(node, name if package else name.rpartition(".")[0], names, stars)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            _define(names, node.name, node)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            for target in bound_names(node):
                if target == "__all__":
                    exported |= _literals(node.value)
                else:
                    _define(names, target, node)
    sources.modules[name] = Module(name, package, names, tuple(stars), frozenset(exported), path.suffix == ".pyi")


def _imports(
    node: ast.Import | ast.ImportFrom, package: str, names: dict[str, list[ast.stmt] | Imported], stars: list[str]
) -> None:
    if isinstance(node, ast.Import):
        for alias in node.names:
            target = alias.name if alias.asname else alias.name.partition(".")[0]
            names.setdefault(alias.asname or target, Imported(target, alias.asname == alias.name))
        return
    parts = package.split(".")
    start = ".".join(parts[: len(parts) - node.level + 1]) if node.level else ""
    origin = ".".join(part for part in (start, node.module) if part)
    for alias in node.names:
        if alias.name == "*":
            stars.append(origin)
        else:
            names.setdefault(alias.asname or alias.name, Imported(f"{origin}.{alias.name}", alias.asname == alias.name))


def _define(names: dict[str, list[ast.stmt] | Imported], name: str, node: ast.stmt) -> None:
    """An import of the same name in another branch is the better source of the two, and stays."""
    bound = names.setdefault(name, [])
    if isinstance(bound, list):
        bound.append(node)


def bound_names(node: ast.stmt) -> list[str]:
    """The plain names that an assignment binds."""
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def flat(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body, those in the branches of `if` and `try` included: a release has only one of them."""
    for node in body:
        if isinstance(node, ast.If | ast.Try | ast.With):
            for inner in ("body", "orelse", "handlers", "finalbody"):
                for child in getattr(node, inner, ()):
                    yield from flat(child.body if isinstance(child, ast.ExceptHandler) else [child])
        else:
            yield node


def _literals(value: ast.expr | None) -> set[str]:
    return (
        {node.value for node in ast.walk(value) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        if value
        else set()
    )


def _privates(name: str) -> int:
    return sum(part.startswith("_") for part in name.split("."))
