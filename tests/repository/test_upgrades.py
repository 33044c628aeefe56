"""Every release's seeded database upgrades to the newest revision and keeps what it holds.

tests/repository/releases/<version>/ holds the demo alliance as that release made it, as SQL for
both databases, and a manifest of what an upgrade must keep. A release adds its folder; none is
ever changed. When a later migration moves data on purpose, its numbers are stated here.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from conftest import make_app
from flask import Flask
from flask_migrate import upgrade
from releases import RELEASES, Release, databases
from sqlalchemy import Connection, event, func, inspect, select, table, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from portal import tenancy
from portal.db import Base, db

ROOT = Path(__file__).resolve().parents[2]
MIGRATIONS = str(ROOT / "portal" / "migrations")
# Two live allocations of one consultant, made to overlap; what happened, rewritten; an orphan.
FORBIDDEN = {
    "a second session at the same time": (
        "UPDATE allocation SET consultant_id = (SELECT consultant_id FROM allocation WHERE id = :a)"
        ", starts_minute = (SELECT starts_minute FROM allocation WHERE id = :a)"
        ", ends_minute = (SELECT ends_minute FROM allocation WHERE id = :a) WHERE id = :b"
    ),
    "a lesson's history rewritten": "UPDATE learning_event SET at = created FROM "
    "(SELECT min(created_at) AS created FROM person) AS p",
    "a feedback's history rewritten": "UPDATE feedback_event SET text = ''",
    "a ticket's history rewritten": "UPDATE ticket_event SET text = ''",
    "a published course changed": "UPDATE course_version SET body = '{}'",
    "a booking of nobody": "UPDATE booking SET dealer_id = -1",
    "a session that ends before it starts": "UPDATE booking SET ends_at = starts_at",
    "a person whom nobody can reach": "UPDATE person SET email = NULL, phone = NULL",
}


class Interrupted(Exception):
    """Stands for whatever ends a migration in the middle."""


@pytest.fixture(params=RELEASES)
def release(request: pytest.FixtureRequest) -> Release:
    return Release(request.param)


@pytest.fixture
def new_app(database_url: str, tmp_path: Path) -> Iterator[Callable[[], Flask]]:
    """Return a function that gives the application over a fresh database without any table."""
    new_database = databases(database_url, tmp_path, "upgraded")
    made: list[Flask] = []

    def make() -> Flask:
        made.append(make_app(tmp_path, new_database()))
        return made[-1]

    yield make
    for app in made:
        close(app)


def load(release: Release, app: Flask) -> None:
    release.load(app.config["SQLALCHEMY_DATABASE_URI"])


def close(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@contextmanager
def seeing_everything() -> Iterator[Connection]:
    """Yield a connection for which no row is hidden: it works for everyone, as a migration does."""
    with db.engine.connect() as connection:
        tenancy.see_everything(connection)
        yield connection


def kept(app: Flask, manifest: dict[str, Any]) -> dict[str, Any]:
    """Return what the database holds of what the manifest speaks of."""
    with app.app_context(), seeing_everything() as connection:

        def value(sql: Any) -> int:
            return int(connection.execute(sql).scalar_one())

        totals = connection.execute(text("SELECT totals FROM order_import")).scalars()
        lists = [json.loads(each) if isinstance(each, str) else each for each in totals]
        return {
            "rows": {
                name: value(select(func.count()).select_from(table(name)))
                for name in manifest["rows"]
            },
            "figures": {
                name: {"sql": entry["sql"], "value": value(text(entry["sql"]))}
                for name, entry in manifest["figures"].items()
            },
            "order_totals_fen": sum(month["amount_minor"] for months in lists for month in months),
        }


def stated(manifest: dict[str, Any]) -> dict[str, Any]:
    return {name: manifest[name] for name in ("rows", "figures", "order_totals_fen")}


def revision_of(app: Flask) -> str | None:
    with app.app_context(), seeing_everything() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def to_head(app: Flask) -> None:
    with app.app_context():
        upgrade(directory=MIGRATIONS)


def test_a_releases_database_is_what_its_manifest_says(new_app, release: Release):
    app = new_app()
    load(release, app)

    assert revision_of(app) == release.manifest["revision"]
    assert kept(app, release.manifest) == stated(release.manifest)


def test_an_upgrade_keeps_every_row_and_every_figure(new_app, release: Release):
    app = new_app()
    load(release, app)
    to_head(app)

    assert kept(app, release.manifest) == stated(release.manifest)


def test_an_upgraded_database_is_what_the_models_say(new_app, release: Release):
    app = new_app()
    load(release, app)
    to_head(app)

    with app.app_context(), seeing_everything() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        for each in Base.metadata.sorted_tables:  # every column can be read as its type
            connection.execute(select(each)).all()


def test_an_upgraded_portal_answers(new_app, release: Release):
    app = new_app()
    load(release, app)
    to_head(app)

    assert app.test_client().get("/sign-in").status_code == 200


def test_after_an_upgrade_the_database_still_refuses(new_app, release: Release):
    app = new_app()
    load(release, app)
    to_head(app)

    with app.app_context(), seeing_everything() as connection:
        pair = dict(zip("ab", connection.execute(text(LIVE_PAIR)).scalars().all(), strict=True))
        connection.rollback()
        taken = [what for what, sql in FORBIDDEN.items() if not refuses(connection, sql, pair)]

    assert taken == []


def refuses(connection: Connection, sql: str, pair: dict[str, int]) -> bool:
    try:
        connection.execute(text(sql), pair if ":a" in sql else {})
    except IntegrityError:
        return True
    finally:
        connection.rollback()
    return False


LIVE_PAIR = "SELECT id FROM allocation WHERE live ORDER BY starts_minute DESC, id LIMIT 2"


@contextmanager
def statements(app: Flask, then: Callable[[int], None]) -> Iterator[None]:
    """Call `then` with the number of each statement, from 1, before it is carried out."""
    count = 0

    def before(*_: object) -> None:
        nonlocal count
        count += 1
        then(count)

    with app.app_context():
        engine = db.engine
    engine.connect().close()  # what the first connection asks is not part of the upgrade
    event.listen(engine, "before_cursor_execute", before)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", before)


def count_of_statements(app: Flask) -> int:
    counts: list[int] = []
    with statements(app, counts.append):
        to_head(app)
    return counts[-1]


def points(count: int) -> list[int]:
    """Return where to interrupt: at the start, at thirds, and before the last statement."""
    return sorted({1 + count // 10, 1 + count // 3, 1 + 2 * count // 3, count})


def started_from(start: str | None, app: Flask) -> Flask:
    if start is not None:
        load(Release(start), app)
    return app


def shape(app: Flask) -> dict[str, list[str]]:
    """Return the columns of every table, and under "" which revision it is."""
    with app.app_context():
        found = inspect(db.engine)
        tables = {
            name: sorted(column["name"] for column in found.get_columns(name))
            for name in found.get_table_names()
        }
    return {"": [str(revision_of(app))], **tables}


STARTS = pytest.mark.parametrize("start", [None, *RELEASES], ids=["empty", *RELEASES])


@STARTS
def test_an_upgrade_that_failed_halfway_can_be_run_again(new_app, start: str | None):
    whole = started_from(start, new_app())
    count = count_of_statements(whole)
    for point in points(count):
        app = started_from(start, new_app())

        def interrupt(number: int, point: int = point) -> None:
            if number == point:
                raise Interrupted

        with statements(app, interrupt), pytest.raises(Interrupted):
            to_head(app)
        to_head(app)

        assert shape(app) == shape(whole)
        if start is not None:
            manifest = Release(start).manifest
            assert kept(app, manifest) == stated(manifest)
        close(app)


KILLED = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from flask_migrate import upgrade
from portal.app import create_app

seen = 0

def before(*_):
    global seen
    seen += 1
    if seen == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)

app = create_app()
event.listen(Engine, "before_cursor_execute", before)
with app.app_context():
    upgrade(directory=sys.argv[2])
"""


@STARTS
def test_an_upgrade_that_was_killed_can_be_run_again(new_app, start: str | None, tmp_path: Path):
    whole = started_from(start, new_app())
    count = count_of_statements(whole)
    app = started_from(start, new_app())
    values = app.extensions["tongtu.settings"]
    close(app)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(1 + count // 2), MIGRATIONS],
        cwd=ROOT,
        env={
            **os.environ,
            "TONGTU_SECRET_KEY": values.secret_key,
            "TONGTU_PASSWORD_SALT": values.password_salt,
            "TONGTU_DATA_DIR": str(values.data_dir),
            "TONGTU_DATABASE_URL": values.database_url,
        },
        capture_output=True,
        check=False,
    )
    to_head(app)

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert shape(app) == shape(whole)


def test_without_a_transaction_per_migration_the_second_run_fails(new_app):
    """The control: were each statement kept as it comes, the next run would trip over it."""
    app = new_app()
    with app.app_context():
        first = Base.metadata.sorted_tables[0]
        first.create(db.engine)

        with pytest.raises((OperationalError, ProgrammingError)):
            upgrade(directory=MIGRATIONS)
