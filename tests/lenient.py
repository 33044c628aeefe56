"""Outside requests and commands, tests see and write every tenant's rows: they arrange and assert.

A module of its own, so that its listeners are there once however often conftest is imported.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import has_request_context
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session

from portal import tenancy
from portal.db import db
from portal.ownership import EVERYONE, Scope

_strict: list[bool] = []


@contextmanager
def as_deployed() -> Iterator[None]:
    """Let sessions of the block work for nobody until somebody says for whom."""
    _strict.append(True)
    try:
        yield
    finally:
        _strict.pop()


@event.listens_for(db.session, "do_orm_execute", insert=True)
def _on_read(state: ORMExecuteState) -> None:
    _work_for_everyone(state.session)


@event.listens_for(db.session, "before_flush", insert=True)
def _on_write(session: Session, *_: object) -> None:
    _work_for_everyone(session)


def _work_for_everyone(session: Session) -> None:
    in_command = click.get_current_context(silent=True) is not None
    if not (has_request_context() or in_command or _strict):
        # A request that shared the test's session may have left its own scope there.
        session.info[tenancy.SCOPE] = Scope(role=EVERYONE, reason="a test")
