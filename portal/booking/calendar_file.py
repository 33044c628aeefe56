"""A session as an iCalendar file that phones and mail programs take in (RFC 5545, RFC 5546)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event, vCalAddress, vText

PRODUCT = "-//Tongtu//Booking//ZH"
REMIND_BEFORE = timedelta(minutes=30)


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


def write(entry: Entry) -> bytes:
    """Return the file: one published event, times in UTC, lines folded at 75 octets.

    A published event names no attendees (RFC 5546, 3.2.1); who comes stands in the description.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(_event(entry))
    return bytes(calendar.to_ical())


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("dtstart", entry.starts_at)
    event.add("dtend", entry.ends_at)
    event.add("summary", entry.summary)
    event.add("description", entry.description)
    event.add("url", entry.url)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    if entry.place:
        event.add("location", entry.place)
    organiser = vCalAddress(f"mailto:{entry.organiser_mail}")
    organiser.params["CN"] = vText(entry.organiser_name)
    event["organizer"] = organiser
    if not entry.cancelled:
        event.add_component(_reminder(entry))
    return event


def _reminder(entry: Entry) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", entry.summary)
    alarm.add("trigger", -REMIND_BEFORE)
    return alarm
