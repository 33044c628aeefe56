"""Migrations lead to the same database as the models, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from conftest import make_app
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, make_url, text

from portal.db import Base, db

GUARDS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
    "postgresql": (
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'x' "
        "UNION ALL SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal "
        "UNION ALL SELECT proname, prosrc FROM pg_proc WHERE prolang = "
        "(SELECT oid FROM pg_language WHERE lanname = 'plpgsql') "
        "UNION ALL SELECT tablename || ': ' || policyname, concat_ws(' / ', cmd, qual, with_check) "
        "FROM pg_policies "
        "UNION ALL SELECT relname || ' rows', concat(relrowsecurity, relforcerowsecurity) "
        "FROM pg_class WHERE relkind = 'r' AND relrowsecurity "
        "ORDER BY 1, 2"
    ),
}
MIGRATIONS = str(Path(__file__).resolve().parents[2] / "portal" / "migrations")


@pytest.fixture
def empty_app(database_url: str, tmp_path: Path, request) -> Iterator[Flask]:
    """The application over a database of its own without any table."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        app = make_app(tmp_path, f"sqlite:///{tmp_path / 'empty.sqlite'}")
        yield app
    else:
        shared = request.getfixturevalue("shared_app")
        with shared.app_context(), db.engine.connect() as connection:
            outside = connection.execution_options(isolation_level="AUTOCOMMIT")
            outside.execute(text("DROP DATABASE IF EXISTS migrated"))
            outside.execute(text("CREATE DATABASE migrated"))
        app = make_app(tmp_path, url.set(database="migrated").render_as_string(False))
        yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def guards(app: Flask) -> list[tuple[str, str]]:
    with app.app_context(), db.engine.connect() as connection:
        rows = connection.execute(text(GUARDS[connection.dialect.name]))
        return [(name, " ".join(sql.split())) for name, sql in rows]


def test_the_migrations_make_what_the_models_say(empty_app: Flask):
    with empty_app.app_context():
        upgrade(directory=MIGRATIONS)
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            differences = compare_metadata(context, Base.metadata)

    assert differences == []


def test_the_migrations_make_the_same_guards_as_the_models(empty_app: Flask, shared_app: Flask):
    with empty_app.app_context():
        upgrade(directory=MIGRATIONS)

    assert guards(empty_app) == guards(shared_app)
    assert guards(empty_app) != []


def checks(app: Flask) -> dict[str, list[str]]:
    with app.app_context():
        found = inspect(db.engine)
        return {
            name: sorted(
                f"{each['name']}: {' '.join(each['sqltext'].split())}"
                for each in found.get_check_constraints(name)
            )
            for name in found.get_table_names()
            if name != "alembic_version"
        }


def test_the_migrations_make_the_same_checks_as_the_models(empty_app: Flask, shared_app: Flask):
    with empty_app.app_context():
        upgrade(directory=MIGRATIONS)

    assert checks(empty_app) == checks(shared_app)
    assert any(checks(empty_app).values())


def test_every_migration_can_be_taken_back(empty_app: Flask):
    with empty_app.app_context():
        upgrade(directory=MIGRATIONS)
        downgrade(directory=MIGRATIONS, revision="base")
        left = set(inspect(db.engine).get_table_names()) - {"alembic_version"}

    assert left == set()
