"""What a learner should do next, what is done, and in which order courses stand."""

import pytest

from portal.db import unit_of_work
from portal.learning import actions, queries

pytestmark = pytest.mark.usefixtures("context")
SLUG = "trial-101"


def step(actor):
    return queries.next_step(member=actor.member, language="zh-CN")


def test_who_has_begun_nothing_is_offered_the_first_lesson_of_the_first_course(cast, published):
    offered = step(cast.dealer_a)

    assert (offered.slug, offered.name, offered.minutes, offered.percent) == (SLUG, "one", 5, None)


def test_who_is_under_way_goes_on_where_they_are(cast, learn):
    learn("one")

    offered = step(cast.dealer_a)

    assert (offered.name, offered.title, offered.percent) == ("two", "课时 two", 33)


def test_the_course_worked_on_last_comes_first(cast, published, four_courses, moment_of):
    member = cast.dealer_a.member
    with unit_of_work():
        actions.publish(library=four_courses, at=moment_of(0))
        for seconds, slug in enumerate(("trial-103", "trial-102")):
            actions.enrol(member=member, slug=slug, at=moment_of(seconds))
        actions.open_lesson(member=member, slug="trial-103", name="one", at=moment_of(60))

    order = [card.slug for card in queries.catalogue(member=member, language="zh-CN")]

    assert order == ["trial-103", "trial-102", "trial-101", "trial-104"]


def test_when_everything_is_complete_there_is_no_next_step(cast, learn):
    learn("one", "two", "three")

    assert step(cast.dealer_a) is None


def test_without_courses_there_is_no_next_step(cast):
    assert step(cast.dealer_a) is None


def test_completed_lessons_are_the_members_own(cast, learn):
    learn("one", "three", actor=cast.dealer_a)
    learn("three", actor=cast.dealer_b)

    assert queries.completed_lessons(member=cast.dealer_a.member) == 2
    assert queries.completed_lessons(member=cast.dealer_b.member) == 1
    assert queries.completed_lessons(member=cast.consultant.member) == 0


def test_completions_of_an_organisation_name_who_what_and_when(cast, learn, moment_of):
    learn("three", actor=cast.dealer_a, at=moment_of(10))
    learn("one", actor=cast.dealer_a, at=moment_of(20))
    learn("one", actor=cast.dealer_b, at=moment_of(30))

    found = queries.completions_of_organisation(
        organisation_id=cast.dealer_a.organisation_id, language="zh-CN"
    )

    assert [(each.person_id, each.title, each.completed_at) for each in found] == [
        (cast.dealer_a.person_id, "课时 three", moment_of(10)),
        (cast.dealer_a.person_id, "课时 one", moment_of(20)),
    ]


def test_a_learners_page_shows_the_pinned_content_and_a_newcomers_the_current(
    cast, learn, change, write_lesson, moment_of
):
    learn()
    changed = change(one=write_lesson(name="one", text="新的正文。"))
    with unit_of_work():
        actions.publish(library=changed, at=moment_of(60))

    def body(actor):
        page = queries.lesson_page(member=actor.member, slug=SLUG, name="one", language="zh-CN")
        return str(page.body)

    assert "新的正文" not in body(cast.dealer_a)
    assert "新的正文" in body(cast.dealer_b)
    assert "新的正文" in body(cast.author)


def test_titles_come_in_the_readers_language(cast, published):
    cards = queries.catalogue(member=cast.dealer_a.member, language="en")

    assert cards[0].title == "Course trial-101"
    assert cards[0].only_in_chinese
