"""Reading rows in a test without leaving a transaction open that a worker would wait for."""

from sqlalchemy import select

from portal.db import db


def all_of(model):
    """Return the rows as they are committed, apart from the session."""
    db.session.rollback()
    rows = db.session.scalars(select(model)).all()
    db.session.expunge_all()
    db.session.rollback()
    return rows
