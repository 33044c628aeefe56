"""A clerk who has done all that one can do in the portal, and the order facts of their shop."""

import io
import secrets
from collections.abc import Callable
from datetime import timedelta

import pytest
from conftest import NOW
from flask import Flask
from sqlalchemy import select

from courses.load import load_library
from portal import clock
from portal.accounts import actions as accounts
from portal.booking.actions import bookings, hours, notes
from portal.catalog import actions as catalog
from portal.db import Base, db, unit_of_work
from portal.evidence import actions as evidence
from portal.feedback import actions as feedback
from portal.learning import actions as learning
from portal.notices import actions as notices
from portal.notices.models import Delivery, MailBounce
from portal.notices.rules import NoticeKind
from portal.sales.actions import deciding, importing, receiving

MAIL = "xiaoyu.lin@shop.example"


@pytest.fixture
def everything() -> Callable[[], str]:
    """Return a function that gives every value of every table as one text."""

    def read() -> str:
        db.session.rollback()
        rows = (
            row
            for table in Base.metadata.sorted_tables
            for row in db.session.execute(select(table))
        )
        text = "\n".join(str(tuple(row)) for row in rows)
        db.session.rollback()
        return text

    return read


ORDERS = (
    "order_id,dealer_id,sku,title,region,qty,unit_price,paid_at\n"
    "A1,xiaolu,S1,=cmd(),UK,1,12.50,2026-10-10T09:00\n"
    "A2,xiaolu,S1,月卡,UK,2,3.00,2026-10-11T09:00\n"
    "B1,acheng,S1,月卡,UK,1,7.00,2026-10-11T09:00\n"
)


@pytest.fixture
def orders(app: Flask, cast) -> None:
    """Order facts of both shops."""
    with app.app_context():
        with unit_of_work():
            found = receiving.receive(
                stream=io.BytesIO(ORDERS.encode()),
                filename="orders.csv",
                mapping=None,
                uploaded_by=cast.operator.person_id,
                at=clock.now(),
            )
            import_id = deciding.confirm(
                public_id=found.public_id, by_person_id=cast.operator.person_id, at=clock.now()
            ).id
        importing.import_now(import_id=import_id, now=clock.now)


@pytest.fixture
def clerk(app: Flask, cast, sign_in) -> None:
    """The clerk of dealer A signs in, learns, books, gives feedback, and is written about."""
    who = cast.dealer_clerk
    with app.app_context(), unit_of_work():
        db.session.get_one(accounts.Person, who.person_id).email = MAIL
        content = app.extensions["tongtu.settings"].content_dir
        learning.publish(library=load_library(content / "courses"), at=NOW)
        category = catalog.add_category(code="game", name_zh="游戏点券", name_en="Game credit")
        product = catalog.add_product(
            supplier_id=cast.supplier_a.organisation_id,
            category_id=category.id,
            code="XH",
            name_zh="星海点券",
            name_en="Xinghai",
        )
        consultant = hours.add_consultant(
            person_id=cast.consultant.person_id,
            organisation_id=cast.consultant.organisation_id,
            specialty_zh="复购",
            specialty_en="Repurchase",
            timezone="Asia/Shanghai",
        )
        booking = bookings.enter(
            dealer_id=who.organisation_id,
            person_id=who.person_id,
            consultant_id=consultant.id,
            starts_at=NOW - timedelta(days=2),
            ends_at=NOW - timedelta(days=2) + timedelta(minutes=30),
            topic=f"我是{who.member.person_name}，打 {who.phone} 找我",
            submission_key=secrets.token_hex(8),
            at=NOW - timedelta(days=3),
        )
        notes.write_note(
            public_id=booking.public_id,
            person_id=cast.consultant.person_id,
            text=f"{who.member.person_name}先学第二课",
            private_text=f"{who.member.person_name}的邮箱 {MAIL}",
            version=0,
            at=NOW,
        )
        feedback.submit(
            author=who.member,
            product_id=product.id,
            text=f"到账太慢了，客人找{who.member.person_name}退款",
            impact=None,
            submission_key=secrets.token_hex(8),
            at=NOW,
        )
        notices.post(
            organisation_id=cast.consultant.organisation_id,
            person_id=cast.consultant.person_id,
            kind=NoticeKind.BOOKING_MADE,
            path=f"/sessions/{booking.public_id}",
            params={"who": who.member.person_name},
            at=NOW,
        )
        notices.post(
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            kind=NoticeKind.REPORT_READY,
            path="/reports",
            at=NOW,
        )
        db.session.add(
            Delivery(
                key="letter:x",
                channel="mail",
                state="sent",
                address=MAIL,
                created_at=NOW,
                finished_at=NOW,
            )
        )
        db.session.add(MailBounce(address=MAIL, answer="550", at=NOW))
        evidence.record(
            action="test.said",
            at=NOW,
            person_id=cast.operator.person_id,
            details={"tried": MAIL, "phone": "+8613800000009"},
        )
    client = sign_in(who)
    client.post("/courses/repurchase-101/enrol", headers={"User-Agent": "DouPhone/1.0"})
