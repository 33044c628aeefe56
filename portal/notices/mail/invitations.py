"""What a mail brings along for its receiver's calendar (iTIP in a mail: RFC 5546, RFC 6047)."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from icalendar import Calendar, vCalAddress, vText

from portal.i18n import SOURCE

ATTACHED_AS = "invite.ics"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A calendar file without attendees, by the reader's language, and its method.

    Its lines may be of any length: they are folded when a mail goes out.
    """

    method: str
    files: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """Return it as it lies beside a notice."""
        return {"method": self.method, "files": dict(self.files)}


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """A calendar file as one receiver gets it."""

    method: str
    text: str


def for_receiver(
    stored: Mapping[str, Any] | None, *, name: str, mail: str, language: str
) -> CalendarPart | None:
    """Return what a stored invitation says to one receiver, who is its only attendee.

    So neither side learns the other's mail address. The session stands: nobody is asked for an
    answer, which no machine would read. None when there is no invitation.
    """
    if stored is None:
        return None
    files = stored["files"]
    calendar = Calendar.from_ical(files.get(language, files[SOURCE]))
    for event in calendar.walk("VEVENT"):
        attendee = vCalAddress(f"mailto:{mail}")
        attendee.params["CN"] = vText(name)
        attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
        attendee.params["PARTSTAT"] = vText("ACCEPTED")
        attendee.params["RSVP"] = vText("FALSE")
        event.add("attendee", attendee, encode=False)
    return CalendarPart(method=stored["method"], text=calendar.to_ical().decode())


def attach(message: EmailMessage, part: CalendarPart) -> None:
    """Add a calendar part to a message that has its text and HTML.

    As an alternative for programs that understand it (they offer to enter it, and update what
    stands there), and as a file for those that only know attachments.
    """
    message.add_alternative(
        part.text, subtype="calendar", cte="base64", params={"method": part.method}
    )
    message.add_attachment(
        part.text.encode(), maintype="application", subtype="ics", filename=ATTACHED_AS
    )
