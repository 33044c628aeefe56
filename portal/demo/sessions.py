"""Holds the demo's sessions: consultants with hours, past sessions with notes, coming ones."""

from datetime import UTC, datetime, time, timedelta

from portal.booking.actions import bookings, holidays, hours, notes
from portal.booking.models.sessions import Booking
from portal.booking.rules.slots import Window
from portal.demo.cast import Session, World
from portal.demo.people import ZONE, People

YEAR = 2026  # whose holidays were announced when the demo was written
MINUTES = 30
BUFFER_MINUTES = 15
# Monday to Friday mornings and afternoons, a Saturday morning: local minutes of the day.
HOURS = ((9 * 60, 12 * 60), (13 * 60 + 30, 18 * 60))
WEEK = (
    *(Window(weekday=day, starts_minute=a, ends_minute=b) for day in range(5) for a, b in HOURS),
    Window(weekday=5, starts_minute=9 * 60 + 30, ends_minute=12 * 60),
)
SPECIALTIES_EN = {
    "repurchase": "Repurchase and regulars",
    "after_sales": "After-sales and disputes",
    "selection": "Range and bundles",
    "pricing": "Pricing and reading the figures",
}
TOPICS = {
    "repurchase": "老客回来得少，想看看先从哪些人下手",
    "after_sales": "最近售后多，想理一理回复和退款的办法",
    "selection": "商品不少，卖得动的就几个，想聊聊怎么搭",
    "pricing": "客单价上不去，想一起看看报告里的数",
}
MEETING_CODES = ("000-111-222", "000-333-444", "000-555-666", "000-777-888")


def seed(world: World, people: People, *, at: datetime) -> None:
    """Add the consultants and every session of the world."""
    holidays.fill_year(year=YEAR)
    ids = {}
    for index, each in enumerate(world.consultants):
        member = people.consultants[each.code]
        consultant = hours.add_consultant(
            person_id=member.person_id,
            organisation_id=people.alliance_id,
            specialty_zh=each.specialty,
            specialty_en=SPECIALTIES_EN[each.topic],
            timezone="Asia/Shanghai",
            meeting_place="腾讯会议 " + MEETING_CODES[index % len(MEETING_CODES)],
            session_minutes=MINUTES,
            buffer_minutes=BUFFER_MINUTES,
        )
        hours.set_hours(consultant_id=consultant.id, windows=WEEK)
        ids[each.code] = consultant.id
    for number, session in enumerate(world.sessions):
        _hold(session, people, consultant_id=ids[session.consultant], number=number, at=at)


def _hold(
    session: Session, people: People, *, consultant_id: int, number: int, at: datetime
) -> None:
    dealer = people.dealers[session.dealer]
    midnight = datetime.combine(session.on, time(0), ZONE)
    starts_at = (midnight + timedelta(minutes=session.starts_minute)).astimezone(UTC)
    booking = bookings.enter(
        dealer_id=dealer.organisation_id,
        person_id=dealer.person_id,
        consultant_id=consultant_id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=MINUTES),
        topic=TOPICS[session.topic],
        submission_key=f"demo-{number}",
        at=min(at, starts_at - timedelta(days=3)),
        buffer_minutes=BUFFER_MINUTES,
    )
    if session.outcome != "booked":
        _conclude(session, booking, people)


def _conclude(session: Session, booking: Booking, people: People) -> None:
    person_id = people.consultants[session.consultant].person_id
    after = booking.ends_at + timedelta(minutes=10)
    if session.outcome == "no_show":
        notes.mark_no_show(public_id=booking.public_id, person_id=person_id, at=after)
        return
    notes.mark_done(public_id=booking.public_id, person_id=person_id, at=after)
    notes.write_note(
        public_id=booking.public_id,
        person_id=person_id,
        text=_shared_note(session),
        private_text="",
        version=0,
        at=after,
    )


def _shared_note(session: Session) -> str:
    if not session.action:
        return session.note
    due = f"（{session.action_due_on:%Y-%m-%d} 前）" if session.action_due_on else ""
    return f"{session.note}\n\n说好要做的事：{session.action}{due}"
