"""A forgotten password: by mail to who has an address, through an operator to who has none."""

from datetime import datetime

from sqlalchemy import update

from portal.access import Member, Role
from portal.accounts.membership import rules
from portal.accounts.membership.actions import letters, links, operators
from portal.accounts.membership.actions.links import Issued
from portal.accounts.membership.actions.standing import NotAllowed
from portal.accounts.membership.models import OneTimeLink, ResetRequest
from portal.accounts.membership.queries import people
from portal.accounts.membership.rules import Act, Identity, Purpose, Standing
from portal.accounts.models import Person
from portal.accounts.sign_in.actions import password
from portal.db import Conflict, db, refuse_conflicts
from portal.evidence import actions as evidence
from portal.notices.rules import NoticeKind


class NoSuchRequest(LookupError):
    """There is no such request that waits."""


def ask(*, identity: Identity, at: datetime) -> None:
    """Ask for a new password; the same happens to see for an identity that nobody has."""
    person = people.with_identity(identity)
    if person is None or not person.active:
        return
    if person.email is not None and _mail_link(person, at=at):
        return
    try:
        with refuse_conflicts():
            db.session.add(ResetRequest(person_id=person.id, asked_at=at))
    except Conflict:
        return  # asked before, and it waits
    operators.tell(
        kind=NoticeKind.RESET_ASKED,
        path="/members/resets",
        params={"who": person.name},
        at=at,
    )


def _mail_link(person: Person, *, at: datetime) -> bool:
    _withdraw_earlier(person.id, at=at)
    issued = links.issue(purpose=Purpose.RESET, at=at, person_id=person.id)
    return letters.reset(person, issued=issued, at=at)


def _withdraw_earlier(person_id: int, *, at: datetime) -> None:
    links.withdraw(
        OneTimeLink.purpose == Purpose.RESET.value, OneTimeLink.person_id == person_id, at=at
    )


def give_link(*, by: Member, request_id: int, at: datetime) -> Issued:
    """Make a link for who waits, to be passed on by the operator, who sees it once.

    Raises NoSuchRequest, also when another operator was quicker.
    """
    person_id = _handle(by=by, request_id=request_id, at=at)
    _withdraw_earlier(person_id, at=at)
    evidence.record(action="reset.link_given", subject="person", subject_id=str(person_id), at=at)
    return links.issue(
        purpose=Purpose.RESET,
        at=at,
        lifetime=rules.HANDED_OUT,
        created_by_id=by.person_id,
        person_id=person_id,
    )


def dismiss(*, by: Member, request_id: int, at: datetime) -> None:
    """Take a request off the list without a link; raise NoSuchRequest."""
    _handle(by=by, request_id=request_id, at=at)


def _handle(*, by: Member, request_id: int, at: datetime) -> int:
    if by.role is not Role.OPERATOR or not rules.may(standing=Standing.OPERATOR, act=Act.GIVE_LINK):
        raise NotAllowed(Act.GIVE_LINK.value)
    person_id: int | None = db.session.scalar(
        update(ResetRequest)
        .where(ResetRequest.id == request_id, ResetRequest.handled_at.is_(None))
        .values(handled_at=at, handled_by_id=by.person_id)
        .returning(ResetRequest.person_id)
        .execution_options(synchronize_session=False)
    )
    if person_id is None:
        raise NoSuchRequest(request_id)
    return person_id


def set_password(*, token: str, new: str, at: datetime) -> None:
    """Set a new password by a link, end every sign-in of the person, and say so to them.

    Raises NoSuchLink or LinkSpent.
    """
    link = links.find(token=token, purpose=Purpose.RESET, at=at)
    person = db.session.get_one(Person, link.person_id)
    links.use(link, person_id=person.id, at=at)
    password.set_anew(person_id=person.id, new=new, at=at)
    _withdraw_earlier(person.id, at=at)
    if link.created_by_id is None and person.mail_confirmed_at is None:
        person.mail_confirmed_at = at  # it came by this address
