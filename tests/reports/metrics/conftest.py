"""Facts of a few lines, written down by hand, in the shape that the store gives them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import duckdb
import pytest

_COLUMNS = """source VARCHAR, dealer_ref VARCHAR, order_no VARCHAR, line_no INTEGER, kind VARCHAR,
occurred_on DATE, occurred_at TIMESTAMP, month VARCHAR, product_ref VARCHAR, product_name VARCHAR,
category VARCHAR, region VARCHAR, quantity INTEGER, amount_minor BIGINT, currency VARCHAR,
buyer_key VARCHAR, original_order_no VARCHAR, file_id VARCHAR"""


@dataclass(frozen=True)
class Line:
    """One line of the facts; a test names only what it is about."""

    on: str
    amount: int
    dealer: str = "d1"
    order: str = "o1"
    kind: str = "sale"
    product: str = "p1"
    name: str = "点卡 100 元"
    category: str | None = None
    quantity: int = 1
    buyer: str | None = None
    source: str = "shop"
    currency: str = "CNY"


@dataclass(frozen=True)
class TableOfLines:
    """Facts held in memory: the same port as a snapshot of the store."""

    lines: Sequence[Line]
    facts_until: date
    version: str = "v1"

    def connect(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(config={"autoinstall_known_extensions": False})
        connection.execute(f"CREATE TABLE lines ({_COLUMNS})")
        for number, line in enumerate(self.lines):
            connection.execute(
                f"INSERT INTO lines VALUES ({', '.join('?' * 18)})", _row(line, number)
            )
        return connection


def _row(line: Line, number: int) -> list[object]:
    moment = datetime.fromisoformat(line.on)
    return [
        line.source,
        line.dealer,
        line.order,
        number,
        line.kind,
        moment.date(),
        moment,
        line.on[:7],
        line.product,
        line.name,
        line.category,
        None,
        line.quantity,
        line.amount,
        line.currency,
        line.buyer,
        None,
        "f" * 16,
    ]


@pytest.fixture
def facts_of() -> Callable[..., TableOfLines]:
    """Return a maker of facts: lines, and the last day they cover."""

    def make(*lines: Line, until: str) -> TableOfLines:
        return TableOfLines(lines=lines, facts_until=date.fromisoformat(until))

    return make


@pytest.fixture
def line() -> type[Line]:
    """Return the maker of one line."""
    return Line
