"""Publishing, enrolling, and what each step of a learner does to the progress."""

import threading
import time

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from portal.db import Conflict, db, refuse_conflicts, unit_of_work
from portal.learning import actions, queries
from portal.learning.models import CourseVersion, Enrolment, LearningEvent
from portal.learning.rules import Problem, ReservedName

SLUG = "trial-101"
pytestmark = pytest.mark.usefixtures("context")


def card(actor, slug=SLUG):
    page = queries.course_page(member=actor.member, slug=slug, language="zh-CN")
    return page.course


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def test_publishing_the_same_library_twice_changes_nothing(context, library, moment_of):
    with unit_of_work():
        first = actions.publish(library=library, at=moment_of(0))
    with unit_of_work():
        second = actions.publish(library=library, at=moment_of(60))

    assert first.new == (SLUG,)
    assert (second.new, second.changed, second.withdrawn) == ((), (), ())
    assert count(CourseVersion) == 1


def test_a_library_with_errors_is_refused_as_a_whole(context, change, moment_of):
    broken = change(one="---\nid: trial-101/one\n---\n")

    with pytest.raises(actions.LibraryInvalid) as refusal:
        actions.publish(library=broken, at=moment_of(0))

    assert refusal.value.findings[0].file.endswith("010-one.zh-CN.md")
    assert count(CourseVersion) == 0


def test_a_lesson_named_like_a_page_of_the_portal_is_refused(
    context, change, write_lesson, moment_of
):
    library = change(complete=write_lesson(name="complete"))

    with pytest.raises(ReservedName):
        actions.publish(library=library, at=moment_of(0))


def test_progress_is_right_after_each_step(cast, published, attempt, moment_of):
    member = cast.dealer_a.member
    seen = []

    def step(action, **arguments):
        with unit_of_work():
            action(member=member, slug=SLUG, at=moment_of(len(seen)), **arguments)
        now = card(cast.dealer_a)
        seen.append((now.state, now.done, now.percent, now.next and now.next.name))

    step(actions.enrol)
    step(actions.open_lesson, name="one")
    step(actions.mark_read, name="one")
    step(actions.answer_quiz, name="one", answers=attempt("one"))
    step(actions.answer_quiz, name="two", answers=attempt("two"))
    step(actions.mark_read, name="three")

    assert seen == [
        ("under_way", 0, 0, "one"),
        ("under_way", 0, 0, "one"),
        ("under_way", 0, 0, "one"),
        ("under_way", 1, 33, "two"),
        ("under_way", 2, 66, "three"),
        ("complete", 3, 100, None),
    ]


def test_right_answers_of_several_attempts_add_up_to_a_pass(
    cast, published, learn, attempt, moment_of
):
    learn()
    one_right = {"q-one-single": ["0"], "q-one-numeric": ["27"], "q-one-multiple": ["2"]}
    another_right = {"q-one-single": ["1"], "q-one-numeric": ["45"], "q-one-multiple": ["2"]}

    done = []
    for number, values in enumerate((one_right, another_right)):
        with unit_of_work():
            actions.answer_quiz(
                member=cast.dealer_a.member,
                slug=SLUG,
                name="one",
                answers=attempt("one", key=f"attempt-000000000{number}", **values),
                at=moment_of(number),
            )
        done.append(card(cast.dealer_a).done)

    assert done == [0, 1]  # two of three are needed


def test_the_same_answer_sent_twice_with_the_same_key_counts_once(
    cast, published, learn, attempt, moment_of
):
    learn()

    for seconds in (0, 5):
        with unit_of_work():
            actions.answer_quiz(
                member=cast.dealer_a.member,
                slug=SLUG,
                name="one",
                answers=attempt("one"),
                at=moment_of(seconds),
            )

    answered = select(func.count()).where(LearningEvent.kind == "answered")
    assert db.session.scalar(answered) == 1


def test_without_its_key_the_same_answer_would_count_twice(
    cast, published, learn, attempt, moment_of
):
    learn()

    for number in (1, 2):
        with unit_of_work():
            actions.answer_quiz(
                member=cast.dealer_a.member,
                slug=SLUG,
                name="one",
                answers=attempt("one", key=f"attempt-000000000{number}"),
                at=moment_of(number),
            )

    answered = select(func.count()).where(LearningEvent.kind == "answered")
    assert db.session.scalar(answered) == 2


def test_two_learners_may_send_the_same_key(cast, published, learn, attempt):
    learn("one", actor=cast.dealer_a)

    learn("one", actor=cast.dealer_b)

    assert card(cast.dealer_a).done == card(cast.dealer_b).done == 1


def test_an_unanswered_question_is_refused_and_nothing_is_recorded(
    cast, published, learn, attempt, moment_of
):
    learn()
    sent = attempt("two", **{"q-two-truth": ["true"], "q-two-match-0": ["0"]})

    with pytest.raises(actions.Unanswered) as refusal:
        actions.answer_quiz(
            member=cast.dealer_a.member, slug=SLUG, name="two", answers=sent, at=moment_of(0)
        )

    assert refusal.value.problems == {
        "two-words": Problem.MISSING,
        "two-match": Problem.INCOMPLETE,
    }
    assert count(LearningEvent) == 0


@pytest.mark.parametrize("act", [actions.open_lesson, actions.mark_read])
def test_who_has_not_enrolled_can_record_nothing(cast, published, learn, act, moment_of):
    learn("one", actor=cast.dealer_a)

    with pytest.raises(queries.NotEnrolled):
        act(member=cast.dealer_b.member, slug=SLUG, name="one", at=moment_of(0))

    assert card(cast.dealer_b).done == 0


def test_a_changed_rule_leaves_learners_on_their_version(
    cast, learn, change, write_lesson, moment_of
):
    learn("one")
    changed = change(four=write_lesson(name="four"), two=write_lesson(name="two"))

    with unit_of_work():
        report = actions.publish(library=changed, at=moment_of(60))

    assert (report.changed, report.learners_moved) == ((SLUG,), 0)
    assert card(cast.dealer_a).lesson_count == 3
    assert card(cast.dealer_a).percent == 33
    assert card(cast.dealer_b).lesson_count == 4


def test_a_better_text_reaches_learners_without_touching_their_progress(
    cast, learn, change, write_lesson, moment_of
):
    learn("one", "three")
    changed = change(three=write_lesson(name="three", text="写得更清楚的正文。"))

    with unit_of_work():
        report = actions.publish(library=changed, at=moment_of(60))

    page = queries.lesson_page(
        member=cast.dealer_a.member, slug=SLUG, name="three", language="zh-CN"
    )
    assert report.learners_moved == 1
    assert "写得更清楚的正文" in page.body
    assert (page.done, page.complete) == (2, True)


def test_completion_never_falls(cast, learn, change, write_lesson, attempt, moment_of, wrong_one):
    learn("one", "two", "three")
    member = cast.dealer_a.member

    with unit_of_work():
        actions.publish(library=change(four=write_lesson(name="four")), at=moment_of(10))
    with unit_of_work():
        worse = attempt("one", key="attempt-9999999999", **wrong_one)
        actions.answer_quiz(member=member, slug=SLUG, name="one", answers=worse, at=moment_of(20))

    assert (card(cast.dealer_a).state, card(cast.dealer_a).percent) == ("complete", 100)


def test_a_withdrawn_course_can_be_finished_but_not_begun(cast, learn, moment_of, empty_library):
    learn("one")

    with unit_of_work():
        report = actions.publish(library=empty_library, at=moment_of(60))

    assert report.withdrawn == (SLUG,)
    assert card(cast.dealer_a).done == 1
    assert queries.catalogue(member=cast.dealer_b.member, language="zh-CN") == []
    with pytest.raises(actions.NoSuchCourse):
        actions.enrol(member=cast.dealer_b.member, slug=SLUG, at=moment_of(70))


def test_a_course_published_again_as_it_was_is_the_same_version(
    library, published, change, write_lesson, moment_of
):
    with unit_of_work():
        actions.publish(library=change(four=write_lesson(name="four")), at=moment_of(10))
    with unit_of_work():
        actions.publish(library=library, at=moment_of(20))

    versions = db.session.scalars(select(CourseVersion).order_by(CourseVersion.id)).all()
    assert [each.current for each in versions] == [True, False]


def test_two_enrolments_at_once_give_one_row(app, cast, published, moment_of):
    """The second tap comes while the first one is not committed yet."""
    db.session.remove()
    inserted, outcomes = threading.Event(), []

    def enrol(*, first: bool) -> None:
        with app.app_context(), unit_of_work():
            if not first:
                inserted.wait(10)
            enrolment = actions.enrol(member=cast.dealer_a.member, slug=SLUG, at=moment_of(0))
            outcomes.append(enrolment.id)
            if first:
                inserted.set()
                time.sleep(0.3)  # the other one is by now waiting for this one

    threads = [threading.Thread(target=enrol, kwargs={"first": each}) for each in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert count(Enrolment) == 1
    assert len(outcomes) == 2
    assert len(set(outcomes)) == 1


def test_the_database_itself_refuses_a_second_enrolment(cast, published, learn, moment_of):
    learn()
    first = db.session.scalars(select(Enrolment)).one()

    with pytest.raises(Conflict), refuse_conflicts():
        db.session.add(
            Enrolment(
                person_id=first.person_id,
                organisation_id=first.organisation_id,
                slug=first.slug,
                course_version_id=first.course_version_id,
                enrolled_at=moment_of(0),
            )
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE learning_event SET kind = 'read'",
        "UPDATE learning_event SET payload = '{}'",
        "UPDATE course_version SET body = '{}'",
        "UPDATE course_version SET version = 'other'",
    ],
)
def test_the_past_cannot_be_rewritten(learn, statement):
    learn("one")

    with pytest.raises(DBAPIError, match="is_fixed"), unit_of_work():
        db.session.execute(text(statement))


def test_the_pointer_to_the_current_version_can_move(learn):
    """The control of the guard above: what is not fixed can be updated."""
    learn("one")

    with unit_of_work():
        db.session.execute(text("UPDATE course_version SET current = false"))

    assert db.session.scalar(select(CourseVersion.current)) is False
