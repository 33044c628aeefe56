"""Lets requests commit as they do, inside one transaction that is rolled back afterwards.

What closes a shop, ends a session or deletes an account can be asked a thousand times that way:
whatever the portal commits is a savepoint, which the next requests of the block see, and of
which nothing is left. Over one connection: make the application with `ONE_CONNECTION`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.pool import StaticPool

from portal.db import db

ONE_CONNECTION = {
    "SQLALCHEMY_ENGINE_OPTIONS": {"poolclass": StaticPool, "pool_reset_on_return": None}
}
SAVE, KEEP = "SAVEPOINT of_a_request", "RELEASE SAVEPOINT of_a_request"
UNDO = "ROLLBACK TO SAVEPOINT of_a_request"


def _run(connection: Any, *statements: str) -> None:
    cursor = connection.cursor()
    for each in statements:
        cursor.execute(each)
    cursor.close()


def _already_begun(_connection, _cursor, statement, parameters, *_rest) -> tuple[str, Any]:
    return ("SELECT 1" if statement.startswith("BEGIN") else statement), parameters


@contextmanager
def undone(app: Flask) -> Iterator[None]:
    """Undo at the end of the block whatever was committed in it."""
    with app.app_context():
        db.session.remove()
        engine = db.engine
    assert isinstance(engine.pool, StaticPool)
    with engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        if engine.dialect.name == "sqlite":
            _run(raw, "BEGIN IMMEDIATE")
        event.listen(engine, "before_cursor_execute", _already_begun, retval=True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(engine.dialect, "do_begin", lambda _: _run(raw, SAVE))
            patch.setattr(engine.dialect, "do_commit", lambda _: _run(raw, KEEP))
            patch.setattr(engine.dialect, "do_rollback", lambda _: _run(raw, UNDO, KEEP))
            try:
                yield
                with app.app_context():
                    db.session.remove()
            finally:
                event.remove(engine, "before_cursor_execute", _already_begun)
        raw.rollback() if engine.dialect.name != "sqlite" else _run(raw, "ROLLBACK")
