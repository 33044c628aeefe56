"""What free times ask the database, and that what stands in calendars counts."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from portal.booking.actions import hours, kinds
from portal.booking.models.hours import Consultant, Holiday
from portal.booking.queries import consultants
from portal.booking.rules.offers import Kind, PlaceMode
from portal.booking.rules.reasons import Reason
from portal.booking.rules.slots import Window
from portal.db import db, unit_of_work

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # 10:00 on a Sunday in Shanghai
TODAY, MONDAY = date(2026, 11, 22), date(2026, 11, 23)


@pytest.fixture
def full_calendars(app, open_doors, book):
    """Give both consultants something of everything that a plan knows; return the kind's id."""
    book()
    with app.app_context(), unit_of_work():
        db.session.execute(update(Consultant).values(day_cap=6, week_cap=20))
        for consultant_id in (open_doors.consultant_id, open_doors.consultant_b_id):
            mine = {"consultant_id": consultant_id, "today": TODAY}
            hours.add_day_off(day=date(2026, 12, 1), last_day=date(2026, 12, 3), reason="", **mine)
            hours.set_date(day=date(2026, 11, 29), windows=[Window(6, 600, 660)], **mine)
            hours.add_journey(
                first_day=date(2026, 12, 7),
                last_day=date(2026, 12, 8),
                zone="Europe/Berlin",
                **mine,
            )
        db.session.add(Holiday(day=date(2026, 12, 5), works_as=0, name_zh="上班"))
        db.session.add(Holiday(day=MONDAY + timedelta(days=7), works_as=None, name_zh="放假"))
        said = Kind(
            name_zh="报告解读",
            name_en="Reading the report",
            minutes=45,
            place_mode=PlaceMode.PHONE,
            level_from=1,
            level_to=4,
            quota=3,
            is_open=True,
            consultant_ids=(open_doors.consultant_id, open_doors.consultant_b_id),
        )
        return kinds.save(kind_id=None, kind=said)


def test_free_times_ask_three_questions_however_much_stands_in_the_calendars(
    app, cast, open_doors, full_calendars, count_queries
):
    both = [open_doors.consultant_id, open_doors.consultant_b_id]
    with app.app_context(), count_queries() as asked:
        found = consultants.free_starts(
            consultant_ids=both,
            dealer_id=cast.dealer_b.organisation_id,
            at=NOW,
            kind_id=full_calendars,
        )

    assert len(asked) <= 3
    days = {each.date() for each in found[open_doors.consultant_id]}
    assert days == {
        MONDAY,  # in the week, one hour of it taken
        date(2026, 11, 29),  # a Sunday with a window of its own
        date(2026, 12, 5),  # a Saturday that works as a Monday
        date(2026, 12, 7),  # a Monday on a journey
    }
    on_journey = [each for each in found[open_doors.consultant_id] if each.day == 7]
    assert on_journey[0] == datetime(2026, 12, 7, 9, 0, tzinfo=UTC)  # ten in Berlin


def test_every_start_that_fell_has_its_reason(app, cast, open_doors, full_calendars):
    with app.app_context():
        verdicts = consultants.explained(
            consultant_id=open_doors.consultant_id,
            dealer_id=cast.dealer_b.organisation_id,
            at=NOW,
            first_day=MONDAY,
            last_day=MONDAY + timedelta(days=7),
            kind_id=full_calendars,
        )

    of_monday = [each for each in verdicts if each.start < verdicts[0].start + 1440]
    assert [each.reason for each in of_monday] == [Reason.BUSY, *[None] * 7]
    assert {each.reason for each in verdicts[-8:]} == {Reason.HOLIDAY}


def test_who_does_not_follow_the_holidays_works_on_them(app, cast, open_doors, full_calendars):
    with app.app_context(), unit_of_work():
        db.session.execute(update(Consultant).values(follows_holidays=False))
    with app.app_context():
        plan = consultants.plans([open_doors.consultant_id])[open_doors.consultant_id]

    assert plan.holidays == {}
