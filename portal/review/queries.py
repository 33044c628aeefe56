"""Reads of review cards: always a member's own; only the daily reminder looks at everybody's."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from courses import review as engine
from courses.course import Course, pick
from courses.review import Card
from portal import clock
from portal.access import Member
from portal.db import db
from portal.learning import asking, journal, marking, standing
from portal.learning import rules as learning_rules
from portal.learning.models import Enrolment
from portal.learning.sheets import Draft, QuestionRow
from portal.review import rules
from portal.review.models import ReviewAnswer


@dataclass(frozen=True, slots=True)
class OwnCard:
    """A card of one learner, with the course and the enrolment that it belongs to."""

    enrolment_id: int
    course: Course
    card: Card


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a learner; `next_on` is the day after today on which more is due."""

    cards: Sequence[OwnCard]
    next_on: date | None

    @property
    def count(self) -> int:
        """How many questions wait."""
        return len(self.cards)

    @property
    def minutes(self) -> int:
        """About how long they take."""
        return rules.minutes(len(self.cards))


@dataclass(frozen=True, slots=True)
class CardPage:
    """One question to answer, or as it was answered; `left` counts the others that wait."""

    slug: str
    lesson_name: str
    lesson_title: str
    interval: int
    question: QuestionRow
    mode: str  # "answer" or "result"
    language: str
    left: int


def waiting(*, member: Member, today: date) -> Waiting:
    """Return the cards that are due for a member, and when the next ones are."""
    own = [each for each in standing.of_member(member) if each.enrolment is not None]
    return _waiting(
        {
            each.enrolment.id: (each.course, _completed(each.course, each.events))
            for each in own
            if each.enrolment is not None
        },
        today=today,
    )


def of_enrolments(enrolments: Collection[Enrolment], *, today: date) -> Mapping[int, int]:
    """Return by person how many questions are due, for whom any is."""
    courses = standing.courses_of(enrolments)
    events = journal.events_of([each.id for each in enrolments])
    persons = {each.id: each.person_id for each in enrolments}
    found = _waiting(
        {
            each.id: (
                courses[each.course_version_id],
                _completed(courses[each.course_version_id], events[each.id]),
            )
            for each in enrolments
        },
        today=today,
    )
    counts: dict[int, int] = {}
    for each in found.cards:
        person_id = persons[each.enrolment_id]
        counts[person_id] = counts.get(person_id, 0) + 1
    return counts


def _completed(course: Course, events: Sequence[journal.EventRow]) -> Mapping[str, date]:
    zone = clock.zone()
    return {
        each.lesson_id: each.at.astimezone(zone).date()
        for each in journal.progress(course, events).completions
    }


def _waiting(of: Mapping[int, tuple[Course, Mapping[str, date]]], *, today: date) -> Waiting:
    learnt = {key: value for key, value in of.items() if value[1]}
    answers = _answers(learnt)
    cards = [
        OwnCard(enrolment_id=enrolment_id, course=course, card=card)
        for enrolment_id, (course, completed) in learnt.items()
        for card in engine.due(
            course, completed=completed, answers=answers[enrolment_id], today=today
        )
    ]
    days = [
        engine.next_due_on(course, completed=completed, answers=answers[key], today=today)
        for key, (course, completed) in learnt.items()
    ]
    return Waiting(
        cards=sorted(cards, key=_rank),
        next_on=min((day for day in days if day is not None), default=None),
    )


def _rank(own: OwnCard) -> tuple[date, int, str, str]:
    return own.card.due_on, own.course.order, own.card.lesson_id, own.card.question.key


def _answers(enrolment_ids: Collection[int]) -> Mapping[int, Sequence[engine.ReviewAnswer]]:
    found: dict[int, list[engine.ReviewAnswer]] = {each: [] for each in enrolment_ids}
    if not found:
        return found
    rows = db.session.execute(
        select(
            ReviewAnswer.enrolment_id,
            ReviewAnswer.question_key,
            ReviewAnswer.question_hash,
            ReviewAnswer.interval_days,
            ReviewAnswer.score_bps,
            ReviewAnswer.answered_on,
        )
        .where(ReviewAnswer.enrolment_id.in_(found))
        .order_by(ReviewAnswer.id)
    )
    for enrolment_id, key, asked, interval, score_bps, on in rows:
        found[enrolment_id].append(
            engine.ReviewAnswer(
                question_key=key,
                question_hash=asked,
                interval=interval,
                score_bps=score_bps,
                on=on,
            )
        )
    return found


def first_card(
    found: Waiting, *, member: Member, language: str, draft: Draft | None = None
) -> CardPage | None:
    """Return the first card that waits, with what was filled in; None when none waits."""
    if not found.cards:
        return None
    own = found.cards[0]
    if draft is not None:
        own = next((c for c in found.cards if c.card.question.key in draft.asked), own)
    question = own.card.question
    return _page(
        own,
        question=asking.row(
            question,
            number=1,
            language=language,
            seed=_seed(member, own.card.interval),
            values=draft.values if draft else {},
            problem=draft.problems.get(question.key) if draft else None,
        ),
        mode="answer",
        language=language,
        left=len(found.cards) - 1,
    )


def answered(
    *, answer_id: int, member: Member, language: str, today: date
) -> tuple[CardPage, Waiting] | None:
    """Return a card as the member answered it, and what waits still.

    None when the member gave no such answer, or their course asks the question no longer.
    """
    row = db.session.execute(
        select(ReviewAnswer, Enrolment)
        .join(Enrolment, Enrolment.id == ReviewAnswer.enrolment_id)
        .where(ReviewAnswer.id == answer_id, Enrolment.person_id == member.person_id)
    ).first()
    if row is None:
        return None
    answer, enrolment = row
    course = standing.courses_of([enrolment])[enrolment.course_version_id]
    found = course.question(answer.question_key)
    if found is None:
        return None
    left = waiting(member=member, today=today)
    own = OwnCard(
        enrolment_id=enrolment.id,
        course=course,
        card=Card(
            lesson_id=answer.lesson_id,
            question=found[1],
            interval=answer.interval_days,
            due_on=answer.answered_on,
        ),
    )
    question = marking.row(
        found[1],
        number=1,
        language=language,
        seed=_seed(member, answer.interval_days),
        values=answer.fields,
    )
    page = _page(own, question=question, mode="result", language=language, left=left.count)
    return page, left


def _seed(member: Member, interval: int) -> str:
    return f"{member.person_id}:review:{interval}"


def _page(own: OwnCard, *, question: QuestionRow, mode: str, language: str, left: int) -> CardPage:
    lesson = next(each for each in own.course.lessons if each.id == own.card.lesson_id)
    return CardPage(
        slug=own.course.id,
        lesson_name=learning_rules.lesson_name(lesson.id),
        lesson_title=pick(lesson.title, language),
        interval=own.card.interval,
        question=question,
        mode=mode,
        language=language if language in lesson.html else "zh-CN",
        left=left,
    )


def learners(*, after: int, limit: int) -> Sequence[Enrolment]:
    """Return the enrolments of the next `limit` persons after an id, for the daily reminder."""
    persons = (
        select(Enrolment.person_id)
        .where(Enrolment.person_id > after)
        .distinct()
        .order_by(Enrolment.person_id)
        .limit(limit)
    )
    return db.session.scalars(
        select(Enrolment)
        .where(Enrolment.person_id.in_(persons))
        .order_by(Enrolment.person_id, Enrolment.id)
    ).all()


def answer_with(*, enrolment_id: int, key: str) -> int | None:
    """Return the id of the answer that was sent with this key, None when none was."""
    return db.session.scalar(
        select(ReviewAnswer.id).where(
            ReviewAnswer.enrolment_id == enrolment_id, ReviewAnswer.key == key
        )
    )


def local_day(at: datetime) -> date:
    """Return the day that an instant falls on in the alliance's zone."""
    return at.astimezone(clock.zone()).date()
