"""Finds the rows of a person or an organisation by what the registry says of each table."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy import Table as SqlTable

from portal.db import Base
from portal.privacy.registry import TABLES
from portal.privacy.rules import Table


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose data is meant: a person's or an organisation's, by number."""

    person_id: int | None = None
    organisation_id: int | None = None


def sql_table(name: str) -> SqlTable:
    """Return the database's table of this name."""
    return Base.metadata.tables[name]


def rows_of(table: Table, subject: Subject) -> ColumnElement[bool] | None:
    """Return the condition under which rows are the subject's; None when none ever are."""
    rows = sql_table(table.name)
    conditions: list[ColumnElement[bool]] = []
    if subject.person_id is not None:
        conditions += [rows.c[name] == subject.person_id for name in table.person]
    else:
        conditions += [rows.c[name] == subject.organisation_id for name in table.organisation]
    if table.parent is not None:
        column, parent_name = table.parent
        parent = TABLES[parent_name]
        of_parent = rows_of(parent, subject)
        if of_parent is not None:
            conditions.append(rows.c[column].in_(select(_key(parent_name)).where(of_parent)))
    return or_(*conditions) if conditions else None


def _key(name: str) -> Any:
    (key,) = sql_table(name).primary_key.columns
    return key


def tables_of(subject: Subject) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Yield every registered table that can hold rows of the subject, and which rows those are."""
    for table in TABLES.values():
        condition = rows_of(table, subject)
        if condition is not None:
            yield table, condition
