"""What a booking changes in the calendars of both sides, through real mails to a mail server."""

import re
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest
from booking.conftest import HOUR, MONDAY_10, NOW
from booking.test_calendar_file import CANCELLED, ENTRY
from caldav.davclient import DAVClient
from calendars import dav_servers
from icalendar import Calendar
from rows import all_of

from portal.booking import calendar_file
from portal.booking.actions import bookings, changes
from portal.booking.invitations import link_in
from portal.db import unit_of_work
from portal.notices import actions as notices
from portal.notices import ledger
from portal.notices.models import Notice
from portal.notices.rules import NoticeKind, Wish
from portal.notices.timing import USUAL

LIN = "lin@xiaolu.example"
GU = "gu@tongtu.example"


@pytest.fixture
def both_have_mail(cast, has_mail):
    has_mail(cast.dealer_a.person_id, LIN)
    has_mail(cast.consultant.person_id, GU, language="en")


def cancel(app, cast, public_id, *, at=NOW + HOUR):
    with app.app_context(), unit_of_work():
        bookings.cancel(
            public_id=public_id,
            dealer_id=cast.dealer_a.organisation_id,
            person_id=cast.dealer_a.person_id,
            reason="店里盘点",
            at=at,
        )


def calendar_part(mail: EmailMessage) -> EmailMessage:
    (part,) = [each for each in mail.walk() if each.get_content_type() == "text/calendar"]
    return part


def event_of(mail: EmailMessage):
    calendar = Calendar.from_ical(calendar_part(mail).get_payload(decode=True))
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def test_a_booking_asks_both_calendars_to_enter_it(
    app,
    cast,
    book,
    both_have_mail,
    mail_server,
    run_jobs,
    libical,
):
    public_id = book()

    run_jobs(NOW)

    for address, name in ((LIN, "林小鹿"), (GU, "顾思远")):
        (mail,) = mail_server.to(address)
        part = calendar_part(mail)
        file = part.get_payload(decode=True)
        assert part.get_param("method") == "REQUEST"
        assert part.get_content_charset() == "utf-8"
        assert libical(file)
        for line in file.split(b"\r\n"):
            assert len(line) <= 75
            line.decode()
        calendar, event = event_of(mail)
        assert calendar["METHOD"] == "REQUEST"
        assert event["ATTENDEE"] == f"mailto:{address}"  # nobody else's address
        assert event["ATTENDEE"].params["CN"] == name
        assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
        assert event["ATTENDEE"].params["RSVP"] == "FALSE"
        assert event["ORGANIZER"] == "mailto:no-reply@tongtu.example"
        assert event["DTSTART"].dt == MONDAY_10
        assert b"DTSTART:20261123T020000Z" in file
        assert event["URL"] == f"https://portal.tongtu.example/booking/{public_id}"
        (attached,) = list(mail.iter_attachments())
        assert attached.get_filename() == "invite.ics"
        assert attached.get_payload(decode=True) == file
    assert event["SUMMARY"].startswith("Consultant session")  # the consultant reads English


def test_the_text_and_the_calendar_are_alternatives_and_the_file_stands_beside_them(
    cast,
    book,
    both_have_mail,
    mail_server,
    run_jobs,
):
    book()

    run_jobs(NOW)

    mail = mail_server.to(LIN)[0]
    alternatives, attached = mail.iter_parts()
    assert mail.get_content_type() == "multipart/mixed"
    assert [each.get_content_type() for each in alternatives.iter_parts()] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    assert attached.get_content_type() == "application/ics"


def test_a_cancelled_session_takes_the_same_event_out_of_the_calendar(
    app,
    cast,
    book,
    both_have_mail,
    mail_server,
    run_jobs,
    libical,
):
    public_id = book()
    run_jobs(NOW)
    cancel(app, cast, public_id)

    run_jobs(NOW + HOUR)

    first, second = mail_server.to(LIN)
    (_, made), (calendar, gone) = event_of(first), event_of(second)
    assert calendar_part(second).get_param("method") == calendar["METHOD"] == "CANCEL"
    assert libical(calendar_part(second).get_payload(decode=True))
    assert gone["UID"] == made["UID"]
    assert gone["SEQUENCE"] == made["SEQUENCE"] + 1
    assert gone["STATUS"] == "CANCELLED"
    assert gone["ORGANIZER"] == made["ORGANIZER"]


def test_a_moved_session_moves_the_same_event(
    app, cast, book, both_have_mail, mail_server, run_jobs, libical
):
    public_id = book()
    run_jobs(NOW)
    later = MONDAY_10 + timedelta(days=7)
    with app.app_context(), unit_of_work():
        changes.move_as_dealer(
            public_id=public_id,
            dealer_id=cast.dealer_a.organisation_id,
            starts_at=later,
            at=NOW + HOUR,
        )

    run_jobs(NOW + HOUR)

    for address in (LIN, GU):
        (_, made), (calendar, moved) = (event_of(mail) for mail in mail_server.to(address))
        assert libical(calendar_part(mail_server.to(address)[1]).get_payload(decode=True))
        assert calendar["METHOD"] == "REQUEST"
        assert moved["UID"] == made["UID"]
        assert moved["SEQUENCE"] == made["SEQUENCE"] + 1
        assert (made["DTSTART"].dt, moved["DTSTART"].dt) == (MONDAY_10, later)


@pytest.mark.parametrize("state", ["moved", "cancelled"])
def test_a_calendar_server_that_others_wrote_has_one_event_after_a_change(tmp_path, state):
    """What programs do with an invitation: keep it under its UID, where the next one finds it."""
    later = replace(
        ENTRY, sequence=1, starts_at=ENTRY.starts_at + HOUR, ends_at=ENTRY.ends_at + HOUR
    )
    with dav_servers.running("radicale", tmp_path) as url:
        client = DAVClient(url, username=dav_servers.USER, password=dav_servers.PASSWORD)
        work = client.get_principal().make_calendar(name="Work")
        for each in (ENTRY, later if state == "moved" else CANCELLED):
            # A server keeps no METHOD: the program that took the mail in has acted on it.
            file = calendar_file.write(each, method=each.invitation).decode()
            body = re.sub("METHOD:.*\r\n", "", file)
            client.put(f"{work.url}{ENTRY.uid}.ics", body, {"Content-Type": "text/calendar"})

        (kept,) = work.get_events()

        (event,) = Calendar.from_ical(kept.data).walk("VEVENT")
        client.close()
    assert event["SEQUENCE"] == 1
    assert event["SUMMARY"] == ENTRY.summary
    if state == "moved":
        assert event["DTSTART"].dt == later.starts_at
    else:
        assert event["STATUS"] == "CANCELLED"


def test_a_change_is_mailed_with_its_file_even_when_it_was_read_in_the_portal(
    app,
    cast,
    book,
    both_have_mail,
    mail_server,
    run_jobs,
    sign_in,
):
    # Quiet hours hold the mail back; meanwhile the notice is read.
    late = NOW.replace(hour=15)  # 23:00 in Shanghai
    book(starts_at=MONDAY_10 + timedelta(days=7), at=late)
    run_jobs(late)
    with app.app_context(), unit_of_work():
        notices.mark_all_read(member=cast.dealer_a.member, at=late)

    run_jobs(late + 10 * HOUR)

    (mail,) = mail_server.to(LIN)
    assert event_of(mail)[0]["METHOD"] == "REQUEST"


def test_who_wants_no_mail_about_bookings_gets_no_invitation(
    app,
    cast,
    book,
    both_have_mail,
    mail_server,
    run_jobs,
):
    with app.app_context(), unit_of_work():
        notices.choose(
            person_id=cast.dealer_a.person_id,
            wishes={NoticeKind.BOOKING_MADE: Wish.NEVER},
            timing=USUAL,
        )

    book(starts_at=MONDAY_10 + timedelta(days=7))
    run_jobs(NOW)

    assert mail_server.to(LIN) == []
    assert len(mail_server.to(GU)) == 1


def test_the_file_beside_a_notice_is_forgotten_after_a_week(app, book, context):
    book()
    assert all(each.invitation for each in all_of(Notice))

    with unit_of_work():
        ledger.purge(at=NOW + ledger.WORDS_KEPT + HOUR)

    assert not any(each.invitation for each in all_of(Notice))


@pytest.mark.parametrize(
    ("place", "link"),
    [
        ("腾讯会议 123 456 789", ""),
        ("我的会议室：https://meeting.example/p/123，密码 8899", "https://meeting.example/p/123"),
        ("https://meet.example/tongtu", "https://meet.example/tongtu"),
    ],
)
def test_a_link_in_the_place_is_where_calendars_let_one_join(place, link):
    assert link_in(place) == link
