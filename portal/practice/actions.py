"""Writes of action items: take on, close with a picture or words, take that back, give up.

What the order facts close is in measuring.py. Every end of an item is one statement that says
from which states it may come, so of two at once one does it (docs/decisions/0040).
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update

from portal import clock
from portal.access import Member
from portal.db import Conflict, db, refuse_conflicts
from portal.learning import queries as learning
from portal.learning.queries import NoSuchLesson
from portal.outbox import actions as outbox
from portal.practice import pictures, queries, rules
from portal.practice.models import ActionItem
from portal.practice.rules import ClosedBy, Source, State, Target

CLOSE = "practice.close"
REMOVE_PICTURE = "practice.remove_picture"


class NoSuchItem(LookupError):
    """The shop has no such action item."""


class IllegalMove(ValueError):
    """The item stands where this cannot be done; `state` says where."""

    def __init__(self, state: State) -> None:
        super().__init__(f"not from {state}")
        self.state = state


class AlreadyOpen(ValueError):
    """The shop is at this very thing already; `public_id` names the item."""

    def __init__(self, public_id: str) -> None:
        super().__init__(public_id)
        self.public_id = public_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an item comes from: a lesson in one version of its course, or a session."""

    source: Source
    lesson_id: str | None = None
    course_version_id: int | None = None
    booking_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is to be done, by language tag, within how many days, and what shows it."""

    code: str
    texts: Mapping[str, str]
    within_days: int
    target: Target | None = None


def take_on(
    *, organisation_id: int, person_id: int, origin: Origin, task: Task, at: datetime
) -> ActionItem:
    """Enter what a shop does from today on, and let the orders be looked at.

    Raises AlreadyOpen when the shop is at the same lesson's action already.
    """
    today = _local(at)
    target = task.target
    item = ActionItem(
        public_id=secrets.token_hex(16),
        organisation_id=organisation_id,
        person_id=person_id,
        source=origin.source.value,
        lesson_id=origin.lesson_id,
        course_version_id=origin.course_version_id,
        booking_id=origin.booking_id,
        code=task.code,
        texts=dict(task.texts),
        measure=target.measure if target else None,
        at_least=target.at_least if target else None,
        at_most=target.at_most if target else None,
        taken_at=at,
        taken_on=today,
        due_on=rules.due_on(taken_on=today, within_days=task.within_days),
    )
    try:
        with refuse_conflicts():
            db.session.add(item)
    except Conflict as conflict:
        raise AlreadyOpen(_open_twin(organisation_id, origin.lesson_id, task.code)) from conflict
    _look_at_orders(item, at=at)
    return item


def take_on_lesson(*, member: Member, slug: str, name: str, at: datetime) -> ActionItem:
    """Take on what a lesson asks to do, in the version that the member learns from.

    Raises learning's NotEnrolled and NoSuchLesson (also for a lesson that asks nothing), and
    AlreadyOpen.
    """
    enrolment, lesson = learning.own_lesson(member=member, slug=slug, name=name)
    action = lesson.action
    if action is None:
        raise NoSuchLesson(name)
    check = action.check
    return take_on(
        organisation_id=member.organisation_id,
        person_id=member.person_id,
        origin=Origin(
            source=Source.LESSON,
            lesson_id=lesson.id,
            course_version_id=enrolment.course_version_id,
        ),
        task=Task(
            code=action.code,
            texts=action.text,
            within_days=action.within_days,
            target=Target(check.measure, check.at_least, check.at_most) if check else None,
        ),
        at=at,
    )


def take_on_again(*, member: Member, public_id: str, at: datetime) -> ActionItem:
    """Take on once more what is over, as it was worded then, with as many days from today on.

    Raises NoSuchItem, IllegalMove for an item that is still open, AlreadyOpen.
    """
    earlier = own(public_id=public_id, organisation_id=member.organisation_id)
    if earlier.state == State.OPEN.value:
        raise IllegalMove(State.OPEN)
    return take_on(
        organisation_id=earlier.organisation_id,
        person_id=member.person_id,
        origin=Origin(
            source=Source(earlier.source),
            lesson_id=earlier.lesson_id,
            course_version_id=earlier.course_version_id,
            booking_id=earlier.booking_id,
        ),
        task=Task(
            code=earlier.code,
            texts=earlier.texts,
            within_days=(earlier.due_on - earlier.taken_on).days,
            target=queries.target_of(earlier),
        ),
        at=at,
    )


def close_by_shop(
    *, member: Member, public_id: str, note: str, picture: bytes | None, at: datetime
) -> None:
    """Close an item with the shop's own sentence, and a picture (made small) where there is one.

    Raises NoSuchItem, IllegalMove when it is closed already or was given up.
    """
    item = own(public_id=public_id, organisation_id=member.organisation_id)
    values: dict[str, Any] = {
        "closed_by": ClosedBy.WORDS.value,
        "closed_at": at,
        "closed_by_person_id": member.person_id,
        "note": note,
    }
    kept = None
    if picture is not None:
        kept = pictures.keep(picture, organisation_id=item.organisation_id)
        values |= {"closed_by": ClosedBy.PICTURE.value, "picture": kept}
    if not moved(item.id, State.DONE, **values):
        if kept is not None:
            pictures.remove(kept)
        raise IllegalMove(_state_of(item))
    db.session.refresh(item)


def undo(*, member: Member, public_id: str, at: datetime) -> None:
    """Take back that the shop closed an item itself; its sentence stays, its picture goes.

    Raises NoSuchItem, IllegalMove when that is a day ago or the orders closed it, AlreadyOpen
    when the shop has taken the same thing on again meanwhile.
    """
    item = own(public_id=public_id, organisation_id=member.organisation_id)
    closed_by = ClosedBy(item.closed_by) if item.closed_by else None
    if not rules.may_undo(closed_by=closed_by, closed_at=item.closed_at, at=at):
        raise IllegalMove(State(item.state))
    overdue = rules.is_overdue(due_on=item.due_on, today=_local(at))
    picture = item.picture
    cleared = dict.fromkeys(("closed_by", "closed_at", "closed_by_person_id", "picture"))
    same_closing = (ActionItem.closed_at == item.closed_at, ActionItem.closed_by == item.closed_by)
    try:
        with refuse_conflicts():
            target = State.MISSED if overdue else State.OPEN
            done = moved(item.id, target, *same_closing, **cleared)
    except Conflict as conflict:
        twin = _open_twin(item.organisation_id, item.lesson_id, item.code)
        raise AlreadyOpen(twin) from conflict
    if not done:
        raise IllegalMove(_state_of(item))
    if picture is not None:
        outbox.post(kind=REMOVE_PICTURE, args={"picture": picture}, at=at)
    db.session.refresh(item)
    _look_at_orders(item, at=at)


def drop(*, member: Member, public_id: str) -> None:
    """Give an item up; raise NoSuchItem, IllegalMove for one that is done or given up already."""
    item = own(public_id=public_id, organisation_id=member.organisation_id)
    if not moved(item.id, State.DROPPED):
        raise IllegalMove(_state_of(item))
    db.session.refresh(item)


def own(*, public_id: str, organisation_id: int) -> ActionItem:
    """Return a shop's own item; raise NoSuchItem."""
    found = db.session.scalar(
        select(ActionItem).where(
            ActionItem.public_id == public_id, ActionItem.organisation_id == organisation_id
        )
    )
    if found is None:
        raise NoSuchItem(public_id)
    return found


def moved(item_id: int, target: State, *only: ColumnElement[bool], **values: Any) -> bool:
    """Move an item and say whether this very call did: of any number at once, one does.

    `only` are further conditions, `values` what else is written with the state.
    """
    found = db.session.execute(
        update(ActionItem)
        .where(ActionItem.id == item_id, *may_move_to(target), *only)
        .values(state=target.value, **values)
        .returning(ActionItem.id)
        .execution_options(synchronize_session=False)
    )
    return found.scalar() is not None


def may_move_to(target: State) -> tuple[ColumnElement[bool], ...]:
    """Return the condition under which an item moves: the guard of every end."""
    return (ActionItem.state.in_([state.value for state in rules.sources_of(target)]),)


def _state_of(item: ActionItem) -> State:
    db.session.refresh(item)
    return State(item.state)


def _open_twin(organisation_id: int, lesson_id: str | None, code: str) -> str:
    return db.session.scalars(
        select(ActionItem.public_id).where(
            ActionItem.organisation_id == organisation_id,
            ActionItem.lesson_id == lesson_id,
            ActionItem.code == code,
            ActionItem.state == State.OPEN.value,
        )
    ).one()


def _look_at_orders(item: ActionItem, *, at: datetime) -> None:
    """Let a job read the item's figure after the commit."""
    if item.measure is not None:
        outbox.post(kind=CLOSE, key=f"{CLOSE}:item:{item.id}", args={"item_id": item.id}, at=at)


def _local(at: datetime) -> date:
    return at.astimezone(clock.zone()).date()
