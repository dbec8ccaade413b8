"""
A backup table that a migration makes is never dropped.

The copy was made for the day of the migration. Nobody reads it since, but it is in every dump and counts towards every
quota; the personal data in it is found by no request to erase it, and stands outside of the policies and grants of the
table that it was copied from. After a year nobody dares to drop it, for nobody knows who needs it.

End the work that it was made for: audit, migrate, verify, create views, update code, test, deploy, and then clean up.
Write the `DROP TABLE` as a migration of its own when you write the copy, and let it run once the new table is verified
in production. What must be kept belongs into the database's own backups.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from analyzer import (
    Confidence,
    MadeTable,
    Node,
    Project,
    Rule,
    Severity,
    Standard,
    Step,
    Suspicion,
    Unjudged,
    Unknown,
)

RULE = Rule(
    id="backup-table-never-dropped",
    doc=__doc__,
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    cwe=None,
    standard=Standard.SCHEMA,
    node=Node.CALL,
    since="0.1",
    bad={
        "migrations/0007_split_names.sql": """
            CREATE TABLE customers_backup AS SELECT * FROM customers;
            ALTER TABLE customers ADD COLUMN family_name text;
        """,
        "migrations/0008_index_names.sql": "CREATE INDEX customers_by_name ON customers (family_name);",
    },
    good={
        "migrations/0007_split_names.sql": """
            CREATE TABLE customers_backup AS SELECT * FROM customers;
            ALTER TABLE customers ADD COLUMN family_name text;
        """,
        "migrations/0008_clean_up.sql": "DROP TABLE customers_backup;",
    },
)
_DATE = r"(?:19|20)\d\d[_-]?(?:0[1-9]|1[0-2])[_-]?(?:0[1-9]|[12]\d|3[01])(?:[_-]?\d{4,6})?"
_WORD = r"(?:backup|bak|bkp|old|copy|temp|tmp)"
_BACKUP = re.compile(
    rf"(?P<base>.+?)_(?:{_WORD}(?:_?v?\d+|_{_DATE})?|{_DATE})|(?:{_WORD}(?:_of)?|{_DATE})_(?P<of>.+)"
    r"|(?P<before>.+?)_(?:backup|bak|bkp)_.+"
)
_PLAIN = re.compile(r"(?P<base>.+?)_(?:backup|bak|bkp|old)(?:_?v?\d+)?")
_SCHEMA = re.compile(r"_?(?:backups?|bak)")


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    found: dict[str, list[MadeTable]] = {}
    for table in project.tables_made():
        if not _base(table.name):
            continue
        if isinstance(table.gone, Unknown):
            yield Unjudged(RULE.id, table.gone.why, table.at)
        elif not table.gone.value:
            found.setdefault(table.name.casefold(), []).append(table)
    for tables in found.values():
        yield _suspicion(tables[0], tables[1:])


def _suspicion(table: MadeTable, others: Sequence[MadeTable]) -> Suspicion:
    said = f"`{table.name}`"
    if table.source:
        said += f", which was `{table.source}`" if table.renamed else f", the copy of `{table.source}`"
    plain = _PLAIN.fullmatch(table.name.casefold().rpartition(".")[2])
    sure = table.source or (plain and plain["base"] in table.known)
    return Suspicion(
        RULE.id,
        table.at,
        f"no {'' if table.last else 'later '}migration drops {said}",
        table.name,
        related=tuple(Step(other.at, f"`{table.name}` is made here, too") for other in others),
        # The next migration may drop it yet; and a table that copies none may be no backup.
        confidence=None if sure and not table.last else Confidence.LOW,
    )


def _base(name: str) -> str:
    """The name of the table that this one backs up, as its own name says; "" for what is no backup."""
    schema, _, last = name.casefold().rpartition(".")
    match = _BACKUP.fullmatch(last)
    if match is None:
        return last if _SCHEMA.fullmatch(schema.rpartition(".")[2]) else ""
    return next(group for group in match.groups() if group)
