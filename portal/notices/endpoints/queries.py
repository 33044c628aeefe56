"""Reads of endpoints, always for one organisation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select

from portal.db import db
from portal.notices import texts
from portal.notices.models import NoticeEndpoint
from portal.notices.rules import Channel, NoticeKind


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """An endpoint as its organisation's owners see it; its address and secret are not shown."""

    id: int
    channel: Channel
    channel_text: str
    name: str
    host: str
    kinds: Sequence[NoticeKind]
    has_secret: bool
    earlier_until: datetime | None
    created_at: datetime
    failing_since: datetime | None
    off_since: datetime | None


def _row(endpoint: NoticeEndpoint) -> EndpointRow:
    channel = Channel(endpoint.channel)
    return EndpointRow(
        id=endpoint.id,
        channel=channel,
        channel_text=texts.channel(channel),
        name=endpoint.name,
        host=endpoint.host,
        kinds=[NoticeKind(each) for each in endpoint.kinds if each in set(NoticeKind)],
        has_secret=endpoint.secret_sealed is not None,
        earlier_until=endpoint.earlier_until,
        created_at=endpoint.created_at,
        failing_since=endpoint.failing_since,
        off_since=endpoint.off_since,
    )


def any_on(organisation_id: int) -> bool:
    """Tell whether an organisation has an endpoint that is on."""
    on = exists().where(
        NoticeEndpoint.organisation_id == organisation_id, NoticeEndpoint.off_since.is_(None)
    )
    return bool(db.session.scalar(select(on)))


def told_about(*, organisation_id: int, kind: NoticeKind) -> Sequence[NoticeEndpoint]:
    """Return the endpoints of an organisation that are on and want this kind."""
    found = db.session.scalars(
        select(NoticeEndpoint)
        .where(
            NoticeEndpoint.organisation_id == organisation_id, NoticeEndpoint.off_since.is_(None)
        )
        .order_by(NoticeEndpoint.id)
    )
    return [each for each in found if kind.value in each.kinds]


def of_organisation(organisation_id: int) -> Sequence[EndpointRow]:
    """Return the endpoints of an organisation, oldest first."""
    found = db.session.scalars(
        select(NoticeEndpoint)
        .where(NoticeEndpoint.organisation_id == organisation_id)
        .order_by(NoticeEndpoint.id)
    )
    return [_row(each) for each in found]


def of_organisation_by_id(*, endpoint_id: int, organisation_id: int) -> EndpointRow | None:
    """Return one endpoint, or None; another organisation's is None too."""
    found = db.session.scalar(
        select(NoticeEndpoint).where(
            NoticeEndpoint.id == endpoint_id, NoticeEndpoint.organisation_id == organisation_id
        )
    )
    return _row(found) if found else None
