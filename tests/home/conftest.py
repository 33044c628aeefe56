"""What start pages are made of: reports, courses, a session, feedback; the clock at a known moment.

Everything is made by the actions that the portal itself uses.
"""

import csv
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask

from courses.load import Library, load_library
from portal.booking.actions import bookings, hours
from portal.catalog import actions as catalog
from portal.db import unit_of_work
from portal.feedback import actions as feedback
from portal.learning import actions as learning
from reports.facts.ingest import check
from reports.facts.store import apply
from reports.site.build import build

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # 10:00 on a Sunday in Shanghai
CONTENT = Path(__file__).resolve().parents[2] / "content"
HEADER = [
    *("订单号", "金额", "商品名称", "数量", "支付方式", "下单时间", "下单IP", "下单设备"),
    *("支付时间", "订单状态", "联系方式", "发货状态", "优惠券", "客户", "推广人", "分站"),
    *("分站手续费", "接口手续费", "推广分成", "返利"),
]


@pytest.fixture(autouse=True)
def at_now() -> Iterator[None]:
    """The wall clock of the views begins at NOW and goes on from there."""
    with time_machine.travel(NOW, tick=True):
        yield


def _order(number: int, *, shop: str, buyer: int, paid_on: str) -> dict[str, str]:
    return dict.fromkeys(HEADER, "") | {
        "订单号": f"{shop}-{number}",
        "金额": "20.00",
        "商品名称": "视频会员 月卡",
        "数量": "1",
        "支付时间": f"{paid_on} 12:00:00",
        "订单状态": "已支付",
        "联系方式": f"139{buyer:08d}",
        "分站": shop,
    }


def _orders(shop: str, *, old_in_october: int) -> list[dict[str, str]]:
    """Twelve buyers a month from May on, the same ones until October brings new ones."""
    bought = [(month, buyer) for month in range(5, 10) for buyer in range(12)]
    bought += [(10, buyer) for buyer in range(12 - old_in_october, 24 - old_in_october)]
    rows = [
        _order(number, shop=shop, buyer=buyer, paid_on=f"2026-{month:02d}-10")
        for number, (month, buyer) in enumerate(bought)
    ]
    # An order in November: October is complete.
    return [*rows, _order(999, shop=shop, buyer=0, paid_on="2026-11-02")]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with facts and built reports of both dealers: A's repurchase rate fell, B's not."""
    folder = tmp_path_factory.mktemp("reported")
    orders = folder / "orders.csv"
    with orders.open("w", newline="", encoding="utf-8-sig") as target:
        writer = csv.DictWriter(target, HEADER)
        writer.writeheader()
        writer.writerows(_orders("xiaolu", old_in_october=6))
        writer.writerows(_orders("acheng", old_in_october=12))
    with check(orders, mapping=None, buyer_key=b"k" * 32) as checked:
        apply(folder / "facts", checked)
    build(
        facts_root=folder / "facts",
        out=folder / "site",
        names={"xiaolu": "小鹿点卡铺", "acheng": "阿成游戏屋"},
        workers=1,
    )
    return folder


@pytest.fixture
def reported(app: Flask, site: Path) -> None:
    """The portal serves both dealers' reports."""
    settings = app.extensions["tongtu.settings"]
    shutil.copytree(site / "facts", settings.facts_dir)
    shutil.copytree(site / "site", settings.site_dir, symlinks=True)


@pytest.fixture
def published(app: Flask) -> Library:
    """The project's own courses, published."""
    library = load_library(CONTENT / "courses")
    with app.app_context(), unit_of_work():
        learning.publish(library=library, at=NOW)
    return library


@pytest.fixture
def enrol(app: Flask, published: Library) -> Callable[..., None]:
    """Return a function by which somebody enrols in a course."""

    def run(actor, slug: str) -> None:
        with app.app_context(), unit_of_work():
            learning.enrol(member=actor.member, slug=slug, at=NOW)

    return run


@dataclass(frozen=True)
class Booked:
    """A session that was agreed."""

    public_id: str
    starts_at: datetime


@pytest.fixture
def book(app: Flask, cast) -> Callable[..., Booked]:
    """Return a function by which a dealer books the cast's first consultant."""
    with app.app_context(), unit_of_work():
        consultant_id = hours.add_consultant(
            person_id=cast.consultant.person_id,
            organisation_id=cast.consultant.organisation_id,
            specialty_zh="复购与老客维护",
            specialty_en="Repurchase",
            timezone="Asia/Shanghai",
            meeting_place="腾讯会议 123 456 789",
        ).id

    def run(actor, *, ahead: timedelta, topic: str = "复购率一直在掉") -> Booked:
        starts_at = NOW + ahead
        with app.app_context(), unit_of_work():
            booking = bookings.enter(
                dealer_id=actor.organisation_id,
                person_id=actor.person_id,
                consultant_id=consultant_id,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=45),
                topic=topic,
                submission_key=f"key-{starts_at.timestamp()}",
                at=NOW,
            )
            return Booked(public_id=booking.public_id, starts_at=starts_at)

    return run


@pytest.fixture
def product(app: Flask, cast) -> int:
    """The id of supplier A's product."""
    with app.app_context(), unit_of_work():
        category = catalog.add_category(code="game", name_zh="游戏点券", name_en="Game credit")
        return catalog.add_product(
            supplier_id=cast.supplier_a.organisation_id,
            category_id=category.id,
            code="XH-300",
            name_zh="星海点券 300",
            name_en="Xinghai 300",
        ).id


@pytest.fixture
def say(app: Flask, product: int) -> Callable[..., int]:
    """Return a function by which a dealer gives feedback on supplier A's product."""
    numbers = iter(range(1000))

    def run(actor, text: str, *, product_id: int | None = product) -> int:
        with app.app_context(), unit_of_work():
            number = next(numbers)
            return feedback.submit(
                author=actor.member,
                product_id=product_id,
                text=text,
                impact=None,
                submission_key=f"key-{number}",
                at=NOW + timedelta(minutes=number),
            ).id

    return run
