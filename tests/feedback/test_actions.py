"""Writes of feedback: what is stored, who is told, and what is refused."""

from datetime import timedelta

import pytest
from conftest import NOW
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from portal.db import db, unit_of_work
from portal.feedback import actions, rules
from portal.feedback.models import Feedback, FeedbackEvent
from portal.feedback.rules import Secret
from portal.notices import queries as notices
from portal.paging import Page

LATER = NOW + timedelta(days=1)


def told(actor):
    return [row.text for row in notices.of_member(member=actor.member, page=Page()).rows]


def kinds(feedback_id):
    return db.session.scalars(
        select(FeedbackEvent.kind)
        .where(FeedbackEvent.feedback_id == feedback_id)
        .order_by(FeedbackEvent.id)
    ).all()


def answer(cast, given, words="已经加了通道，今晚再看看"):
    return actions.answer(
        feedback_id=given.id,
        supplier_id=cast.supplier_a.organisation_id,
        person_id=cast.supplier_a.person_id,
        text=words,
        at=LATER,
    )


def test_feedback_goes_to_the_supplier_of_its_product(cast, goods, give, context):
    given = give(cast.dealer_a, goods.coins)

    stored = db.session.get(Feedback, given.id)

    assert stored.supplier_id == cast.supplier_a.organisation_id
    assert stored.state == "new"
    assert kinds(given.id) == ["submitted"]


def test_secrets_and_the_shops_own_name_are_hidden_before_storing(cast, goods, give, context):
    given = give(
        cast.dealer_a,
        goods.coins,
        text="我是小鹿点卡铺，客人 13912345678 的码 ABCD-1234-EFGH 用不了",
        impact="退款到 someone@example.com",
    )

    stored = db.session.get(Feedback, given.id)

    assert stored.text == f"我是{Secret.SHOP}，客人 {Secret.PHONE} 的码 {Secret.CARD} 用不了"
    assert stored.impact == f"退款到 {Secret.MAIL}"


def test_the_same_key_gives_the_same_feedback(cast, goods, context):
    words = {"product_id": goods.coins, "text": "到账太慢了，客人一直催", "impact": None}
    with unit_of_work():
        first = actions.submit(
            author=cast.dealer_a.member, submission_key="once", at=NOW, **words
        ).id
    with unit_of_work():
        second = actions.submit(
            author=cast.dealer_a.member, submission_key="once", at=LATER, **words
        ).id
        other = actions.submit(
            author=cast.dealer_b.member, submission_key="once", at=LATER, **words
        ).id

    assert first == second
    assert other != first
    assert kinds(first) == ["submitted"]


def test_an_unknown_product_is_refused(cast, goods, context):
    with pytest.raises(actions.NoSuchProduct):
        actions.submit(
            author=cast.dealer_a.member,
            product_id=9_999,
            text="到账太慢了，客人一直催",
            impact=None,
            submission_key="k",
            at=NOW,
        )


def test_an_answer_settles_new_feedback_and_tells_the_dealer_who_gave_it(
    cast, goods, give, context
):
    given = give(cast.dealer_a, goods.coins)

    with unit_of_work():
        answer(cast, given)

    assert db.session.get(Feedback, given.id).state == "answered"
    assert told(cast.dealer_a) == ["供应商回复了你反馈的“到账太慢了，客人一直催”"]
    assert told(cast.dealer_b) == []


def test_an_answer_undoes_nothing_that_was_reached(cast, goods, give, context):
    given = give(cast.dealer_a, goods.coins)
    who = {"supplier_id": cast.supplier_a.organisation_id, "person_id": None, "at": LATER}

    with unit_of_work():
        actions.mark_linked(feedback_id=given.id, text="晚高峰到账慢", **who)
        answer(cast, given)

    assert db.session.get(Feedback, given.id).state == "linked"
    assert kinds(given.id) == ["submitted", "linked", "answered"]


def test_the_whole_way_leaves_an_event_and_a_notice_at_each_step(cast, goods, give, context):
    given = give(cast.dealer_a, goods.coins)
    who = {
        "feedback_id": given.id,
        "supplier_id": cast.supplier_a.organisation_id,
        "person_id": cast.supplier_a.person_id,
        "at": LATER,
    }

    with unit_of_work():
        actions.mark_linked(text="晚高峰到账慢", **who)
        actions.mark_accepted(text="下个月加通道", **who)
        actions.mark_shipped(text="**加了通道**", **who)

    assert kinds(given.id) == ["submitted", "linked", "accepted", "shipped"]
    assert len(told(cast.dealer_a)) == 3


def test_declining_takes_a_reason(cast, goods, give, context):
    given = give(cast.dealer_a, goods.coins)
    who = {"feedback_id": given.id, "supplier_id": cast.supplier_a.organisation_id}

    with pytest.raises(actions.NeedsReason):
        actions.decline(person_id=None, text="  ", at=LATER, **who)
    with unit_of_work():
        actions.decline(person_id=None, text="供货价由发行方定", at=LATER, **who)

    assert db.session.get(Feedback, given.id).state == "declined"


def test_a_supplier_cannot_answer_anothers_feedback(cast, goods, give, context):
    given = give(cast.dealer_a, goods.films)  # supplier B's

    with pytest.raises(actions.NoSuchFeedback):
        answer(cast, given)


def test_a_step_that_the_life_cycle_lacks_is_refused(cast, goods, give, context):
    given = give(cast.dealer_a, goods.coins)

    with pytest.raises(rules.IllegalMove):
        actions.mark_shipped(
            feedback_id=given.id,
            supplier_id=cast.supplier_a.organisation_id,
            person_id=None,
            text="",
            at=LATER,
        )


def test_the_operator_assigns_a_product_once(cast, goods, give, context):
    given = give(cast.dealer_a, None)
    who = {"feedback_id": given.id, "person_id": cast.operator.person_id, "at": LATER}

    with unit_of_work():
        actions.assign_product(product_id=goods.films, **who)

    assert db.session.get(Feedback, given.id).supplier_id == cast.supplier_b.organisation_id
    with pytest.raises(actions.AlreadyAssigned):
        actions.assign_product(product_id=goods.coins, **who)


@pytest.mark.asvs("V2.2.3")
def test_the_database_refuses_feedback_on_a_product_of_another_supplier(cast, goods, give, context):
    given = give(cast.dealer_a, goods.coins)

    stored = db.session.get(Feedback, given.id)
    stored.supplier_id = cast.supplier_b.organisation_id

    with pytest.raises(IntegrityError):
        db.session.flush()


def test_the_database_refuses_a_second_shipping_and_a_changed_event(cast, goods, give, context):
    given = give(cast.dealer_a, goods.coins)

    with unit_of_work():
        db.session.add(FeedbackEvent(feedback_id=given.id, kind="shipped", text="", at=LATER))
    db.session.add(FeedbackEvent(feedback_id=given.id, kind="shipped", text="", at=LATER))
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()

    with pytest.raises(IntegrityError, match="feedback_event_is_fixed"):
        db.session.execute(text("UPDATE feedback_event SET text = 'rewritten'"))
    db.session.rollback()
    shipped = select(func.count()).where(FeedbackEvent.kind == "shipped")
    assert db.session.scalar(shipped) == 1


def test_who_is_forgotten_leaves_the_shops_words(cast, goods, give, context):
    given = give(cast.dealer_a, goods.coins)

    with unit_of_work():
        db.session.execute(
            text("DELETE FROM person WHERE id = :id"), {"id": cast.dealer_a.person_id}
        )

    assert db.session.get(Feedback, given.id).author_id is None
    assert kinds(given.id) == ["submitted"]
