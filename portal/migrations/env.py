"""How Alembic reaches the portal's tables and its database."""

from alembic import context
from flask import current_app

from portal import schema, tenancy  # noqa: F401 – registers every table
from portal.db import Base, db


def run_online() -> None:
    """Run the migrations over the application's own connection."""
    with db.engine.connect() as connection:
        tenancy.see_everything(connection)  # a migration moves every tenant's rows
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            transaction_per_migration=True,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("offline migrations are not supported: the schema needs the live database")
run_online()
