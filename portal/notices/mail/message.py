"""A letter as an Internet message: safe headers, text and HTML, an id that a retry repeats."""

import hashlib
from datetime import datetime
from email import policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from portal import i18n
from portal.notices.mail import invitations
from portal.notices.mail.letters import BadAddress, Letter, html_of, one_line, text_of


def check_address(address: str) -> None:
    """Raise BadAddress unless a mail can be sent to `address` by any mail server."""
    try:
        parsed = Address(addr_spec=address)
    except (ValueError, IndexError, MessageError) as error:
        raise BadAddress(address) from error
    # Two addresses, or letters that only few servers take (RFC 6531), are refused.
    if not address.isascii() or not parsed.domain or parsed.addr_spec != address:
        raise BadAddress(address)


def message_id(key: str, *, sender: str) -> str:
    """Return the Message-ID of the mail with this key: a retry of a mail is the same mail."""
    domain = parseaddr(sender)[1].rpartition("@")[2]
    return f"<{digest_of(key)}@{domain}>"


def digest_of(key: str) -> str:
    """Return a name for a message that is the same at every try and tells nothing."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]


def compose(letter: Letter, *, to: str, sender: str, key: str, at: datetime) -> EmailMessage:
    """Return the message, in the current language; raise BadAddress.

    Line ends in the subject or in names cannot start a header of their own.
    """
    check_address(to)
    message = EmailMessage(policy=policy.SMTP)
    name, address = parseaddr(sender)
    message["From"] = Address(display_name=one_line(name), addr_spec=address)
    message["To"] = to
    message["Subject"] = one_line(letter.subject)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id(key, sender=sender)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    if letter.unsubscribe_url:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(text_of(letter))
    message.add_alternative(html_of(letter), subtype="html")
    if letter.calendar:
        invitations.attach(message, letter.calendar)
    message["Content-Language"] = i18n.language_tag()  # last: a new body drops it
    return message
