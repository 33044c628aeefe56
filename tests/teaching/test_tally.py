"""The figures of a course are what the course engine says of each learner, counted."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from conftest import NOW
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from learning.conftest import work_in
from sqlalchemy import delete

from portal.db import db, unit_of_work
from portal.learning import actions as learning
from portal.learning import journal, versions
from portal.learning.models import Enrolment, LearningEvent
from portal.teaching import counting, tally
from portal.teaching.queries import courses
from portal.teaching.rules import Share

SLUG = "trial-101"
LESSONS = ("one", "two", "three")
QUESTIONS = {
    "one": ("one-single", "one-numeric", "one-multiple"),
    "two": ("two-truth", "two-words", "two-match"),
}


def a_way(chance: random.Random) -> list[dict]:
    """Return random events of one learner, in no order, some of them of nothing known."""
    events = []
    for number in range(chance.randrange(0, 14)):
        name = chance.choice(LESSONS)
        kind = chance.choice(["opened", "read", "answered"])
        payload = {}
        if kind == "answered":
            keys = QUESTIONS.get(name, ("gone",))
            asked = chance.sample(keys, chance.randrange(1, len(keys) + 1))
            score = [10_000, 10_000, 5_000, 0]
            payload = {
                "attempt": number,
                "answers": {
                    key: {"score_bps": chance.choice(score), "fields": {}} for key in asked
                },
            }
        events.append(
            {
                "lesson_id": f"{SLUG}/{name}",
                "kind": kind,
                "payload": payload,
                "key": f"k{number}",
                "at": NOW + timedelta(minutes=chance.randrange(5_000)),
            }
        )
    return events


def by_the_engine() -> tuple[list, Counter]:
    """Return how far each learner is, and how many passed which lesson, one by one."""
    enrolments = db.session.query(Enrolment).order_by(Enrolment.id).all()
    course = versions.course(versions.current_of(SLUG))
    events = journal.events_of([each.id for each in enrolments])
    learners, passed = [], Counter()
    for each in enrolments:
        progress = journal.progress(course, events[each.id])
        learners.append((each.person_id, len(progress.completions), progress.completed_at))
        passed.update(one.lesson_id for one in progress.lessons if one.complete)
    return learners, passed


def by_the_tally() -> tuple[list, Counter]:
    tally.forget()
    found = tally.of_course(SLUG)
    learners = [(one.person_id, one.lessons_done, one.completed_at) for one in found.learners]
    passed = Counter({lesson: one.passed for (_, lesson), one in found.reached.items()})
    return learners, +passed


class TestAgainstTheEngine:
    """Both are asked about the same events."""

    @pytest.fixture(autouse=True)
    def _enrolled(self, context, published, cast):  # noqa: ARG002 – in this order
        with unit_of_work():
            for actor in (cast.dealer_a, cast.dealer_b, cast.dealer_clerk):
                learning.enrol(member=actor.member, slug=SLUG, at=NOW)

    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(seed=st.integers(0, 10**6))
    def test_whatever_was_learnt_is_counted_as_the_engine_says(self, seed):
        chance = random.Random(seed)
        with unit_of_work():
            db.session.execute(delete(LearningEvent))
            for each in db.session.query(Enrolment).all():
                db.session.add_all(
                    LearningEvent(enrolment_id=each.id, **event) for event in a_way(chance)
                )
        assert by_the_tally() == by_the_engine()

    def test_a_tally_that_takes_half_right_for_right_is_found(self, monkeypatch):
        monkeypatch.setattr(counting, "FULL_BPS", 5_000)
        enrolment = db.session.query(Enrolment).order_by(Enrolment.id).first()
        answers = {key: {"score_bps": 5_000, "fields": {}} for key in QUESTIONS["one"]}
        with unit_of_work():
            for kind, payload in (("read", {}), ("answered", {"attempt": 1, "answers": answers})):
                db.session.add(
                    LearningEvent(
                        enrolment_id=enrolment.id,
                        lesson_id=f"{SLUG}/one",
                        kind=kind,
                        payload=payload,
                        key=kind,
                        at=NOW,
                    )
                )

        assert by_the_tally() != by_the_engine()


def test_only_who_has_learnt_something_since_is_counted_anew(app, cast, learn):
    learn("one", actor=cast.dealer_a)
    learn("one", actor=cast.dealer_b)
    with app.app_context():
        before = tally.of_course(SLUG).learners
    learn("two", actor=cast.dealer_a)
    with app.app_context():
        after = tally.of_course(SLUG).learners

    assert (before[0].lessons_done, after[0].lessons_done) == (1, 2)
    assert after[1] is before[1]


def test_the_course_page_shows_where_learners_drop_off(app, cast, learn):
    learn("one", "two", "three", actor=cast.dealer_a)
    learn("one", actor=cast.dealer_b)
    learn(actor=cast.dealer_clerk)
    with app.app_context():
        page = courses.course_page(slug=SLUG, version=None, today=NOW.date())

    assert [each.passed for each in page.lessons] == [Share(2, 3), Share(1, 3), Share(1, 3)]
    assert [each.lost for each in page.lessons] == [1, 1, 0]
    assert page.completed == Share(1, 3)
    assert page.median_days == 0


def test_versions_say_what_changed_and_who_stayed_on_which(app, cast, learn, change, write_lesson):
    learn("one")
    harder = write_lesson(name="three", questions=("::three-new:: 新题？ {T}",), m=1)
    with work_in(app):
        learning.publish(library=change(three=harder), at=NOW + timedelta(days=1))
    learn("one", actor=cast.dealer_b, at=NOW + timedelta(days=2))
    with app.app_context():
        page = courses.course_page(slug=SLUG, version=None, today=NOW.date())
        old = courses.course_page(slug=SLUG, version=page.versions[1].short, today=NOW.date())

    newest, first = page.versions
    assert (newest.learners, first.learners) == (1, 1)
    assert newest.current
    assert "改写课时：《课时 three》" in newest.changes
    assert "改动题目：three-new" in newest.changes
    assert "留在原来的版本" in newest.effect
    assert first.changes == ()
    assert (page.learners, old.learners) == (2, 1)


def test_a_course_past_its_review_day_is_said_to_be_so(app, published):
    with app.app_context():
        (due,) = courses.course_list(today=NOW.date().replace(year=2027, month=7))
        (fresh,) = courses.course_list(today=NOW.date())

    assert (due.overdue, fresh.overdue) == (True, False)
