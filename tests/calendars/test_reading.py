"""What of an outside calendar is busy, and what becomes of what cannot be read."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from calendars.ics_server import calendar

from portal.calendars import apart, reading
from portal.calendars.reading import Problem, Reader, joined, read

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "data" / "ics"
READER = Reader(
    starts_at=datetime(2026, 11, 21, tzinfo=UTC),
    ends_at=datetime(2026, 12, 21, tzinfo=UTC),
    zone="Asia/Shanghai",
    own_mails=frozenset({"gu@tongtu.example"}),
    own_uid_end="@tongtu",
)
HOUR = timedelta(hours=1)


def utc(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def busy_of(*events: str, head: str = "", reader: Reader = READER):
    found = read([calendar(*events, head=head)], reader=reader)
    return [
        (datetime.fromtimestamp(a * 60, UTC), datetime.fromtimestamp(b * 60, UTC))
        for a, b in found.busy
    ], [(each.number, each.problem) for each in found.troubles]


EVERY_MINUTE = ",".join(map(str, range(60)))
TEN_TO_ELEVEN = "DTSTART:20261124T100000Z\nDTEND:20261124T110000Z"


@pytest.mark.parametrize(
    ("event", "span"),
    [
        (TEN_TO_ELEVEN, (utc(24, 10), utc(24, 11))),
        ("DTSTART:20261124T100000Z\nDURATION:PT90M", (utc(24, 10), utc(24, 11, 30))),
        (
            (
                "DTSTART;TZID=America/New_York:20261124T100000\nDTEND;TZID=America/New_York:"
                "20261124T110000"
            ),
            (utc(24, 15), utc(24, 16)),
        ),
        (
            (
                "DTSTART;TZID=China Standard Time:20261124T100000\nDTEND;TZID=China Standard Time:"
                "20261124T110000"
            ),
            (utc(24, 2), utc(24, 3)),
        ),
        # A time that names no zone is local to the consultant, and so is a whole day.
        ("DTSTART:20261124T100000\nDTEND:20261124T110000", (utc(24, 2), utc(24, 3))),
        ("DTSTART;VALUE=DATE:20261124\nDTEND;VALUE=DATE:20261126", (utc(23, 16), utc(25, 16))),
        ("DTSTART;VALUE=DATE:20261124", (utc(23, 16), utc(24, 16))),
        # A part of a minute takes the whole of it.
        ("DTSTART:20261124T100030Z\nDTEND:20261124T101530Z", (utc(24, 10), utc(24, 10, 16))),
        # What began before the window, or ends after it, counts for its part within.
        ("DTSTART:20261101T000000Z\nDTEND:20261122T000000Z", (READER.starts_at, utc(22))),
    ],
)
def test_an_event_is_busy_from_its_start_to_its_end(event, span):
    assert busy_of(event) == ([span], [])


def test_a_time_without_a_zone_is_in_the_calendars_own():
    event = "DTSTART:20261124T100000\nDTEND:20261124T110000"

    busy, _ = busy_of(event, head="X-WR-TIMEZONE:Europe/Berlin")

    assert busy == [(utc(24, 9), utc(24, 10))]


@pytest.mark.parametrize(
    "line",
    [
        "TRANSP:TRANSPARENT",
        "STATUS:CANCELLED",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:Gu@tongtu.example",
        "UID:6f1c2d@tongtu",  # one of our own sessions, which we know better
    ],
)
def test_what_takes_no_time_is_not_busy(line):
    assert busy_of(f"{TEN_TO_ELEVEN}\n{line}") == ([], [])


def test_somebody_elses_refusal_leaves_the_hour_taken():
    busy, _ = busy_of(f"{TEN_TO_ELEVEN}\nATTENDEE;PARTSTAT=DECLINED:mailto:other@tongtu.example")

    assert busy == [(utc(24, 10), utc(24, 11))]


def test_a_series_keeps_its_wall_clock_time_where_clocks_change():
    reader = Reader(
        starts_at=datetime(2026, 10, 26, tzinfo=UTC),
        ends_at=datetime(2026, 11, 9, tzinfo=UTC),
        zone="America/New_York",
    )
    event = (
        "DTSTART;TZID=America/New_York:20260907T090000\n"
        "DTEND;TZID=America/New_York:20260907T100000\nRRULE:FREQ=WEEKLY;BYDAY=MO"
    )

    busy, troubles = busy_of(event, reader=reader)

    before, after = datetime(2026, 10, 26, 13, tzinfo=UTC), datetime(2026, 11, 2, 14, tzinfo=UTC)
    assert (busy, troubles) == ([(before, before + HOUR), (after, after + HOUR)], [])


def test_exceptions_of_a_series_are_left_out_and_moved_ones_moved():
    series = (
        "UID:series\nDTSTART:20261123T100000Z\nDTEND:20261123T110000Z\n"
        "RRULE:FREQ=DAILY;COUNT=4\nEXDATE:20261124T100000Z"
    )
    moved = (
        "UID:series\nRECURRENCE-ID:20261125T100000Z\n"
        "DTSTART:20261125T120000Z\nDTEND:20261125T130000Z"
    )
    dropped = (
        "UID:series\nRECURRENCE-ID:20261126T100000Z\nSTATUS:CANCELLED\n"
        "DTSTART:20261126T100000Z\nDTEND:20261126T110000Z"
    )

    busy, troubles = busy_of(series, moved, dropped)

    assert busy == [(utc(23, 10), utc(23, 11)), (utc(25, 12), utc(25, 13))]
    assert troubles == []


@pytest.mark.parametrize(
    ("event", "problem"),
    [
        ("SUMMARY:nothing else", Problem.NO_START),
        ("DTSTART:not a time\nDTEND:20261124T110000Z", Problem.UNREADABLE),
        ("DTSTART:20261124T110000Z\nDTEND:20261124T100000Z", Problem.BACKWARDS),
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=SECONDLY", Problem.TOO_OFTEN),
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=DAILY;BYHOUR=1;BYMINUTE={EVERY_MINUTE}", Problem.TOO_OFTEN),
        (f"{TEN_TO_ELEVEN}\nRRULE:FREQ=NEVER", Problem.UNREADABLE),
    ],
)
def test_a_broken_event_is_named_and_the_others_count(event, problem):
    other = "DTSTART:20261125T100000Z\nDTEND:20261125T110000Z"

    busy, troubles = busy_of(other, event, other)

    assert troubles == [(2, problem)]
    assert busy == [(utc(25, 10), utc(25, 11))]


def test_a_zone_that_nobody_knows_is_read_as_the_consultants_and_said():
    busy, troubles = busy_of("DTSTART;TZID=Mars/Olympus:20261124T100000\nDURATION:PT1H")

    assert busy == [(utc(24, 2), utc(24, 3))]
    assert troubles == [(1, Problem.UNKNOWN_ZONE)]


def test_an_event_that_takes_too_long_is_given_up_and_the_others_count(monkeypatch):
    monkeypatch.setattr(reading, "EVENT_SECONDS", 0.05)
    endless = (
        "DTSTART:00010101T100000Z\nDTEND:00010101T100100Z\n"
        "RRULE:FREQ=HOURLY;BYMONTHDAY=31;BYMONTH=2"
    )
    other = "DTSTART:20261125T100000Z\nDTEND:20261125T110000Z"
    began = time.monotonic()

    busy, troubles = busy_of(endless, other)

    assert troubles == [(1, Problem.TOO_SLOW)]
    assert busy == [(utc(25, 10), utc(25, 11))]
    assert time.monotonic() - began < 5


def test_only_so_many_events_are_read_and_that_is_said(monkeypatch):
    monkeypatch.setattr(reading, "MOST_EVENTS", 2)
    events = [f"DTSTART:202611{day}T100000Z\nDURATION:PT1H" for day in (24, 25, 26)]

    busy, troubles = busy_of(*events)

    assert (len(busy), troubles) == (2, [(3, Problem.TOO_MANY)])


def test_what_is_no_calendar_is_said_to_be_none():
    found = read([b"<!doctype html><title>Sign in</title>"], reader=READER)

    assert [(each.number, each.problem) for each in found.troubles] == [(0, Problem.NO_CALENDAR)]


def test_busy_times_that_touch_become_one():
    assert joined([(5, 9), (1, 3), (3, 4), (6, 7), (12, 12)]) == [(1, 4), (5, 9)]


def test_a_process_of_its_own_finds_the_same():
    file = calendar(TEN_TO_ELEVEN, "SUMMARY:nothing else")

    assert apart.read_apart([file], reader=READER) == read([file], reader=READER)


def test_a_reader_that_comes_to_no_end_is_ended(monkeypatch):
    monkeypatch.setattr(apart, "SECONDS", 0.01)

    with pytest.raises(apart.Unreadable):
        apart.read_apart([calendar(TEN_TO_ELEVEN)], reader=READER)


@pytest.mark.real
def test_of_the_files_of_others_each_event_is_read_or_named_within_bounded_time():
    if not CORPUS.is_dir():
        pytest.skip(f"the corpus of calendars is not here: {CORPUS}")
    files = sorted(CORPUS.glob("*.ics"))
    wide = Reader(
        starts_at=datetime(1996, 1, 1, tzinfo=UTC),
        ends_at=datetime(2027, 1, 1, tzinfo=UTC),
        zone="Asia/Shanghai",
    )
    began = time.monotonic()

    found = {file.name: read([file.read_bytes()], reader=wide) for file in files}

    assert len(files) == 99
    for file, each in found.items():
        assert each.trouble_count <= max(each.events, 1), file
        assert all(0 <= trouble.number <= each.events for trouble in each.troubles), file
    assert sum(each.events for each in found.values()) == 123
    assert sum(bool(each.busy) for each in found.values()) > 30
    assert time.monotonic() - began < 20
