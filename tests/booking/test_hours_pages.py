"""Pages about hours: a consultant's, an operator's, and what a dealer reads of them."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from portal.booking.actions import holidays as actions
from portal.booking.actions import hours
from portal.booking.models.hours import Consultant, DateHours, Holiday, Journey, SessionKind
from portal.booking.models.sessions import Booking
from portal.booking.queries import holidays
from portal.booking.rules import workdays
from portal.db import db, unit_of_work

pytestmark = pytest.mark.usefixtures("at_now")

TODAY = date(2026, 11, 22)  # a Sunday
KIND = {
    "name_zh": "快速答疑",
    "name_en": "Quick question",
    "minutes": "20",
    "place_mode": "phone",
    "level_from": "1",
    "level_to": "4",
    "quota": "1",
    "is_open": "y",
}


def stored(app, statement):
    with app.app_context():
        return db.session.scalars(statement).all()


def test_the_year_2026_is_what_the_state_council_announced():
    announced = {each.day: each for each in workdays.announced(2026)}

    worked = {day: each.works_as for day, each in announced.items() if each.works_as is not None}
    assert worked == {
        date(2026, 1, 4): 4,
        date(2026, 2, 14): 4,
        date(2026, 2, 28): 0,
        date(2026, 5, 9): 1,
        date(2026, 9, 20): 1,
        date(2026, 10, 10): 2,
    }
    assert len(announced) - len(worked) == 33
    assert (announced[date(2026, 2, 15)].name_zh, announced[date(2026, 2, 20)].name_zh) == (
        "春节",
        "春节",
    )


def test_a_year_that_was_not_announced_is_not_made_up():
    with pytest.raises(workdays.NotAnnounced):
        workdays.announced(2027)


def test_filling_a_year_adds_what_is_missing_and_leaves_what_was_changed(app, cast, sign_in):
    operator = sign_in(cast.operator)
    mine = {"first_day": "2026-10-01", "kind": "3", "name_zh": "店庆", "name_en": ""}
    operator.post("/booking/holidays", data=mine)

    operator.post("/booking/holidays/2026/fill")
    operator.post("/booking/holidays/2026/fill")

    rows = stored(app, select(Holiday).order_by(Holiday.day))
    assert len(rows) == 39
    assert next(each.works_as for each in rows if each.day == date(2026, 10, 1)) == 3
    page = operator.get("/booking/holidays?year=2026").text
    assert "店庆" in page
    operator.post("/booking/holidays/2026-10-01/remove")
    assert len(stored(app, select(Holiday))) == 38


def test_from_november_on_next_year_is_missed_where_anybody_follows_it(app, cast, open_doors):
    with app.app_context(), unit_of_work():
        actions.fill_year(year=2026)
        assert holidays.missing_year(today=date(2026, 10, 31)) is None
        assert holidays.missing_year(today=date(2026, 11, 1)) == 2027
        actions.set_days(
            first_day=date(2027, 2, 5),
            last_day=date(2027, 2, 17),
            works_as=None,
            name_zh="春节",
            name_en="",
        )
        assert holidays.missing_year(today=date(2026, 11, 1)) is None


def test_the_start_page_asks_for_the_holidays_and_says_what_stays_agreed(
    cast, sign_in, open_doors, book
):
    book()
    operator = sign_in(cast.operator)
    assert "2026 年的节假日没有填全" in operator.get("/").text

    monday = {"first_day": "2026-11-23", "last_day": "2026-11-24", "kind": "off", "name_zh": "团建"}
    page = operator.post("/booking/holidays", data=monday, follow_redirects=True).text
    assert "这几天还有 1 场约好的会谈，不会自动取消" in page
    refused = operator.post("/booking/holidays", data={**monday, "last_day": "2026-11-01"})
    assert refused.status_code == 422
    assert "结束不能早于开始" in refused.text


def test_a_day_with_windows_of_its_own_is_offered_and_given_back(app, cast, sign_in, open_doors):
    consultant, dealer = sign_in(cast.consultant), sign_in(cast.dealer_a)
    sunday = f"/booking/consultants/{open_doors.consultant_id}?day=2026-11-29"
    assert "顾问每周的这一天不接待" in dealer.get(sunday).text

    data = {"day": "2026-11-29", "begins_0": "09:00", "ends_0": "10:00"}
    consultant.post("/booking/hours/dates", data=data)
    assert ">09:00<" in dealer.get(sunday).text
    assert "09:00–10:00" in consultant.get("/booking/hours/dates").text

    consultant.post("/booking/hours/dates/2026-11-29/remove")
    assert stored(app, select(DateHours)) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ends_0": ""}, "开始和结束要成对填写"),
        ({"begins_0": "", "ends_0": ""}, "至少填一段时间"),
        ({"day": "2026-11-01"}, "这天已经过去了"),
    ],
)
def test_a_day_that_cannot_stand_keeps_what_was_typed(cast, sign_in, open_doors, changed, said):
    data = {"day": "2026-11-29", "begins_0": "09:00", "ends_0": "10:00", **changed}

    answer = sign_in(cast.consultant).post("/booking/hours/dates", data=data)

    assert answer.status_code == 422
    assert said in answer.text
    assert data["day"] in answer.text


def test_a_journey_moves_the_hours_and_two_cannot_share_a_day(app, cast, sign_in, open_doors):
    consultant, dealer = sign_in(cast.consultant), sign_in(cast.dealer_a)
    trip = {"first_day": "2026-11-23", "last_day": "2026-11-24", "zone": "Europe/Berlin"}

    consultant.post("/booking/hours/journeys", data=trip)
    again = consultant.post("/booking/hours/journeys", data=trip)

    assert "已经有一次出差" in again.text
    assert len(stored(app, select(Journey))) == 1
    page = dealer.get(f"/booking/consultants/{open_doors.consultant_id}?day=2026-11-23").text
    assert ">17:00<" in page  # ten in Berlin
    assert ">10:00<" not in page


def test_breaks_and_limits_are_saved_and_too_long_ones_refused(app, cast, sign_in, open_doors):
    consultant = sign_in(cast.consultant)
    data = {"buffer_before_minutes": "200", "buffer_minutes": "60", "notice_hours": "3"}

    refused = consultant.post("/booking/hours/rhythm", data=data)
    assert (refused.status_code, "合起来最多 240 分钟" in refused.text) == (422, True)

    consultant.post("/booking/hours/rhythm", data={**data, "buffer_before_minutes": "10"})
    mine = Consultant.id == open_doors.consultant_id
    (saved,) = stored(app, select(Consultant).where(mine))
    assert (saved.buffer_before_minutes, saved.buffer_minutes) == (10, 60)
    assert (saved.day_cap, saved.follows_holidays) == (None, False)


def test_why_a_day_has_no_slot_names_a_reason_for_each_start(app, cast, sign_in, open_doors, book):
    book()
    page = sign_in(cast.consultant).get("/booking/hours/why?day=2026-11-23").text
    assert page.count("已有会谈") == 2  # in the sum and beside ten o'clock

    with app.app_context(), unit_of_work():
        hours.add_day_off(
            consultant_id=open_doors.consultant_id, day=date(2026, 11, 23), reason="", today=TODAY
        )
    page = (
        sign_in(cast.dealer_b)
        .get(f"/booking/consultants/{open_doors.consultant_id}?day=2026-11-23")
        .text
    )
    assert "顾问这天不接待" in page


def test_a_dealer_chooses_a_kind_and_books_it(app, cast, sign_in, open_doors):
    operator, dealer = sign_in(cast.operator), sign_in(cast.dealer_a)
    offering = {"consultants": str(open_doors.consultant_id)}
    for name in ("快速答疑", "门店诊断"):
        operator.post("/booking/kinds/new", data={**KIND, **offering, "name_zh": name})
    _, diagnosis = stored(app, select(SessionKind.id).order_by(SessionKind.id))
    picker = f"/booking/consultants/{open_doors.consultant_id}?kind={diagnosis}"

    page = dealer.get(picker).text
    assert f"kind={diagnosis}" in page
    assert "20 分钟" in page
    answer = dealer.post(
        "/booking/new",
        data={
            "consultant": open_doors.consultant_id,
            "starts": "20261123T0200Z",
            "kind": diagnosis,
            "topic": "看看门店",
            "idempotency_key": "kind-of-its-own",
        },
    )

    assert answer.status_code == 302, answer.text
    (booking,) = stored(app, select(Booking))
    assert booking.kind_id == diagnosis
    assert booking.ends_at == datetime(2026, 11, 23, 2, 20, tzinfo=UTC)
    # Its quota of one in 30 days is used up, and the page says so.
    assert "30 天内能约的这种会谈已经约满" in dealer.get(f"{picker}&day=2026-11-30").text


def test_levels_in_the_wrong_order_are_said_on_the_form(cast, sign_in):
    answer = sign_in(cast.operator).post(
        "/booking/kinds/new", data={**KIND, "level_from": "3", "level_to": "2"}
    )

    assert answer.status_code == 422
    assert "最高等级不能低于最低等级" in answer.text
