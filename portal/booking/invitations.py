"""What a session is in a calendar: the entry itself, and what goes along with mails about it.

Knows no attendees: who is told, and at which address, is decided when a mail goes out.
"""

import re
from email.utils import parseaddr

from flask import current_app

from portal import i18n
from portal.booking import calendar_file
from portal.booking.queries.sessions import SessionDetail
from portal.booking.rules.sessions import State
from portal.i18n import gettext as _
from portal.notices.mail import smtp
from portal.notices.mail.invitations import Invitation
from portal.notices.mail.letters import absolute

_LINK = re.compile(r"https?://[^\s，。；、）)<>\"]+")


def invitation(detail: SessionDetail) -> Invitation:
    """Return what mails about this session bring along, in every language of a reader."""
    files = {}
    for language in i18n.LANGUAGES:
        with i18n.speaking(language):
            of_language = entry(detail)
        written = calendar_file.write(of_language, method=of_language.invitation).decode()
        # Unfolded while it lies in the database, so that a name can be found in it and taken out.
        files[language] = written.replace("\r\n ", "")
    return Invitation(method=of_language.invitation.value, files=files)


def entry(detail: SessionDetail) -> calendar_file.Entry:
    """Return the session as it stands in a calendar, in the current language."""
    row = detail.row
    place = row.consultant.place
    lines = (
        _("顾问：%(name)s", name=row.consultant.name),
        _("店铺：%(name)s，%(person)s 预约", name=row.dealer_name, person=row.person_name),
        _("想聊的：%(topic)s", topic=row.topic),
    )
    return calendar_file.Entry(
        uid=detail.uid,
        sequence=detail.sequence,
        changed_at=detail.changed_at,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        summary=_(
            "运营顾问会谈：%(name)s × %(shop)s", name=row.consultant.name, shop=row.dealer_name
        ),
        place=place,
        description="\n".join(lines),
        url=absolute(f"/booking/{row.public_id}"),
        organiser_name=row.consultant.name,
        organiser_mail=organiser_mail(),
        cancelled=row.state is State.CANCELLED,
        conference_url=link_in(place),
    )


def link_in(place: str) -> str:
    """Return the first web address in a meeting place as its consultant wrote it, or nothing."""
    found = _LINK.search(place)
    return found.group() if found else ""


def organiser_mail() -> str:
    """Return the address that calendars know a session's organiser by; it never changes.

    The sender of our mails, since programs take a change only from who sent the first invitation.
    """
    sent_from = parseaddr(smtp.sender())[1]
    return sent_from or str(current_app.extensions["tongtu.settings"].contact)
