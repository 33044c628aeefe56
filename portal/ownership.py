"""Whose a row is: declared beside each model, told to the session's filter and to PostgreSQL.

Knows no session and no request: `portal/tenancy.py` says for whom a session works. A table that
declares nothing can be read by nobody. See docs/decisions/0026.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    MetaData,
    Table,
    event,
    false,
    or_,
    select,
    text,
    true,
)

from portal.access import Role
from portal.db import Base

Model = TypeVar("Model", bound=type[Base])
NOBODY = "nobody"  # the role of a session of which nobody has said for whom it works
EVERYONE = "everyone"  # the role of jobs and commands


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom a session works: a member's role and ids, or nobody, or everyone."""

    role: str = NOBODY
    organisation_id: int = 0  # no row has the id 0
    person_id: int = 0
    reason: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who may see and write a table's rows; see `owned` and `unowned`."""

    dealer: str | None = None
    supplier: str | None = None
    organisation: str | None = None
    person: str | None = None
    through: str | None = None
    staff: frozenset[str] = frozenset()
    readers: frozenset[str] = frozenset()
    unowned_because: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that name an owner: they are not rewritten by a tenant."""
        named = (self.dealer, self.supplier, self.organisation, self.person, self.through)
        return tuple(name for name in named if name is not None)

    def of_organisation(self, role: str) -> Iterator[str]:
        """Yield the columns that name the organisation of somebody with this role."""
        if role == Role.DEALER and self.dealer:
            yield self.dealer
        if role == Role.SUPPLIER and self.supplier:
            yield self.supplier
        if self.organisation:
            yield self.organisation


class UndeclaredTable(RuntimeError):
    """A table does not say whose its rows are."""


_DECLARED: dict[FromClause, Ownership] = {}


def owned(
    *,
    dealer: str | None = None,
    supplier: str | None = None,
    organisation: str | None = None,
    person: str | None = None,
    through: str | None = None,
    staff: Iterable[Role] = (),
    readers: Iterable[Role] = (),
) -> Callable[[Model], Model]:
    """Declare whose the rows of a model are; each argument adds an owner, who reads and writes.

    `dealer`, `supplier`: columns naming such an organisation; `organisation`: one naming any
    organisation; `person`: one naming a person, whatever they ask as. `through`: a foreign key
    to the row whose owners are this row's too. `staff`: roles of the alliance that own every row.
    `readers`: roles that see every row and write none.
    """
    ownership = Ownership(
        dealer=dealer,
        supplier=supplier,
        organisation=organisation,
        person=person,
        through=through,
        staff=frozenset(role.value for role in staff),
        readers=frozenset(role.value for role in readers),
    )

    def declare(model: Model) -> Model:
        table = model.__table__
        unknown = [name for name in ownership.columns if name not in table.c]
        if unknown:
            raise UndeclaredTable(f"{table.description} has no column {', '.join(unknown)}")
        _DECLARED[table] = ownership
        _protect(table)
        return model

    return declare


def unowned(because: str) -> Callable[[Model], Model]:
    """Declare that a model's rows belong to no tenant, with the reason why that is right."""

    def declare(model: Model) -> Model:
        _DECLARED[model.__table__] = Ownership(unowned_because=because)
        return model

    return declare


def of(table: FromClause) -> Ownership:
    """Return what a table declares; raise UndeclaredTable."""
    ownership = _DECLARED.get(table)
    if ownership is None:
        raise UndeclaredTable(
            f"{table.description} does not say whose its rows are: put @owned(…) or @unowned(why) "
            "of portal/ownership.py above its model"
        )
    return ownership


def is_owned(table: FromClause) -> bool:
    """Tell whether the table's rows belong to somebody; an undeclared table's do."""
    ownership = _DECLARED.get(table)
    return ownership is None or not ownership.unowned_because


def undeclared(metadata: MetaData) -> list[str]:
    """Return the names of the tables that do not say whose their rows are."""
    return sorted(name for name, table in metadata.tables.items() if table not in _DECLARED)


def owned_tables() -> Sequence[str]:
    """Return the names of the tables whose rows belong to somebody."""
    return sorted(table.description for table in _DECLARED if is_owned(table))


def parent_of(table: FromClause, foreign_key: str) -> Table:
    """Return the table that a foreign key column leads to."""
    return next(iter(table.c[foreign_key].foreign_keys)).column.table


def condition(
    table: FromClause,
    scope: Scope,
    *,
    column: Callable[[str], ColumnElement[Any]],
    writes: bool = False,
) -> ColumnElement[bool]:
    """Return the condition under which a row of `table` is the scope's; `column` finds a column.

    Raises UndeclaredTable.
    """
    ownership = of(table)
    if ownership.unowned_because or scope.role == EVERYONE or scope.role in ownership.staff:
        return true()
    if scope.role in ownership.readers and not writes:
        return true()
    terms = [
        column(name) == scope.organisation_id for name in ownership.of_organisation(scope.role)
    ]
    if ownership.person:
        terms.append(column(ownership.person) == scope.person_id)
    if ownership.through:
        parent = parent_of(table, ownership.through)
        rows = parent.alias()
        theirs = condition(parent, scope, column=rows.c.__getitem__, writes=writes)
        terms.append(column(ownership.through).in_(select(rows.c.id).where(theirs)))
    return or_(false(), *terms)


# The second lock, on PostgreSQL

_ROLE = "current_setting('tongtu.role', true)"
# Once set in a session, such a setting reads as '' after its transaction, not as NULL.
_ORGANISATION = "NULLIF(current_setting('tongtu.organisation', true), '')::integer"
_PERSON = "NULLIF(current_setting('tongtu.person', true), '')::integer"


def row_security(table: FromClause) -> Sequence[str]:
    """Return the statements that let PostgreSQL hold a table's rows to their owners."""
    name, ownership = table.description, of(table)
    statements = [
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",  # for the owner of the table too
        f"CREATE POLICY {name}_of_owner ON {name} USING ({_owner_sql(table)})",
    ]
    if ownership.readers:
        readers = _role_sql(ownership.readers)
        statements.append(f"CREATE POLICY {name}_of_reader ON {name} FOR SELECT USING ({readers})")
    return statements


def _role_sql(roles: Collection[str]) -> str:
    return f"{_ROLE} IN ({', '.join(repr(role) for role in sorted(roles))})"


def _owner_sql(table: FromClause) -> str:
    name, ownership = table.description, of(table)
    terms = [_role_sql({EVERYONE, *ownership.staff})]
    for role, column in ((Role.DEALER, ownership.dealer), (Role.SUPPLIER, ownership.supplier)):
        if column:
            terms.append(f"({_role_sql({role.value})} AND {name}.{column} = {_ORGANISATION})")
    if ownership.organisation:
        terms.append(f"{name}.{ownership.organisation} = {_ORGANISATION}")
    if ownership.person:
        terms.append(f"{name}.{ownership.person} = {_PERSON}")
    if ownership.through:
        parent = parent_of(table, ownership.through)
        same = f"{parent.name}.id = {name}.{ownership.through}"
        theirs = f"{same} AND ({_owner_sql(parent)})"
        # Only names and constants of this code base are put in.
        terms.append(f"EXISTS (SELECT 1 FROM {parent.name} WHERE {theirs})")  # noqa: S608 – see above
    return " OR ".join(terms)


def _protect(table: FromClause) -> None:
    """Let PostgreSQL hold the rows to their owners from the table's creation on.

    Migrations carry the same statements as literal text; a test compares the two.
    """

    def enable(_created: Table, connection: Connection, **_: Any) -> None:
        if connection.dialect.name == "postgresql":
            for statement in row_security(table):
                connection.exec_driver_sql(statement)

    event.listen(table, "after_create", enable)


def bypasses_row_security(connection: Connection) -> bool:
    """Tell whether the database's user sees every row whatever the policies say.

    Superusers do, and roles with BYPASSRLS. Always true on SQLite, which has no second lock.
    """
    if connection.dialect.name != "postgresql":
        return True
    asked = text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    return bool(connection.scalar(asked))


def unprotected_tables(connection: Connection) -> list[str]:
    """Return the owned tables without row security; none on SQLite, which has no such lock."""
    if connection.dialect.name != "postgresql":
        return []
    forced = text(
        "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity "
        "AND relnamespace = current_schema()::regnamespace"
    )
    return sorted(set(owned_tables()) - set(connection.scalars(forced)))
