"""Writes of rounds: open one, ask in it, find the result, book what was given."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import delete, insert, select

from portal import i18n
from portal.access import Member
from portal.accounts import queries as accounts
from portal.booking.actions import bookings, claims, hours
from portal.booking.queries import consultants
from portal.booking.rules import slots
from portal.db import Conflict, db, refuse_conflicts
from portal.notices import actions as notices
from portal.notices.rules import NoticeKind
from portal.outbox import actions as outbox
from portal.rounds import queries, standings
from portal.rounds.models import AllocationRound, RoundHour, RoundRequest, RoundTick
from portal.rounds.rules import allocation, benefit, lottery, states
from portal.rounds.rules.allocation import Decision
from portal.rounds.rules.states import Outcome, RoundState

ANNOUNCE = "rounds.announce"
DECIDE = "rounds.decide"
PUBLISH = "rounds.publish"
NO_SHOP = 0  # no organisation has this id: only the consultants' own sessions are in the way


class NoSuchRound(LookupError):
    """There is no such round."""


class NoHours(Exception):
    """No consultant has a free hour on these days."""


class UnderWay(Exception):
    """The consultants who could take part are in another round that is not over."""


class Closed(Exception):
    """Nobody can ask in the round any more."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What is declared before anybody asks; dates are local, shares basis points of the hours."""

    first_day: date
    last_day: date
    closes_at: datetime
    cap: int
    small_bps: int
    lottery_bps: int


def open_round(*, declared: Declared, by: Member, at: datetime) -> AllocationRound:
    """Open a round over the hours that are free now on its days, and keep those days for it.

    Raises UnderWay, NoHours.
    """
    people = [each.id for each in consultants.consultants()]
    plans = consultants.plans(people)
    here = [each for each in people if each in plans and plans[each].withheld is None]
    found = _free(declared, here, at=at)
    if not found:
        raise NoHours if len(here) == len(people) else UnderWay
    opened = AllocationRound(
        **asdict(declared),
        state=RoundState.OPEN.value,
        seed=lottery.new_seed(),
        opened_by=by.person_id,
        opened_at=at,
    )
    db.session.add(opened)
    db.session.flush()
    db.session.execute(
        insert(RoundHour),
        [
            {"round_id": opened.id, "consultant_id": consultant_id, "starts_minute": minute}
            for consultant_id, minute in found
        ],
    )
    try:
        hours.withhold(
            consultant_ids={consultant_id for consultant_id, _ in found},
            first_day=declared.first_day,
            last_day=declared.last_day,
        )
    except hours.AlreadyWithheld:
        raise UnderWay from None
    named = {"round_id": opened.id}
    outbox.post(kind=ANNOUNCE, key=f"{ANNOUNCE}:{opened.id}", args=named, at=at)
    outbox.post(kind=DECIDE, key=f"{DECIDE}:{opened.id}", args=named, at=declared.closes_at)
    return opened


def _free(declared: Declared, people: Collection[int], *, at: datetime) -> list[tuple[int, int]]:
    free = consultants.free_starts(consultant_ids=people, dealer_id=NO_SHOP, at=at)
    return [
        (consultant_id, slots.to_minute(starts_at))
        for consultant_id, starts in sorted(free.items())
        for starts_at in starts
        if declared.first_day <= i18n.local(starts_at).date() <= declared.last_day
    ]


def ask(
    *, member: Member, round_id: int, hour_ids: Collection[int], topic: str, at: datetime
) -> RoundRequest:
    """Ask for one of these hours, or change what was asked for; the place in line stays.

    Hours that are not the round's are left out. Raises NoSuchRound, Closed.
    """
    _open_or_raise(round_id, at=at)
    own = set(
        db.session.scalars(
            select(RoundHour.id).where(RoundHour.round_id == round_id, RoundHour.id.in_(hour_ids))
        )
    )
    request = _request_of(member, round_id) or _new_request(member, round_id, at=at)
    request.topic, request.person_id = topic.strip(), member.person_id
    db.session.flush()
    db.session.execute(delete(RoundTick).where(RoundTick.request_id == request.id))
    if own:
        db.session.execute(
            insert(RoundTick),
            [{"request_id": request.id, "hour_id": hour_id} for hour_id in sorted(own)],
        )
    return request


def _new_request(member: Member, round_id: int, *, at: datetime) -> RoundRequest:
    request = RoundRequest(
        round_id=round_id,
        dealer_id=member.organisation_id,
        person_id=member.person_id,
        topic="",
        sent_at=at,
    )
    try:
        with refuse_conflicts():
            db.session.add(request)
    except Conflict:
        # Somebody else of the shop was a moment quicker: theirs is changed.
        found = _request_of(member, round_id)
        if found is None:
            raise
        return found
    return request


def withdraw(*, member: Member, round_id: int, at: datetime) -> None:
    """Ask for nothing after all; raise NoSuchRound, Closed."""
    _open_or_raise(round_id, at=at)
    request = _request_of(member, round_id)
    if request is not None:
        db.session.delete(request)
        db.session.flush()


def _request_of(member: Member, round_id: int) -> RoundRequest | None:
    return db.session.scalar(
        select(RoundRequest)
        .where(RoundRequest.round_id == round_id, RoundRequest.dealer_id == member.organisation_id)
        .with_for_update()
    )


def _open_or_raise(round_id: int, *, at: datetime) -> AllocationRound:
    found = db.session.get(AllocationRound, round_id, with_for_update={"read": True})
    if found is None:
        raise NoSuchRound(round_id)
    if found.state != RoundState.OPEN.value or at >= found.closes_at:
        raise Closed(round_id)
    return found


def _locked(round_id: int) -> AllocationRound:
    found: AllocationRound | None = db.session.scalar(
        select(AllocationRound)
        .where(AllocationRound.id == round_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NoSuchRound(round_id)
    return found


def _move(found: AllocationRound, target: RoundState) -> None:
    found.state = states.move(current=RoundState(found.state), target=target).value
    db.session.flush()


def _release(found: AllocationRound) -> None:
    people = select(RoundHour.consultant_id).where(RoundHour.round_id == found.id).distinct()
    hours.release(consultant_ids=db.session.scalars(people).all())


def close(*, round_id: int, by: Member, at: datetime) -> None:
    """Let nobody ask any more, and find the result; raise NoSuchRound, states.IllegalMove."""
    found = _locked(round_id)
    _move(found, RoundState.CLOSED)
    outbox.post(
        kind=DECIDE,
        key=f"{DECIDE}:{round_id}:closed",
        args={"round_id": round_id},
        at=at,
        caused_by=by.person_id,
    )


def cancel(*, round_id: int, at: datetime) -> None:
    """Call a round off, tell who asked, and let its days be booked again.

    Raises NoSuchRound, states.IllegalMove.
    """
    found = _locked(round_id)
    _move(found, RoundState.CANCELLED)
    _release(found)
    for request in _requests(found):
        _tell(request, NoticeKind.ROUND_CANCELLED, found, at=at)


def publish(*, round_id: int, by: Member, at: datetime) -> None:
    """Book what was given, and tell everybody; raise NoSuchRound, states.IllegalMove."""
    found = _locked(round_id)
    _move(found, RoundState.PUBLISHING)
    outbox.post(
        kind=PUBLISH,
        key=f"{PUBLISH}:{round_id}",
        args={"round_id": round_id},
        at=at,
        caused_by=by.person_id,
    )


# What the jobs do


def decide(*, round_id: int, at: datetime) -> bool:
    """Find the result of a round that is over for those who ask; False when there is none to find.

    What decides is frozen on each request, so that the result can be recomputed.
    """
    found = _locked(round_id)
    if found.state == RoundState.OPEN.value and at >= found.closes_at:
        _move(found, RoundState.CLOSED)
    if found.state != RoundState.CLOSED.value:
        return False
    requests = {each.dealer_id: each for each in _requests(found)}
    facts = standings.facts_of(requests.keys(), at=at)
    for dealer_id, request in requests.items():
        parts = benefit.parts(facts[dealer_id])
        request.parts = [asdict(each) for each in parts]
        request.benefit = benefit.benefit(parts)
        request.small = benefit.is_small(facts[dealer_id])
    result = _allocated(found, requests)
    for decision in result.decisions:
        _note(requests[decision.dealer_id], decision)
    found.totals = {"benefit": round(result.benefit, 2), "first_come": round(result.first_come, 2)}
    found.decided_at = at
    _move(found, RoundState.DECIDED)
    return True


def _allocated(found: AllocationRound, requests: dict[int, RoundRequest]) -> allocation.Allocation:
    rows = queries.hours_of(found.id)
    ticks: dict[int, set[int]] = {}
    for request_id, hour_id in db.session.execute(
        select(RoundTick.request_id, RoundTick.hour_id).where(
            RoundTick.request_id.in_([each.id for each in requests.values()])
        )
    ):
        ticks.setdefault(request_id, set()).add(hour_id)
    return allocation.allocate(
        hours=[allocation.Hour(id=each.id, day=each.on.toordinal()) for each in rows],
        requests=[
            allocation.Request(
                dealer_id=each.dealer_id,
                hours=frozenset(ticks.get(each.id, ())),
                benefit=each.benefit or 0,
                small=bool(each.small),
            )
            for each in requests.values()
        ],
        terms=allocation.Terms(
            cap=found.cap,
            small_bps=found.small_bps,
            lottery_bps=found.lottery_bps,
            seed=found.seed,
        ),
    )


def _requests(found: AllocationRound) -> list[RoundRequest]:
    """Return a round's requests in the order in which they came."""
    return list(
        db.session.scalars(
            select(RoundRequest)
            .where(RoundRequest.round_id == found.id)
            .order_by(RoundRequest.sent_at, RoundRequest.id)
        )
    )


def _note(request: RoundRequest, decision: Decision) -> None:
    request.outcome = (Outcome.GIVEN if decision.hours else Outcome.NOTHING).value
    request.way = decision.way.value if decision.way else None
    request.place, request.drawn = decision.place, decision.drawn
    request.lost_to = {way.value: count for way, count in decision.lost_to.items()}
    request.least = decision.least
    request.given = list(decision.hours)


def request_ids(round_id: int) -> list[int]:
    """Return the requests of a round that is being published, in a fixed order; else nothing."""
    found = db.session.get(AllocationRound, round_id)
    if found is None or found.state != RoundState.PUBLISHING.value:
        return []
    return list(
        db.session.scalars(
            select(RoundRequest.id)
            .where(RoundRequest.round_id == round_id)
            .order_by(RoundRequest.id)
        )
    )


def book_given(*, request_id: int, at: datetime) -> None:
    """Book what a request was given; a second time changes nothing.

    An hour that was taken meanwhile is said to be gone: the guard in the database decides.
    """
    request = db.session.get_one(RoundRequest, request_id)
    rows = db.session.scalars(
        select(RoundHour).where(RoundHour.id.in_(request.given or ())).order_by(RoundHour.id)
    ).all()
    kept = []
    for hour in rows:
        try:
            bookings.give(
                dealer_id=request.dealer_id,
                person_id=request.person_id,
                consultant_id=hour.consultant_id,
                starts_at=slots.to_instant(hour.starts_minute),
                topic=request.topic,
                submission_key=f"round-{request.id}-{hour.id}",
                at=at,
            )
        except (claims.SlotTaken, claims.DealerBusy):
            continue
        kept.append(hour.id)
    if request.given and not kept:
        request.outcome = Outcome.GONE.value
    request.given = kept
    db.session.flush()


def finish(*, round_id: int, at: datetime) -> None:
    """Say the result to everybody who asked, and let what is left be booked."""
    found = _locked(round_id)
    _move(found, RoundState.PUBLISHED)
    found.published_at = at
    _release(found)
    for request in _requests(found):
        _tell(request, NoticeKind.ROUND_DECIDED, found, at=at)


def announce(*, round_id: int, at: datetime) -> int:
    """Tell every shop that a round is open; return how many were told."""
    found = db.session.get_one(AllocationRound, round_id)
    told = accounts.dealers()
    for dealer in told:
        notices.post(
            organisation_id=dealer.id,
            kind=NoticeKind.ROUND_OPENED,
            path=f"/rounds/{found.id}",
            params={"due_on": found.first_day.isoformat()},
            at=at,
        )
    return len(told)


def _tell(request: RoundRequest, kind: NoticeKind, found: AllocationRound, *, at: datetime) -> None:
    notices.post(
        organisation_id=request.dealer_id,
        kind=kind,
        path=f"/rounds/{found.id}",
        params={"due_on": found.first_day.isoformat()},
        at=at,
    )
