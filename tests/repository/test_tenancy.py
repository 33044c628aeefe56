"""Every table says whose its rows are, and every statement goes by the filter that holds it."""

import pytest
from sqlalchemy import Column, Integer, MetaData, Table

from portal import ownership
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
