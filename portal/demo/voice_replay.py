"""Replays what the demo's shops said and what their suppliers did, event by event in order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from portal.catalog import actions as catalog
from portal.demo.cast import Feedback, Release, Ticket, World
from portal.demo.people import People, local_noon
from portal.feedback import actions as feedback
from portal.tickets import actions as tickets
from portal.tickets.actions import ReleaseDraft, TicketDraft
from portal.tickets.rules import State

Step = tuple[datetime, int, Callable[[datetime], None]]


@dataclass
class _Replay:
    """What has come into being so far: database ids by the world's codes and places."""

    world: World
    people: People
    at: datetime
    product_ids: Mapping[str, int]
    steps: list[Step] = field(default_factory=list)
    feedback_ids: dict[int, int] = field(default_factory=dict)
    ticket_ids: dict[str, int] = field(default_factory=dict)

    def plan(self, day: date, hours: float, do: Callable[[datetime], None]) -> None:
        """Do something `hours` after noon of a local day; never later than now."""
        when = min(local_noon(day) + timedelta(hours=hours), self.at)
        self.steps.append((when, len(self.steps), do))

    def run(self) -> None:
        """Do everything in order of time."""
        for when, _, do in sorted(self.steps, key=lambda step: step[:2]):
            do(when)


def seed(world: World, people: People, *, at: datetime) -> None:
    """Add the catalogue and replay feedback, tickets and releases of the world."""
    replay = _Replay(world=world, people=people, at=at, product_ids=_goods(world, people))
    supplier_of = {product.code: product.supplier for product in world.products}
    for index, piece in enumerate(world.feedback):
        _plan_piece(replay, index, piece, supplier_of[piece.product])
    for ticket in world.tickets:
        _plan_ticket(replay, ticket, supplier_of[ticket.product])
    for release in world.releases:
        _plan_release(replay, release)
    replay.run()


def _goods(world: World, people: People) -> dict[str, int]:
    categories = {
        each.code: catalog.add_category(
            code=each.code, name_zh=each.name_zh, name_en=each.name_en
        ).id
        for each in world.categories
    }
    return {
        each.code: catalog.add_product(
            supplier_id=people.suppliers[each.supplier].organisation_id,
            category_id=categories[each.category],
            code=each.code,
            name_zh=each.name_zh,
            name_en=each.name_en,
        ).id
        for each in world.products
    }


def _plan_piece(replay: _Replay, index: int, piece: Feedback, supplier: str) -> None:
    def submit(when: datetime) -> None:
        replay.feedback_ids[index] = feedback.submit(
            author=replay.people.dealers[piece.dealer],
            product_id=replay.product_ids[piece.product],
            text=piece.text,
            impact=piece.impact or None,
            submission_key=f"demo-{index}",
            at=when,
        ).id

    def reply(when: datetime) -> None:
        boss = replay.people.suppliers[supplier]
        decide = feedback.decline if piece.fate == "declined" else feedback.answer
        decide(
            feedback_id=replay.feedback_ids[index],
            supplier_id=boss.organisation_id,
            person_id=boss.person_id,
            text=piece.answer,
            at=when,
        )

    replay.plan(piece.submitted_on, -6 + index % 5, submit)
    if piece.ticket is None and piece.answer:
        replay.plan(piece.submitted_on + timedelta(days=1), 3, reply)


def _plan_ticket(replay: _Replay, ticket: Ticket, supplier: str) -> None:
    world, boss = replay.world, replay.people.suppliers[supplier]
    pieces = {index: world.feedback[index] for index in ticket.feedback}
    first = [
        index
        for index, piece in pieces.items()
        if piece.product == ticket.product and piece.submitted_on < ticket.opened_on
    ]

    def open_it(when: datetime) -> None:
        replay.ticket_ids[ticket.code] = tickets.open_for(
            supplier_id=boss.organisation_id,
            person_id=boss.person_id,
            draft=TicketDraft(title=ticket.title, description="", submission_key=ticket.code),
            feedback_ids=[replay.feedback_ids[index] for index in first],
            at=when,
        ).id

    def link(index: int) -> Callable[[datetime], None]:
        return lambda when: tickets.link(
            supplier_id=boss.organisation_id,
            person_id=boss.person_id,
            ticket_id=replay.ticket_ids[ticket.code],
            feedback_ids=[replay.feedback_ids[index]],
            at=when,
        )

    def move(target: State, text: str) -> Callable[[datetime], None]:
        return lambda when: tickets.move(
            supplier_id=boss.organisation_id,
            person_id=boss.person_id,
            ticket_id=replay.ticket_ids[ticket.code],
            target=target,
            text=text,
            at=when,
        )

    replay.plan(ticket.opened_on, 1, open_it)
    for index, piece in pieces.items():
        if index not in first:
            replay.plan(max(piece.submitted_on, ticket.opened_on), 4, link(index))
    if ticket.state == "declined" and ticket.closed_on:
        replay.plan(ticket.closed_on, 2, move(State.DECLINED, ticket.answer))
        return
    answer = ticket.answer or "已经在查，定下方案就告诉你。"
    replay.plan(ticket.opened_on + timedelta(days=3), 2, move(State.ACCEPTED, answer))
    if ticket.state != "open":
        replay.plan(ticket.opened_on + timedelta(days=9), 2, move(State.BUILDING, ""))


def _plan_release(replay: _Replay, release: Release) -> None:
    boss = replay.people.suppliers[release.supplier]

    def announce(when: datetime) -> None:
        tickets.announce(
            supplier_id=boss.organisation_id,
            person_id=boss.person_id,
            draft=ReleaseDraft(
                title=release.title,
                notes=release.notes,
                released_on=release.released_on,
                submission_key=release.code,
            ),
            ticket_ids=[replay.ticket_ids[code] for code in release.tickets],
            at=when,
            today=release.released_on,
        )

    replay.plan(release.released_on, 5, announce)
