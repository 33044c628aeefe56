"""Lets the demo's shops do what their lessons ask: some show a picture, some are late."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from io import BytesIO

from PIL import Image, ImageDraw

from courses.course import Lesson
from portal.access import Member
from portal.demo.cast import Dealer, World
from portal.demo.people import People, local_noon
from portal.learning import queries as learning
from portal.practice import actions as practice
from portal.practice import pictures
from portal.practice.models import ActionItem

# Days ago on which the busiest shop takes on what only a shop can show, and what becomes of it.
SHOWN_AGO, OPEN_AGO, MISSED_AGO = 12, 2, 40
# What the orders can show is taken on long enough ago for the facts to cover it, and lately.
MEASURED_AGO = (25, 4)
OTHERS = 12
OTHERS_AGO = 2
NOTE = "照着课上的步骤做完了，结果贴在柜台边上，每天都看得到。"


def seed(world: World, people: People, *, busiest: Dealer) -> None:
    """Let the busiest shop have items of every kind, and some others one that is open."""
    member = people.dealers[busiest.ref]
    own: list[tuple[str, Lesson]] = []
    measured: list[tuple[str, Lesson]] = []
    for slug in [each.course for each in world.enrolments if each.dealer == busiest.ref]:
        for lesson in _with_action(member, slug):
            (measured if lesson.action and lesson.action.check else own).append((slug, lesson))
    for (slug, lesson), ago in zip(own, (SHOWN_AGO, OPEN_AGO, MISSED_AGO), strict=False):
        item = _take_on(member, slug, lesson, on=world.today - timedelta(days=ago))
        if ago == SHOWN_AGO:
            _show(member, item)
    for (slug, lesson), ago in zip(measured, MEASURED_AGO, strict=False):
        _take_on(member, slug, lesson, on=world.today - timedelta(days=ago))
    _others(world, people, busiest=busiest)


def _others(world: World, people: People, *, busiest: Dealer) -> None:
    closed = {each.ref for each in world.dealers if each.closed_on is not None}
    taken: set[str] = set()
    for enrolment in reversed(world.enrolments):
        dealer = enrolment.dealer
        if dealer in {busiest.ref, *closed, *taken} or not enrolment.lesson_dates:
            continue
        member = people.dealers[dealer]
        on = world.today - timedelta(days=OTHERS_AGO)
        # What orders can show comes first, so that figures on the way to a target are seen.
        asked = sorted(
            _with_action(member, enrolment.course),
            key=lambda each: each.action is None or each.action.check is None,
        )
        for lesson in asked[:1]:
            _take_on(member, enrolment.course, lesson, on=on)
            taken.add(dealer)
        if len(taken) == OTHERS:
            return


def _with_action(member: Member, slug: str) -> Iterator[Lesson]:
    lessons = learning.own_lessons(member=member, slug=slug)
    return (lesson for lesson in lessons if lesson.action is not None)


def _take_on(member: Member, slug: str, lesson: Lesson, *, on: date) -> ActionItem:
    name = lesson.id.partition("/")[2]
    return practice.take_on_lesson(member=member, slug=slug, name=name, at=local_noon(on))


def _show(member: Member, item: ActionItem) -> None:
    practice.close_by_shop(
        member=member,
        public_id=item.public_id,
        note=NOTE,
        picture=pictures.made_small(BytesIO(shelf())),
        at=_evening(item.taken_on + timedelta(days=2)),
    )


def _evening(day: date) -> datetime:
    return local_noon(day) + timedelta(hours=8)


def shelf() -> bytes:
    """Return a drawn shelf with boxes on it, as a PNG."""
    picture = Image.new("RGB", (1200, 800), "#f3ead9")
    draw = ImageDraw.Draw(picture)
    colours = ("#0b5cc2", "#d9822b", "#2f8f5b", "#b3423a", "#6b4fa0")
    for row in range(3):
        floor = 250 + row * 250
        draw.rectangle((40, floor, 1160, floor + 22), fill="#9b7a52")
        for number in range(7):
            left, height = 80 + number * 155, 120 + 17 * ((row + number * 2) % 4)
            box = (left, floor - height, left + 115, floor)
            draw.rectangle(box, fill=colours[(row + number) % len(colours)])
            draw.rectangle((left + 18, floor - height + 25, left + 97, floor - height + 60), "#fff")
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
