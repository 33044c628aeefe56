"""Gathers what a transaction did, and writes its entries right before the outer commit.

Every successful writing request gets an entry of its own accord: its endpoint and which rows
changed, never their values. What `actions.record` says is written in the same transaction.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Flask, Response, g, has_request_context, request
from sqlalchemy import CursorResult, Table, event, inspect
from sqlalchemy.engine import Result
from sqlalchemy.orm import Mapper, ORMExecuteState, Session, SessionTransaction

from portal import access, clock, observing
from portal.db import SAFE_METHODS, db, unit_of_work
from portal.evidence import chain, rules
from portal.evidence.chain import Draft
from portal.evidence.models import REQUESTS_ONLY, UNRECORDED
from portal.evidence.rules import Change

_KEY = "tongtu.evidence"


@dataclass(frozen=True, slots=True)
class _Actor:
    """Who works outside a request: "system" for a job, "command" for a command."""

    role: str
    action: str
    subject: str | None
    subject_id: str | None


@dataclass(slots=True)
class _Collected:
    drafts: list[Draft] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    # Where both lists stood when a savepoint began, by the savepoint.
    marks: dict[SessionTransaction, tuple[int, int]] = field(default_factory=dict)


_actor: ContextVar[_Actor | None] = ContextVar("evidence_actor", default=None)


@contextmanager
def acting(
    role: str, action: str, *, subject: str | None = None, subject_id: str | None = None
) -> Iterator[None]:
    """Let what the block commits be recorded as done by a job ("system") or a "command"."""
    token = _actor.set(_Actor(role, action, subject, subject_id))
    try:
        yield
    finally:
        _actor.reset(token)


def _of(session: Session) -> _Collected:
    collected: _Collected = session.info.setdefault(_KEY, _Collected())
    return collected


def add(draft: Draft) -> None:
    """Take up an entry for the commit of the current transaction."""
    _of(db.session()).drafts.append(draft)


def add_even_if_refused(draft: Draft) -> None:
    """Take up an entry that stays when the request is refused and its own work is rolled back."""
    g.setdefault("evidence_kept", []).append(draft)


def _is_recorded(table: object) -> bool:
    if not isinstance(table, Table):
        return False
    told = table.info.get("evidence")
    if told == REQUESTS_ONLY["evidence"]:
        return has_request_context()
    return bool(told != UNRECORDED["evidence"])


@event.listens_for(db.session, "after_flush")
def _collect_rows(session: Session, _context: object) -> None:
    rows = [
        *((each, "insert") for each in session.new),
        *((each, "update") for each in session.dirty),
        *((each, "delete") for each in session.deleted),
    ]
    changes = _of(session).changes
    changes.extend(change for row, kind in rows if (change := _change_of(row, kind)))


def _change_of(row: object, kind: str) -> Change | None:
    state: Any = inspect(row)
    mapper: Mapper[Any] = state.mapper
    if not _is_recorded(mapper.local_table):
        return None
    columns: tuple[str, ...] = ()
    if kind == "update":
        columns = tuple(
            attribute.columns[0].name
            for attribute in mapper.column_attrs
            if state.attrs[attribute.key].history.has_changes()
        )
        if not columns:
            return None  # a relationship of it changed, or nothing in the end
    return Change(mapper.local_table.name, kind, columns, key=_key_of(mapper, row))  # type: ignore[attr-defined]  # a Table, as just seen


def _key_of(mapper: Mapper[Any], row: object) -> tuple[str, ...] | None:
    """Return the numbers that name a row; None where its key is a text.

    Such a text may be a mail address, and what is in an entry stays for ever.
    """
    key = mapper.primary_key_from_instance(row)
    return tuple(map(str, key)) if all(isinstance(value, int) for value in key) else None


@event.listens_for(db.session, "do_orm_execute")
def _collect_statement(state: ORMExecuteState) -> Result[Any] | None:
    kind = _kind_of(state)
    table = getattr(state.statement, "table", None)
    if kind is None or not _is_recorded(table):
        return None
    result = state.invoke_statement()
    rows = _rows_of(state, result)
    if rows != 0:
        columns = _columns_of(state) if kind == "update" else ()
        _of(state.session).changes.append(Change(table.name, kind, columns, rows=rows))  # type: ignore[union-attr]  # a Table, as just seen
    return result


def _rows_of(state: ORMExecuteState, result: Result[Any]) -> int | None:
    """Return how many rows a statement touched, None where the database does not tell."""
    if state.is_insert and isinstance(state.parameters, Sequence):
        return len(state.parameters)
    rows = result.rowcount if isinstance(result, CursorResult) else -1
    return rows if rows >= 0 else None


def _kind_of(state: ORMExecuteState) -> str | None:
    if state.is_insert:
        return "insert"
    if state.is_update:
        return "update"
    return "delete" if state.is_delete else None


def _columns_of(state: ORMExecuteState) -> tuple[str, ...]:
    values: Mapping[Any, Any] = getattr(state.statement, "_values", None) or {}
    return tuple(sorted(str(getattr(column, "name", column)) for column in values))


@event.listens_for(db.session, "after_transaction_create")
def _remember_savepoint(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        collected = _of(session)
        collected.marks[transaction] = (len(collected.drafts), len(collected.changes))


@event.listens_for(db.session, "after_commit")
def _keep_savepoint(session: Session) -> None:
    savepoint = session.get_nested_transaction()
    if savepoint is not None:  # it is being released, so that what it did counts
        _of(session).marks.pop(savepoint, None)


@event.listens_for(db.session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_KEY, None)
        return
    collected = _of(session)
    # A failed flush ends a savepoint without any event of a rollback: not released means gone.
    drafts, changes = collected.marks.pop(transaction, (None, None))
    if drafts is not None:
        del collected.drafts[drafts:], collected.changes[changes:]


def _write(session: Session) -> None:
    if session.in_nested_transaction():
        return  # a savepoint is released; the outer commit will come
    session.flush()
    drafts = _drafts_of(session)
    if drafts:
        chain.append(session.connection(), drafts)
    if has_request_context():
        g.pop("evidence_kept", None)


def _drafts_of(session: Session) -> list[Draft]:
    """Return the entries of this transaction; the first one tells which rows changed."""
    collected = _of(session)
    kept = g.get("evidence_kept", []) if has_request_context() else []
    drafts = [*collected.drafts, *kept]
    if collected.changes:
        drafts = _with_changes(drafts, rules.told(collected.changes))
    session.info.pop(_KEY)
    return [_completed(draft) for draft in drafts]


def _with_changes(drafts: Sequence[Draft], changes: str) -> list[Draft]:
    """Let the first entry that tells of no changes yet tell these, or an entry of their own."""
    for index, draft in enumerate(drafts):
        if draft.changes == Draft.NO_CHANGES:
            return [*drafts[:index], replace(draft, changes=changes), *drafts[index + 1 :]]
    return [*drafts, *(replace(draft, changes=changes) for draft in _unasked())]


def _unasked() -> list[Draft]:
    """Return the entry of a request or job about which nobody said anything."""
    actor = _actor.get()
    if has_request_context() and request.endpoint:
        action = request.endpoint
        subject, subject_id = _subject_of_request()
    elif actor is not None:
        action, subject, subject_id = actor.action, actor.subject, actor.subject_id
    else:
        return []  # a shell, a migration, a test: nobody said who works
    return [Draft(at=clock.now(), action=action, subject=subject, subject_id=subject_id)]


def _subject_of_request() -> tuple[str | None, str | None]:
    """Return what record the address names, e.g. ("booking", "kf3m…") for /booking/kf3m…/cancel."""
    for name, value in (request.view_args or {}).items():
        if name in observing.SECRET_ARGUMENTS:
            continue
        room = (request.endpoint or "").partition(".")[0]
        subject = room if name in {"public_id", "slug", "name"} else name.removesuffix("_id")
        return subject[:60], str(value)[:80]
    return None, None


def _completed(draft: Draft) -> Draft:
    """Return the entry with what the request or the job tells about who does it."""
    actor = _actor.get()
    if not has_request_context():
        return replace(draft, role=draft.role or (actor.role if actor else "system"))
    member = access.member_or_none()
    told: dict[str, Any] = {}
    if member is not None and draft.person_id in {None, member.person_id}:
        told = {
            "person_id": member.person_id,
            "organisation_id": draft.organisation_id or member.organisation_id,
            "role": draft.role or member.role.value,
        }
    details = dict(draft.details)
    if request.endpoint != draft.action:
        details["endpoint"] = request.endpoint
    return replace(
        draft,
        **told,
        details=details,
        request_id=observing.request_id(),
        address=request.remote_addr,
        user_agent=(request.user_agent.string or None) and request.user_agent.string[:400],
    )


def _write_kept(response: Response) -> Response:
    """Write what must stay though the request was refused, in a transaction of its own."""
    kept: list[Draft] = g.pop("evidence_kept", [])
    if kept and request.method not in SAFE_METHODS:
        with unit_of_work():
            for draft in kept:
                add(draft)
    return response


def init_app(app: Flask) -> None:
    """Record what is done through `app`; to be called before the database's own init_app.

    Flask runs what comes after a request in reverse: the request's commit comes first.
    """
    app.after_request(_write_kept)
    # Listened for here and not at the import, so that everybody else's listeners lock what they
    # lock before the chain is locked.
    if not event.contains(db.session, "before_commit", _write):
        event.listen(db.session, "before_commit", _write)
