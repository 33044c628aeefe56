"""One-time links: issued to somebody, used once by whoever holds them, or withdrawn.

The token itself is kept nowhere: the database has its hash, and who issued the link sees it once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, update

from portal.access import Role
from portal.accounts.membership import rules
from portal.accounts.membership.models import OneTimeLink
from portal.accounts.membership.rules import LinkState, Purpose
from portal.db import db


class NoSuchLink(LookupError):
    """There is no such link for the one who asks."""


class LinkSpent(Exception):
    """The link opens nothing any more; `state` says why."""

    def __init__(self, state: LinkState) -> None:
        super().__init__(state.value)
        self.state = state


@dataclass(frozen=True, slots=True)
class Issued:
    """A fresh link; the only place in which its token stands in clear."""

    link_id: int
    token: str
    expires_at: datetime


def issue(
    *,
    purpose: Purpose,
    at: datetime,
    created_by_id: int | None = None,
    lifetime: timedelta | None = None,
    **columns: Any,
) -> Issued:
    """Make a link; `columns` are what it is about: person, organisation, role, identity."""
    token = rules.new_token()
    link = OneTimeLink(
        token_hash=rules.token_hash(token),
        purpose=purpose.value,
        created_by_id=created_by_id,
        created_at=at,
        expires_at=at + (lifetime or rules.LIFETIME[purpose]),
        **columns,
    )
    db.session.add(link)
    db.session.flush()
    return Issued(link_id=link.id, token=token, expires_at=link.expires_at)


def invite_link(
    *,
    organisation_id: int,
    role: Role,
    is_owner: bool,
    identity: str,
    created_by_id: int,
    at: datetime,
) -> Issued:
    """Make the link with which somebody joins an organisation."""
    return issue(
        purpose=Purpose.INVITE,
        at=at,
        created_by_id=created_by_id,
        organisation_id=organisation_id,
        role=role.value,
        is_owner=is_owner,
        identity=identity,
    )


def find(*, token: str, purpose: Purpose, at: datetime) -> OneTimeLink:
    """Return the link of a token, still to be used; raise NoSuchLink or LinkSpent."""
    link = db.session.scalar(
        select(OneTimeLink).where(
            OneTimeLink.token_hash == rules.token_hash(token),
            OneTimeLink.purpose == purpose.value,
        )
    )
    if link is None:
        raise NoSuchLink
    check_open(link, at=at)
    return link


def check_open(link: OneTimeLink, *, at: datetime) -> None:
    """Raise LinkSpent unless the link opens at `at`."""
    state = rules.link_state(
        used_at=link.used_at,
        withdrawn_at=link.withdrawn_at,
        expires_at=link.expires_at,
        at=at,
    )
    if state is not LinkState.OPEN:
        raise LinkSpent(state)


def use(link: OneTimeLink, *, person_id: int | None, at: datetime) -> None:
    """Use a link up; of many who try at once, the database lets exactly one through.

    Raises LinkSpent for all others.
    """
    taken = db.session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.id == link.id, still_open(at))
        .values(used_at=at, used_by_id=person_id)
        .returning(OneTimeLink.id)
        .execution_options(synchronize_session=False)
    ).first()
    db.session.refresh(link)
    if taken is None:
        check_open(link, at=at)
        raise LinkSpent(LinkState.USED)


def still_open(at: datetime) -> ColumnElement[bool]:
    """Return the condition under which a link opens at `at`."""
    return (
        OneTimeLink.used_at.is_(None)
        & OneTimeLink.withdrawn_at.is_(None)
        & (OneTimeLink.expires_at > at)
    )


def withdraw(*conditions: ColumnElement[bool], at: datetime) -> int:
    """Let the links that the conditions name open nothing any more; return how many did."""
    withdrawn = db.session.scalars(
        update(OneTimeLink)
        .where(*conditions, still_open(at))
        .values(withdrawn_at=at)
        .returning(OneTimeLink.id)
        .execution_options(synchronize_session=False)
    ).all()
    db.session.expire_all()
    return len(withdrawn)
