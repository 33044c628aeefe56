"""The database: one declarative base, one session per request, one commit after a successful write.

SQLite is the embedded default and PostgreSQL the grown-up. On SQLite everything that may write
begins IMMEDIATE: a deferred transaction that upgrades later loses updates or fails at once.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from flask import Flask, Response, has_request_context, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, DateTime, FromClause, MetaData, Table, event
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The base of every table of the portal."""

    metadata = MetaData(naming_convention=NAMING)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, always UTC, on both databases. A naive value is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 – SQLAlchemy's signature
        """Return the instant in UTC; raise ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: an instant carries its time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 – SQLAlchemy's signature
        """Return the stored instant as aware UTC (SQLite stores it without its zone)."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


db = SQLAlchemy(model_class=Base)


def one_of(column: str, values: type[StrEnum]) -> str:
    """Return the SQL that lets `column` hold the enum's values only."""
    return f"{column} IN ({', '.join(repr(each.value) for each in values)})"


_FIXED = {
    "sqlite": (
        """CREATE TRIGGER {name} BEFORE UPDATE OF {columns} ON {table}
BEGIN SELECT RAISE(ABORT, '{name}'); END""",
    ),
    "postgresql": (
        """CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{name}' USING ERRCODE = 'check_violation'; END $$""",
        """CREATE TRIGGER {name} BEFORE UPDATE OF {columns} ON {table}
FOR EACH ROW EXECUTE FUNCTION {name}()""",
    ),
}


def keep_fixed(table: FromClause, *, columns: Sequence[str]) -> None:
    """Let the database refuse any update of these columns: what happened is not rewritten.

    Migrations carry the same statements as literal text; a test compares the two.
    """

    def guard(created: Table, connection: Connection, **_: Any) -> None:
        values = {
            "name": f"{created.name}_is_fixed",
            "columns": ", ".join(columns),
            "table": created.name,
        }
        for statement in _FIXED[connection.dialect.name]:
            connection.exec_driver_sql(statement.format(**values))

    event.listen(table, "after_create", guard)


def _on_connect(connection: Any, _record: object) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    # SQLAlchemy's begin event starts transactions; sqlite3 must not start its own.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "busy_timeout=15000",
        "synchronous=FULL",  # bookings and feedback survive a power loss
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    reads_only = has_request_context() and request.method in SAFE_METHODS
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


def _listen(engine: Engine) -> None:
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)


def _commit_once(response: Response) -> Response:
    """Commit after a successful write; anything else leaves the database as it was."""
    if request.method in SAFE_METHODS or response.status_code >= 400:
        db.session.rollback()
    else:
        db.session.commit()
    return response


CONNECT_TIMEOUT_S = 5


def engine_options(url: str) -> dict[str, Any]:
    """Return the engine's options: a database that went away is noticed and found again."""
    if url.startswith("sqlite"):
        return {}
    return {"pool_pre_ping": True, "connect_args": {"connect_timeout": CONNECT_TIMEOUT_S}}


def init_app(app: Flask) -> None:
    """Bind the database to `app` and commit once per successful writing request."""
    db.init_app(app)
    with app.app_context():
        _listen(db.engine)
    app.after_request(_commit_once)


def commit_early() -> None:
    """Commit what this request has written so far, whatever it will answer.

    Only for what a refusal must remember (a failed sign-in counts), and so that no lock is held
    while a password is hashed.
    """
    db.session.commit()


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Commit what the block wrote, or roll it back when it raises; for jobs and commands."""
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


class Conflict(Exception):
    """A constraint of the database refused the write; `constraint` names it where known."""

    def __init__(self, constraint: str) -> None:
        super().__init__(f"refused by {constraint}")
        self.constraint = constraint


@contextmanager
def refuse_conflicts() -> Iterator[None]:
    """Flush what the block wrote inside a savepoint; raise Conflict when a constraint refuses it.

    The rest of the request's work stays as it was, so a form can show the message.
    """
    try:
        with db.session.begin_nested():
            yield
    except IntegrityError as error:
        raise Conflict(_constraint_of(error)) from error


def _constraint_of(error: IntegrityError) -> str:
    diagnostics = getattr(error.orig, "diag", None)
    name = getattr(diagnostics, "constraint_name", None)
    # SQLite names no constraint but the columns, e.g. "UNIQUE constraint failed: ask.feedback_id".
    return str(name) if name else str(error.orig)
