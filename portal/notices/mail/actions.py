"""Posting a mail of its own words (an invitation, a reset link), in the causing transaction."""

from datetime import datetime

from portal.i18n import SOURCE
from portal.notices import ledger
from portal.notices.mail.letters import Button
from portal.notices.mail.message import check_address
from portal.notices.mail.smtp import is_set_up
from portal.notices.rules import Channel


def send(
    *,
    to: str,
    subject: str,
    text: str,
    at: datetime,
    key: str,
    language: str = SOURCE,
    button: Button | None = None,
) -> bool:
    """Mail `text` (paragraphs parted by an empty line) to one address, after the commit.

    The words come in the receiver's language (`i18n.speaking` helps); `key` names the cause, e.g.
    "invitation:17", and a second post of the same key sends nothing more. Quiet hours and wishes
    do not hold it up: the receiver waits for it. The words are forgotten once it is sent.
    Returns False when no mail server is set up: then nothing is posted, and the caller has to
    find another way. Raises BadAddress.
    """
    check_address(to)
    if not is_set_up():
        return False
    ledger.enter(
        key=f"letter:{key}",
        channel=Channel.MAIL,
        at=at,
        due_at=at,
        address=to,
        content={
            "subject": subject,
            "paragraphs": [part.strip() for part in text.split("\n\n") if part.strip()],
            "button": [button.label, button.url] if button else None,
            "language": language,
        },
    )
    return True
