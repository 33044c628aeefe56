"""Builds the programme: four intakes drawn by lot, and how far each dealer came in its courses."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from portal.demo.calendar import days_before, month_start
from portal.demo.cast import Batch, Dealer, Enrolment
from portal.demo.chance import stream

BATCH_MONTHS_BACK = (13, 10, 7, 4)
BATCH_SIZE = 12
BATCH_DAY = 8  # batches start on the 8th: the month before is a clean comparison
MEMBER_DAYS = 30  # a shop applies a month after it joined, at the earliest
FIRST_COURSE = "repurchase-101"
SECOND_COURSE = "after-sales-101"
LESSONS = 6
SECOND_COURSE_SHARE = 0.6
# How many of the six lessons a dealer does: most finish, some stop early, a few never open one.
LESSONS_DONE = (0, 1, 2, 3, 4, 5, 6, 6, 6, 6, 6, 6)


def batches(*, seed: int, today: date, dealers: Sequence[Dealer]) -> tuple[Batch, ...]:
    """Return the four intakes; twelve of the sixty dealers are left undrawn."""
    chance = stream(seed, "batches")
    waiting = list(dealers)
    drawn: list[Batch] = []
    for number, months_back in enumerate(BATCH_MONTHS_BACK, start=1):
        starts_on = month_start(today, months_back=months_back).replace(day=BATCH_DAY)
        applicants = [
            one for one in waiting if one.joined_on <= days_before(starts_on, MEMBER_DAYS)
        ]
        chosen = {one.ref for one in chance.sample(applicants, BATCH_SIZE)}
        waiting = [one for one in waiting if one.ref not in chosen]
        drawn.append(
            Batch(
                number=number,
                name_zh=f"第{'一二三四'[number - 1]}期赋能营",
                starts_on=starts_on,
                dealers=tuple(one.ref for one in dealers if one.ref in chosen),
            )
        )
    return tuple(drawn)


def enrolments(
    *, seed: int, today: date, dealers: Sequence[Dealer], batches: Sequence[Batch]
) -> tuple[Enrolment, ...]:
    """Return who took which course and on which days each lesson was done, in batch order."""
    until = {one.ref: one.closed_on or today for one in dealers}
    taken: list[Enrolment] = []
    for batch in batches:
        for dealer in batch.dealers:
            chance = stream(seed, "enrolment", dealer)
            last_day = until[dealer]
            first = _enrolment(
                chance, dealer, batch.number, FIRST_COURSE, batch.starts_on, last_day
            )
            taken.append(first)
            later = batch.starts_on + timedelta(days=chance.randrange(28, 61))
            keen = len(first.lesson_dates) > LESSONS // 2 and chance.random() < SECOND_COURSE_SHARE
            if keen and later <= last_day:
                second = _enrolment(chance, dealer, batch.number, SECOND_COURSE, later, last_day)
                taken.append(second)
    return tuple(taken)


def _enrolment(
    chance: Random, dealer: str, batch: int, course: str, enrolled_on: date, until: date
) -> Enrolment:
    dates: list[date] = []
    day = enrolled_on
    for _ in range(chance.choice(LESSONS_DONE)):
        day += timedelta(days=chance.randrange(1, 9))
        if day > until:
            break
        dates.append(day)
    return Enrolment(
        dealer=dealer,
        batch=batch,
        course=course,
        enrolled_on=enrolled_on,
        lesson_dates=tuple(dates),
        finished_on=dates[-1] if len(dates) == LESSONS else None,
    )
