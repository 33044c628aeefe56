"""The calendar file, read back by two libraries that did not write it together."""

import ctypes
import ctypes.util
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from portal.booking import calendar_file

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


def libical_library():
    """Return libical, or skip (fail on CI) where it is not installed."""
    name = ctypes.util.find_library("ical")
    if name is None:
        reason = "libical is not installed: apt-get install libical3"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason} (CI=true: nothing may be missing)", pytrace=False)
        pytest.skip(reason)
    library = ctypes.CDLL(name)
    library.icalparser_parse_string.restype = ctypes.c_void_p
    library.icalparser_parse_string.argtypes = [ctypes.c_char_p]
    library.icalrestriction_check.argtypes = [ctypes.c_void_p]
    library.icalcomponent_count_errors.argtypes = [ctypes.c_void_p]
    library.icalcomponent_free.argtypes = [ctypes.c_void_p]
    return library


@pytest.fixture(scope="module")
def libical():
    """libical, which knows what each method of RFC 5546 requires and forbids."""
    library = libical_library()

    def stands(file):
        component = library.icalparser_parse_string(file)
        assert component, "libical cannot parse the file at all"
        try:
            passes = library.icalrestriction_check(component) == 1
            return passes and library.icalcomponent_count_errors(component) == 0
        finally:
            library.icalcomponent_free(component)

    return stands


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
