"""Reads of the delivery ledger: what became of what was told outside the portal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, func, select

from portal.db import db
from portal.notices import directory, texts
from portal.notices.models import Delivery, Notice, NoticeEndpoint
from portal.notices.rules import Channel, DeliveryState, NoticeKind, Skipped
from portal.paging import Page, Paged

LATEST = 20  # deliveries shown beside an endpoint


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery as operators see it, in words."""

    id: int
    channel: str
    state: DeliveryState
    state_text: str
    what: str
    to: str
    why: str  # why it was skipped, or what the other side said; empty: nothing to say
    attempt: int
    next_try_at: datetime | None
    created_at: datetime
    can_try_again: bool


def deliveries(*, state: DeliveryState | None, page: Page) -> Paged[DeliveryRow]:
    """Return deliveries in a state (None: in any), newest first."""
    wanted = [Delivery.state == state.value] if state else []
    total = db.session.scalar(select(func.count()).select_from(Delivery).where(*wanted)) or 0
    found = db.session.execute(
        select(Delivery, Notice, NoticeEndpoint.name)
        .outerjoin(Notice, Notice.id == Delivery.notice_id)
        .outerjoin(NoticeEndpoint, NoticeEndpoint.id == Delivery.endpoint_id)
        .where(*wanted)
        .order_by(Delivery.created_at.desc(), Delivery.id.desc())
        .limit(page.size)
        .offset(page.offset)
    ).all()
    rows = _rows(found)
    return Paged(rows=rows, total=total, page=page)


def latest_of_endpoint(*, endpoint_id: int, organisation_id: int) -> Sequence[DeliveryRow]:
    """Return the latest deliveries to a group or a server, newest first."""
    found = db.session.execute(
        select(Delivery, Notice, NoticeEndpoint.name)
        .outerjoin(Notice, Notice.id == Delivery.notice_id)
        .join(NoticeEndpoint, NoticeEndpoint.id == Delivery.endpoint_id)
        .where(Delivery.endpoint_id == endpoint_id, Delivery.organisation_id == organisation_id)
        .order_by(Delivery.created_at.desc(), Delivery.id.desc())
        .limit(LATEST)
    ).all()
    return _rows(found)


def _rows(found: Sequence[Row[Delivery, Notice, str]]) -> list[DeliveryRow]:
    ids = {each.person_id for each, _, _ in found if each.person_id is not None}
    persons = directory.current().persons(ids)
    rows = []
    for delivery, notice, endpoint_name in found:
        person = persons.get(delivery.person_id or 0)
        to = person.name if person else endpoint_name or delivery.address or texts.gone()
        rows.append(_row(delivery, notice, to=to))
    return rows


def counts() -> Mapping[DeliveryState, int]:
    """Return how many deliveries are in each state, 0 where none."""
    found = db.session.execute(
        select(Delivery.state, func.count()).group_by(Delivery.state).order_by(Delivery.state)
    )
    return dict.fromkeys(DeliveryState, 0) | {DeliveryState(state): n for state, n in found}


def _row(delivery: Delivery, notice: Notice | None, *, to: str) -> DeliveryRow:
    state = DeliveryState(delivery.state)
    waits = state is DeliveryState.WAITING
    return DeliveryRow(
        id=delivery.id,
        channel=texts.channel(Channel(delivery.channel)),
        state=state,
        state_text=texts.state(state),
        what=_what(delivery, notice),
        to=to,
        why=_why(delivery),
        attempt=delivery.attempt,
        next_try_at=delivery.due_at if waits else None,
        created_at=delivery.created_at,
        can_try_again=state is DeliveryState.FAILED
        and delivery.channel != Channel.DIGEST.value
        and (delivery.notice_id is not None or delivery.content is not None),
    )


def _why(delivery: Delivery) -> str:
    if delivery.reason:
        return texts.skipped(Skipped(delivery.reason))
    # "250 OK" beside "sent" says nothing more.
    return "" if delivery.state == DeliveryState.SENT.value else delivery.answer or ""


def _what(delivery: Delivery, notice: Notice | None) -> str:
    if notice is not None:
        return texts.text(NoticeKind(notice.kind), notice.params)
    if delivery.content is not None:
        return str(delivery.content["subject"])
    if delivery.endpoint_id is not None:
        return texts.tryout()[0]
    is_digest = delivery.channel == Channel.DIGEST.value
    return texts.channel(Channel.DIGEST) if is_digest else texts.letter()
