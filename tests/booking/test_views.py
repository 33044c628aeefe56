"""The pages of both sides, over HTTP, on both databases."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from icalendar import Calendar
from sqlalchemy import event, func, select

from portal.booking.actions import notes
from portal.booking.models.hours import TimeOff, WeeklyHours
from portal.booking.models.sessions import Allocation, Booking
from portal.db import db, unit_of_work
from portal.idempotency import actions as idempotency
from portal.notices.models import Notice

pytestmark = pytest.mark.usefixtures("at_now")

MONDAY_10 = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TEN, ELEVEN = "20261123T0200Z", "20261123T0300Z"
TOPIC = "复购率连掉两个月，想找原因"


@pytest.fixture
def stored(app):
    """Return a function that gives the first column of what is stored, in a context of its own."""

    def read(statement):
        with app.app_context():
            return db.session.scalars(statement).all()

    return read


def count(table):
    return select(func.count()).select_from(table)


@pytest.fixture
def dealer(cast, sign_in):
    return sign_in(cast.dealer_a)


@pytest.fixture
def consultant(cast, sign_in):
    return sign_in(cast.consultant)


def typed(consultant_id, **changed):
    facts = {"consultant": consultant_id, "starts": TEN, "topic": TOPIC}
    return facts | changed


def test_a_dealer_finds_a_time_and_books_it(dealer, open_doors):
    index = dealer.get("/booking").text
    times = dealer.get(f"/booking/consultants/{open_doors.consultant_id}").text
    page = dealer.get(f"/booking/new?consultant={open_doors.consultant_id}&starts={TEN}").text
    key = re.search(r'name="idempotency_key" value="([^"]+)"', page)[1]

    sent = dealer.post("/booking/new", data=typed(open_doors.consultant_id, idempotency_key=key))
    made = dealer.get(sent.headers["Location"]).text

    assert "顾思远" in index
    assert f'name="starts" value="{TEN}"' in index
    assert "11月23日 周一" in times
    assert times.index("上午") < times.index("10:00") < times.index("下午") < times.index("14:00")
    assert "晚上" not in times
    assert "开始前 2 小时都可以自己改期或取消" in page
    assert sent.status_code == 302
    assert "约好了" in made
    assert TOPIC in made
    assert 'data-draft-done="booking"' in made
    assert "calendar.ics" in made


def test_a_booked_time_is_gone_for_other_shops_and_comes_first_on_ones_own_page(
    cast, sign_in, dealer, open_doors
):
    dealer.post("/booking/new", data=typed(open_doors.consultant_id))

    mine = dealer.get("/booking").text
    theirs = sign_in(cast.dealer_b).get("/booking").text
    other_consultant = dealer.get(f"/booking/consultants/{open_doors.consultant_b_id}").text

    assert mine.index("接下来的会谈") < mine.index("选一位顾问")
    assert TOPIC in mine
    assert TOPIC not in theirs
    _, first, second = theirs.split('name="consultant"')
    assert f'value="{TEN}"' not in first
    assert f'value="{TEN}"' in second
    assert TEN not in other_consultant  # one cannot be in two sessions


def test_a_time_taken_meanwhile_is_said_and_what_was_typed_stays(
    book, dealer, cast, open_doors, stored
):
    book(dealer_id=cast.dealer_b.organisation_id, person_id=cast.dealer_b.person_id)

    answer = dealer.post("/booking/new", data=typed(open_doors.consultant_id))

    assert answer.status_code == 422
    assert "这个时段刚被约走了" in answer.text
    assert TOPIC in answer.text
    assert f'name="starts" value="{TEN}"' not in answer.text
    assert answer.text.count('type="radio" name="starts"') == 5
    again = dealer.post("/booking/new", data=typed(open_doors.consultant_id, starts=ELEVEN))
    assert again.status_code == 302
    assert stored(count(Booking)) == [2]


def test_a_time_taken_before_the_page_opens_is_said_at_once(book, dealer, cast, open_doors):
    book(dealer_id=cast.dealer_b.organisation_id, person_id=cast.dealer_b.person_id)

    page = dealer.get(f"/booking/new?consultant={open_doors.consultant_id}&starts={TEN}")

    assert page.status_code == 200
    assert "这个时段刚被约走了" in page.text


def test_a_dealer_with_another_session_at_that_time_is_told_so(book, dealer, open_doors):
    book(consultant_id=open_doors.consultant_b_id)

    answer = dealer.post("/booking/new", data=typed(open_doors.consultant_id))

    assert answer.status_code == 422
    assert "店里在这个时间已经有一场会谈" in answer.text


def test_a_form_without_a_topic_comes_back_with_its_time(dealer, open_doors, stored):
    answer = dealer.post("/booking/new", data=typed(open_doors.consultant_id, topic="  "))

    assert answer.status_code == 422
    assert "写一句想聊什么" in answer.text
    assert f'name="starts" value="{TEN}"' in answer.text
    assert stored(count(Booking)) == [0]


def forget_answers(app):
    with app.app_context(), unit_of_work():
        idempotency.purge(at=MONDAY_10 + timedelta(hours=25))


def test_a_form_sent_twice_books_once(dealer, open_doors, stored):
    form = typed(open_doors.consultant_id, idempotency_key="key-of-the-form")
    first, again = (dealer.post("/booking/new", data=form) for _ in range(2))

    assert again.headers["Location"] == first.headers["Location"]
    assert stored(count(Booking)) + stored(count(Notice)) == [1, 2]


def test_a_form_sent_twice_with_a_day_between_books_once(app, dealer, open_doors, stored):
    form = typed(open_doors.consultant_id, idempotency_key="key-of-the-form")
    first = dealer.post("/booking/new", data=form)
    forget_answers(app)
    again = dealer.post("/booking/new", data=form)

    assert again.headers["Location"] == first.headers["Location"]
    assert stored(count(Booking)) == [1]


def test_a_form_sent_again_with_another_time_asks_first(app, dealer, open_doors, stored):
    form = typed(open_doors.consultant_id, idempotency_key="key-of-the-form")
    dealer.post("/booking/new", data=form)
    forget_answers(app)
    answer = dealer.post("/booking/new", data=form | {"starts": ELEVEN})

    assert answer.status_code == 422
    assert "已经约好过一场会谈" in answer.text
    assert 'value="key-of-the-form"' not in answer.text
    assert stored(count(Booking)) == [1]


@pytest.mark.asvs("V15.3.5")
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/booking/consultants/999", 404),
        ("/booking/consultants/99999999999999999999", 404),
        ("/booking/new?consultant=999&starts=20261123T0200Z", 404),
        ("/booking/new?consultant=x", 404),
        ("/booking/new?consultant={id}&starts=nonsense", 302),
        ("/booking/new?consultant={id}&starts=00010101T0000Z", 200),
        ("/booking/consultants/{id}?day=2026-13-99", 200),
        ("/booking/consultants/{id}?day=9999-12-31", 200),
        ("/booking/no-such-session", 404),
        ("/booking/no-such-session/calendar.ics", 404),
    ],
)
def test_nonsense_in_an_address_gets_a_page_and_no_crash(dealer, open_doors, address, status):
    answer = dealer.get(address.format(id=open_doors.consultant_id))

    assert answer.status_code == status


@pytest.mark.parametrize("consultant_id", ["", "x", "-1", "99999999999999999999"])
def test_a_form_for_nobody_is_not_found(dealer, open_doors, consultant_id):
    answer = dealer.post("/booking/new", data=typed(consultant_id))

    assert answer.status_code == 404


@pytest.mark.asvs("V8.2.2")
@pytest.mark.parametrize("path", ["", "/calendar.ics", "/cancel"])
def test_another_shop_finds_no_trace_of_a_session(book, cast, sign_in, path):
    address = f"/booking/{book()}{path}"

    assert sign_in(cast.dealer_a).get(address).status_code == 200  # the control
    assert sign_in(cast.dealer_b).get(address).status_code == 404


def test_another_shop_cannot_cancel_and_the_session_stays(book, cast, sign_in, stored):
    answer = sign_in(cast.dealer_b).post(f"/booking/{book()}/cancel")

    assert answer.status_code == 404
    assert stored(select(Booking.state)) == ["booked"]


def test_a_consultant_opens_only_ones_own_sessions(book, cast, sign_in):
    address = f"/booking/{book()}"

    mine = sign_in(cast.consultant).get(address, follow_redirects=True)
    other = sign_in(cast.consultant_b).get(address)

    assert (mine.status_code, other.status_code) == (200, 404)
    assert mine.request.path == address.replace("/booking/", "/sessions/")
    assert "小鹿点卡铺" in mine.text


@pytest.mark.parametrize("role", ["supplier_a", "operator", "author", "consultant"])
@pytest.mark.parametrize("path", ["", "/consultants/1", "/new", "/x/cancel"])
def test_other_roles_do_not_book(cast, sign_in, role, path):
    assert sign_in(getattr(cast, role)).get(f"/booking{path}").status_code == 403


@pytest.mark.parametrize("role", ["dealer_a", "supplier_a", "operator", "author"])
def test_other_roles_have_no_hours(cast, sign_in, role):
    client = sign_in(getattr(cast, role))

    assert client.get("/booking/hours").status_code == 403
    assert client.post("/booking/days-off", data={"day": "2026-12-01"}).status_code == 403


@pytest.mark.asvs("V3.2.1", "V5.4.2")
def test_the_calendar_file_is_named_typed_and_kept_out_of_caches(book, dealer):
    answer = dealer.get(f"/booking/{book()}/calendar.ics")

    (entry,) = Calendar.from_ical(answer.data).walk("VEVENT")
    assert answer.headers["Content-Type"] == "text/calendar; method=PUBLISH; charset=utf-8"
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert entry["DTSTART"].dt == MONDAY_10
    assert entry["SUMMARY"] == "运营顾问会谈：顾思远 × 小鹿点卡铺"
    assert entry["LOCATION"] == "腾讯会议 123 456 789"


def test_a_dealer_cancels_after_a_question_and_both_sides_are_told(
    book, dealer, cast, sign_in, stored
):
    address = f"/booking/{book()}"
    before = Calendar.from_ical(dealer.get(f"{address}/calendar.ics").data).walk("VEVENT")[0]

    asked = dealer.get(f"{address}/cancel")
    done = dealer.post(f"{address}/cancel", data={"reason": "店里有急事"})

    after = Calendar.from_ical(dealer.get(f"{address}/calendar.ics").data).walk("VEVENT")[0]
    assert "取消这场会谈？" in asked.text
    assert done.status_code == 302
    assert "会谈已取消" in dealer.get(done.headers["Location"]).text
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] == before["SEQUENCE"] + 1
    assert after["STATUS"] == "CANCELLED"
    assert "的会谈取消了" in dealer.get("/notices").text
    assert "店里有急事" in sign_in(cast.consultant).get(address, follow_redirects=True).text
    assert stored(select(Allocation.live)) == [False]


def test_within_two_hours_nobody_cancels_by_themselves(book, cast, sign_in, stored):
    address = f"/booking/{book()}/cancel"

    with time_machine.travel(MONDAY_10 - timedelta(minutes=119), tick=True):
        client = sign_in(cast.dealer_a)
        asked, done = client.get(address), client.post(address, data={"reason": ""})

    assert "确认取消" not in asked.text
    assert (done.status_code, "不能自己取消了" in done.text) == (422, True)
    assert stored(select(Booking.state)) == ["booked"]


@pytest.mark.asvs("V8.2.3")
def test_the_dealer_reads_the_shared_note_and_never_the_private_one(app, book, cast, sign_in):
    public_id = book()
    with app.app_context(), unit_of_work():
        notes.write_note(
            public_id=public_id,
            person_id=cast.consultant.person_id,
            text="先联系 30 到 60 天没来的老客",
            private_text="店主心里没底",
            version=0,
            at=MONDAY_10 + timedelta(hours=1),
        )
        notes.mark_done(
            public_id=public_id,
            person_id=cast.consultant.person_id,
            at=MONDAY_10 + timedelta(hours=1),
        )

    with time_machine.travel(MONDAY_10 + timedelta(hours=2), tick=True):
        client = sign_in(cast.dealer_a)
        pages = client.get("/booking").text + client.get(f"/booking/{public_id}").text

    assert "以前的会谈" in pages
    assert pages.count("先联系 30 到 60 天没来的老客") == 2
    assert "店主心里没底" not in pages


def test_a_notice_leads_both_sides_to_the_session(book, cast, sign_in, stored):
    book()

    paths = stored(select(Notice.path).order_by(Notice.id))
    for actor, path in zip((cast.dealer_a, cast.consultant), paths, strict=True):
        client = sign_in(actor)
        assert "11月23日 10:00 的会谈" in client.get("/notices").text
        assert client.get(path, follow_redirects=True).status_code == 200


def test_a_consultant_sets_hours_and_sees_what_they_come_to(consultant, open_doors, stored):
    before = consultant.get("/booking/hours").text
    saved = consultant.post(
        "/booking/hours",
        data={
            "begins_2_0": "09:00",
            "ends_2_0": "12:00",
            "begins_2_1": "22:00",
            "ends_2_1": "00:00",
        },
    )
    after = consultant.get("/booking/hours").text

    assert "未来 14 天还能约 16 场" in before
    assert saved.status_code == 302
    assert "已经约好的会谈不受影响" in after
    assert "未来 14 天还能约 10 场" in after
    assert 'value="22:00"' in after
    mine = WeeklyHours.consultant_id == open_doors.consultant_id
    assert stored(select(WeeklyHours.weekday).where(mine)) == [2, 2]
    assert sorted(stored(select(WeeklyHours.ends_minute).where(mine))) == [720, 1440]


def test_hours_that_cannot_stand_come_back_as_typed(consultant, open_doors, stored):
    answer = consultant.post(
        "/booking/hours", data={"begins_4_0": "18:00", "ends_4_0": "09:00", "begins_0_0": "08:00"}
    )

    assert answer.status_code == 422
    assert "还有 2 处需要修改" in answer.text
    assert "结束要晚于开始" in answer.text
    assert "成对填写" in answer.text
    assert 'value="18:00"' in answer.text
    assert stored(select(WeeklyHours.weekday)) == [0, 0]


def test_counting_first_saves_nothing(consultant, open_doors, stored):
    answer = consultant.post(
        "/booking/hours", data={"begins_2_0": "09:00", "ends_2_0": "10:00", "preview": "1"}
    )

    assert "还能约 2 场" in answer.text
    assert "还没有保存" in answer.text
    assert stored(select(WeeklyHours.weekday)) == [0, 0]


def test_a_day_off_says_what_is_still_agreed_on_it(book, consultant, stored):
    book()

    sent = consultant.post("/booking/days-off", data={"day": "2026-11-23", "reason": "体检"})
    page = consultant.get(sent.headers["Location"]).text
    again = consultant.post("/booking/days-off", data={"day": "2026-11-23"})
    past = consultant.post("/booking/days-off", data={"day": "2026-11-01"})
    unreadable = consultant.post("/booking/days-off", data={"day": "下周"})

    assert "期间还有 1 场约好的会谈，不会自动取消" in page
    assert "体检" in page
    assert "已经在休息日里" in again.text
    assert "已经过去了" in past.text
    assert "请选一个日期" in unreadable.text
    assert [each.status_code for each in (again, past, unreadable)] == [422, 422, 422]
    assert stored(select(Booking.state)) == ["booked"]
    (time_off_id,) = stored(select(TimeOff.id))
    consultant.post(f"/booking/days-off/{time_off_id}/remove")
    assert stored(count(TimeOff)) == [0]


def test_a_consultant_whom_nobody_can_book_yet_is_told_so(consultant):
    assert "还没有为你开通预约" in consultant.get("/booking/hours").text
    assert consultant.post("/booking/hours", data={}).status_code == 404


def test_without_consultants_the_page_says_so(dealer):
    assert "还没有可以预约的顾问" in dealer.get("/booking").text


def queries_of(app, client, address):
    statements = []

    def note(_connection, _cursor, statement, *_):
        # PostgreSQL is told for whom a transaction works, which asks nothing.
        if not statement.startswith(("BEGIN", "SET LOCAL")):
            statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert client.get(address).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(statements)


def test_a_page_asks_the_same_few_questions_whatever_there_is_to_show(
    app, book, dealer, open_doors
):
    addresses = ("/booking", f"/booking/consultants/{open_doors.consultant_id}")

    def asked():
        return [queries_of(app, dealer, address) for address in addresses]

    empty = asked()
    for hour in range(7):
        book(starts_at=MONDAY_10 + timedelta(hours=hour))
    one_week = asked()
    for hour in range(7):
        book(starts_at=MONDAY_10 + timedelta(days=7, hours=hour))

    # With sessions to list there are their names to fetch, once for all of them.
    assert asked() == one_week
    assert empty[1] == one_week[1] <= 9
    assert one_week[0] <= 16


def test_the_lesson_somebody_is_stuck_in_goes_along_to_the_booking(app, dealer, open_doors):
    who, about = open_doors.consultant_id, "lesson=trial-101/one&topic=小测没过"

    index = dealer.get(f"/booking?{about}").text
    times = dealer.get(f"/booking/consultants/{who}?{about}").text
    page = dealer.get(f"/booking/new?consultant={who}&starts={TEN}&{about}").text
    dealer.post("/booking/new", data=typed(who, lesson="trial-101/one"))
    forged = dealer.post("/booking/new", data=typed(who, starts=ELEVEN, lesson="<b>"))

    for each in (index, times):
        assert 'name="lesson" value="trial-101/one"' in each
        assert 'name="topic" value="小测没过"' in each
    assert 'name="lesson" type="hidden" value="trial-101/one"' in page
    assert ">\n小测没过</textarea>" in page.replace("\r", "")
    assert forged.status_code == 422
    with app.app_context():
        assert db.session.scalars(select(Booking.lesson_id)).all() == ["trial-101/one"]
