"""A consultant's day: the list, one session with its brief, its note and its outcome."""

import re
from datetime import timedelta

import pytest
from coaching.conftest import NOW

from portal.booking.models.sessions import Booking
from portal.db import db, unit_of_work
from portal.practice import actions as practice
from portal.practice.rules import Source

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def test_today_comes_first_and_says_so_when_it_is_empty(cast, sign_in, hold):
    hold(2 * DAY, topic="两天后的话题")

    page = sign_in(cast.consultant).get("/sessions").text

    assert page.index("今天没有会谈") < page.index("两天后的话题")


def test_a_session_without_an_outcome_is_asked_for_on_top(cast, sign_in, hold):
    hold(-2 * DAY, topic="忘了记结果的")

    page = sign_in(cast.consultant).get("/sessions").text

    assert "等你补上结果（1）" in page
    assert "忘了记结果的" in page


def test_past_sessions_are_listed_newest_first(cast, sign_in, hold):
    hold(-3 * DAY, topic="三天前")
    hold(-9 * DAY, topic="九天前")

    page = sign_in(cast.consultant).get("/sessions/past").text

    assert page.index("三天前") < page.index("九天前")


def test_the_consultant_reads_what_was_agreed_before(cast, sign_in, hold):
    earlier = hold(-9 * DAY)
    coming = hold(HOUR)
    client = sign_in(cast.consultant)
    client.post(f"/sessions/{earlier}/done")
    client.post(f"/sessions/{earlier}/note", data={"text": "先给二十位老客分层", "version": "0"})

    page = client.get(f"/sessions/{coming}").text

    assert "先给二十位老客分层" in page
    assert "还没有报告" in page  # no order file has been imported here


@pytest.mark.parametrize("actor", ["consultant_b", "dealer_a", "operator", "supplier_a"])
def test_nobody_else_opens_the_session(actor, cast, sign_in, hold):
    public_id = hold(HOUR)

    answer = sign_in(getattr(cast, actor)).get(f"/sessions/{public_id}")

    assert answer.status_code == (404 if actor == "consultant_b" else 403)
    assert "小鹿点卡铺" not in answer.text or actor == "dealer_a"


def test_a_note_is_saved_and_shown_to_the_dealer(cast, sign_in, hold):
    public_id = hold(-HOUR)

    answer = sign_in(cast.consultant).post(
        f"/sessions/{public_id}/note",
        data={"text": "先改商品页", "private_text": "店主有点急", "version": "0"},
    )
    dealer_page = sign_in(cast.dealer_a).get(f"/booking/{public_id}").text

    assert answer.status_code == 302
    assert "先改商品页" in dealer_page
    assert "店主有点急" not in dealer_page


def test_an_empty_note_keeps_what_was_typed_beside_it(cast, sign_in, hold):
    public_id = hold(-HOUR)

    answer = sign_in(cast.consultant).post(
        f"/sessions/{public_id}/note", data={"text": " ", "private_text": "别丢", "version": "0"}
    )

    assert answer.status_code == 422
    assert "别丢" in answer.text
    assert "写一两句也好" in answer.text


def test_two_tabs_never_overwrite_each_other(cast, sign_in, hold):
    public_id = hold(-HOUR)
    client = sign_in(cast.consultant)
    client.post(f"/sessions/{public_id}/note", data={"text": "第一个页面", "version": "0"})

    second = client.post(f"/sessions/{public_id}/note", data={"text": "第二个页面", "version": "0"})
    version = re.search(r'name="version"[^>]*value="(\d+)"', second.text)
    merged = client.post(
        f"/sessions/{public_id}/note",
        data={"text": "两个都要", "version": version.group(1) if version else ""},
    )

    assert second.status_code == 409
    assert "第一个页面" in second.text
    assert "第二个页面" in second.text
    assert merged.status_code == 302


def test_an_outcome_before_the_beginning_is_refused_in_words(cast, sign_in, hold):
    public_id = hold(HOUR)

    answer = sign_in(cast.consultant).post(f"/sessions/{public_id}/done", follow_redirects=True)

    assert "会谈还没开始" in answer.text


def test_a_no_show_is_recorded(cast, sign_in, hold):
    public_id = hold(-HOUR)

    answer = sign_in(cast.consultant).post(f"/sessions/{public_id}/no-show", follow_redirects=True)

    assert "已记为对方未到" in answer.text


def test_calling_off_needs_a_reason_and_tells_the_dealer(cast, sign_in, hold):
    public_id = hold(DAY)
    client = sign_in(cast.consultant)

    without = client.post(f"/sessions/{public_id}/call-off", data={"reason": ""})
    called_off = client.post(
        f"/sessions/{public_id}/call-off", data={"reason": "当天出差"}, follow_redirects=True
    )
    dealer = sign_in(cast.dealer_a)

    assert without.status_code == 422
    assert "已取消" in called_off.text
    assert "会谈取消了" in dealer.get("/notices").text
    assert "当天出差" in dealer.get(f"/booking/{public_id}").text


def test_an_unknown_session_is_not_found(cast, sign_in, hold):
    client = sign_in(cast.consultant)

    assert client.get("/sessions/nowhere").status_code == 404
    assert client.post("/sessions/nowhere/done").status_code == 404


def test_the_brief_shows_what_the_shop_is_at_and_the_consultant_may_open_it(
    app, cast, sign_in, hold
):
    public_id = hold(timedelta(hours=3))
    with app.app_context(), unit_of_work():
        booking_id = db.session.scalars(
            db.select(Booking.id).where(Booking.public_id == public_id)
        ).one()
        item = practice.take_on(
            organisation_id=cast.dealer_a.organisation_id,
            person_id=cast.dealer_a.person_id,
            origin=practice.Origin(source=Source.SESSION, booking_id=booking_id),
            task=practice.Task(code="agreed", texts={"zh-CN": "给老客发一轮问候"}, within_days=7),
            at=NOW,
        ).public_id
    client = sign_in(cast.consultant)

    assert "给老客发一轮问候" in client.get(f"/sessions/{public_id}").text
    page = client.get(f"/actions/{item}").text
    assert "给老客发一轮问候" in page
    assert "<textarea" not in page
    assert sign_in(cast.consultant_b).get(f"/actions/{item}").status_code == 404


def test_the_consultant_sees_what_was_wrong_in_the_quiz_that_led_to_the_session(
    app, cast, sign_in, hold, learn_wrong
):
    public_id = hold(HOUR)
    learn_wrong(cast.dealer_a.member, times=2)
    with app.app_context(), unit_of_work():
        booking = db.session.scalars(db.select(Booking).filter_by(public_id=public_id)).one()
        booking.lesson_id = "trial-101/one"

    page = sign_in(cast.consultant).get(f"/sessions/{public_id}").text

    assert "卡住的小测" in page
    assert "答了 2 次没通过" in page
    assert "60 人里 27 人，复购率是百分之几？" in page
    assert "你写的：27" in page
