"""Writes the copy of somebody's data: a zip of tables as CSV, all of it as JSON, and a README.

Walks the registry. CSV is for a spreadsheet (byte order mark, formulas defused), JSON for a
program: exactly what is stored.
"""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import select

from portal.accounts import queries as accounts
from portal.db import db
from portal.i18n import iso
from portal.privacy import readme, walking
from portal.privacy.rules import Table
from portal.privacy.walking import Subject, sql_table
from reports.facts.quality import safe_table
from reports.facts.store import NoFacts, open_current

_CHUNK = 1000
ORDERS = "order_lines"
ORDER_COLUMNS = (
    "order_no",
    "line_no",
    "kind",
    "occurred_on",
    "product_ref",
    "product_name",
    "category",
    "region",
    "quantity",
    "amount_minor",
    "currency",
    "original_order_no",
)


def write(*, subject: Subject, target: Path, facts_dir: Path, made_at: datetime) -> None:
    """Write the copy to `target`, which exists only once it is whole."""
    partial = target.with_suffix(".part")
    rows: dict[str, int] = {}
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        for table, condition in walking.tables_of(subject):
            if table.exported:
                records = list(_records(table, condition))
                if records:
                    _add(archive, table.name, table.exported, records)
                    rows[table.name] = len(records)
        rows |= _add_names(archive, subject)
        rows |= _add_orders(archive, subject, facts_dir)
        archive.writestr("README.txt", readme.text(subject=subject, rows=rows, made_at=made_at))
    partial.replace(target)


def _records(table: Table, condition: Any) -> Iterator[dict[str, Any]]:
    rows = sql_table(table.name)
    columns = [rows.c[name] for name in table.exported]
    statement = select(*columns).where(condition).order_by(*rows.primary_key.columns)
    for row in db.session.execute(statement.execution_options(yield_per=_CHUNK)):
        yield {name: _plain(value) for name, value in zip(table.exported, row, strict=True)}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    return value.isoformat() if isinstance(value, date) else value


@contextmanager
def _csv_in(archive: zipfile.ZipFile, name: str) -> Iterator[TextIO]:
    # The byte order mark is how spreadsheets know that it is UTF-8.
    with (
        archive.open(f"csv/{name}.csv", "w") as raw,
        io.TextIOWrapper(raw, "utf-8-sig", newline="") as text,
    ):
        yield text


def _add(
    archive: zipfile.ZipFile,
    name: str,
    columns: Sequence[str],
    records: Sequence[Mapping[str, Any]],
) -> None:
    with _csv_in(archive, name) as text:
        _write_csv(text, columns, records)
    archive.writestr(f"json/{name}.json", json.dumps(records, ensure_ascii=False, indent=1))


def _write_csv(file: TextIO, columns: Sequence[str], records: Sequence[Mapping[str, Any]]) -> None:
    add = safe_table(file)
    add(columns)
    for record in records:
        add(_cell(record[name]) for name in columns)


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _add_names(archive: zipfile.ZipFile, subject: Subject) -> dict[str, int]:
    """Add who works in the organisation, so that the numbers in the other tables have names."""
    if subject.organisation_id is None:
        return {}
    people = accounts.persons_of(subject.organisation_id)
    _add(
        archive, "members", ("id", "name"), [{"id": each.id, "name": each.name} for each in people]
    )
    return {"members": len(people)}


def _add_orders(archive: zipfile.ZipFile, subject: Subject, facts_dir: Path) -> dict[str, int]:
    """Add a shop's order lines as they count in its reports; without the buyers' hashes."""
    shop = accounts.organisation(subject.organisation_id) if subject.organisation_id else None
    if shop is None or shop.shop_ref is None:
        return {}
    try:
        facts = open_current(facts_dir)
    except NoFacts:
        return {}
    count = 0
    with facts.connect() as lines:
        found = lines.execute(
            f"SELECT {', '.join(ORDER_COLUMNS)} FROM lines WHERE dealer_ref = ? "  # noqa: S608 – our own column names
            "ORDER BY occurred_on, order_no, line_no",
            [shop.shop_ref],
        )
        with _csv_in(archive, ORDERS) as text:
            add = safe_table(text)
            add(ORDER_COLUMNS)
            while chunk := found.fetchmany(_CHUNK):
                for row in chunk:
                    add(_cell(_plain(value)) for value in row)
                count += len(chunk)
    return {ORDERS: count}
