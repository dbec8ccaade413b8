"""A library's sources or stubs → the entries of `rules/libraries/<name>.yaml` that its annotations speak for.

    python benchmarks/propose.py FOLDER… --import NAME… [--known FILE.yaml] [--used PATH…]

    pip download --no-deps --only-binary=:all: --dest /tmp/wheels jinja2
    unzip -q /tmp/wheels/jinja2-*.whl -d /tmp/jinja2
    python benchmarks/propose.py /tmp/jinja2 --import jinja2 --used ~/backends/shop > jinja2.yaml

What is printed is a proposal: a person reads it, strikes out what nobody uses, and commits the rest. A comment says what
the library declares and no type can say: overloads, unions, classes of other libraries. `--used` keeps the names that occur
in files of these backends that import the library, most used first, with their counts. `--known` leaves out what the file
has, and prints to the error stream where file and source disagree. The sources are read by `ast`, never imported; syntax of
a newer Python needs a newer Python to run this.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

import msgspec
from annotations import Scope, Typed, decorators, generic, members, read, result
from compared import differences
from declarations import Found, FunctionNode, Sources, load
from printed import Proposal, render
from used_names import occurrences, only_used

from analyzer.failure import UserError
from analyzer.library_files import decode_model
from analyzer.model.library import Library, Model, Operation

_SPECIAL = frozenset({"__iter__", "__aiter__", "__next__", "__anext__", "__enter__", "__aenter__"})
_HELD = frozenset({"dict", "list", "str", "int", "bytes", "tuple", "set", "float"})
_ABSTRACT = frozenset({"Mapping", "MutableMapping", "Sequence", "MutableSequence"})
_PROPERTIES = frozenset({"property", "cached_property", "memoized_property", "hybrid_property", "reify"})


def propose(sources: Sources, name: str, version: str, tops: Collection[str]) -> Proposal:
    """All that the sources declare under public names."""
    proposal = Proposal(Library(name, version, tuple(tops)))
    for module in sources.modules.values():
        for own, bound in module.names.items():
            if isinstance(bound, list):
                found = Found(module.name, own, bound)
                _add(proposal, sources, found, sources.public(found))
    return proposal


def _add(proposal: Proposal, sources: Sources, found: Found, public: str) -> None:
    scope = Scope(sources, found.module)
    if found.cls is not None:
        proposal.library.classes[public] = _model(proposal, found.cls, scope, public)
        return
    functions = [node for node in found.nodes if isinstance(node, FunctionNode)]
    private = any(part.startswith("_") for part in public.split("."))
    if functions:
        operation = _operation(proposal, result(functions, scope), public)
        if operation != Operation() and not private:
            proposal.library.functions[public] = operation
    elif (made := _instance(found.nodes[-1], scope)) and not private:
        proposal.library.instances[public] = made


def _operation(proposal: Proposal, typed: Typed, place: str) -> Operation:
    if typed.why:
        proposal.notes[place] = typed.why
    operation = Operation(is_async=typed.awaited)
    if typed.how == "self_typed":
        return msgspec.structs.replace(operation, self_typed=True)
    return msgspec.structs.replace(operation, **{typed.how: typed.text}) if typed.text else operation


def _instance(node: ast.stmt, scope: Scope) -> str:
    """The class of an object that a module makes or announces."""
    value = getattr(node, "value", None)
    if isinstance(node, ast.AnnAssign) and (typed := read(node.annotation, scope)).how == "returns":
        return typed.text if not isinstance(value, ast.Constant) else ""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name | ast.Attribute):
        meant = scope.sources.meaning(scope.module, ast.unparse(value.func))
        if isinstance(meant, Found) and meant.cls is not None:
            return scope.sources.public(meant)
    return ""


def _model(proposal: Proposal, cls: ast.ClassDef, scope: Scope, public: str) -> Model:
    scope = Scope(scope.sources, scope.module, public, generic(cls, scope))
    methods: dict[str, Operation] = {}
    attributes = dict(_made_in_init(cls, scope))
    special: dict[str, Typed] = {}
    for name, nodes in members(cls).items():
        place = f"{public}.{name}"
        functions = [node for node in nodes if isinstance(node, FunctionNode)]
        if not functions:
            typed = read(getattr(nodes[0], "annotation", None), scope)
            if typed.text and typed.how == "returns":
                attributes[name] = typed.text
        elif name == "__await__":
            given = getattr(functions[0].returns, "slice", None)  # Generator[…, …, T]
            special[name] = read(given.elts[-1] if isinstance(given, ast.Tuple) else given, scope)
        elif name in _SPECIAL:
            special[name] = result(functions, scope)
        elif name.startswith("_") and name != "__call__":
            continue
        elif any(_PROPERTIES & decorators(node) for node in functions):
            typed = result(functions[:1], scope)
            if typed.text and typed.how == "returns" and not typed.awaited:
                attributes[name] = typed.text
            elif typed.why:
                proposal.notes[place] = typed.why
        elif (operation := _operation(proposal, result(functions, scope), place)) != Operation():
            methods[name] = operation
    bases = tuple(_bases(cls, scope, proposal))
    model = Model(bases=bases, methods=methods, attributes=attributes)
    return msgspec.structs.replace(model, **_protocols(special, public))


def _protocols(special: dict[str, Typed], public: str) -> dict[str, str]:
    """What `with`, `for` and `await` on an instance give."""
    said: dict[str, str] = {}
    for name in ("__aenter__", "__enter__"):
        typed = special.get(name, Typed())
        if typed.text and typed.text != public:
            said["enters"] = typed.text
    for name in ("__anext__", "__next__", "__aiter__", "__iter__"):
        typed = special.get(name, Typed())
        if typed.text and (typed.how == "element" or name in ("__anext__", "__next__")):
            said["element"] = typed.text
    if special.get("__await__", Typed()).text:
        said["awaits"] = special["__await__"].text
    return said


def _made_in_init(cls: ast.ClassDef, scope: Scope) -> Iterator[tuple[str, str]]:
    """`self.x: T = …`, `self.x = T(…)` and `self.x = x` of an annotated parameter."""
    init = next((n for n in cls.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"), None)
    annotated = {one.arg: one.annotation for one in [*init.args.args, *init.args.kwonlyargs]} if init else {}
    for node in ast.walk(init) if init else ():
        match node:
            case ast.AnnAssign(target=ast.Attribute(value=ast.Name(id="self"), attr=name), annotation=written):
                typed = read(written, scope)
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=ast.Name(id=given)):
                typed = read(annotated.get(given), scope)
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=ast.Call()):
                typed = Typed(_instance(node, scope))
            case _:
                continue
        if typed.text and typed.how == "returns" and not name.startswith("_"):
            yield name, typed.text


def _bases(cls: ast.ClassDef, scope: Scope, proposal: Proposal) -> Iterator[str]:
    for base in cls.bases:
        written = base.value if isinstance(base, ast.Subscript) else base
        if isinstance(written, ast.Name | ast.Attribute):
            meant = scope.sources.meaning(scope.module, ast.unparse(written))
            if isinstance(meant, Found):
                yield scope.sources.public(meant)
            elif meant.rpartition(".")[2] in _ABSTRACT:
                yield f"collections.abc.{meant.rpartition('.')[2]}"
            elif (plain := read(written, scope).text).removeprefix("builtins.") in _HELD:
                yield plain
            elif not meant.startswith(("typing", "abc.", "builtins.")):
                proposal.notes[scope.cls] = f"is a {meant}"


def version_of(folders: Collection[Path]) -> str:
    """The release that the folders hold, by its metadata."""
    for file in sorted(path for folder in folders for path in folder.glob("*.dist-info/METADATA")):
        if found := re.search(r"^Version: (\S+)", file.read_text(encoding="utf-8"), re.MULTILINE):
            return found[1]
    return '"?"'


def without(library: Library, known: Library) -> None:
    """Leaves out what a file has already."""
    for section, there in ((library.functions, known.functions), (library.instances, known.instances)):
        for name in there:
            section.pop(name, None)
    for name, model in known.classes.items():
        proposed = library.classes.get(name)
        for inner, there in (
            ((proposed.methods, model.methods), (proposed.attributes, model.attributes)) if proposed else ()
        ):
            for member in there:
                inner.pop(member, None)
        if proposed and not proposed.methods and not proposed.attributes:
            del library.classes[name]


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="unpacked sources or stubs")
    parser.add_argument(
        "--import", dest="tops", action="append", required=True, metavar="NAME", help="a package as it is imported"
    )
    parser.add_argument(
        "--known", type=Path, metavar="FILE.yaml", help="leave out what this file has, and say where it differs"
    )
    parser.add_argument(
        "--used", type=Path, nargs="+", default=[], metavar="PATH", help="backends: keep what occurs in them"
    )
    given = parser.parse_args(arguments)
    try:
        for path in [*given.folders, *given.used]:
            if not path.exists():
                raise LookupError(f"{path}: no such file or folder")
        sources = load(given.folders, given.tops)
        known = decode_model(given.known, Library) if given.known else None
    except (LookupError, OSError, UserError) as error:
        sys.exit(f"propose: {error}\n  for example: propose.py /tmp/jinja2 --import jinja2 --used ~/backends/shop")
    if sources.unread:
        print(f"not read, a newer Python may: {', '.join(sources.unread)}", file=sys.stderr)
    proposal = propose(sources, given.tops[0], version_of(given.folders), given.tops)
    if known:
        for difference in differences(known, proposal.library, sources):
            print(difference, file=sys.stderr)
        without(proposal.library, known)
    used = occurrences(given.used, sources)
    if given.used:
        only_used(proposal.library, used)
    sys.stdout.writelines(f"{line}\n" for line in render(proposal, sources, used))


if __name__ == "__main__":
    main()
