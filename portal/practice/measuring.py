"""Closes action items by the order facts, marks what is overdue, reminds. Run by jobs.

Everything here may run twice, or in two workers at once: an item is closed by one statement that
no second one repeats, and its notice is written in the same transaction. What the facts said once
stays: a correction never opens an item again (docs/decisions/0040).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

import structlog
from sqlalchemy import select, update

from portal.accounts import queries as accounts
from portal.db import db, unit_of_work
from portal.notices import actions as notices
from portal.notices.rules import NoticeKind
from portal.practice import actions, queries, rules, texts
from portal.practice.models import ActionItem
from portal.practice.rules import ClosedBy, Reading, State, Target
from portal.sales import places
from reports.facts.store import FactsDamaged, NoFacts, Snapshot, open_current
from reports.metrics.window import Window, WindowSums, measure

log = structlog.get_logger()
LATE_DAYS = 400
"""How long after its due day a missed item is still looked at: orders come in late."""
_BATCH = 200
_READABLE = (State.OPEN.value, State.MISSED.value)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What an item asks of the facts."""

    item_id: int
    target: Target
    window: Window


@dataclass(frozen=True, slots=True)
class _Found:
    """What the facts of one version say of an item."""

    item_id: int
    reading: Reading
    currency: str | None


def close_reached(*, at: datetime, today: date, item_id: int | None = None) -> int:
    """Read the figure of every item that is not over, and close what is reached.

    `item_id` restricts to one item. Returns how many were closed by this call. Without facts, or
    with damaged ones, nothing changes: the operators' pages say so.
    """
    with unit_of_work():  # ended before the facts are read: that takes its time and no lock
        asked = _asked(today=today, item_id=item_id)
    try:
        snapshot = open_current(places.facts_dir())
    except (NoFacts, FactsDamaged) as error:
        log.info("practice.no_facts", reason=type(error).__name__)
        return 0
    sums = measure(snapshot, [each.window for each in asked])
    found = [_found(each, its, snapshot) for each, its in zip(asked, sums, strict=True)]
    closed = 0
    for start in range(0, len(found), _BATCH):
        with unit_of_work():
            closed += sum(_write(each, snapshot, at=at) for each in found[start : start + _BATCH])
    return closed


def _asked(*, today: date, item_id: int | None) -> list[_Asked]:
    wanted = select(ActionItem).where(
        ActionItem.measure.is_not(None),
        ActionItem.state.in_(_READABLE),
        ActionItem.due_on >= today - timedelta(days=LATE_DAYS),
    )
    if item_id is not None:
        wanted = wanted.where(ActionItem.id == item_id)
    items = db.session.scalars(wanted.order_by(ActionItem.id)).all()
    shops = accounts.organisations({each.organisation_id for each in items})
    return [
        _Asked(
            item_id=each.id,
            target=target,
            window=Window(shops[each.organisation_id].shop_ref or "", each.taken_on, each.due_on),
        )
        for each in items
        if (target := queries.target_of(each)) is not None
    ]


def _found(asked: _Asked, sums: WindowSums | None, snapshot: Snapshot) -> _Found:
    reading = rules.read(
        asked.target,
        sums=sums,
        taken_on=asked.window.first_on,
        due_on=asked.window.last_on,
        facts_until=snapshot.facts_until,
    )
    return _Found(asked.item_id, reading, sums.currency if sums else None)


def _write(found: _Found, snapshot: Snapshot, *, at: datetime) -> bool:
    """Write down what the facts say, and say whether this very call closed the item."""
    values = {
        "figure": found.reading.figure,
        "currency": found.currency,
        "lacking": found.reading.lacking.value if found.reading.lacking else None,
        "facts_version": snapshot.version,
        "facts_until": snapshot.facts_until,
    }
    if not found.reading.reached:
        db.session.execute(
            update(ActionItem)
            .where(
                ActionItem.id == found.item_id,
                ActionItem.state.in_(_READABLE),
                ActionItem.facts_version.is_distinct_from(snapshot.version),
            )
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        return False
    closing = {"closed_by": ClosedBy.FACTS.value, "closed_at": at}
    if not actions.moved(found.item_id, State.DONE, **closing, **values):
        return False
    _tell(found.item_id, at=at)
    return True


def _tell(item_id: int, *, at: datetime) -> None:
    item = db.session.get_one(ActionItem, item_id, populate_existing=True)
    target = queries.target_of(item)
    if target is None or item.figure is None:
        raise ValueError(f"item {item_id} was not closed by a figure")
    notices.post(
        organisation_id=item.organisation_id,
        kind=NoticeKind.ACTION_DONE,
        path=f"/actions/{item.public_id}",
        params={
            **_title(item),
            "figure": texts.amount(target.measure, item.figure, currency=item.currency),
            "target": texts.amount(target.measure, target.bound, currency=item.currency),
        },
        at=at,
    )


def _title(item: ActionItem) -> dict[str, object]:
    """Return the item's text for a notice, in the languages that it has."""
    titles = {tag: rules.headline(text) for tag, text in item.texts.items()}
    return {"titles": titles, "title": titles.get("zh-CN", "")}


def mark_missed(*, today: date) -> int:
    """Mark every open item whose due day went by; return how many."""
    with unit_of_work():
        found = db.session.execute(
            update(ActionItem)
            .where(ActionItem.state == State.OPEN.value, ActionItem.due_on < today)
            .values(state=State.MISSED.value)
            .returning(ActionItem.id)
            .execution_options(synchronize_session=False)
        ).all()
    return len(found)


def remind(*, at: datetime, today: date) -> int:
    """Remind each person of what is due soon, once an item and once a day; return how many."""
    with unit_of_work():
        told = set(
            db.session.scalars(select(ActionItem.person_id).where(ActionItem.reminded_on == today))
        )
        near = db.session.scalars(
            select(ActionItem)
            .where(
                ActionItem.state == State.OPEN.value,
                ActionItem.reminded_on.is_(None),
                ActionItem.taken_on < today,
                ActionItem.due_on.between(today, today + timedelta(days=rules.REMIND_DAYS)),
            )
            .order_by(ActionItem.person_id, ActionItem.organisation_id, ActionItem.due_on)
            .order_by(ActionItem.id)
            .with_for_update(skip_locked=True)
        ).all()
        count = 0
        for (person_id, _), items in groupby(near, key=_whose):
            if person_id not in told:
                _remind(list(items), at=at, today=today)
                told.add(person_id)
                count += 1
    return count


def _whose(item: ActionItem) -> tuple[int, int]:
    return item.person_id, item.organisation_id


def _remind(items: Sequence[ActionItem], *, at: datetime, today: date) -> None:
    first = items[0]
    for each in items:
        each.reminded_on = today
    stays = {each.id for each in accounts.persons_of(first.organisation_id)}
    notices.post(
        organisation_id=first.organisation_id,
        # Who has left is not reminded; the shop is.
        person_id=first.person_id if first.person_id in stays else None,
        kind=NoticeKind.ACTION_DUE,
        path=f"/actions/{first.public_id}" if len(items) == 1 else "/actions",
        params={**_title(first), "count": len(items), "due_on": first.due_on.isoformat()},
        at=at,
    )
