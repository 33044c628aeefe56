"""A feed as bytes: the sessions of its owner, with or without what they are about."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from portal import i18n
from portal.booking import calendar_file, invitations
from portal.booking.calendar_file import Entry
from portal.calendars.queries import OpenedFeed
from portal.i18n import gettext as _

REFRESH = timedelta(hours=1)


def written(feed: OpenedFeed) -> bytes:
    """Return the calendar, in its owner's language; the same sessions give the same bytes."""
    with i18n.speaking(feed.language):
        entries: Sequence[Entry] = [invitations.entry(each) for each in feed.details]
        if feed.hides_details:
            entries = [_masked(each) for each in entries]
        return calendar_file.feed(entries, name=_("同途会谈"), refresh=REFRESH)


def etag_of(file: bytes) -> str:
    """Return a name for exactly these bytes."""
    return hashlib.sha256(file).hexdigest()[:32]


def _masked(entry: Entry) -> Entry:
    """Return when, and nothing else; the link asks for a sign-in before it tells more."""
    return replace(
        entry,
        summary=_("会谈"),
        place="",
        description="",
        conference_url="",
        organiser_name=_("同途"),
    )
