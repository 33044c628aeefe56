"""For whom a database session works; every row that it touches has to be theirs.

Nobody by default: then a table that belongs to tenants cannot be touched. The access guard
enters a member's scope; jobs, commands and a few named queries work for everyone. The explicit
tenant argument of every query stays: this is the net under it, and PostgreSQL's row security
(portal/ownership.py) the one under both. See docs/decisions/0026.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any
from weakref import WeakSet

from sqlalchemy import (
    Alias,
    Column,
    ColumnElement,
    Connection,
    Executable,
    FromClause,
    Insert,
    Select,
    SelectBase,
    Table,
    TextClause,
    event,
    inspect,
    literal_column,
    or_,
)
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, with_loader_criteria
from sqlalchemy.orm.interfaces import ORMOption
from sqlalchemy.sql.cache_key import HasCacheKey
from sqlalchemy.sql.visitors import InternalTraversal

from portal import ownership
from portal.access import Member
from portal.db import Base, db
from portal.ownership import EVERYONE, NOBODY, Scope

SCOPE = "tongtu.scope"
_TOLD = "tongtu.told"  # the scope that PostgreSQL was told in this transaction; None: unknown
_CONNECTION = "tongtu.connection"  # of this transaction, on PostgreSQL only
_NOBODY = Scope()
# Statements that were looked through: queries keep theirs, so each is looked at once a process.
_SEEN: WeakSet[Executable] = WeakSet()


class NoTenant(RuntimeError):
    """A session for which nobody said for whom it works touched a table that belongs to tenants."""


class ForeignRow(RuntimeError):
    """A session was to write a row that does not belong to whom it works for."""


class ScopeChanged(RuntimeError):
    """A session that holds rows of one tenant was to go on for another."""


class NotFiltered(RuntimeError):
    """A statement reaches a table of tenants in a way that the filter does not see."""


# For whom


def scope() -> Scope:
    """Return for whom the current session works."""
    return _scope_of(db.session())


def _scope_of(session: Session) -> Scope:
    found: Scope = session.info.get(SCOPE, _NOBODY)
    return found


def enter(member: Member) -> None:
    """Let the current session work for this member from now on.

    Raises ScopeChanged when it holds rows that were loaded for somebody else.
    """
    entered = Scope(member.role.value, member.organisation_id, member.person_id)
    session = db.session()
    if _scope_of(session) == entered:
        return
    held = next(_owned_in(session), None)
    if held is not None:
        raise ScopeChanged(f"{held!r} was loaded for {_scope_of(session)}, not for {entered}")
    session.info[SCOPE] = entered


@contextmanager
def for_everyone(*, reason: str) -> Iterator[None]:
    """Let the block see and write every tenant's rows; `reason` says why that is right.

    For jobs and commands, and inside single queries and actions that give out nothing foreign.
    Rows that the block loaded as objects are taken out of the session at its end.
    """
    session = db.session()
    before = _scope_of(session)
    session.flush()  # what was written before the block answers to the scope before it
    known = set(session.identity_map.keys())
    session.info[SCOPE] = Scope(role=EVERYONE, reason=reason)
    try:
        yield
        session.flush()
    finally:
        session.info[SCOPE] = before
        if before.role != EVERYONE:
            for each in [one for one in _owned_in(session) if inspect(one).key not in known]:
                # Else the identity map would hand it out to whoever asks by its key.
                session.expunge(each)


def _owned_in(session: Session) -> Iterator[Base]:
    for each in (*session.identity_map.values(), *session.new):
        if ownership.is_owned(each.__table__):
            yield each


# What is read


class _Criterion(HasCacheKey):
    """The condition on each table's rows for one role; compiled statements are kept by it."""

    _traverse_internals = (
        ("role", InternalTraversal.dp_string),
        ("writes", InternalTraversal.dp_boolean),
    )

    def __init__(self, role: str, *, writes: bool) -> None:
        self.role = role
        self.writes = writes

    def __call__(self, cls: Any, organisation_id: int, person_id: int) -> ColumnElement[bool]:
        """Return the condition on `cls`, a model or an alias of one."""
        mapper = getattr(inspect(cls, raiseerr=False), "mapper", None)
        if mapper is None:
            # Base itself: SQLAlchemy asks once, to see which variables become bound values.
            return or_(literal_column("0") == organisation_id, literal_column("0") == person_id)
        table = mapper.local_table
        if self.role == NOBODY and ownership.is_owned(table):
            ownership.of(table)
            raise NoTenant(f"{table.description} was touched before it was known for whom")
        return ownership.condition(
            table,
            Scope(self.role, organisation_id, person_id),
            column=lambda name: getattr(cls, name),
            writes=self.writes,
        )


@lru_cache(maxsize=1024)
def _filter(held_to: Scope, *, writes: bool) -> ORMOption:
    """Return what holds every model in a statement, however deep, to the scope's rows."""
    criterion = _Criterion(held_to.role, writes=writes)
    organisation_id, person_id = held_to.organisation_id, held_to.person_id
    return with_loader_criteria(
        Base,
        lambda cls: criterion(cls, organisation_id, person_id),
        include_aliases=True,
        propagate_to_loaders=True,  # else joined loads go past it
    )


@event.listens_for(db.session, "do_orm_execute")
def _on_execute(state: ORMExecuteState) -> None:
    _tell_database(state.session)
    held_to = _scope_of(state.session)
    if held_to.role == EVERYONE:
        return
    statement = state.statement
    if isinstance(statement, TextClause):
        _refuse_names(statement)
        return
    known = statement in _SEEN
    if not known:
        if not (state.is_relationship_load or state.is_column_load):  # those are SQLAlchemy's own
            _refuse_bare_tables(statement)
        _SEEN.add(statement)
    if isinstance(statement, Insert):
        _check_insert(state, statement, held_to)
        return
    writes = state.is_update or state.is_delete
    if writes:
        _check_bulk(state, statement)
    hold = _held_again if known else _held
    state.statement = hold(statement, held_to, writes=writes)


def _held(statement: Any, held_to: Scope, *, writes: bool) -> Any:
    return statement.options(_filter(held_to, writes=writes))


# A statement that comes again is kept as held: SQLAlchemy then knows its compiled form at once.
_held_again = lru_cache(maxsize=1024)(_held)


def _refuse_names(statement: TextClause) -> None:
    named = set(re.findall(r"\w+", statement.text)) & set(ownership.owned_tables())
    if named:
        raise NotFiltered(f"text names {', '.join(sorted(named))}")


def _refuse_bare_tables(statement: Executable) -> None:
    """Refuse a statement that reaches tables other than through their models."""
    bare: set[Any] = set()
    of_models: set[Any] = set()
    waiting: list[Any] = [statement]
    while waiting:
        element = waiting.pop()
        is_column = isinstance(element, Column)
        if _is_of_model(element):
            of_models.add(element.table if is_column else element)
        elif is_column or isinstance(element, Table | Alias):
            bare.add(element.table if is_column else element)
        else:
            waiting.extend(element.get_children())
        if isinstance(element, Select):
            of_models.update(_models_in_from(element))
    # A column of a model brings its table into FROM, bare.
    for each in bare - of_models:
        _refuse_owned(each)


def _is_of_model(element: Any) -> bool:
    return "parententity" in element._annotations  # noqa: SLF001 – how SQLAlchemy marks models


def _models_in_from(statement: Select[Any]) -> Iterator[Any]:
    """Yield what a SELECT names in its FROM as models; refuse one that SQLAlchemy holds for plain.

    It does where models stand only deep inside its columns, e.g. in a window; then no filter runs.
    """
    if statement._propagate_attrs.get("compile_state_plugin") == "orm":  # noqa: SLF001 – see above
        yield from (each for each in statement._from_obj if _is_of_model(each))  # noqa: SLF001 – see above
        return
    for each in statement.get_final_froms():
        _refuse_owned(each)


def _refuse_owned(reached: Any) -> None:
    table = reached.element if isinstance(reached, Alias) else reached
    if isinstance(table, Table) and ownership.is_owned(table):
        raise NotFiltered(f"{table.description} is not reached through its model")


# What is written


def _check_insert(state: ORMExecuteState, statement: Insert, held_to: Scope) -> None:
    """Check the rows of an INSERT statement, which no flush sees."""
    table = statement.table
    if not ownership.is_owned(table):
        return
    if statement.select is not None or statement._multi_values:  # noqa: SLF001 – not told otherwise
        raise NotFiltered(f"what is inserted into {table.description} is not seen from here")
    fixed = {name: getattr(value, "value", value) for name, value in _given(statement).items()}
    given = state.parameters or {}
    for row in given if isinstance(given, Sequence) else [given]:
        _check_row(state.session, table, {**fixed, **row}, held_to)


def _given(statement: Any) -> dict[str, Any]:
    return {column.key: value for column, value in (statement._values or {}).items()}  # noqa: SLF001 – not told otherwise


def _check_bulk(state: ORMExecuteState, statement: Any) -> None:
    """Refuse an UPDATE or DELETE of which the filter sees only a part."""
    table = statement.table
    if ownership.is_owned(table):
        if state.parameters:
            raise NotFiltered(f"rows of {table.description} are named by their keys alone")
        moved = set(_given(statement)) & set(ownership.of(table).columns) if state.is_update else ()
        if moved:
            raise ForeignRow(f"{table.description} changes its {', '.join(sorted(moved))}")
    waiting: list[Any] = list(statement.get_children())
    while waiting:
        element = waiting.pop()
        if isinstance(element, SelectBase):
            continue  # the filter reaches into it
        if isinstance(element, Column) and element.table.description != table.description:
            raise NotFiltered(f"a write of {table.description} is joined to another table")
        waiting.extend(element.get_children())


@event.listens_for(db.session, "before_flush")
def _on_flush(session: Session, *_: object) -> None:
    _tell_database(session)
    held_to = _scope_of(session)
    if held_to.role == EVERYONE:
        return
    for each in (*session.new, *session.dirty, *session.deleted):
        table = each.__table__
        if not ownership.is_owned(table):
            continue
        declared = ownership.of(table)
        row = {name: getattr(each, name) for name in declared.columns}
        _check_row(session, table, row, held_to)
        if held_to.role not in declared.staff:
            _check_unmoved(each, declared.columns)


def _check_unmoved(row: Base, columns: Sequence[str]) -> None:
    """Raise ForeignRow when a row that has an owner would get another one."""
    for name in columns:
        before = inspect(row).attrs[name].history.deleted
        if before and before[0] is not None:
            raise ForeignRow(f"{row!r} changes its {name}")


def _check_row(session: Session, table: FromClause, row: Mapping[str, Any], held_to: Scope) -> None:
    """Raise ForeignRow unless a row with these values is the scope's to write."""
    if held_to.role == NOBODY:
        raise NoTenant(f"{table.description} was to be written before it was known for whom")
    if not _is_own(session, table, row, held_to):
        raise ForeignRow(f"a row of {table.description} is not {held_to}'s to write")


def _is_own(session: Session, table: FromClause, row: Mapping[str, Any], held_to: Scope) -> bool:
    declared = ownership.of(table)
    if declared.unowned_because or held_to.role in declared.staff:
        return True
    organisations = [row.get(name) for name in declared.of_organisation(held_to.role)]
    persons = [row.get(declared.person)] if declared.person else []
    if held_to.organisation_id in organisations or held_to.person_id in persons:
        return True
    return bool(declared.through) and _is_parent_own(session, table, row, held_to)


def _is_parent_own(
    session: Session, table: FromClause, row: Mapping[str, Any], held_to: Scope
) -> bool:
    foreign_key = ownership.of(table).through or ""
    parent = ownership.parent_of(table, foreign_key)
    found = session.get(_models()[parent], row.get(foreign_key))
    if found is None:
        return False
    names = ownership.of(parent).columns
    return _is_own(session, parent, {name: getattr(found, name) for name in names}, held_to)


@cache
def _models() -> Mapping[FromClause, type[Base]]:
    return {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}


@event.listens_for(db.session, "detached_to_persistent")
def _on_attach(session: Session, row: Base) -> None:
    """Refuse an object from elsewhere: refreshing it later would go past the filter."""
    held_to = _scope_of(session)
    if held_to.role != EVERYONE and ownership.is_owned(row.__table__):
        known = inspect(row).dict
        names = ownership.of(row.__table__).columns
        _check_row(session, row.__table__, {name: known.get(name) for name in names}, held_to)


# What PostgreSQL is told


@event.listens_for(db.session, "after_begin")
def _on_begin(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if connection.dialect.name != "postgresql":
        return
    session.info[_CONNECTION] = connection
    if not transaction.nested:
        session.info[_TOLD] = _NOBODY
    _tell_database(session)


@event.listens_for(db.session, "after_soft_rollback")
def _on_rollback(session: Session, _transaction: SessionTransaction) -> None:
    session.info[_TOLD] = None  # PostgreSQL went back to what it was told before the savepoint


@event.listens_for(db.session, "after_transaction_end")
def _on_end(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_CONNECTION, None)


def _tell_database(session: Session) -> None:
    """Tell PostgreSQL for whom this transaction works, unless it knows."""
    connection = session.info.get(_CONNECTION)
    held_to = _scope_of(session)
    if connection is not None and session.info.get(_TOLD) != held_to:
        _tell(connection, held_to)
        session.info[_TOLD] = held_to


def _tell(connection: Connection, held_to: Scope) -> None:
    # Each ends with the transaction, so nothing is left in a pooled connection.
    connection.exec_driver_sql(
        f"SET LOCAL tongtu.role = '{held_to.role}'; "
        f"SET LOCAL tongtu.organisation = '{held_to.organisation_id:d}'; "
        f"SET LOCAL tongtu.person = '{held_to.person_id:d}'",
        execution_options={"no_parameters": True},
    )


def see_everything(connection: Connection) -> None:
    """Let every transaction of this connection see all rows.

    For migrations, backups and checks, which use no session. Does nothing on SQLite.
    """
    if connection.dialect.name == "postgresql":
        event.listen(connection, "begin", lambda begun: _tell(begun, Scope(role=EVERYONE)))
