"""An operator lets dealers book a consultant, and changes what they see."""

import pytest
from sqlalchemy import func, select

from portal.booking.models.hours import Consultant
from portal.booking.queries import hours
from portal.db import db

OFFER = {
    "specialty_zh": "选品与定价",
    "specialty_en": "Products and prices",
    "bio": "做过八年门店",
    "meeting_place": "腾讯会议 987",
    "session_minutes": "30",
    "buffer_minutes": "0",
    "notice_hours": "4",
    "horizon_days": "14",
}
MONDAY = {"begins_0_0": "10:00", "ends_0_0": "12:00"}


@pytest.fixture
def operator(sign_in, cast, at_now):
    return sign_in(cast.operator)


@pytest.fixture
def address(cast):
    return f"/booking/people/{cast.consultant.person_id}"


def test_from_the_member_page_to_a_session_that_a_dealer_can_book(
    operator, address, app, cast, sign_in
):
    consultant, dealer = sign_in(cast.consultant), sign_in(cast.dealer_a)
    with app.app_context():
        organisation = cast.consultant.organisation_id
    people = operator.get(f"/members/{organisation}").text
    member = people.partition("顾思远")[0].rpartition('href="')[2].partition('"')[0]
    assert address in operator.get(member).text
    assert "还没有为你开通预约" in consultant.get("/booking/hours").text
    assert "渠道商还约不到" in operator.get(address).text

    saved = operator.post(address, data=OFFER, follow_redirects=True)
    consultant.post("/booking/hours", data=MONDAY)

    assert "已为 顾思远 开通预约" in saved.text
    assert "还没有排班" in saved.text
    page = dealer.get("/booking").text
    assert "选品与定价" in page
    assert "顾思远" in page
    assert "还没有排班" not in operator.get(address).text


def test_what_was_said_is_changed_and_nobody_is_there_twice(operator, address, app, cast):
    operator.post(address, data=OFFER)
    shown = operator.get(address).text
    assert 'value="4"' in shown
    assert "做过八年门店" in shown

    operator.post(address, data={**OFFER, "bio": "", "session_minutes": "60"})

    with app.app_context():
        assert db.session.scalar(select(func.count(Consultant.id))) == 1
        found = hours.candidate(cast.consultant.person_id)
        assert found.offer.session_minutes == 60
        assert found.offer.bio == ""
        assert found.offer.notice_minutes == 240


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("specialty_zh", "", "写一句擅长什么"),
        ("specialty_en", " ", "英文界面也要写一句"),
        ("session_minutes", "10", "填 15 到 240 的整数"),
        ("session_minutes", "半小时", "填 15 到 240 的整数"),
        ("buffer_minutes", "", "填 0 到 240 的整数"),
        ("horizon_days", "91", "填 1 到 90 的整数"),
    ],
)
def test_what_cannot_stand_is_explained_and_nothing_is_opened(
    operator, address, app, name, value, why
):
    answer = operator.post(address, data={**OFFER, name: value})

    assert answer.status_code == 422
    assert answer.text.count(why) == 1
    assert "做过八年门店" in answer.text
    with app.app_context():
        assert db.session.scalar(select(func.count(Consultant.id))) == 0


def test_only_consultants_can_be_opened_and_only_by_operators(operator, cast, address, sign_in):
    for who in (cast.dealer_a, cast.author, cast.operator):
        assert operator.get(f"/booking/people/{who.person_id}").status_code == 404
        assert operator.post(f"/booking/people/{who.person_id}", data=OFFER).status_code == 404
    assert sign_in(cast.consultant).get(address).status_code == 403
