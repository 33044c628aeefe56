"""The calendar file, read back by two libraries that did not write it together."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar

from portal.booking import calendar_file
from portal.notices.mail.invitations import for_receiver

ICAL_JS = Path(__file__).parent / "vendor" / "ical.min.cjs"  # requirements/assets.toml
STARTS = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ENTRY = calendar_file.Entry(
    uid="6f1c2d@tongtu",
    sequence=0,
    changed_at=STARTS - timedelta(days=1),
    starts_at=STARTS,
    ends_at=STARTS + timedelta(minutes=45),
    summary="运营顾问会谈：顾思远 × 小鹿点卡铺",
    place="腾讯会议 123 456 789",
    description="顾问：顾思远（复购与老客维护）\n想聊的：复购率连掉两个月；老客、新客，哪边少了？"
    * 4,
    url="https://tongtu.example/booking/abc",
    organiser_name="顾思远",
    organiser_mail="support@tongtu.example",
    cancelled=False,
)
CANCELLED = replace(ENTRY, sequence=1, cancelled=True)


@pytest.mark.parametrize("entry", [ENTRY, CANCELLED], ids=["booked", "cancelled"])
def test_libical_finds_nothing_against_the_file(libical, entry):
    assert libical(calendar_file.write(entry))


@pytest.mark.parametrize("required", [b"UID", b"ORGANIZER", b"DTSTAMP", b"SUMMARY"])
def test_libical_would_notice_what_is_missing(libical, required):
    lines = unfolded(calendar_file.write(ENTRY)).split(b"\r\n")
    without = b"\r\n".join(line for line in lines if not line.startswith(required))

    assert not libical(without)


def unfolded(file):
    return file.replace(b"\r\n ", b"")


def test_what_was_written_is_read_back():
    calendar = Calendar.from_ical(calendar_file.write(ENTRY))
    (event,) = calendar.walk("VEVENT")

    assert calendar["METHOD"] == "PUBLISH"
    assert (event["UID"], event["SEQUENCE"]) == (ENTRY.uid, 0)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (ENTRY.starts_at, ENTRY.ends_at)
    assert event["SUMMARY"] == ENTRY.summary
    assert event["LOCATION"] == ENTRY.place
    assert event["DESCRIPTION"] == ENTRY.description
    assert event["ORGANIZER"].params["CN"] == ENTRY.organiser_name
    assert event["STATUS"] == "CONFIRMED"
    assert "ATTENDEE" not in event
    (alarm,) = event.walk("VALARM")
    assert alarm["TRIGGER"].dt == timedelta(minutes=-30)


def test_a_cancelled_session_replaces_the_first_file_and_reminds_nobody():
    first = Calendar.from_ical(calendar_file.write(ENTRY)).walk("VEVENT")[0]
    second = Calendar.from_ical(calendar_file.write(CANCELLED)).walk("VEVENT")[0]

    assert second["UID"] == first["UID"]
    assert second["SEQUENCE"] > first["SEQUENCE"]
    assert second["STATUS"] == "CANCELLED"
    assert not second.walk("VALARM")


def test_times_are_utc_lines_are_short_and_no_character_is_split():
    file = calendar_file.write(ENTRY)

    assert b"DTSTART:20261123T020000Z" in file
    assert file.endswith(b"END:VCALENDAR\r\n")
    for line in file.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()  # a line that ends within a character would not decode


def test_the_same_session_gives_the_same_bytes():
    assert calendar_file.write(ENTRY) == calendar_file.write(replace(ENTRY))


def test_calcurse_shows_the_session_with_its_chinese_intact(calcurse):
    shown = calcurse(calendar_file.write(ENTRY))

    assert "10:00-10:45 运营顾问会谈：顾思远 × 小鹿点卡铺" in shown
    assert "腾讯会议 123 456 789" in shown


@pytest.mark.parametrize(
    ("entry", "method"), [(ENTRY, "REQUEST"), (CANCELLED, "CANCEL")], ids=["request", "cancel"]
)
def test_an_invitation_says_what_it_asks_for(entry, method):
    file = calendar_file.write(entry, method=entry.invitation)

    assert f"METHOD:{method}\r\n".encode() in file


def test_a_link_to_join_by_is_said_where_programs_look_for_it(libical):
    file = calendar_file.write(replace(ENTRY, conference_url="https://meet.example/tongtu/7"))

    assert libical(file)
    wanted = b"CONFERENCE;FEATURE=AUDIO,VIDEO;VALUE=URI:https://meet.example/tongtu/7"
    assert wanted in unfolded(file)


def test_a_feed_says_how_often_to_come_back(libical):
    file = calendar_file.feed([ENTRY], name="同途会谈", refresh=timedelta(hours=1))

    assert libical(file)
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in file
    assert b"X-PUBLISHED-TTL:PT1H\r\n" in file
    assert b"VALARM" not in file  # programs that subscribe have reminders of their own


READ_BY_ICAL_JS = """
texts => texts.map(text => {
  const calendar = new ICAL.Component(ICAL.parse(text));
  const event = new ICAL.Event(calendar.getFirstSubcomponent("vevent"));
  return {
    method: calendar.getFirstPropertyValue("method"),
    uid: event.uid,
    sequence: event.sequence,
    starts: event.startDate.toJSDate().toISOString(),
    summary: event.summary,
    description: event.description,
    place: event.location,
    to: event.attendees.map(each => each.getFirstValue() + " " + each.getParameter("cn")),
  };
})
"""


def test_what_thunderbird_reads_with_finds_the_same_event_in_every_change(browser):
    stages = (ENTRY, replace(ENTRY, sequence=1, starts_at=STARTS + timedelta(hours=1)), CANCELLED)
    files = [
        for_receiver(
            {
                "method": each.invitation.value,
                "files": {
                    "zh_CN": calendar_file.write(each, method=each.invitation).decode(),
                },
            },
            name="林小鹿",
            mail="lin@xiaolu.example",
            language="zh_CN",
        ).text
        for each in stages
    ]
    page = browser.new_page()
    page.add_script_tag(content=ICAL_JS.read_text(encoding="utf-8"))

    made, moved, gone = page.evaluate(READ_BY_ICAL_JS, files)

    page.close()
    assert [each["method"] for each in (made, moved, gone)] == ["REQUEST", "REQUEST", "CANCEL"]
    assert {each["uid"] for each in (made, moved, gone)} == {ENTRY.uid}
    assert [each["sequence"] for each in (made, moved, gone)] == [0, 1, 1]
    assert (made["starts"], moved["starts"]) == (
        "2026-11-23T02:00:00.000Z",
        "2026-11-23T03:00:00.000Z",
    )
    for each in (made, moved, gone):
        assert each["summary"] == ENTRY.summary
        assert each["description"] == ENTRY.description
        assert each["place"] == ENTRY.place
        assert each["to"] == ["mailto:lin@xiaolu.example 林小鹿"]
