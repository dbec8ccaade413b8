"""One YAML file → one checked library model, or an error that names file, place and the nearest good name."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

import msgspec

from . import type_texts
from .failure import UserError
from .model.library import RUNS, TYPE_WORDS, Kinds, Library, Operation, Parameter

S = TypeVar("S", bound=msgspec.Struct)

KINDS = "kinds.yaml"
_HEAD_LINES = 12  # `library:`, `version:` and `imports:` stand first, one line each, below a comment at most
_IMPORTS = re.compile(r"^imports:\s*\[([^\]]*)\]\s*(?:#.*)?$")
_DEEPEST = 50  # the schema itself needs eight
_CLOSED = {
    "none": ("unbounded", "default", "inherits"),
    "unit": ("s", "ms"),
    "element": ("", "items", "values"),
    "runs": RUNS,
}
_PAUSES = ("", "none", "fixed", "grows", "varies")


class LibraryError(UserError):
    """A library model that cannot be used."""


def models(folder: Path) -> list[Path]:
    """The library files of a folder, by name. Raises LibraryError where there is no such folder."""
    if not folder.is_dir():
        raise LibraryError(f"{folder}: no such folder of library models")
    return sorted(path for path in folder.glob("*.yaml") if path.name != KINDS)


def imports_of(path: Path) -> tuple[str, ...]:
    """The packages that make a file relevant, from its head where it has the usual form."""
    with path.open(encoding="utf-8") as lines:
        for _, line in zip(range(_HEAD_LINES), lines, strict=False):
            if found := _IMPORTS.match(line):
                return tuple(name.strip(" \"'") for name in found[1].split(","))
    return decode_model(path, Library).imports


def decode_model(path: Path, kind: type[S]) -> S:
    """One YAML file as a value of the schema. Raises LibraryError where it is none."""
    import yaml

    content = path.read_bytes()
    try:
        if _depth(content) > _DEEPEST:
            raise LibraryError(f"{called(path)}: nested too deeply")
        raw = yaml.load(content, Loader=_unique_keys())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f" line {mark.line + 1}" if mark else ""
        raise LibraryError(f"{called(path)}{line}: {error.problem or 'not valid YAML'}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise LibraryError(f"{called(path)}: not valid YAML: {str(error).splitlines()[0]}") from None
    try:
        return msgspec.convert(raw, kind, strict=True)
    except msgspec.ValidationError as error:
        raise LibraryError(f"{called(path)}: {_blame(raw, kind, '') or error}") from None


def _depth(content: bytes) -> int:
    """How deeply a document is nested, at most one more than allowed: libyaml's loader overflows the stack on more."""
    import yaml

    depth = deepest = 0
    for event in yaml.parse(content, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            deepest = max(deepest, depth)
            if depth > _DEEPEST:
                break
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return deepest


def _unique_keys() -> Any:
    """CSafeLoader that refuses a key written twice: YAML would drop the first entry without a word."""
    import yaml

    class Loader(yaml.CSafeLoader):
        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
            written = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
            if len(written) != len({str(key) for key in written}):
                twice = next(key for key in written if written.count(key) > 1)
                raise yaml.constructor.ConstructorError(None, None, f'key "{twice}" is written twice', node.start_mark)
            return super().construct_mapping(node, deep)

    return Loader


def _blame(raw: object, kind: Any, place: str) -> str:
    """The innermost place of a document that its type refuses, and why; "" where all is well."""
    here = place or "the file"
    try:
        msgspec.convert(raw, kind, strict=True)
        return ""
    except msgspec.ValidationError as error:
        why = str(error).partition(" - at ")[0]
    if not isinstance(raw, dict):
        return f"{here}: {why}"
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        fields = {one.name: one.type for one in msgspec.structs.fields(kind)}
        for key in raw:
            if key not in fields:
                return f'{here}: unknown key "{key}"; {nearest(str(key), fields)}'
        inner = [(key, value, fields[key]) for key, value in raw.items()]
    elif get_origin(kind) is dict:
        inner = [(key, value, get_args(kind)[1]) for key, value in raw.items()]
    else:
        return f"{here}: {why}"
    found = (_blame(value, of, f"{place}.{key}".removeprefix(".")) for key, value, of in inner)
    return next(filter(None, found), f"{here}: {why}")


def called(path: Path) -> str:
    """How a message names a file: with its folder, but without the place of the checkout."""
    return f"{path.parent.name}/{path.name}"


def nearest(name: str, known: Collection[str]) -> str:
    """The end of an error message: the known name that is most like the unknown one, or all of them."""
    close = get_close_matches(name, sorted(known), n=1, cutoff=0.5)
    return f'did you mean "{close[0]}"?' if close else "known are " + ", ".join(sorted(known))


def merge_kinds(several: Iterable[Kinds]) -> Kinds:
    """All declared names together; the last meaning holds."""
    merged = Kinds(roles={}, waits={}, blocks={}, markers={})
    for kinds in several:
        for name in Kinds.__struct_fields__:
            getattr(merged, name).update(getattr(kinds, name))
    return merged


def checked(path: Path, library: Library, kinds: Kinds) -> Library:
    """The library, or LibraryError where it uses a name that no `kinds.yaml` declares."""

    def declared(what: str, name: str, known: Collection[str], place: str) -> None:
        if name not in known:
            raise LibraryError(f'{called(path)}: {place}: {what} "{name}" is not declared; {nearest(name, known)}')

    for place, operation in operations(library):
        if operation.blocks:
            declared("blocks", operation.blocks, kinds.blocks, place)
        if operation.waits:
            declared("waits", operation.waits, kinds.waits, place)
        if operation.asks:
            declared("asks", operation.asks, kinds.waits, place)
        declared("pause", operation.pause, _PAUSES, place)
        declared("registers", operation.registers, RUNS, place)
        declared("invokes", operation.invokes, RUNS, place)
        for role in operation.safe_for:
            declared("role", role, kinds.roles, place)
        for name, parameter in operation.parameters.items():
            _check_parameter(f"{place}.parameters.{name}", parameter, kinds, declared)
    for cls, model in library.classes.items():
        for role in model.safe_for:
            declared("role", role, kinds.roles, f"classes.{cls}")
        for name, parameter in model.assignments.items():
            _check_parameter(f"classes.{cls}.assignments.{name}", parameter, kinds, declared)
    for marker in library.markers:
        declared("marker", marker, kinds.markers, "markers")
    for place, text in types(library):
        if text and not type_texts.parse(text):
            hint = nearest(text, TYPE_WORDS) if text.isidentifier() else 'a good one is "builtins.list[item]"'
            raise LibraryError(f'{called(path)}: {place}: "{text}" is no type; {hint}')
    return library


def types(library: Library) -> Iterator[tuple[str, str]]:
    """Every type that a library file gives, with its place in the file."""
    for place, operation in operations(library):
        for name in ("returns", "enters", "element"):
            yield f"{place}.{name}", getattr(operation, name)
        yield from ((f"{place}.returns_by.{key}", text) for key, text in operation.returns_by.items())
    for cls, model in library.classes.items():
        for name in ("enters", "element", "awaits", "read"):
            yield f"classes.{cls}.{name}", getattr(model, name)
        yield from ((f"classes.{cls}.attributes.{key}", text) for key, text in model.attributes.items())
    yield from ((f"instances.{name}", text) for name, text in library.instances.items())


def _check_parameter(
    place: str, parameter: Parameter, kinds: Kinds, declared: Callable[[str, str, Collection[str], str], None]
) -> None:
    declared("role", parameter.role, kinds.roles, place)
    for name, allowed in _CLOSED.items():
        declared(name, getattr(parameter, name), allowed, place)


def operations(library: Library) -> Iterator[tuple[str, Operation]]:
    """Every operation of a library with its place in the file: "classes.X.methods.y"."""
    for name, operation in library.functions.items():
        yield f"functions.{name}", operation
    for name, model in library.classes.items():
        yield f"classes.{name}.constructor", model.constructor
        for method_name, operation in model.methods.items():
            yield f"classes.{name}.methods.{method_name}", operation
