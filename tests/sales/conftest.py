"""Order files as the alliance's shops would export them, and imports of them."""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from portal import clock
from portal.db import unit_of_work
from portal.sales.actions import deciding, importing, receiving
from reports.facts.store import NoFacts, open_current

ACG_HEADER = [
    *("订单号", "金额", "商品名称", "数量", "支付方式", "下单时间", "下单IP", "下单设备"),
    *("支付时间", "订单状态", "联系方式", "发货状态", "优惠券", "客户", "推广人", "分站"),
    *("分站手续费", "接口手续费", "推广分成", "返利"),
]


def acg_row(number: str, **changes: str) -> dict[str, str]:
    """One paid order of ¥19.90 at the shop of dealer A."""
    row = dict.fromkeys(ACG_HEADER, "")
    row |= {
        "订单号": number,
        "金额": "19.90",
        "商品名称": "视频会员 月卡",
        "数量": "1",
        "下单IP": "203.0.113.7",
        "支付时间": "2026-10-05 12:00:00",
        "订单状态": "已支付",
        "联系方式": "13912345678",
        "分站": "xiaolu",
    }
    return row | changes


def as_csv(rows: Sequence[dict[str, str]], *, encoding: str = "utf-8-sig") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, ACG_HEADER)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def many_rows(count: int) -> bytes:
    return as_csv([acg_row(f"N{number:06}") for number in range(count)])


@pytest.fixture
def mixed() -> bytes:
    """Six rows: two sold, one unpaid, one with a formula for a name, two that cannot be taken."""
    return as_csv(
        [
            acg_row("A1"),
            acg_row("A2", 分站="acheng", 支付时间="2026-11-02 09:00:00"),
            acg_row("A3", 订单状态="未支付", 支付时间=""),
            acg_row("A4", 商品名称="=1+1"),
            acg_row("A5", 金额="十九"),
            acg_row("A6", 分站=""),
        ]
    )


@pytest.fixture
def receive(context, cast) -> Callable[..., str]:
    """Receive a file without HTTP, committed; returns the import's public id."""

    def run(content: bytes, *, filename: str = "orders.csv", mapping: str | None = None) -> str:
        with unit_of_work():
            return receiving.receive(
                stream=io.BytesIO(content),
                filename=filename,
                mapping=mapping,
                uploaded_by=cast.operator.person_id,
                at=clock.now(),
            ).public_id

    return run


@pytest.fixture
def bring_in(receive, cast) -> Callable[[bytes], str]:
    """Receive, confirm and import a file at once."""

    def run(content: bytes, **options: object) -> str:
        public_id = receive(content, **options)
        with unit_of_work():
            import_id = deciding.confirm(
                public_id=public_id, by_person_id=cast.operator.person_id, at=clock.now()
            ).id
        importing.import_now(import_id=import_id, now=clock.now)
        return public_id

    return run


@pytest.fixture
def uploads(app) -> Callable[[], list[Path]]:
    """The uploaded files that lie on the disk now."""

    def found() -> list[Path]:
        folder = app.extensions["tongtu.settings"].uploads_dir
        return sorted(path for path in folder.rglob("*") if path.is_file())

    return found


@pytest.fixture
def facts_root(app) -> Path:
    return app.extensions["tongtu.settings"].facts_dir


@pytest.fixture
def lines_in_force(facts_root) -> Callable[[], list[tuple]]:
    """Every line of the facts in force, as (order number, dealer, kind, minor units)."""

    def read() -> list[tuple]:
        try:
            snapshot = open_current(facts_root)
        except NoFacts:
            return []
        with snapshot.connect() as connection:
            return connection.execute(
                "SELECT order_no, dealer_ref, kind, amount_minor FROM lines ORDER BY ALL"
            ).fetchall()

    return read


@pytest.fixture(name="make_csv")
def _make_csv():
    return as_csv


@pytest.fixture(name="row")
def _row():
    return acg_row


@pytest.fixture(name="many")
def _many():
    return many_rows
