"""What counts as an identity: a mail address or a phone number, however it was typed."""

from enum import StrEnum

import phonenumbers

HOME_REGION = "CN"


class OrganisationState(StrEnum):
    """Where an organisation stands: PENDING waits for an operator, CLOSED keeps its books only."""

    PENDING = "pending"
    ACTIVE = "active"
    CLOSED = "closed"


def phone_number(text: str) -> str | None:
    """Return a phone number in E.164 (+8613800138000), or None when it is not one.

    13800138000, 138 0013 8000 and +86 138-0013-8000 are one number.
    """
    try:
        number = phonenumbers.parse(text, HOME_REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_assigned(number: str) -> bool:
    """Tell whether an E.164 number can belong to somebody, by the numbering plan of its country."""
    return phonenumbers.is_valid_number(phonenumbers.parse(number))


def mail_address(text: str) -> str | None:
    """Return a mail address as it is stored (trimmed, lower case), or None when it is not one."""
    address = text.strip().lower()
    name, at, domain = address.partition("@")
    return address if at and name and "." in domain and " " not in address else None


def guessable(name: str, mail: str | None, phone: str | None) -> list[str]:
    """Return the words that somebody's name, mail address and E.164 phone number give away."""
    words = [name]
    if mail:
        local, _, domain = mail.partition("@")
        words += [mail, local, domain.partition(".")[0]]
    if phone:
        words += [phone, phone.removeprefix("+86")]
    return words
