"""What must work before a load balancer sends visitors here."""

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

import structlog
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portal.db import db

log = structlog.get_logger()
MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def newest_revision() -> str | None:
    """Return the newest migration that this code knows."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head()


def database_revision() -> str | None:
    """Return the newest migration that the database has had; None for none."""
    return MigrationContext.configure(db.session.connection()).get_current_revision()


def _database_answers() -> bool:
    return bool(db.session.scalar(text("SELECT 1")))


def _migrations_are_done() -> bool:
    return database_revision() == newest_revision()


def _data_folder_is_writable() -> bool:
    folder: Path = current_app.extensions["tongtu.settings"].data_dir
    probe = folder / f".ready-{os.getpid()}-{secrets.token_hex(4)}"
    probe.write_bytes(b"ready")
    probe.unlink()
    return True


CHECKS: Mapping[str, Callable[[], bool]] = {
    "database": _database_answers,
    "migrations": _migrations_are_done,
    "data_folder": _data_folder_is_writable,
}


def failing() -> list[str]:
    """Return the names of the checks that fail, in their order; empty when ready."""
    return [name for name, check in CHECKS.items() if not _holds(name, check)]


def _holds(name: str, check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (SQLAlchemyError, OSError) as error:
        log.warning("readiness.failed", check=name, exc_info=error)
        return False
