"""Who may do what in an organisation, which roles it has, and when a one-time link still opens."""

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from portal.access import Role
from portal.accounts import rules as identities

TOKEN_BYTES = 32  # 256 bits


class Act(StrEnum):
    """Something that changes an organisation, or who belongs to it."""

    SEE_MEMBERS = "see_members"
    INVITE = "invite"
    CHANGE_OWNERS = "change_owners"
    REMOVE = "remove"
    EDIT_PROFILE = "edit_profile"
    HAND_OVER = "hand_over"
    CLOSE = "close"
    LEAVE = "leave"
    APPROVE = "approve"
    REOPEN = "reopen"
    GIVE_LINK = "give_link"


class Standing(StrEnum):
    """As what somebody acts on an organisation."""

    MEMBER = "member"
    OWNER = "owner"
    OPERATOR = "operator"


_MEMBER = frozenset({Act.SEE_MEMBERS, Act.LEAVE})
_OWNER = frozenset(
    {Act.INVITE, Act.CHANGE_OWNERS, Act.REMOVE, Act.EDIT_PROFILE, Act.HAND_OVER, Act.CLOSE}
)
# The help page shows this table; a test compares the two.
MAY: Mapping[Standing, frozenset[Act]] = {
    Standing.MEMBER: _MEMBER,
    Standing.OWNER: _MEMBER | _OWNER,
    # An operator looks after every organisation without belonging to it: nothing to hand over.
    Standing.OPERATOR: (_MEMBER | _OWNER | {Act.APPROVE, Act.REOPEN, Act.GIVE_LINK})
    - {Act.LEAVE, Act.HAND_OVER},
}

ROLES_OF_KIND: Mapping[str, Sequence[Role]] = {
    "dealer": (Role.DEALER,),
    "supplier": (Role.SUPPLIER,),
    "alliance": (Role.CONSULTANT, Role.OPERATOR, Role.AUTHOR),
}


def may(*, standing: Standing, act: Act) -> bool:
    """Tell whether somebody who stands so may do it."""
    return act in MAY[standing]


class LastOwner(Exception):
    """An organisation would be left without an owner: hand it over or close it first."""


def check_owner_remains(*, owner_ids: Iterable[int], leaving_id: int) -> None:
    """Raise LastOwner when the owners (memberships) are only the one who would go."""
    owners = set(owner_ids)
    if leaving_id in owners and len(owners) == 1:
        raise LastOwner


class Purpose(StrEnum):
    """What a one-time link opens."""

    INVITE = "invite"
    RESET = "reset"
    CONFIRM = "confirm"


# A password can be set anew with it, so a reset link lives shortly; people answer an
# invitation when they next find time.
LIFETIME: Mapping[Purpose, timedelta] = {
    Purpose.INVITE: timedelta(days=7),
    Purpose.RESET: timedelta(hours=1),
    Purpose.CONFIRM: timedelta(days=3),
}
# An operator reads such a link out or sends it on by chat: that takes longer than a mail.
HANDED_OUT = timedelta(hours=24)


class LinkState(StrEnum):
    """Whether a one-time link still opens, and why not."""

    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


def link_state(
    *,
    used_at: datetime | None,
    withdrawn_at: datetime | None,
    expires_at: datetime,
    at: datetime,
) -> LinkState:
    """Return whether a link opens at `at`; what happened to it comes before its age."""
    if used_at is not None:
        return LinkState.USED
    if withdrawn_at is not None:
        return LinkState.WITHDRAWN
    return LinkState.OPEN if at < expires_at else LinkState.EXPIRED


def new_token() -> str:
    """Return a fresh random token of 256 bits, fit for an address."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """Return what is kept of a token; 256 random bits need no slow hash and no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Identity:
    """What somebody signs in with: a mail address or an E.164 phone number, never both."""

    mail: str | None = None
    phone: str | None = None

    @property
    def text(self) -> str:
        """The one that there is, as it is stored."""
        return self.mail or self.phone or ""


def identity(text: str) -> Identity | None:
    """Return what was typed as an identity, or None when it is neither mail nor phone."""
    mail = identities.mail_address(text)
    if mail:
        return Identity(mail=mail)
    phone = identities.phone_number(text)
    return Identity(phone=phone) if phone else None


def readable(text: str) -> str:
    """Return a stored identity as people write it: home numbers without +86, in groups."""
    home = re.fullmatch(r"\+86(\d{3})(\d{4})(\d{4})", text)
    return " ".join(home.groups()) if home else text


def masked(text: str) -> str:
    """Return a stored identity so that its owner knows it and nobody learns it."""
    name, at, domain = text.partition("@")
    if at:
        return f"{name[:2]}***@{domain}"
    number = readable(text).replace(" ", "")
    return f"{number[:3]}****{number[-4:]}"


# Words that shops of all kinds carry in their names, and say nothing about which shop it is.
_COMMON = re.compile(
    r"有限公司|个体工商户|旗舰店|专营店|店铺|商行|商店|网店|小店|店|铺|屋|[\s\W_]+"
)


def plain_name(name: str) -> str:
    """Return what sets a shop's name apart from others, for comparing."""
    lowered = name.lower()
    return _COMMON.sub("", lowered) or lowered.strip()


def are_similar(first: str, second: str) -> bool:
    """Tell whether two shops' names are so alike that somebody should look: 小鹿点卡, 小鹿铺."""
    one, other = plain_name(first), plain_name(second)
    if not one or not other:
        return False
    shorter, longer = sorted((one, other), key=len)
    return shorter == longer or (len(shorter) > 1 and shorter in longer)


def differ_in_one_digit(first: str, second: str) -> bool:
    """Tell whether two numbers are a slip of one digit apart."""
    if len(first) != len(second):
        return False
    return sum(one != other for one, other in zip(first, second, strict=True)) == 1


class Outcome(StrEnum):
    """What became of an application."""

    APPROVED = "approved"
    DECLINED = "declined"
