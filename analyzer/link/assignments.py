"""Assignments to attributes that mean something to a library: `session.verify = False`."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ..libraries import assignment
from ..model import project as answers
from ..model.answer import Constant, Known
from ..model.code import Assign, Attribute
from ..model.library import Parameter
from ..model.location import Location
from .calls import constant, texts_of
from .classes import bases
from .evaluate import Evaluator
from .index import ScopeRef, body
from .switches import SWITCHED, is_switched, serves
from .values import External, Frame, Instance, Values
from .walk import statements


def assigned(ev: Evaluator, role: str, with_tests: bool) -> Iterator[answers.Argument]:
    """Every assignment to an attribute with this role, sorted by place."""
    for statement, ref, _, name in _found(ev, role, with_tests):
        yield _answer(ev, statement, ref, name, role)


def assigned_to(ev: Evaluator, role: str) -> Iterator[Instance]:
    """The objects on which an attribute with this role is assigned, test code left out."""
    for _, _, value, _ in _found(ev, role, with_tests=False):
        yield value


def _found(ev: Evaluator, role: str, with_tests: bool) -> Iterator[tuple[Assign, ScopeRef, Instance, str]]:
    wanted = {
        name
        for model in ev.libraries.classes.values()
        for name, parameter in model.assignments.items()
        if parameter.role == role
    }
    for path, facts in sorted(ev.index.python.items()):
        if wanted.isdisjoint(facts.attributes) or (path in ev.index.tests and not with_tests):
            continue
        for number in range(len(facts.scopes)):
            yield from _in_scope(ev, ScopeRef(path, number), role, wanted)


def _in_scope(
    ev: Evaluator, ref: ScopeRef, role: str, wanted: set[str]
) -> Iterator[tuple[Assign, ScopeRef, Instance, str]]:
    frame = Frame(ref)
    for statement in statements(body(ev.index, ref)):
        if not isinstance(statement, Assign):
            continue
        for target in statement.targets:
            if not (isinstance(target, Attribute) and target.name in wanted):
                continue
            for value in ev.expr(target.value, frame):
                owner = Instance(value.name) if isinstance(value, External) and value.receiver is None else value
                found = _meaning(ev, owner, target.name) if isinstance(owner, Instance) else None
                if (
                    found is not None
                    and found[1].role == role
                    and isinstance(owner, Instance)
                    and not serves(ev, owner)
                ):
                    yield statement, ref, owner, found[0]
                    break


def _meaning(ev: Evaluator, value: Instance, name: str) -> tuple[str, Parameter] | None:
    owners = [value.cls] if isinstance(value.cls, str) else [b for b in bases(ev, value.cls) if isinstance(b, str)]
    return next((found for owner in owners if (found := assignment(ev.libraries, owner, name))), None)


def _answer(ev: Evaluator, statement: Assign, ref: ScopeRef, name: str, role: str) -> answers.Argument:
    scope = ev.scope(ref)
    at = Location(ref.path, statement.at)
    values = ev.expr(statement.value, Frame(ref))
    library = ev.libraries.owner.get(name.rpartition(".")[0], "")
    call = answers.Call(name, library, at, scope.qualname, scope.is_async, main_guard=False, sure=True)
    known = _of_function(ev, values, role) or constant(values)
    switched = role in SWITCHED and is_switched(ev, ref, statement.at)
    return answers.Argument(role, call, True, known, texts_of(values), at, assigned=True, switched=switched)


def _of_function(ev: Evaluator, values: Values, role: str) -> Known[Constant] | None:
    """What a function stands for where it is put in another's place: `ssl._create_unverified_context`."""
    for value in values:
        operation = ev.libraries.functions.get(value.name) if isinstance(value, External) else None
        for parameter in operation.parameters.values() if operation else ():
            if parameter.role == role and parameter.default is not msgspec.UNSET:
                return Known(parameter.default)
    return None
