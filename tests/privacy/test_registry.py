"""No table that tells of a person is left out of the registry."""

import re

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table

from portal.db import Base
from portal.privacy.registry import NOT_PERSONAL, TABLES
from portal.privacy.rules import Deletion

# Names that a column about a person has, wherever it stands.
SOUNDS_PERSONAL = re.compile(
    r"person|author|actor|_by(_id)?$|^e?mail|phone|^address$|user_agent|^identity$|^device$"
    r"|bio|^confirmed_at$"
)
NOT_ABOUT_PERSONS = {"confirmed_at"}


def unregistered(metadata: MetaData) -> list[str]:
    """Return the columns that point to a person, or sound like one's, and are not registered."""
    return sorted(
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if is_personal(column)
        and (table.name, column.name) not in NOT_PERSONAL
        and column.name not in (TABLES[table.name].fields if table.name in TABLES else {})
    )


def is_personal(column: Column) -> bool:
    points_to_person = any(key.target_fullname == "person.id" for key in column.foreign_keys)
    sounds = SOUNDS_PERSONAL.search(column.name) and column.name not in NOT_ABOUT_PERSONS
    return points_to_person or bool(sounds)


@pytest.mark.asvs("V14.2.4")
def test_every_column_that_tells_of_a_person_is_registered(app):
    assert unregistered(Base.metadata) == [], "register it in portal/privacy/kept"


def test_a_planted_table_is_found():
    planted = MetaData()
    Table("person", planted, Column("id", Integer, primary_key=True))
    Table(
        "planted",
        planted,
        Column("id", Integer, primary_key=True),
        Column("whoever", ForeignKey("person.id")),
        Column("phone", String),
        Column("colour", String),
    )

    assert unregistered(planted) == ["planted.phone", "planted.whoever"]


def test_every_column_of_a_person_is_registered(app):
    columns = {column.name for column in Base.metadata.tables["person"].columns}

    assert columns - set(TABLES["person"].fields) == set()


@pytest.mark.parametrize("name", TABLES)
def test_what_is_registered_exists(name, app):
    table = TABLES[name]
    columns = {column.name for column in Base.metadata.tables[name].columns}
    named = {*table.fields, *table.person, *table.organisation, *table.exported, *table.identities}

    assert named - columns == set()
    if table.parent:
        assert table.parent[0] in columns
        assert table.parent[1] in TABLES


@pytest.mark.parametrize("name", TABLES)
def test_what_is_kept_says_why(name):
    table = TABLES[name]
    silent = [
        column
        for column, each in table.fields.items()
        if each.deletion is Deletion.KEEP and not str(each.why_kept)
    ]

    assert silent == []
    assert str(table.what)
    assert str(table.purpose)


SECRETS = {
    "password",
    "fs_uniquifier",
    "uniquifier",
    "token_hash",
    "secret",
    "code_hash",
    "credential_id",
    "public_key",
    "private_text",
    "content",
    "body",
}


@pytest.mark.asvs("V14.2.4")
@pytest.mark.parametrize("name", TABLES)
def test_no_secret_is_taken_away(name):
    assert set(TABLES[name].exported) & SECRETS == set()
