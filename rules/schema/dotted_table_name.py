"""
A Supabase client is asked for a table by `schema.table`.

The client puts the text into the address as it stands: PostgREST looks for a table whose name holds a dot, in the one
schema that the client was made for, and answers 404. No call with such a name has ever worked. It shows only when that
line runs, usually the day after tables were moved into domain schemas, because mocks accept every name.

Read the view in `public`. The tables live in domain schemas (`auth_system.users`, `content_mgmt.articles`) that the API
does not expose; for each table that code reads there is a view of the same name in `public`, which maps renamed columns
so that older clients go on working: `client.from_("users")`. Where the schema is exposed on purpose, choose it first:
`client.schema("content_mgmt").from_("articles")`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from analyzer import Argument, Confidence, Edit, Fix, Node, Project, Rule, Severity, Standard, Suspicion

if TYPE_CHECKING:
    import libcst

RULE = Rule(
    id="dotted-table-name",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    cwe=None,
    standard=Standard.SCHEMA,
    node=Node.CALL,
    since="0.1",
    bad="""
        from supabase import create_client

        client = create_client("https://project.supabase.co", "key")

        def users():
            return client.from_("auth_system.users").select("id, mail").execute()
    """,
    good="""
        from supabase import create_client

        client = create_client("https://project.supabase.co", "key")

        def users():
            return client.from_("users").select("id, mail").execute()
    """,
)
_DOTTED = re.compile(r'\s*"?([A-Za-z_]\w*)"?\."?([A-Za-z_]\w*)"?\s*')


def detect(project: Project) -> Iterator[Suspicion]:
    seen = set()
    for argument in project.arguments("table-name"):
        name = _dotted(argument)
        if name and argument.call.at not in seen:
            seen.add(argument.call.at)
            yield Suspicion(
                RULE.id,
                argument.call.at,
                f"`{argument.call.name}` is asked for `{name}`, and takes it for one name in one schema",
                name,
                confidence=None if argument.call.library and argument.call.sure else Confidence.LOW,
            )


def _dotted(argument: Argument) -> str:
    """The first of the names that it may be that is a schema and a table; a hole stands for a word."""
    for text in argument.texts:
        name = "".join(piece if isinstance(piece, str) else "x" for piece in text.pieces)
        if match := _DOTTED.fullmatch(name):
            whole = all(isinstance(piece, str) for piece in text.pieces)
            shown = "".join(piece if isinstance(piece, str) else "…" for piece in text.pieces)
            return f"{match[1]}.{match[2]}" if whole else shown.strip()
    return ""


def fix(node: libcst.Call, suspicion: Suspicion) -> Fix | None:
    """The public view of the table; it must exist, which the code does not show."""
    import libcst as cst

    value = node.args[0].value if node.args else None
    if not isinstance(value, cst.SimpleString) or not isinstance(value.evaluated_value, str):
        return None
    match = _DOTTED.fullmatch(value.evaluated_value)
    if match is None:
        return None
    bare = value.with_changes(value=f"{value.prefix}{value.quote}{match[2]}{value.quote}")
    call = node.with_changes(args=[node.args[0].with_changes(value=bare), *node.args[1:]], lpar=(), rpar=())
    edit = Edit(suspicion.at.span, cst.Module([]).code_for_node(call))
    return Fix(f"read the public view `{match[2]}`", (edit,), safe=False)
