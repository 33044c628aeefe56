"""Puts texts into every column of every table that holds what somebody typed, and finds the pages.

A new column is taken for a typed one until it is named here, with what it holds instead.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import JSON, CheckConstraint, Column, String, Table, select, update
from sqlalchemy import text as text_of
from werkzeug.exceptions import HTTPException

from portal.db import Base, db, unit_of_work

# Names of columns that hold no words of anybody: our own names, secrets, digests, settings.
OURS = frozenset(
    {
        *("public_id", "uid", "key", "scope", "token_hash", "uniquifier", "fs_uniquifier", "salt"),
        *("code", "slug", "version", "kind", "role", "state", "language", "timezone", "currency"),
        *("submission_key", "fingerprint", "sha256", "stored", "encoding", "mapping", "owner"),
        *(
            "hash",
            "details_hash",
            "previous_hash",
            "password",
            "secret",
            "method",
            "challenge_hash",
            "code_hash",
            "transports",
            "channel",
        ),
        *("facts_before", "facts_version", "site_before", "site_build", "lesson_id", "path"),
        *("purpose", "wish", "status", "outcome", "severity"),
    }
)
# The same for single columns: a folder's name, the course engine's output, codes of reasons.
ELSEWHERE = frozenset(
    {
        *("organisation.shop_ref", "course_version.body", "order_import.reason"),
        "learning_path.digest",
        "journey.zone",
        *("report_build.reason", "delivery.reason", "job.args", "order_import.totals"),
        *("kept_answer.headers", "kept_answer.flashes", "worker.name", "request_count.key"),
        *("learning_event.payload", "order_import.reasons", "rejected_row.params"),
        *("evidence_entry.changes", "evidence_detail.details", "evidence_entry.subject"),
        *("organisation.kind", "evidence_entry.action"),
        *("action_item.measure", "action_item.lacking", "action_item.picture"),
        *("signing_key.kid", "signing_key.public_jwk", "signing_key.private_sealed"),
        *("certificate.number", "certificate.credential"),
    }
)
LINK = re.compile(r'(?:href|src|action|hx-get)="(/[^"#]*)')
CODE = re.compile(r"[\w.:+/-]*", re.ASCII)
EACH = 2  # pages looked at behind one route


def typed_columns() -> list[tuple[Table, Column[Any]]]:
    """Return the columns that hold what somebody typed."""
    return [
        (table, column)
        for table in Base.metadata.sorted_tables
        for column in table.c
        if isinstance(column.type, String | JSON) and _is_typed(table, column)
    ]


def _is_typed(table: Table, column: Column[Any]) -> bool:
    checks = [str(each.sqltext) for each in table.constraints if isinstance(each, CheckConstraint)]
    return not (
        column.name in OURS
        or f"{table.name}.{column.name}" in ELSEWHERE
        or column.foreign_keys
        or any(f"{column.name} IN" in each for each in checks)
    )


def planted(value: Any, text: str) -> Any:
    """Return a stored value with every text in it replaced; a date or a code is no text."""
    if isinstance(value, str):
        return value if CODE.fullmatch(value) else text
    if isinstance(value, Mapping):
        return {name: planted(each, text) for name, each in value.items()}
    if isinstance(value, list):
        return [planted(each, text) for each in value]
    return value


def let_everything_be_rewritten(app: Flask) -> None:
    """Take away what keeps the past as it was (SQLite); for a database that is thrown away."""
    with app.app_context(), unit_of_work():
        triggers = text_of("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for name in db.session.scalars(triggers).all():
            db.session.execute(text_of(f'DROP TRIGGER "{name}"'))


def plant(app: Flask, text: str | Callable[[int], str]) -> int:
    """Put `text` into every typed column of every row; return into how many places.

    Some columns are unique: a number goes before the text, or the text is made of its number.
    """
    made = text if callable(text) else lambda number: f"{number} {text}"
    places, number = 0, count()
    with app.app_context(), unit_of_work():
        for table, column in typed_columns():
            keys = list(table.primary_key.columns)
            for row in db.session.execute(select(column, *keys).where(column.is_not(None))).all():
                if row[0] == "":
                    continue  # withdrawn or forgotten: the words are gone for good
                own = made(next(number))
                # What has a length is one line (portal/typed.py).
                own = re.sub(r"[\r\n]", " ", own) if getattr(column.type, "length", None) else own
                where = [key == value for key, value in zip(keys, row[1:], strict=True)]
                new = {column.name: own if isinstance(row[0], str) else planted(row[0], own)}
                db.session.execute(update(table).where(*where).values(new))
                places += 1
    return places


def endpoint_of(app: Flask, path: str) -> str:
    try:
        return str(app.url_map.bind("localhost").match(path.partition("?")[0], method="GET")[0])
    except HTTPException:
        return ""


def pages_of(app: Flask, client: FlaskClient, start: Iterable[str]) -> list[str]:
    """Return the pages that links lead to from `start`, at most EACH behind one route."""
    waiting, found, behind = list(start), [], dict.fromkeys(["static"], EACH)
    known = set(waiting)
    while waiting:
        path = waiting.pop(0)
        endpoint = endpoint_of(app, path)
        if not endpoint or behind.get(endpoint, 0) >= EACH:
            continue
        with client.get(path) as answer:  # closed: a file that is taken away stays open otherwise
            if answer.status_code != 200 or answer.mimetype not in {"text/html", "image/svg+xml"}:
                continue
            page = answer.text
        behind[endpoint] = behind.get(endpoint, 0) + 1
        found.append(path)
        for link in (each.replace("&amp;", "&") for each in LINK.findall(page)):
            if link not in known:
                known.add(link)
                waiting.append(link)
    return found
