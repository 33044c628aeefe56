"""Every table says whose its rows are, and every statement goes by the filter that holds it."""

import ast
import re
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table

from portal import ownership, schema  # noqa: F401 – registers every table
from portal.db import Base


def test_every_table_says_whose_its_rows_are():
    assert ownership.undeclared(Base.metadata) == []


def test_a_table_that_says_nothing_is_found():
    metadata = MetaData()
    Table("planted", metadata, Column("id", Integer, primary_key=True))

    assert ownership.undeclared(metadata) == ["planted"]


def test_a_table_that_says_nothing_belongs_to_somebody_and_may_be_read_by_nobody():
    planted = Table("planted", MetaData(), Column("id", Integer, primary_key=True))

    assert ownership.is_owned(planted)
    with pytest.raises(ownership.UndeclaredTable, match=r"planted.*@owned.*@unowned"):
        ownership.of(planted)


ROOT = Path(__file__).resolve().parents[2]
# Where the session's filter is at home, or where there is no session.
EXEMPT = {
    "portal/db.py": "binds the database itself",
    "portal/ownership.py": "tells the database whose its rows are",
    "portal/tenancy.py": "is the filter",
    "portal/migrations": "moves every tenant's rows",
    "portal/backup": "copies whole databases",
}
AROUND = {
    "portal/accounts/sign_in/counting.py": "counts requests apart from their transaction",
    "portal/accounts/sign_in/actions/sessions.py": "ends sessions apart from the transaction",
    "portal/calendars/actions.py": "notes apart from the transaction that a feed was fetched",
    "portal/doctor/running.py": "asks the server how it is set up",
    "portal/evidence/collecting.py": "appends to the chain in the same transaction",
    "portal/health/queries.py": "asks which migration ran last",
}
# What goes past the session, its events or its models.
CONNECTIONS = {"engine", "connection", "get_bind", "raw_connection", "exec_driver_sql"}
UNSEEN = {"bulk_save_objects", "bulk_insert_mappings", "bulk_update_mappings"}


def ways_around(source: str) -> list[str]:
    """Return what in a module reaches tables of tenants past the filter of the session."""
    owned = set(ownership.owned_tables())
    models = {
        mapper.class_.__name__
        for mapper in Base.registry.mappers
        if mapper.local_table.name in owned
    }
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            base = node.value.id if isinstance(node.value, ast.Name) else ""
            if node.attr == "__table__" and base in models:
                found.append(f"{base}.__table__")
            if node.attr in UNSEEN:
                found.append(node.attr)
        is_text = (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "text"
            and node.args
            and isinstance(node.args[0], ast.Constant)
        )
        if is_text and (named := owned & set(re.findall(r"\w+", str(node.args[0].value)))):
            found.append(f"text() on {', '.join(sorted(named))}")
    return found


def connections(source: str) -> list[str]:
    """Return where a module takes a connection of its own; asking for the dialect is none."""
    tree = ast.parse(source)
    parents = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    return [
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in CONNECTIONS
        and getattr(parents[id(node)], "attr", "") not in {"dialect", "dispose"}
    ]


def modules() -> dict[str, str]:
    paths = {path.relative_to(ROOT).as_posix(): path for path in (ROOT / "portal").rglob("*.py")}
    return {
        name: path.read_text(encoding="utf-8")
        for name, path in sorted(paths.items())
        if not name.startswith(tuple(EXEMPT)) and not name.endswith("models.py")
    }


def test_no_module_reaches_a_tenants_table_past_its_model():
    found = {name: ways for name, source in modules().items() if (ways := ways_around(source))}

    assert found == {}


def test_a_connection_of_ones_own_is_taken_only_where_it_is_named_with_its_reason():
    found = {name for name, source in modules().items() if connections(source)}

    assert found == set(AROUND)


@pytest.mark.parametrize(
    "planted",
    [
        "select(Feedback.__table__)",
        "text('SELECT text FROM feedback')",
        "db.session.bulk_save_objects(rows)",
    ],
)
def test_a_planted_way_around_is_found(planted):
    assert len(ways_around(planted)) == 1


def test_a_planted_connection_is_found_and_asking_for_the_dialect_is_none():
    assert connections("db.engine.connect()") == ["engine"]
    assert connections("db.engine.dialect.name") == []
