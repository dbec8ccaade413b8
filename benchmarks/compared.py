"""A library file and the sources of a release → where the two disagree, one line for each place."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec
from annotations import decorators, members
from declarations import Found, FunctionNode, Sources, flat

from analyzer.model.library import TYPE_WORDS, Library, Model, Operation, Parameter
from analyzer.type_texts import parse

_TYPES = ("returns", "enters", "element")
_GONE = "the source has no such name"


@dataclass(frozen=True, slots=True)
class Pair:
    """A library file, what its sources propose, and the sources."""

    file: Library
    proposed: Library
    sources: Sources

    def declared(self, name: str) -> Found | str:
        """Where a name of the file is declared; an alias of the file may tell where that is."""
        found = self.sources.find(name)
        for module, to in self.file.aliases.items() if isinstance(found, str) else ():
            start = to.removesuffix("*")
            if name == to or (to.endswith("*") and name.startswith(start)):
                elsewhere = self.sources.find(module.removesuffix("*") + name[len(start) :] if name != to else module)
                found = elsewhere if isinstance(elsewhere, Found) else found
        return found

    def gone(self, name: str) -> bool:
        """Whether a name is missing in sources that should have it."""
        found = self.declared(name)
        if isinstance(found, Found) or found.partition(".")[0] not in self.sources.tops:
            return False
        outer = self.declared(name.rpartition(".")[0])
        return not (isinstance(outer, Found) and outer.cls and name.rpartition(".")[2] in members(outer.cls))

    def home(self, name: str) -> str:
        """One spelling for one thing, whichever the file or the source uses."""
        found = self.declared(name)
        return self.sources.public(found) if isinstance(found, Found) else found


def differences(file: Library, proposed: Library, sources: Sources) -> Iterator[str]:
    """What the file says and the source does not: names that are gone, other types, other parameters."""
    pair = Pair(file, proposed, sources)
    for name, operation in file.functions.items():
        found = pair.declared(name)
        if pair.gone(name):
            yield f"functions.{name}: {_GONE}"
        elif isinstance(found, Found) and found.cls is None and (nodes := _functions(found.nodes)):
            said = proposed.functions.get(sources.public(found), Operation())
            yield from _operation(pair, f"functions.{name}", operation, said, nodes)
    for name, model in file.classes.items():
        found = pair.declared(name)
        if pair.gone(name):
            yield f"classes.{name}: {_GONE}"
        elif isinstance(found, Found) and found.cls is not None:
            yield from _class(pair, name, model, found)
    for name, text in file.instances.items():
        if pair.gone(name):
            yield f"instances.{name}: {_GONE}"
        yield from _type(pair, f"instances.{name}", text, proposed.instances.get(pair.home(name), ""))


def _class(pair: Pair, name: str, model: Model, found: Found) -> Iterator[str]:
    above, complete = _lineage(pair.sources, found)
    models = [pair.proposed.classes.get(pair.sources.public(one), Model()) for one in above]
    owners = {pair.sources.public(one) for one in above} | {base for one in models for base in one.bases}
    for base in model.bases:
        if complete and pair.home(base) not in owners:
            yield f"classes.{name}: {base} is a base in the file, not in the source ({', '.join(models[0].bases) or 'none'})"
    for method, operation in model.methods.items():
        place = f"classes.{name}.methods.{method}"
        owner, nodes = _member(above, method)
        if owner is None and complete and not _member(above, "__getattr__")[0]:
            yield f"{place}: the source has no such method"
        if owner is not None and (functions := _functions(nodes)):
            home = models[above.index(owner)]
            if method in home.attributes:
                yield f"{place}: a method in the file, an attribute in the source ({home.attributes[method]})"
            said = home.methods.get(method, Operation())
            if said.returns == pair.sources.public(owner):  # another constructor, inherited
                said = msgspec.structs.replace(said, returns=name)
            yield from _operation(pair, place, operation, said, functions, 1)
    for attribute, text in model.attributes.items():
        held = next((one.attributes[attribute] for one in models if attribute in one.attributes), "")
        yield from _type(pair, f"classes.{name}.attributes.{attribute}", text, held)
    init = next((made for one in above if (made := _functions(_member([one], "__init__")[1]))), [])
    yield from _parameters(f"classes.{name}.constructor", model.constructor.parameters, init, 1)


def _operation(
    pair: Pair, place: str, file: Operation, said: Operation, nodes: Sequence[FunctionNode], receivers: int = 0
) -> Iterator[str]:
    for name in _TYPES:
        yield from _type(pair, f"{place}.{name}", getattr(file, name), getattr(said, name))
    if file.self_typed and said.returns and said.returns.partition("[")[0].rpartition(".")[2] not in place.split("."):
        yield f"{place}: the file says the receiver itself, the source says {said.returns}"
    if file.is_async != said.is_async and (said.is_async or (nodes[0].returns is not None and said != Operation())):
        where = ("source", "file") if said.is_async else ("file", "source")
        yield f"{place}: awaited in the {where[0]}, not in the {where[1]}"
    yield from _parameters(place, file.parameters, nodes, receivers)


def _type(pair: Pair, place: str, file: str, said: str) -> Iterator[str]:
    """A wider class in the file is no error, a base of what the source says; nor is what steps lead to."""
    ours = {term.start for term in parse(file)}
    if ours & {*TYPE_WORDS} or not ours:
        return
    for term in parse(said):
        found = pair.declared(term.start)
        lineage = _lineage(pair.sources, found)[0] if isinstance(found, Found) else []
        wider = {pair.sources.public(one) for one in lineage} or {term.start}
        if term.start not in TYPE_WORDS and not wider & {pair.home(one) for one in ours}:
            yield f"{place}: the file says {file}, the source says {said}"
            return


def _parameters(place: str, file: dict[str, Parameter], nodes: Sequence[FunctionNode], receivers: int) -> Iterator[str]:
    for name, parameter in file.items() if nodes else ():
        problems = [_parameter(name, parameter, node, receivers) for node in nodes]
        if all(problems):
            yield f"{place}.parameters.{name}: {problems[0]}"


def _parameter(name: str, file: Parameter, node: FunctionNode, receivers: int) -> str:
    """What is wrong with a parameter; "" where nothing is."""
    first = 0 if "staticmethod" in decorators(node) else receivers
    positional = [one.arg for one in [*node.args.posonlyargs, *node.args.args]][first:]
    keyword = [one.arg for one in node.args.kwonlyargs]
    if name not in positional and name not in keyword:
        taken = node.args.kwarg or (node.args.vararg and file.position is not None)
        return "" if taken else "the source has no such parameter"
    place = str(positional.index(name)) if name in positional else "keyword only"
    if file.position is not None and place != str(file.position):
        return f"the file says position {file.position}, the source says {place}"
    return ""


def _lineage(sources: Sources, found: Found) -> tuple[list[Found], bool]:
    """A class and its bases as far as the sources have them, and whether they have them all."""
    above: list[Found] = []
    complete, waiting = True, [found]
    while waiting:
        one = waiting.pop(0)
        if one.qualified in {other.qualified for other in above}:
            continue
        above.append(one)
        for base in one.cls.bases if one.cls else ():
            written = base.value if isinstance(base, ast.Subscript) else base
            meant = (
                sources.meaning(one.module, ast.unparse(written))
                if isinstance(written, ast.Name | ast.Attribute)
                else ""
            )
            if isinstance(meant, Found) and meant.cls is not None:
                waiting.append(meant)
            elif isinstance(meant, Found) or not meant.startswith(("typing", "builtins.object", "abc.")):
                complete = False
    return above, complete


def _member(above: Sequence[Found], name: str) -> tuple[Found | None, list[ast.stmt]]:
    """The class that has a member, and what defines it: nothing where a method assigns it."""
    for one in above:
        inside = members(one.cls) if one.cls else {}
        if name in inside:
            return one, inside[name]
        if one.cls and any(_sets(node, name) for node in flat(one.cls.body)):
            return one, []
    return None, []


def _sets(node: ast.stmt, name: str) -> bool:
    """Whether a method assigns `self.name`."""
    stored = (
        child for child in ast.walk(node) if isinstance(child, ast.Attribute) and isinstance(child.ctx, ast.Store)
    )
    return isinstance(node, FunctionNode) and any(child.attr == name for child in stored)


def _functions(nodes: Sequence[ast.stmt]) -> list[FunctionNode]:
    return [node for node in nodes if isinstance(node, FunctionNode)]
