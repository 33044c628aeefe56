"""A session as an iCalendar file that phones and mail programs take in (RFC 5545, 5546, 7986)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from icalendar import Alarm, Calendar, Event, vCalAddress, vText, vUri

PRODUCT = "-//Tongtu//Booking//ZH"
REMIND_BEFORE = timedelta(minutes=30)
OWN_UID_END = "@tongtu"  # of every session's UID


class Method(StrEnum):
    """What the file asks of the calendar that takes it in (RFC 5546, 1.4)."""

    PUBLISH = "PUBLISH"  # something to keep, e.g. a download or a feed; names no attendees
    REQUEST = "REQUEST"  # come, or come at another time
    CANCEL = "CANCEL"  # it does not take place


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in the calendar; texts are final, instants aware.

    `uid` stays for the session's life and `sequence` grows with each change, so that a second
    import replaces the first. `changed_at` stamps the file: the same data gives the same bytes.
    """

    uid: str
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    place: str
    description: str
    url: str
    organiser_name: str
    organiser_mail: str
    cancelled: bool
    conference_url: str = ""  # where one joins, when the session is held online

    @property
    def invitation(self) -> Method:
        """What a mail about it asks of its receiver's calendar."""
        return Method.CANCEL if self.cancelled else Method.REQUEST


def write(entry: Entry, *, method: Method = Method.PUBLISH) -> bytes:
    """Return the file: one event, times in UTC, lines folded at 75 octets.

    An invitation is written without attendees: the mail that brings it names its receiver. A
    published event names none at all (RFC 5546, 3.2.1): who comes stands in the description.
    """
    calendar = _calendar(method)
    calendar.add_component(_event(entry, reminds=True))
    return bytes(calendar.to_ical())


def feed(entries: Sequence[Entry], *, name: str, refresh: timedelta) -> bytes:
    """Return a calendar that programs subscribe to and ask for again every `refresh`."""
    calendar = _calendar(Method.PUBLISH)
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", refresh, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vText(_duration(refresh)), encode=False)
    for entry in entries:
        calendar.add_component(_event(entry, reminds=False))
    return bytes(calendar.to_ical())


def _duration(value: timedelta) -> str:
    return f"PT{int(value.total_seconds() // 3600)}H"


def _calendar(method: Method) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method.value)
    return calendar


def _event(entry: Entry, *, reminds: bool) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("dtstart", entry.starts_at)
    event.add("dtend", entry.ends_at)
    event.add("summary", entry.summary)
    if entry.description:
        event.add("description", entry.description)
    event.add("url", entry.url)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    if entry.place:
        event.add("location", entry.place)
    if entry.conference_url:
        event.add("conference", _conference(entry.conference_url))
    organiser = vCalAddress(f"mailto:{entry.organiser_mail}")
    organiser.params["CN"] = vText(entry.organiser_name)
    event["organizer"] = organiser
    if reminds and not entry.cancelled:
        event.add_component(_reminder(entry))
    return event


def _conference(address: str) -> vUri:
    link = vUri(address)
    link.params["VALUE"] = "URI"
    link.params["FEATURE"] = ["AUDIO", "VIDEO"]
    return link


def _reminder(entry: Entry) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", entry.summary)
    alarm.add("trigger", -REMIND_BEFORE)
    return alarm
