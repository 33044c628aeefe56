"""Reminders: a day and an hour before, once, and never of what was cancelled or moved."""

from datetime import timedelta

import pytest
from booking.conftest import HOUR, MONDAY_10, NOW
from rows import all_of

from portal.booking.actions import bookings, reminders
from portal.booking.models.outside import SessionReminder
from portal.booking.rules.reminders import Reminder, due
from portal.db import unit_of_work
from portal.notices import actions as notices
from portal.notices.models import Notice
from portal.notices.rules import NoticeKind, Wish
from portal.notices.timing import USUAL

WEEK = timedelta(days=7)
NEXT = MONDAY_10 + WEEK  # 10:00 in Shanghai, far enough for both reminders
LIN, GU = "lin@xiaolu.example", "gu@tongtu.example"


@pytest.mark.parametrize(
    ("before", "known_before", "expected"),
    [
        (timedelta(hours=25), WEEK, None),
        (timedelta(hours=24), WEEK, Reminder.DAY),
        (timedelta(hours=2), WEEK, Reminder.DAY),  # the worker was down
        (timedelta(hours=1), WEEK, Reminder.HOUR),
        (timedelta(0), WEEK, None),
        (timedelta(hours=20), timedelta(hours=22), None),  # agreed since: told just then
        (timedelta(minutes=30), timedelta(hours=22), Reminder.HOUR),
    ],
)
def test_only_the_nearest_reminder_is_due(before, known_before, expected):
    found = due(starts_at=NEXT, known_since=NEXT - known_before, at=NEXT - before)

    assert found is expected


def remind(app, at):
    with app.app_context(), unit_of_work():
        return [reminders.remind(booking_id=each, at=at) for each in reminders.due(at=at)]


def told(app):
    with app.app_context():
        kinds = {NoticeKind.BOOKING_TOMORROW.value, NoticeKind.BOOKING_SOON.value}
        return [each for each in all_of(Notice) if each.kind in kinds]


def test_both_sides_are_reminded_once_of_each(app, cast, book):
    book(starts_at=NEXT)

    runs = [remind(app, NEXT - timedelta(hours=hours)) for hours in (30, 24, 23, 1, 0.5)]

    assert runs == [[], [True], [], [True], []]
    assert [each.kind for each in told(app)] == ["booking.tomorrow"] * 2 + ["booking.soon"] * 2
    to_shop, to_consultant = told(app)[:2]
    assert (to_shop.organisation_id, to_shop.params["who"]) == (
        cast.dealer_a.organisation_id,
        "顾思远",
    )
    assert (to_consultant.person_id, to_consultant.params["who"]) == (
        cast.consultant.person_id,
        "小鹿点卡铺",
    )


def test_without_the_record_a_reminder_would_come_again(app, book, monkeypatch):
    """The control of the test above."""
    book(starts_at=NEXT)
    monkeypatch.setattr(reminders, "_enter", lambda *_, **__: True)
    with app.app_context(), unit_of_work():
        at = NEXT - timedelta(hours=24)
        (booking_id,) = reminders.due(at=at)
        for _ in range(2):
            reminders.remind(booking_id=booking_id, at=at)

    assert len(told(app)) == 4


def test_a_cancelled_session_is_not_reminded_of(app, cast, book):
    public_id = book(starts_at=NEXT)
    with app.app_context(), unit_of_work():
        bookings.call_off(
            public_id=public_id, person_id=cast.consultant.person_id, reason="", at=NOW + HOUR
        )

    assert remind(app, NEXT - HOUR) == []
    assert told(app) == []


def test_a_reminder_comes_by_mail_and_names_the_place(
    app, cast, book, has_mail, mail_server, run_jobs
):
    has_mail(cast.dealer_a.person_id, LIN)
    book(starts_at=NEXT)
    run_jobs(NOW)
    remind(app, NEXT - HOUR)

    run_jobs(NEXT - HOUR)

    mail = mail_server.to(LIN)[-1]
    assert mail["Subject"] == "会谈快开始了：2026年11月30日 10:00，顾思远"
    assert "地点：腾讯会议 123 456 789" in mail.get_body(("plain",)).get_content()
    assert [each.get_content_type() for each in mail.walk()].count("text/calendar") == 0


def test_who_wants_no_reminders_gets_none_by_mail_however_soon_the_session_is(
    app, cast, book, has_mail, mail_server, run_jobs
):
    has_mail(cast.dealer_a.person_id, LIN)
    with app.app_context(), unit_of_work():
        notices.choose(
            person_id=cast.dealer_a.person_id,
            wishes={NoticeKind.BOOKING_SOON: Wish.NEVER},
            timing=USUAL,
        )
    book(starts_at=NEXT)
    run_jobs(NOW)
    before = len(mail_server.mails)
    remind(app, NEXT - HOUR)

    run_jobs(NEXT - HOUR)

    assert len(mail_server.mails) == before


def test_a_reminder_that_waited_for_quiet_hours_to_end_does_not_tell_of_a_cancelled_session(
    app, cast, book, has_mail, mail_server, run_jobs
):
    has_mail(cast.consultant.person_id, GU)
    with app.app_context(), unit_of_work():
        # Quiet until 12:00: the reminder of 10:00 the day before waits two hours.
        notices.choose(
            person_id=cast.consultant.person_id,
            wishes={},
            timing=type(USUAL)(quiet_from_minute=0, quiet_until_minute=720, wants_digest=False),
        )
    public_id = book(starts_at=NEXT)
    run_jobs(NOW + 3 * HOUR)
    day_before = NEXT - timedelta(hours=24)
    remind(app, day_before)
    run_jobs(day_before)
    with app.app_context(), unit_of_work():
        bookings.cancel(
            public_id=public_id,
            dealer_id=cast.dealer_a.organisation_id,
            person_id=cast.dealer_a.person_id,
            reason="",
            at=day_before + timedelta(minutes=5),
        )

    run_jobs(day_before + 3 * HOUR)

    subjects = [each["Subject"] for each in mail_server.to(GU)]
    assert any("取消了" in each for each in subjects)
    assert not any("会谈提醒" in each for each in subjects)
    with app.app_context():
        assert len(all_of(SessionReminder)) == 1
