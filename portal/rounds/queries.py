"""Reads of rounds: what is declared, the hours to tick, a shop's own request, the whole result."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select

from portal import i18n
from portal.accounts import queries as accounts
from portal.booking.queries import consultants
from portal.booking.queries.consultants import ConsultantRow
from portal.booking.rules import slots
from portal.db import db
from portal.paging import Page, Paged
from portal.rounds.models import AllocationRound, RoundHour, RoundRequest, RoundTick
from portal.rounds.rules import lottery
from portal.rounds.rules.allocation import Way
from portal.rounds.rules.benefit import Part, PartName
from portal.rounds.rules.states import Outcome, RoundState


@dataclass(frozen=True, slots=True)
class RoundRow:
    """A round as it was declared; `seed` is empty until the result is out."""

    id: int
    state: RoundState
    first_day: date
    last_day: date
    closes_at: datetime
    cap: int
    small_bps: int
    lottery_bps: int
    digest: str
    seed: str
    hours: int
    requests: int
    given: int  # requests that got at least one hour
    benefit: float | None  # points of the result, None until it is found
    first_come: float | None

    @property
    def gain_percent(self) -> int | None:
        """How much more the result brings than first come, first served; None where unknown."""
        if self.benefit is None or not self.first_come:
            return None
        return round(100 * (self.benefit / self.first_come - 1))


@dataclass(frozen=True, slots=True)
class HourRow:
    """An hour of a round; `on` is its date in the alliance's time zone."""

    id: int
    consultant: ConsultantRow
    starts_at: datetime
    on: date


@dataclass(frozen=True, slots=True)
class RequestRow:
    """What a shop asked for and got; what decided is None until the round is decided."""

    id: int
    round_id: int
    dealer_id: int
    dealer_name: str
    topic: str
    sent_at: datetime
    ticked: frozenset[int]  # ids of hours
    outcome: Outcome | None
    way: Way | None
    benefit: int | None
    parts: Sequence[Part]
    small: bool
    place: int | None
    drawn: bool
    lost_to: Mapping[Way, int]
    least: int | None
    given: Sequence[HourRow]


_ORDER = (AllocationRound.first_day.desc(), AllocationRound.id.desc())


def rounds(*, page: Page) -> Paged[RoundRow]:
    """Return every round, the newest week first."""
    total = db.session.scalar(select(func.count()).select_from(AllocationRound)) or 0
    found = db.session.scalars(
        select(AllocationRound).order_by(*_ORDER).limit(page.size).offset(page.offset)
    ).all()
    return Paged(rows=_rounds(found), total=total, page=page)


def open_rounds(*, at: datetime) -> Sequence[RoundRow]:
    """Return the rounds in which one may ask now, the next week first."""
    found = db.session.scalars(
        select(AllocationRound)
        .where(AllocationRound.state == RoundState.OPEN.value, AllocationRound.closes_at > at)
        .order_by(AllocationRound.first_day, AllocationRound.id)
    ).all()
    return _rounds(found)


def round_of(round_id: int) -> RoundRow | None:
    """Return a round, or None."""
    return by_ids([round_id]).get(round_id)


def by_ids(round_ids: Collection[int]) -> Mapping[int, RoundRow]:
    """Return rounds by id, absent ones left out; four queries for any number."""
    found = db.session.scalars(
        select(AllocationRound).where(AllocationRound.id.in_(round_ids)).order_by(*_ORDER)
    ).all()
    return {each.id: each for each in _rounds(found)}


def _rounds(found: Sequence[AllocationRound]) -> list[RoundRow]:
    ids = [each.id for each in found]
    hours = _counts(select(RoundHour.round_id, func.count()).group_by(RoundHour.round_id), ids)
    # For a shop these are its own: the session sees no other shop's requests.
    requests = _counts(
        select(RoundRequest.round_id, func.count()).group_by(RoundRequest.round_id), ids
    )
    given = _counts(
        select(RoundRequest.round_id, func.count())
        .where(RoundRequest.outcome == Outcome.GIVEN.value)
        .group_by(RoundRequest.round_id),
        ids,
    )
    return [
        RoundRow(
            id=each.id,
            state=RoundState(each.state),
            first_day=each.first_day,
            last_day=each.last_day,
            closes_at=each.closes_at,
            cap=each.cap,
            small_bps=each.small_bps,
            lottery_bps=each.lottery_bps,
            digest=lottery.digest(each.seed),
            seed=each.seed if each.state == RoundState.PUBLISHED.value else "",
            hours=hours.get(each.id, 0),
            requests=requests.get(each.id, 0),
            given=given.get(each.id, 0),
            benefit=(each.totals or {}).get("benefit"),
            first_come=(each.totals or {}).get("first_come"),
        )
        for each in found
    ]


def _counts(statement: Select[int, int], ids: Sequence[int]) -> Mapping[int, int]:
    column = statement.selected_columns[0]
    return {row[0]: row[1] for row in db.session.execute(statement.where(column.in_(ids)))}


def hours_of(round_id: int) -> Sequence[HourRow]:
    """Return a round's hours in order of time; three queries for any number."""
    rows = db.session.scalars(
        select(RoundHour)
        .where(RoundHour.round_id == round_id)
        .order_by(RoundHour.starts_minute, RoundHour.consultant_id)
    ).all()
    return _hours(rows)


def _hours(rows: Sequence[RoundHour]) -> list[HourRow]:
    people = consultants.by_ids({each.consultant_id for each in rows})
    found = []
    for each in rows:
        starts_at = slots.to_instant(each.starts_minute)
        found.append(
            HourRow(
                id=each.id,
                consultant=people[each.consultant_id],
                starts_at=starts_at,
                on=i18n.local(starts_at).date(),
            )
        )
    return found


def own_request(*, round_id: int, dealer_id: int) -> RequestRow | None:
    """Return what a shop asked for in a round; None when it has not."""
    found = db.session.scalars(
        select(RoundRequest).where(
            RoundRequest.round_id == round_id, RoundRequest.dealer_id == dealer_id
        )
    ).all()
    return next(iter(_requests(found)), None)


def own_requests(*, dealer_id: int, page: Page) -> Paged[RequestRow]:
    """Return what a shop asked for, the newest first."""
    own = RoundRequest.dealer_id == dealer_id
    total = db.session.scalar(select(func.count()).select_from(RoundRequest).where(own)) or 0
    found = db.session.scalars(
        select(RoundRequest)
        .where(own)
        .order_by(RoundRequest.id.desc())
        .limit(page.size)
        .offset(page.offset)
    ).all()
    return Paged(rows=_requests(found), total=total, page=page)


def requests_of(*, round_id: int, page: Page) -> Paged[RequestRow]:
    """Return a round's requests: the greatest benefit first, as they came while it is unknown."""
    own = RoundRequest.round_id == round_id
    total = db.session.scalar(select(func.count()).select_from(RoundRequest).where(own)) or 0
    found = db.session.scalars(
        select(RoundRequest)
        .where(own)
        .order_by(func.coalesce(RoundRequest.benefit, 0).desc(), RoundRequest.id)
        .limit(page.size)
        .offset(page.offset)
    ).all()
    return Paged(rows=_requests(found), total=total, page=page)


def _requests(found: Sequence[RoundRequest]) -> list[RequestRow]:
    if not found:
        return []
    ticks: dict[int, set[int]] = {}
    for request_id, hour_id in db.session.execute(
        select(RoundTick.request_id, RoundTick.hour_id).where(
            RoundTick.request_id.in_([each.id for each in found])
        )
    ):
        ticks.setdefault(request_id, set()).add(hour_id)
    wanted = {hour_id for each in found for hour_id in each.given or ()}
    rows = db.session.scalars(
        select(RoundHour).where(RoundHour.id.in_(wanted)).order_by(RoundHour.starts_minute)
    ).all()
    hours = {each.id: each for each in _hours(rows)}
    names = accounts.organisations({each.dealer_id for each in found})
    return [
        RequestRow(
            id=each.id,
            round_id=each.round_id,
            dealer_id=each.dealer_id,
            dealer_name=names[each.dealer_id].name,
            topic=each.topic,
            sent_at=each.sent_at,
            ticked=frozenset(ticks.get(each.id, ())),
            outcome=Outcome(each.outcome) if each.outcome else None,
            way=Way(each.way) if each.way else None,
            benefit=each.benefit,
            parts=[
                Part(PartName(part["name"]), part["points"], part["value"])
                for part in each.parts or ()
            ],
            small=bool(each.small),
            place=each.place,
            drawn=bool(each.drawn),
            lost_to={Way(way): count for way, count in (each.lost_to or {}).items()},
            least=each.least,
            given=[hours[hour_id] for hour_id in each.given or () if hour_id in hours],
        )
        for each in found
    ]
