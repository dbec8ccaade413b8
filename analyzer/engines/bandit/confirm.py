"""A node that a test of bandit's reports → whether the source text as written bears it out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import libcst as cst

    from ...model.finding import Suspicion


def _asks_for_a_shell(node: cst.CSTNode, suspicion: Suspicion) -> bool:
    """Bandit takes every expression for true: `shell=sys.platform == "win32"`."""
    return any(getattr(value, "value", "") in ("True", "1") for value in _given(node, "shell"))


def _trusts_the_document(node: cst.CSTNode, suspicion: Suspicion) -> bool:
    """Bandit knows two safe loaders by name: not those that are made from them, nor `yaml.loader.SafeLoader`."""
    names = (getattr(getattr(value, "attr", value), "value", "") for value in _given(node, "Loader", 1))
    return not any(isinstance(name, str) and "Safe" in name for name in names)


def _given(node: cst.CSTNode, keyword: str, position: int | None = None) -> list[cst.BaseExpression]:
    """What a call gives under a keyword, or at a position."""
    arguments = list(getattr(node, "args", ()))
    named = [argument.value for argument in arguments if argument.keyword and argument.keyword.value == keyword]
    if position is None or len(arguments) <= position or arguments[position].keyword or arguments[position].star:
        return named
    return [*named, arguments[position].value]


CONFIRM: dict[str, Callable[[cst.CSTNode, Suspicion], bool]] = {
    "B506": _trusts_the_document,
    "B602": _asks_for_a_shell,
}
