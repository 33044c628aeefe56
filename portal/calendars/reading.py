"""An outside calendar as busy time: which minutes it takes, and which events cannot be read.

Pure: files in, minutes out. Knows no network and no database; run in a process of its own
(`apart.py`), since a file from elsewhere may be made to keep its reader busy.
"""

import re
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import groupby, islice
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar

from portal.calendars.unpacking import Block, unpack

Interval = tuple[int, int]  # minutes since 1970 (UTC), half-open
Event = Any  # a component: its properties are of any type until they turn out to be none of ours

MOST_EVENTS = 5_000  # of one source; what comes after is not read, and that is said
MOST_INSTANCES = 1_000  # of one repeating event within the window
MOST_INTERVALS = 5_000  # of one source, after joining
MOST_PROBLEMS = 50  # that are listed; all are counted
EVENT_SECONDS = 1.0  # for one event and its repetitions
WHOLE_SECONDS = 15.0
_TOO_OFTEN = frozenset({"SECONDLY", "MINUTELY"})
_FREE = frozenset({"FREE", "WORKINGELSEWHERE"})
_DAY = timedelta(days=1)


class Problem(StrEnum):
    """Why an event could not be read as it stands."""

    UNREADABLE = "unreadable"
    NO_START = "no_start"
    BACKWARDS = "backwards"  # it ends before it starts
    TOO_OFTEN = "too_often"
    TOO_SLOW = "too_slow"
    UNKNOWN_ZONE = "unknown_zone"  # read all the same, in the consultant's own zone
    TOO_MANY = "too_many"  # this event and those after it are not read
    NO_CALENDAR = "no_calendar"  # the whole file is something else


@dataclass(frozen=True, slots=True)
class Trouble:
    """One event that could not be read; `number` is its place in the file, 0 the file itself."""

    number: int
    problem: Problem


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose calendar is read and for which time: `starts_at` <= t < `ends_at`."""

    starts_at: datetime
    ends_at: datetime
    zone: str  # IANA name: days are this zone's, and times that name none are local to it
    own_mails: frozenset[str] = frozenset()  # by which a declined invitation is known
    own_uid_end: str = ""  # events whose UID ends so are ours: we know them better


@dataclass(slots=True)
class Reading:
    """What a calendar holds for its reader."""

    busy: list[Interval] = field(default_factory=list)
    events: int = 0
    troubles: list[Trouble] = field(default_factory=list)
    trouble_count: int = 0

    def note(self, number: int, problem: Problem) -> None:
        """Record what is wrong with an event."""
        self.trouble_count += 1
        if len(self.troubles) < MOST_PROBLEMS:
            self.troubles.append(Trouble(number, problem))


class _Unreadable(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class _OutOfTime(Exception):
    """An event took longer than it may."""


def read(documents: Sequence[bytes], *, reader: Reader) -> Reading:
    """Return the busy time of a calendar that came in one file or in several.

    Every event is read by itself: one that cannot be is noted, the others count.
    """
    found, unpacked = Reading(), unpack(documents)
    found.events = len(unpacked.events)
    if documents and not (unpacked.is_calendar or unpacked.events):
        found.note(0, Problem.NO_CALENDAR)
        return found
    ahead = [each for each in unpacked.events if not _is_past(each, reader)]
    local = _zone(unpacked.head.get("X-WR-TIMEZONE", "")) or ZoneInfo(reader.zone)
    deadline = time.monotonic() + WHOLE_SECONDS
    intervals: list[Interval] = []
    for group in _groups(ahead[:MOST_EVENTS]):
        if time.monotonic() > deadline:
            found.note(group[0].number, Problem.TOO_MANY)
            break
        intervals += _group(group, unpacked.zones, reader=reader, local=local, found=found)
    if len(ahead) > MOST_EVENTS:
        found.note(ahead[MOST_EVENTS].number, Problem.TOO_MANY)
    found.busy = joined(intervals)[:MOST_INTERVALS]
    return found


_REPEATING = ("RRULE", "RDATE", "RECURRENCE-ID")
_END = re.compile(r"DTEND(?:;[^:]*)?:(\d{8})(?:T\d{6}Z?)?\s*", re.IGNORECASE)


def _is_past(block: Block, reader: Reader) -> bool:
    """Tell from its text alone that an event is long over: most of an old calendar's are."""
    if any(line.upper().startswith(_REPEATING) for line in block.lines):
        return False
    ends = [found.group(1) for line in block.lines if (found := _END.fullmatch(line))]
    return len(ends) == 1 and ends[0] < (reader.starts_at - 2 * _DAY).strftime("%Y%m%d")


def joined(intervals: Sequence[Interval]) -> list[Interval]:
    """Return the same minutes as few intervals, in order, that neither touch nor overlap."""
    result: list[Interval] = []
    for starts, ends in sorted(each for each in intervals if each[0] < each[1]):
        if result and starts <= result[-1][1]:
            result[-1] = (result[-1][0], max(ends, result[-1][1]))
        else:
            result.append((starts, ends))
    return result


def _groups(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Yield events together with the changed repetitions of the same event."""

    def key(block: Block) -> str:
        # Without a UID nothing belongs together.
        return block.uid or f"\0{block.number}"

    first: dict[str, int] = {}
    for each in blocks:
        first.setdefault(key(each), each.number)
    ordered = sorted(blocks, key=lambda each: (first[key(each)], each.number))
    for _, members in groupby(ordered, key=key):
        yield list(members)


def _group(
    blocks: list[Block], zones: Sequence[str], *, reader: Reader, local: tzinfo, found: Reading
) -> list[Interval]:
    uid = blocks[0].uid
    if reader.own_uid_end and uid.endswith(reader.own_uid_end):
        return []
    number = blocks[0].number
    try:
        with _within(EVENT_SECONDS):
            return list(_busy(blocks, zones, reader=reader, local=local, found=found))
    except _Unreadable as error:
        found.note(number, error.problem)
    except _OutOfTime:
        found.note(number, Problem.TOO_SLOW)
    except (Exception, RecursionError) as error:  # whatever a stranger's event makes libraries do
        if isinstance(error, MemoryError):
            raise
        found.note(number, Problem.UNREADABLE)
    return []


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Raise _OutOfTime in the block when it takes longer; only a main thread can be interrupted."""

    def ring(*_: object) -> None:
        raise _OutOfTime

    try:
        before = signal.signal(signal.SIGALRM, ring)
    except ValueError:  # not in the main thread
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _busy(
    blocks: list[Block], zones: Sequence[str], *, reader: Reader, local: tzinfo, found: Reading
) -> Iterator[Interval]:
    lines = "\r\n".join(line for block in blocks for line in block.lines)
    needed = [each for each in zones if _name_of(each) in lines]
    parsed = _parsed(lines, needed)
    components = [each for each in parsed.subcomponents if each.name in {"VEVENT", "VFREEBUSY"}]
    if not components or any(each.errors for each in components if _matters(each)):
        raise _Unreadable(Problem.UNREADABLE)
    for each in components:
        if each.name == "VFREEBUSY":
            yield from _of_periods(each, reader)
        elif "DTSTART" not in each:
            raise _Unreadable(Problem.NO_START)
        elif _has_unknown_zone(each):
            found.note(blocks[0].number, Problem.UNKNOWN_ZONE)
    events = [each for each in components if each.name == "VEVENT"]
    for each in _instances(events, reader):
        if _takes_time(each, reader):
            yield from _clipped(*_span(each, local, reader), reader)


def _parsed(lines: str, zones: Sequence[str]) -> Calendar:
    text = "\r\n".join(["BEGIN:VCALENDAR", *zones, lines, "END:VCALENDAR"])
    try:
        return Calendar.from_ical(text)
    except ValueError:
        if not zones:
            raise
        return _parsed(lines, [])  # most zones are known by their name, however broken their rules


def _name_of(zone: str) -> str:
    named = (line for line in zone.splitlines() if line[:5].upper() == "TZID:")
    return next(named, "TZID:").partition(":")[2].strip()


_DATES = frozenset({"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"})


def _matters(component: Event) -> bool:
    return any(name in _DATES for name, _ in component.errors)


def _has_unknown_zone(event: Event) -> bool:
    start = event["DTSTART"]
    named = getattr(start, "params", {}).get("TZID")
    value = getattr(start, "dt", None)
    return bool(named) and isinstance(value, datetime) and value.tzinfo is None


def _of_periods(component: Event, reader: Reader) -> Iterator[Interval]:
    periods = component.get("FREEBUSY", [])
    for each in periods if isinstance(periods, list) else [periods]:
        if each.params.get("FBTYPE", "BUSY").upper() == "FREE":
            continue
        for period in getattr(each, "dts", [each]):
            starts, ends = period.start, period.end
            yield from _clipped(starts.astimezone(UTC), ends.astimezone(UTC), reader)


def _instances(events: list[Event], reader: Reader) -> Iterator[Event]:
    """Yield each event as often as it repeats in the window, changed repetitions as changed."""
    if not any(_repeats(each) for each in events):
        yield from events
        return
    for each in events:
        _refuse_endless(each)
    calendar = Calendar()
    for each in events:
        calendar.add_component(each)
    # Wider by a day: times without a zone are compared as if in the window's.
    query = recurring_ical_events.of(calendar, skip_bad_series=False)
    found = query.between(reader.starts_at - _DAY, reader.ends_at + _DAY)
    if len(found) > MOST_INSTANCES:
        raise _Unreadable(Problem.TOO_OFTEN)
    yield from islice(found, MOST_INSTANCES)


def _repeats(event: Event) -> bool:
    return any(name in event for name in ("RRULE", "RDATE", "RECURRENCE-ID"))


def _refuse_endless(event: Event) -> None:
    """Raise when an event repeats more often than any calendar's owner would enter."""
    rules = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        if str(rule.get("FREQ", [""])[0]).upper() in _TOO_OFTEN:
            raise _Unreadable(Problem.TOO_OFTEN)
        a_day = 1
        for name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
            a_day *= max(1, len(rule.get(name, [])))
        if a_day > 48:  # every half hour
            raise _Unreadable(Problem.TOO_OFTEN)


def _takes_time(event: Event, reader: Reader) -> bool:
    """Tell whether an event keeps its owner busy."""
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return False
    if str(event.get("TRANSP", "")).upper() == "TRANSPARENT":
        return False
    if str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() in _FREE:
        return False
    return not _declined(event, reader.own_mails)


def _declined(event: Event, own_mails: frozenset[str]) -> bool:
    attendees = event.get("ATTENDEE", [])
    for each in attendees if isinstance(attendees, list) else [attendees]:
        mail = str(each).lower().removeprefix("mailto:")
        params: Mapping[str, Any] = getattr(each, "params", {})
        if mail in own_mails and str(params.get("PARTSTAT", "")).upper() == "DECLINED":
            return True
    return False


def _span(event: Event, local: tzinfo, reader: Reader) -> tuple[datetime, datetime]:
    """Return when an event starts and ends, in UTC; whole days are the reader's own."""
    start = event["DTSTART"].dt
    if "DTEND" in event:
        end = event["DTEND"].dt
    elif "DURATION" in event:
        end = start + event["DURATION"].dt
    else:
        end = start if isinstance(start, datetime) else start + _DAY
    if end == start and not isinstance(start, datetime):
        end = start + _DAY  # some programs write a whole day so
    placed = [_instant(each, local, reader) for each in (start, end)]
    if placed[1] < placed[0]:
        raise _Unreadable(Problem.BACKWARDS)
    return placed[0], placed[1]


def _instant(value: date | datetime, local: tzinfo, reader: Reader) -> datetime:
    if not isinstance(value, datetime):
        midnight = datetime(value.year, value.month, value.day, tzinfo=ZoneInfo(reader.zone))
        return midnight.astimezone(UTC)
    return (value if value.tzinfo else value.replace(tzinfo=local)).astimezone(UTC)


def _clipped(starts_at: datetime, ends_at: datetime, reader: Reader) -> Iterator[Interval]:
    """Yield the minutes that a time touches within the window; a part of a minute takes it all."""
    first, last = max(starts_at, reader.starts_at), min(ends_at, reader.ends_at)
    if first < last:
        yield int(first.timestamp() // 60), int(-(-last.timestamp() // 60))


def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, LookupError):
        return None
