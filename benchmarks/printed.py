"""A proposal → the lines of a library file, each thing with how often it occurs and what could not be said of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from declarations import Found, Sources

from analyzer.model.library import Library, Operation


@dataclass(slots=True)
class Proposal:
    """Entries of a library file, and by their place what could not be said."""

    library: Library
    notes: dict[str, str] = field(default_factory=dict)


def render(proposal: Proposal, sources: Sources, used: Counter[str]) -> Iterator[str]:
    """The lines of the file, each thing with how often it occurs and what could not be said of it."""
    library, notes = proposal.library, proposal.notes

    def line(indent: int, key: str, value: str, place: str, word: str) -> str:
        said = "; ".join(str(one) for one in (used[word], notes.pop(place, "")) if one)
        return f"{' ' * indent}{key}: {value}{f'  # {said}' if said else ''}".rstrip()

    def ordered(names: Collection[str], dot: str = "") -> list[str]:
        return sorted(names, key=lambda name: (-used[dot + name], name))

    yield from (
        f"library: {library.library}",
        f"version: {library.version}",
        f"imports: [{', '.join(library.imports)}]",
    )
    aliases = spelled(library, sources)
    yield from (["aliases:", *(f"  {name}: {to}" for name, to in sorted(aliases.items()))] if aliases else [])
    yield from ["functions:"] if library.functions else []
    for name in ordered(library.functions):
        yield line(2, name, flow(library.functions[name]), name, name)
    yield from ["classes:"] if library.classes else []
    for name in ordered(library.classes):
        model = library.classes[name]
        own = {key: getattr(model, key) for key in ("bases", "enters", "element", "awaits") if getattr(model, key)}
        empty = not (own or model.methods or model.attributes)
        yield line(2, name, "{}" if empty else "", name, name)
        yield from (f"    {key}: {written(value)}" for key, value in own.items())
        yield from ["    methods:"] if model.methods else []
        for key in ordered(model.methods, "."):
            yield line(6, key, flow(model.methods[key]), f"{name}.{key}", f".{key}")
        yield from ["    attributes:"] if model.attributes else []
        for key in ordered(model.attributes, "."):
            yield line(6, key, written(model.attributes[key]), f"{name}.{key}", f".{key}")
    yield from (
        ["instances:", *(f"  {n}: {written(to)}" for n, to in sorted(library.instances.items()))]
        if library.instances
        else []
    )
    for place in sorted(notes):
        owner, _, last = place.rpartition(".")
        if not used or ((owner in library.classes or owner in sources.modules) and (used[place] or used[f".{last}"])):
            yield f"# {place}: {notes[place]}"


def spelled(library: Library, sources: Sources) -> dict[str, str]:
    """The other spellings of what is proposed: whole modules where all of one moves to one place."""
    moved: dict[str, dict[str, str]] = {}
    for qualified, spellings in sources.spellings.items():
        found = sources.find(qualified)
        to = sources.public(found) if isinstance(found, Found) else ""
        if to in library.classes or to in library.functions or to in library.instances:
            for one in {*spellings, qualified} - {to}:
                moved.setdefault(one.rpartition(".")[0], {})[one] = to
    aliases: dict[str, str] = {}
    for module, names in moved.items():
        houses = {to.rpartition(".")[0] for one, to in names.items() if one.rpartition(".")[2] == to.rpartition(".")[2]}
        same = all(one.rpartition(".")[2] == to.rpartition(".")[2] for one, to in names.items())
        aliases |= {f"{module}.*": f"{houses.pop()}.*"} if same and len(houses) == 1 else names
    return aliases


def flow(operation: Operation) -> str:
    """An operation in one line: `{returns: jinja2.Template}`."""
    plain = Operation()
    said = {
        name: getattr(operation, name)
        for name in Operation.__struct_fields__
        if getattr(operation, name) != getattr(plain, name)
    }
    return "{" + ", ".join(f"{name}: {written(value)}" for name, value in said.items()) + "}"


def written(value: str | bool | tuple[str, ...]) -> str:
    """A value as YAML."""
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if "[" in value or "|" in value else value
