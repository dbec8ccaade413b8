"""Classes of tables → the column or relation that says to whom a row belongs."""

from __future__ import annotations

import re

from ..model.code import Call
from . import classes
from .evaluate import Evaluator
from .index import ScopeRef
from .walk import dotted, nodes

# A user, or the customer of a whole backend. Who wrote something public ("author", "created_by") does not own it alone.
_OWNER = re.compile(
    r"^(?:owner|user|account|customer|tenant|organi[sz]ation|org|workspace|household|member)(?:_?(?:id|uuid))?$"
)
_COLUMNS = frozenset({
    "Column", "mapped_column", "ForeignKey", "OneToOneField", "Field", "relationship", "Relationship",
    "ForeignKeyField", "ReferenceField",
})  # fmt: skip


def owner(ev: Evaluator, ref: ScopeRef) -> str:
    """The column of a table's class that says whose a row is: "user_id"; "" where there is none."""
    found = []
    for base in classes.bases(ev, ref):
        if not isinstance(base, ScopeRef):
            continue
        for name, bound in ev.bindings(base).items():
            if _OWNER.match(name) and any(_points(binding.expr) for binding in bound):
                found.append(name)
    return min(found, key=lambda name: (not name.startswith(("owner", "user")), len(name), name), default="")


def _points(expr: object) -> bool:
    """Whether an expression makes a column that points at another table: a foreign key, or a relation."""
    if not isinstance(expr, Call):
        return False
    made = dotted(expr.callee).rpartition(".")[2]
    if made not in _COLUMNS:
        return False
    keyed = any(isinstance(node, Call) and dotted(node.callee).endswith("ForeignKey") for node in nodes(expr))
    named = any(keyword.name in ("foreign_key", "to") for keyword in expr.keywords)
    return keyed or named or made in ("OneToOneField", "ForeignKeyField", "ReferenceField")
