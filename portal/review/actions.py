"""Writes of review cards: an answer, and the one reminder of a day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from courses.grade import grade, parse_response
from portal.access import Member
from portal.accounts import queries as accounts
from portal.db import Conflict, db, refuse_conflicts, unit_of_work
from portal.learning import rules as learning_rules
from portal.learning.models import Enrolment
from portal.notices import actions as notices
from portal.notices.rules import NoticeKind
from portal.review import queries, rules
from portal.review.models import ReviewAnswer, ReviewReminder
from portal.review.queries import OwnCard

A_BATCH = 200  # persons looked at in one transaction


class NotDue(LookupError):
    """This card does not wait for the member (any more)."""


class Unanswered(ValueError):
    """The question is not answered; `problem` says what is missing."""

    def __init__(self, key: str, problem: learning_rules.Problem) -> None:
        super().__init__(key)
        self.key, self.problem = key, problem


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer as sent: the form's own key, the question's key, all values by field name."""

    key: str
    question_key: str
    values: Mapping[str, Sequence[str]]


def answer(*, member: Member, sent: Sent, at: datetime) -> int:
    """Grade and keep an answer to a card that is due; return its id. The same key counts once.

    Raises NotDue, Unanswered.
    """
    found = queries.waiting(member=member, today=queries.local_day(at))
    own = next((c for c in found.cards if c.card.question.key == sent.question_key), None)
    if own is None:
        raise NotDue(sent.question_key)
    question = own.card.question
    response = parse_response(question, sent.values)
    problem = learning_rules.problem_of(question, response)
    if problem is not None:
        raise Unanswered(question.key, problem)
    row = ReviewAnswer(
        enrolment_id=own.enrolment_id,
        lesson_id=own.card.lesson_id,
        question_key=question.key,
        question_hash=question.hash,
        interval_days=own.card.interval,
        score_bps=grade(question, response).score_bps,
        fields=dict(learning_rules.as_fields(question, response)),
        key=sent.key,
        answered_on=queries.local_day(at),
        at=at,
    )
    return _kept(row, own)


def _kept(row: ReviewAnswer, own: OwnCard) -> int:
    try:
        with refuse_conflicts():
            db.session.add(row)
    except Conflict:
        earlier = queries.answer_with(enrolment_id=own.enrolment_id, key=row.key)
        if earlier is None:
            raise
        return earlier
    return row.id


def remind(*, at: datetime) -> int:
    """Remind everybody for whom cards are due, each once a day; return how many.

    In batches, each its own transaction: what was told before a crash is not told again.
    """
    today, after, told = queries.local_day(at), 0, 0
    while enrolments := queries.learners(after=after, limit=A_BATCH):
        after = enrolments[-1].person_id
        with unit_of_work():
            told += _remind(enrolments, at=at, today=today)
    return told


def _remind(enrolments: Sequence[Enrolment], *, at: datetime, today: date) -> int:
    counts = queries.of_enrolments(enrolments, today=today)
    told = 0
    for person_id, organisation_id in _whose(enrolments):
        count = counts.get(person_id, 0)
        if count and _first_today(person_id, today):
            notices.post(
                organisation_id=organisation_id,
                person_id=person_id,
                kind=NoticeKind.REVIEW_DUE,
                path="/review",
                params={"count": count, "minutes": rules.minutes(count)},
                at=at,
            )
            told += 1
    return told


def _whose(enrolments: Sequence[Enrolment]) -> Iterator[tuple[int, int]]:
    """Each person with the shop they learn for, leaving out who has left it."""
    members: dict[int, set[int]] = {}
    for person_id, own in groupby(enrolments, key=lambda each: each.person_id):
        for each in own:
            organisation_id = each.organisation_id
            if organisation_id not in members:
                members[organisation_id] = {
                    person.id for person in accounts.persons_of(organisation_id)
                }
            if person_id in members[organisation_id]:
                yield person_id, organisation_id
                break


def _first_today(person_id: int, today: date) -> bool:
    """Write down that a person is reminded; False when somebody did so before."""
    try:
        with refuse_conflicts():
            db.session.add(ReviewReminder(person_id=person_id, reminded_on=today))
    except Conflict:
        return False
    return True
