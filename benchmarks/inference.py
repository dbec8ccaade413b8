"""TypeEvalPy's micro-benchmark: how many of the types that its ground truth names does the evaluator find?

Run it with `python benchmarks/inference.py FOLDER`, where FOLDER holds `*_gt.json` files beside the code they speak of
(https://github.com/secure-software-engineering/TypeEvalPy, folder `micro-benchmark`). The code is read, never run.
An answer is right where file, line, column and name are found and the set of types is the same, as in its own
`result_analyzer`: letter case and what stands in brackets do not count. An answer with an unknown part is none.
"""

from __future__ import annotations

import argparse
import ast
import json
import types
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from analyzer import assets
from analyzer.extract.python import read
from analyzer.frameworks import ALL
from analyzer.libraries import Libraries, load_libraries
from analyzer.link import build, link, top_packages
from analyzer.link.calling import call_function
from analyzer.link.evaluate import Evaluator
from analyzer.link.index import ScopeRef
from analyzer.link.occurrences import Occurrence, occurrences, values
from analyzer.link.parameters import value as parameter_value
from analyzer.link.values import (
    Alias,
    ClassRef,
    Const,
    Container,
    External,
    Frame,
    Function,
    Instance,
    Lambda,
    Module,
    Opaque,
    Partial,
    Txt,
    Value,
    Values,
)  # fmt: skip
from analyzer.model.code import (
    Attribute,
    Call,
    Comprehension,
    Dict,
    Expr,
    Literal,
    LiteralKind,
    Name,
    Sequence,
    Subscript,
)
from analyzer.model.facts import Extracted, ScopeKind
from analyzer.model.location import Location

_TARGET = "the target"  # no name that code can write
_KINDS = ("function returns", "parameters", "local variables")


@dataclass(frozen=True)
class Question:
    """One entry of the ground truth, and what is answered."""

    case: str  # "python_features/args/call"
    entry: Mapping[str, Any]
    answer: Values | None  # None where the place was not found
    types: frozenset[str]  # of the answer; empty where it is unknown

    @property
    def kind(self) -> str:
        """What is asked for."""
        return _KINDS[1] if "parameter" in self.entry else _KINDS[2] if "variable" in self.entry else _KINDS[0]

    @property
    def truth(self) -> frozenset[str]:
        """The types that are true."""
        return frozenset(plain(name) for name in self.entry["type"])

    @property
    def right(self) -> bool:
        """Whether the answer is the truth."""
        return self.types == self.truth

    @property
    def cause(self) -> str:
        """Why the answer is not the truth."""
        if self.answer is None:
            return "the place was not found"
        unknown = sorted({v.why for v in self.answer if isinstance(v, Opaque)})
        if unknown:
            return "; ".join(unknown)
        return f"{', '.join(sorted(self.types)) or 'nothing'} where {', '.join(sorted(self.truth))} is true"


def plain(name: str) -> str:
    """A type as it is compared."""
    name = name.partition("[")[0].lower()
    return "nonetype" if name == "none" else name


def questions(folder: Path) -> Iterator[Question]:
    """Every entry of every ground truth below a folder; what stands beside a ground truth is one project."""
    for truth in sorted(folder.rglob("*_gt.json")):
        case = truth.parent
        ev = evaluator({path.relative_to(case).as_posix(): path for path in sorted(case.rglob("*.py"))})
        for entry in json.loads(truth.read_text()):
            path = entry["file"]
            answer = ask(ev, path, entry) if path in ev.index.python else None
            yield Question(case.relative_to(folder).as_posix(), entry, answer, told(ev, path, answer or ()))


def evaluator(files: Mapping[str, Path]) -> Evaluator:
    """The linked project of some files."""
    facts = tuple(Extracted(path, read(file.read_bytes())) for path, file in files.items())
    index = build(facts, frozenset())
    project = link(index, _libraries(top_packages(index)), ALL, with_tests=False)
    project.apps()  # who calls whom, and what runs on requests: every answer leans on both
    return project.ev


@lru_cache
def _libraries(imported: frozenset[str]) -> Libraries:
    return load_libraries(assets.rules() / "libraries", imported)


def ask(ev: Evaluator, path: str, entry: Mapping[str, Any]) -> Values | None:
    """What the evaluator says of an entry; None where nothing stands at its place."""
    line, column = entry["line_number"], entry["col_offset"] - 1
    if "variable" not in entry and "parameter" not in entry:
        for number, scope in enumerate(ev.index.python[path].scopes):
            if scope.kind is ScopeKind.FUNCTION and (scope.name_at.line, scope.name_at.column) == (line, column):
                return returned(ev, ScopeRef(path, number))
        return None
    wanted = ast.parse(entry.get("parameter") or entry["variable"], mode="eval").body
    for found in occurrences(ev, path):
        if (found.expr.at.line, found.expr.at.column) == (line, column) and not isinstance(found.expr, Call):
            written = {_written(found.expr), f"{ev.scope(found.scope).qualname}.{_written(found.expr)}"}
            if ast.unparse(wanted) in written:
                return values(ev, found)
            if isinstance(wanted, ast.Subscript) and found.by is not None and _root(found.expr) == _root(wanted):
                # `x[key] = …` writes x["a"], by whatever name the key goes there; `x = …` writes all that x holds.
                return values(ev, found) if isinstance(found.expr, Subscript) else _part(ev, found, wanted)
    return None


def _root(expr: Expr | ast.expr) -> str:
    """The name that subscripts are taken of."""
    while isinstance(expr, Subscript | ast.Subscript):
        expr = expr.value
    return expr.id if isinstance(expr, Name | ast.Name) else ""


def returned(ev: Evaluator, ref: ScopeRef) -> Values:
    """What calling a function of the project gives back, over all calls that are seen."""
    scope = ev.scope(ref)
    frame = Frame(ref)
    bound: dict[str, Any] = {p.name: parameter_value(ev, frame, p) for p in scope.params.items if p.default is not None}
    found = call_function(ev, Function(ref), bound, frame, Location(ref.path, scope.name_at))
    if scope.is_generator:  # what was found is what it yields
        return (Instance("types.AsyncGeneratorType" if scope.is_async else "types.GeneratorType", None, found),)
    return found


def _part(ev: Evaluator, found: Occurrence, wanted: ast.Subscript) -> Values:
    """`x[0]["key"]` where x is written: the items of what is written."""
    keys: list[Any] = []
    below: ast.expr = wanted
    while isinstance(below, ast.Subscript):
        keys.insert(0, ast.literal_eval(below.slice))
        below = below.value
    at = found.expr.at
    expr: Expr = Name(at, _TARGET)
    for key in keys:
        expr = Subscript(at, expr, Literal(at, LiteralKind.STR if isinstance(key, str) else LiteralKind.INT, key))
    return ev.expr(expr, ev.frame(found.scope, ((_TARGET, values(ev, found)),), 0))


def _written(expr: Expr) -> str:
    """Names, attributes and subscripts by constants as code; "_" for anything else."""
    match expr:
        case Name(id=name):
            return name
        case Attribute(value=value, name=name):
            return f"{_written(value)}.{name}"
        case Subscript(value=value, index=Literal(value=key)):
            return f"{_written(value)}[{key!r}]"
        case _:
            return "_"


# ------------------------------------------------------------------ values in the benchmark's words


def told(ev: Evaluator, path: str, found: Values) -> frozenset[str]:
    """The types of an answer; none where a part of it is unknown."""
    if any(isinstance(value, Opaque) for value in found):
        return frozenset()
    return frozenset(plain(_type(ev, path, value)) for value in found)


def _type(ev: Evaluator, path: str, value: Value) -> str:
    match value:
        case Const(value=constant):
            return type(constant).__name__
        case Txt():
            return "str"
        case Instance(cls=ScopeRef() as ref):
            return _class(ev, ref, path)
        case Instance(cls=str() as name):
            return _of_library(name)
        case ClassRef() | Alias():
            return "type"
        case External(name=name, receiver=receiver):
            return "type" if receiver is None and name in ev.libraries.classes else "callable"
        case Function() | Lambda() | Partial():
            return "callable"
        case Module():
            return "module"
        case Container(expr=expr):
            return _literal(expr)
        case _:
            return "unknown"


def _class(ev: Evaluator, ref: ScopeRef, path: str) -> str:
    """A class by its name; one of another file with its module, as it would be imported."""
    name = ev.scope(ref).qualname
    if ref.path == path:
        return name
    parts = ref.path.removesuffix(".py").removesuffix("/__init__").split("/")
    return ".".join([*parts, name])


def _of_library(name: str) -> str:
    """A library's class by its name; those of `types` by the name that they have when the program runs."""
    module, _, last = name.rpartition(".")
    if module == "types":
        last = getattr(getattr(types, last, None), "__name__", last)
    if last in ("function", "method", "builtin_function_or_method", "Callable"):
        return "callable"
    return last if module in ("builtins", "types") else name


def _literal(expr: Expr) -> str:
    match expr:
        case Dict():
            return "dict"
        case Sequence(kind=kind) | Comprehension(kind=kind):
            return kind
        case _:
            return "unknown"


# ------------------------------------------------------------------ what is printed


def category(case: str) -> str:
    """`python_features/args` of `python_features/args/call`."""
    return "/".join(case.split("/")[:2])


def table(asked: list[Question]) -> Iterator[str]:
    """Exact matches by category and kind, with precision and recall."""
    groups: dict[str, list[Question]] = defaultdict(list)
    for question in asked:
        groups[category(question.case)].append(question)
    rows = [(name, groups[name]) for name in sorted(groups)]
    rows += [(kind, [q for q in asked if q.kind == kind]) for kind in _KINDS]
    for area in sorted({name.partition("/")[0] for name in groups}):
        rows.append((area, [q for q in asked if q.case.startswith(f"{area}/")]))
    yield f"{'':47} {'asked':>6} {'exact':>6} {'answered':>9} {'precision':>10} {'recall':>7}"
    for name, group in [*rows, ("all", asked)]:
        exact = sum(q.right for q in group)
        answered = sum(bool(q.types) for q in group)
        yield (
            f"{name:47} {len(group):6} {exact:6} {answered:9}"
            f" {_share(exact, answered):>10} {_share(exact, len(group)):>7}"
        )


def whole(asked: list[Question]) -> str:
    """How many of the benchmark's projects have every answer right, and how many have none that is wrong."""
    cases: dict[str, list[Question]] = defaultdict(list)
    for question in asked:
        cases[question.case].append(question)
    sound = sum(all(q.right for q in group) for group in cases.values())
    complete = sum(all(q.right for q in group if q.types) for group in cases.values())
    return f"of {len(cases)} projects {sound} have every answer right, {complete} no wrong one"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def misses(asked: list[Question]) -> Iterator[str]:
    """What is not right, grouped by cause, the most frequent first."""
    wrong = [question for question in asked if not question.right]
    counted = Counter(question.cause for question in wrong)
    for cause, count in sorted(counted.items(), key=lambda item: (-item[1], item[0])):
        yield f"{count:4}  {cause}"
        yield from (f"        {said(question)}" for question in wrong if question.cause == cause)


def said(question: Question) -> str:
    """An entry in one line: where, what is true, what is answered."""
    entry = question.entry
    name = entry.get("parameter") or entry.get("variable") or f"{entry['function']}()"
    place = f"{question.case}/{entry['file']}:{entry['line_number']}:{entry['col_offset']}"
    found = ", ".join(sorted(question.types)) or "unknown"
    return f"{place} {name}: {', '.join(sorted(question.truth))}; here {found}"


def show(folder: Path, case: str, asked: list[Question]) -> Iterator[str]:
    """One case: its code with numbers, and every entry of its ground truth."""
    for path in sorted((folder / case).rglob("*.py")):
        yield f"--- {path.relative_to(folder / case).as_posix()}"
        yield from (f"{number:4}  {line}" for number, line in enumerate(path.read_text().splitlines(), 1))
    for question in asked:
        if question.case == case:
            yield f"{'ok  ' if question.right else 'MISS'} {said(question)}"
            for value in question.answer or () if not question.right else ():
                yield f"       {value}"[:200]


def main() -> int:
    """Print the table and the misses."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="TypeEvalPy's micro-benchmark, or a part of it")
    parser.add_argument("--show", metavar="CASE", help="one case, as python_features/args/call")
    parser.add_argument("--misses", action="store_true", help="every miss below its cause")
    asked_for = parser.parse_args()
    asked = list(questions(asked_for.folder))
    if asked_for.show:
        print("\n".join(show(asked_for.folder, asked_for.show, asked)))
        return 0
    print("\n".join(table(asked)))
    print(whole(asked))
    print("\nMisses by cause")
    lines = misses(asked)
    print("\n".join(line for line in lines if asked_for.misses or not line.startswith("     ")))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
