"""Reads of action items: a shop's own list, one item, a lesson's action, what a consultant sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, case, func, select

from courses.course import pick
from portal import clock, i18n
from portal.access import Member, Role
from portal.accounts import queries as accounts
from portal.booking.queries import sessions
from portal.db import db
from portal.learning import queries as learning
from portal.learning import rules as learning_rules
from portal.learning.queries import NoSuchLesson
from portal.paging import Page, Paged
from portal.practice import rules, texts
from portal.practice.models import ActionItem
from portal.practice.rules import Chip, ClosedBy, Lacking, Source, State, Target


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An action item in a list, in the request's language.

    `progress` says how far an open or missed one is by the orders (or why they cannot tell),
    `explanation` what closed a done one; each empty where there is nothing to say.
    """

    public_id: str
    title: str
    state: State
    state_text: str
    tone: str
    due_on: date
    left: str
    is_near: bool  # open, and due within the days of a reminder
    progress: str
    percent: int | None  # towards a count; None where there is no such thing
    explanation: str
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class OwnItem:
    """An action item in full. `asked` is empty where only the shop can close it."""

    row: ItemRow
    organisation_id: int
    person_name: str
    taken_on: date
    asked: str
    read_until: str
    facts_version: str | None
    lesson_title: str
    lesson_url: tuple[str, str] | None  # slug and name of the lesson that it comes from
    closed_by: ClosedBy | None
    closed_by_text: str
    closer_name: str
    closed_at: datetime | None
    note: str
    picture: str | None
    may_undo: bool
    may_take_again: bool


@dataclass(frozen=True, slots=True)
class OfLesson:
    """What the orders must show for a lesson's action ("": only the shop can close it), the due
    day when taken on today, and the shop's latest item of it that was not given up.
    """

    latest: ItemRow | None
    asked: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Counts:
    """How many items of all shops are open, and how many were done since a day."""

    open: int
    done: int


def target_of(item: ActionItem) -> Target | None:
    """Return what the orders must show, None where only the shop can close the item."""
    if item.measure is None:
        return None
    return Target(item.measure, item.at_least, item.at_most)


# Open ones first, by what is due next; then missed ones, then done ones, the latest first.
_PLACE = case({State.OPEN.value: 0, State.MISSED.value: 1}, value=ActionItem.state, else_=2)
_OPEN_DUE = case((ActionItem.state == State.OPEN.value, ActionItem.due_on))
_ORDER = (
    _PLACE,
    _OPEN_DUE,
    ActionItem.closed_at.desc(),
    ActionItem.due_on.desc(),
    ActionItem.id.desc(),
)


def _pile(chip: Chip) -> ColumnElement[bool]:
    if chip is Chip.ALL:
        return ActionItem.state != State.DROPPED.value
    return ActionItem.state == chip.value


def of_organisation(
    *, organisation_id: int, today: date, chip: Chip = Chip.ALL, page: Page | None = None
) -> Paged[ItemRow]:
    """Return a shop's action items: open ones by due day, then missed, then done, latest first.

    `today` is the local date; `page` None means the first. Those given up only in their own pile.
    """
    page = page or Page()
    wanted = (ActionItem.organisation_id == organisation_id, _pile(chip))
    total = db.session.scalar(select(func.count()).select_from(ActionItem).where(*wanted)) or 0
    found = db.session.scalars(
        select(ActionItem).where(*wanted).order_by(*_ORDER).limit(page.size).offset(page.offset)
    )
    return Paged(rows=[_row(each, today=today) for each in found], total=total, page=page)


def open_of_organisation(
    *, organisation_id: int, today: date, limit: int
) -> tuple[Sequence[ItemRow], int]:
    """Return a shop's open items that are due next, at most `limit`, and how many there are."""
    paged = of_organisation(
        organisation_id=organisation_id, today=today, chip=Chip.OPEN, page=Page(size=limit)
    )
    return paged.rows, paged.total


def open_and_recent(*, organisation_id: int, today: date, limit: int) -> Sequence[ItemRow]:
    """Return what a shop is at or was at lately, for who prepares a session with it."""
    since = today - timedelta(days=rules.RECENT_DAYS)
    found = db.session.scalars(
        select(ActionItem)
        .where(
            ActionItem.organisation_id == organisation_id,
            ActionItem.state != State.DROPPED.value,
            (ActionItem.state == State.OPEN.value) | (ActionItem.due_on >= since),
        )
        .order_by(*_ORDER)
        .limit(limit)
    )
    return [_row(each, today=today) for each in found]


def chips(organisation_id: int) -> Sequence[tuple[Chip, str, int]]:
    """Return the piles of a shop's list with their names and sizes, empty ones left out.

    Where there is any pile, there is the one of all.
    """
    found = db.session.execute(
        select(ActionItem.state, func.count())
        .where(ActionItem.organisation_id == organisation_id)
        .group_by(ActionItem.state)
    )
    piles = {Chip(state): count for state, count in found}
    if not piles:
        return []
    kept = sum(count for chip, count in piles.items() if chip is not Chip.DROPPED)
    sizes = {Chip.ALL: kept, **piles}
    return [(chip, texts.chip(chip), sizes[chip]) for chip in Chip if chip in sizes]


def counts(*, since: date) -> Counts:
    """Return how many items of all shops are open, and how many were done since `since`."""
    start = datetime.combine(since, datetime.min.time(), tzinfo=clock.zone())
    open_now = func.sum(case((ActionItem.state == State.OPEN.value, 1), else_=0))
    done = func.sum(case((ActionItem.closed_at >= start, 1), else_=0))
    row = db.session.execute(select(open_now, done)).one()
    return Counts(open=row[0] or 0, done=row[1] or 0)


def action_of_lesson(*, member: Member, slug: str, name: str, today: date) -> OfLesson:
    """Return what a lesson asks and what the member's shop did with it.

    Raises learning's NotEnrolled and NoSuchLesson, also for a lesson that asks nothing.
    """
    _, lesson = learning.own_lesson(member=member, slug=slug, name=name)
    action = lesson.action
    if action is None:
        raise NoSuchLesson(name)
    check = action.check
    found = db.session.scalar(
        select(ActionItem)
        .where(
            ActionItem.organisation_id == member.organisation_id,
            ActionItem.lesson_id == lesson.id,
            ActionItem.code == action.code,
            ActionItem.state != State.DROPPED.value,
        )
        .order_by(_PLACE, ActionItem.id.desc())
        .limit(1)
    )
    return OfLesson(
        latest=_row(found, today=today) if found else None,
        asked=texts.asked(
            Target(check.measure, check.at_least, check.at_most),
            days=action.within_days,
            currency=None,
        )
        if check
        else "",
        due_on=rules.due_on(taken_on=today, within_days=action.within_days),
    )


def actions_of_course(
    *, member: Member, slug: str, today: date
) -> Sequence[tuple[str, str, ItemRow | None]]:
    """Return what a course asks to do: the lesson's name, the text, and the shop's latest item.

    Raises learning's NotEnrolled.
    """
    lessons = [each for each in learning.own_lessons(member=member, slug=slug) if each.action]
    found = db.session.scalars(
        select(ActionItem)
        .where(
            ActionItem.organisation_id == member.organisation_id,
            ActionItem.lesson_id.in_([each.id for each in lessons]),
            ActionItem.state != State.DROPPED.value,
        )
        .order_by(_PLACE.desc(), ActionItem.id)  # the one that counts most comes last
    )
    latest = {(each.lesson_id, each.code): _row(each, today=today) for each in found}
    return [
        (
            learning_rules.lesson_name(each.id),
            pick(each.action.text, i18n.language_tag()),
            latest.get((each.id, each.action.code)),
        )
        for each in lessons
        if each.action is not None
    ]


def visible(*, public_id: str, member: Member, at: datetime) -> OwnItem | None:
    """Return one item in full to its shop or to a consultant who has a session with it.

    None for anybody else, and when there is none.
    """
    found = db.session.scalar(select(ActionItem).where(ActionItem.public_id == public_id))
    if found is None or not _may_see(found, member):
        return None
    return _full(found, at=at)


def _may_see(item: ActionItem, member: Member) -> bool:
    if member.role is Role.DEALER:
        return item.organisation_id == member.organisation_id
    if member.role is Role.CONSULTANT:
        return sessions.has_session(
            consultant_person_id=member.person_id, dealer_id=item.organisation_id
        )
    return member.role is Role.OPERATOR


def _full(item: ActionItem, *, at: datetime) -> OwnItem:
    today = at.astimezone(clock.zone()).date()
    people = accounts.persons({item.person_id, item.closed_by_person_id or item.person_id})
    closer = people.get(item.closed_by_person_id or 0)
    closed_by = ClosedBy(item.closed_by) if item.closed_by else None
    target = target_of(item)
    days = (item.due_on - item.taken_on).days
    return OwnItem(
        row=_row(item, today=today),
        organisation_id=item.organisation_id,
        person_name=people[item.person_id].name,
        taken_on=item.taken_on,
        asked=texts.asked(target, days=days, currency=item.currency) if target else "",
        read_until=texts.read_until(item.facts_until) if item.facts_until else "",
        facts_version=item.facts_version,
        lesson_title=_lesson_title(item),
        lesson_url=_lesson_place(item),
        closed_by=closed_by,
        closed_by_text=texts.closed_by(closed_by) if closed_by else "",
        closer_name=closer.name if closer else "",
        closed_at=item.closed_at,
        note=item.note or "",
        picture=item.picture,
        may_undo=rules.may_undo(closed_by=closed_by, closed_at=item.closed_at, at=at),
        may_take_again=item.state != State.OPEN.value and item.source == Source.LESSON.value,
    )


def _lesson_place(item: ActionItem) -> tuple[str, str] | None:
    if item.lesson_id is None:
        return None
    slug, _, name = item.lesson_id.partition("/")
    return slug, name


def _lesson_title(item: ActionItem) -> str:
    if item.lesson_id is None or item.course_version_id is None:
        return ""
    return learning.lesson_title(
        course_version_id=item.course_version_id,
        lesson_id=item.lesson_id,
        language=i18n.language_tag(),
    )


def _row(item: ActionItem, *, today: date) -> ItemRow:
    state, target = State(item.state), target_of(item)
    state_text, tone = texts.state(state)
    days_left = (item.due_on - today).days
    is_over = state in {State.DONE, State.DROPPED}
    return ItemRow(
        public_id=item.public_id,
        title=i18n.pick(item.texts),
        state=state,
        state_text=state_text,
        tone=tone,
        due_on=item.due_on,
        left="" if is_over else texts.left(days_left),
        is_near=state is State.OPEN and days_left <= rules.REMIND_DAYS,
        progress="" if is_over or target is None else _progress(item, target),
        percent=None if is_over or target is None else _percent(item, target),
        explanation=_explanation(item, target) if state is State.DONE else "",
        closed_on=item.closed_at.astimezone(clock.zone()).date() if item.closed_at else None,
    )


def _progress(item: ActionItem, target: Target) -> str:
    if item.figure is not None:
        return texts.progress(target, item.figure, currency=item.currency)
    return texts.lacking(Lacking(item.lacking)) if item.lacking else ""


def _percent(item: ActionItem, target: Target) -> int | None:
    if item.figure is None or target.measure not in rules.COUNTS or target.bound <= 0:
        return None
    return min(100, 100 * item.figure // target.bound)


def _explanation(item: ActionItem, target: Target | None) -> str:
    if item.closed_by == ClosedBy.FACTS.value and target is not None and item.figure is not None:
        days = (item.due_on - item.taken_on).days
        return texts.explanation(target, item.figure, days=days, currency=item.currency)
    return item.note or ""
