"""What an endpoint's handler comes to → JSON: queries, other services, transactions, and what could not be followed."""

from __future__ import annotations

from typing import Any

from ..model.answer import Known, Unknown
from ..model.reached import Reach, Reached

_MOST = 50  # of one kind; "left_out" says how many more there are
_DATABASE, _TRANSACTION = "database", "transaction"

Json = dict[str, Any]


def reaches(reach: Reach) -> Json:
    """The object of one endpoint; everything in it is sorted, the nearest to the handler first."""
    queries = [one for one in reach.found if one.kind == _DATABASE]
    transactions = [one for one in reach.found if one.kind == _TRANSACTION]
    services = [one for one in reach.found if one.kind not in (_DATABASE, _TRANSACTION)]
    return {
        "functions": reach.functions,
        "queries": [_query(one) for one in queries[:_MOST]],
        "services": [{"kind": one.kind, **_call(one)} for one in services[:_MOST]],
        "transactions": [_call(one) for one in transactions[:_MOST]],
        "left_out": sum(max(0, len(held) - _MOST) for held in (queries, services, transactions)),
        "unfollowed_calls": reach.unfollowed,
        "whole": _whole(reach.whole),
    }


def _query(one: Reached) -> Json:
    return {"does": one.does or None, "tables": list(one.tables), **_call(one)}


def _call(one: Reached) -> Json:
    return {"call": one.name, "depth": one.depth, "path": one.at.path, "line": one.at.span.line}


def _whole(whole: Known[bool] | Unknown) -> Json:
    if isinstance(whole, Unknown):
        return {"value": None, "why": whole.why}
    return {"value": whole.value, "why": None}
