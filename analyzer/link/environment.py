"""An expression that reads an environment variable → the value that it has where the environment says nothing."""

from __future__ import annotations

from ..model.answer import Constant
from ..model.code import Attribute, Call, Compare, Expr, Literal, Name, Sequence, UnaryOp

# Words that turn a text into a truth, or leave it as it is.
_TRUTH = frozenset(
    {
        "bool",
        "strtobool",
        "str2bool",
        "str_to_bool",
        "parse_bool",
        "to_bool",
        "as_bool",
        "is_true",
        "parse_boolean_string",
        "asbool",
        "boolean",
    }
)
_TEXT = frozenset({"lower", "upper", "strip", "title", "casefold", "str"})
_ON = ("true", "1", "yes", "on", "y", "t")
_PARSED = frozenset({"getboolean", "getint", "getfloat"})  # methods of configparser
_READING = ("env", "getenv", "environ", "config", "get_env", "setting")


def fallback(expr: Expr) -> Constant:
    """The constant; None where there is none, or where it is not understood."""
    found = _value(expr)
    return found if isinstance(found, str | int | float | bool) else None


def _value(expr: Expr) -> object:
    match expr:
        case Literal(value=value):
            return value
        case Sequence(items=items):
            return [_value(item) for item in items]
        case UnaryOp(op="not", operand=operand):
            inner = _value(operand)
            return None if inner is None else not inner
        case Compare(left=left, ops=(op,), comparators=(right,)):
            return _compared(_value(left), op, _value(right))
        case Call():
            return _called(expr)
        case _:
            return None


def _compared(left: object, op: str, right: object) -> bool | None:
    if left is None or right is None:
        return None
    match op:
        case "==" | "is":
            return left == right
        case "!=" | "is not":
            return left != right
        case "in" | "not in" if isinstance(right, list | str) and not (
            isinstance(right, str) and not isinstance(left, str)
        ):
            inside = left in right
            return inside if op == "in" else not inside
        case _:
            return None


def _called(call: Call) -> object:
    word = call.callee.id if isinstance(call.callee, Name) else getattr(call.callee, "name", "")
    if word in _TEXT and isinstance(call.callee, Attribute) and not call.args:
        inner = _value(call.callee.value)
        return getattr(inner, word)() if isinstance(inner, str) and hasattr(inner, word) else None
    if (word in _TRUTH or word in ("int", "str", "loads")) and len(call.args) == 1 and not call.keywords:
        inner = _value(call.args[0])
        if isinstance(inner, str) and word in ("bool", "str"):
            return bool(inner) if word == "bool" else inner
        return _truth(inner)
    if not (call.args and isinstance(call.args[0], Literal) and isinstance(call.args[0].value, str)) or not reads(
        call.callee
    ):
        return None
    second = call.args[1] if len(call.args) > 1 and word not in _PARSED else None  # of a parser: the option's name
    given = next((k.value for k in call.keywords if k.name in ("default", "fallback")), second)
    value = _value(given) if given is not None else None
    casts = any(k.name == "cast" for k in call.keywords) or "bool" in word.lower()
    return _truth(value) if casts else value


def _truth(value: object) -> object:
    return value.lower() in _ON if isinstance(value, str) else value


def reads(callee: Expr) -> bool:
    """Whether a callee's words say that it reads the environment: `os.environ.get`, `env.bool`, `get_bool_env`."""
    words = ""
    while isinstance(callee, Attribute):
        words, callee = f"{words} {callee.name}", callee.value
    words = f"{words} {callee.id if isinstance(callee, Name) else ''}".lower()
    return any(word in words for word in _READING)
