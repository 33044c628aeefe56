"""Telling the operators that something waits for them."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from portal.access import Role
from portal.accounts.models import Membership, Person
from portal.db import db
from portal.notices import actions as notices
from portal.notices.rules import NoticeKind


def tell(*, kind: NoticeKind, path: str, params: Mapping[str, str], at: datetime) -> None:
    """Post a notice to each operator; consultants and authors of the alliance get none."""
    found = db.session.execute(
        select(Membership.organisation_id, Membership.person_id)
        .join(Membership.person)
        .where(Membership.role == Role.OPERATOR.value, Person.active)
        .order_by(Membership.id)
    )
    for organisation_id, person_id in found:
        notices.post(
            organisation_id=organisation_id,
            person_id=person_id,
            kind=kind,
            path=path,
            params=params,
            at=at,
        )
