"""Learning paths: published with the courses, walked in their order, advice and never a wall."""

from contextlib import contextmanager
from dataclasses import replace

import pytest
from conftest import NOW
from rows import all_of
from sqlalchemy import update

from courses.load import Library, load_library
from courses.path import LearningPath as Given
from portal.db import db, unit_of_work
from portal.learning import actions, paths, queries, rules, standing
from portal.learning.models import LearningPath

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FIRST, SECOND, THIRD, OTHER = (f"trial-10{number}" for number in (2, 3, 4, 1))
PATH = Given(
    id="start-here",
    title={"zh-CN": "新手路径", "en": "New shop"},
    summary={"zh-CN": "三门课按顺序学。", "en": "Three courses in order."},
    courses=(FIRST, SECOND, THIRD),
    ordered=True,
)
PAGE = f"/courses/paths/{PATH.id}"


@contextmanager
def work(app):
    with app.app_context(), unit_of_work():
        yield


@pytest.fixture
def on_offer(app, four_courses):
    """Four courses, three of them on a path that does not begin with the first."""
    with work(app):
        actions.publish(library=four_courses, paths=[PATH], at=NOW)


@pytest.fixture
def begin(app, cast):
    """Return a function by which dealer A enrols in a course."""

    def run(slug):
        with work(app):
            actions.enrol(member=cast.dealer_a.member, slug=slug, at=NOW)

    return run


@pytest.fixture
def finish(app, cast, attempt, begin):
    """Return a function by which dealer A completes a course."""

    def run(slug):
        begin(slug)
        with work(app):
            member = cast.dealer_a.member
            for name in ("one", "two"):
                asked = attempt(name)
                actions.answer_quiz(member=member, slug=slug, name=name, answers=asked, at=NOW)
            actions.mark_read(member=member, slug=slug, name="three", at=NOW)

    return run


def requiring(library: Library, slug: str, *after: str) -> Library:
    """Return the library with prerequisites for one course."""
    courses = [replace(c, after=after, version=f"{c.version}-{after}") if c.id == slug else c
               for c in library.courses]  # fmt: skip
    return Library(courses=tuple(courses), findings=())


# Pure: what better comes first


AFTER = {"a": (), "b": (), "c": ()}


@pytest.mark.parametrize(
    ("complete", "begun", "ordered", "expected"),
    [
        ((), (), True, {"b": "a", "c": "b"}),
        (("a",), ("a",), True, {"c": "b"}),
        (("b",), ("b",), True, {"c": "a"}),
        ((), ("c",), True, {"b": "a"}),
        (("a", "b", "c"), ("a", "b", "c"), True, {}),
        ((), (), False, {}),
    ],
)
def test_a_course_waits_for_the_nearest_open_one_before_it(complete, begun, ordered, expected):
    found = rules.waits(after=AFTER, complete=set(complete), begun=set(begun), ordered=ordered)

    assert found == expected


def test_without_an_order_only_prerequisites_count():
    after = {"a": ("b", "elsewhere"), "b": ()}

    assert rules.waits(after=after, complete=set(), begun=set(), ordered=False) == {"a": "b"}
    assert rules.waits(after=after, complete={"b"}, begun=set(), ordered=False) == {}


def test_nobody_is_told_of_a_prerequisite_that_is_not_offered():
    assert rules.unmet(after=("gone", "open", "done"), complete={"open": False, "done": True}) == (
        "open",
    )


# Publishing


def test_publishing_again_changes_nothing_and_what_is_gone_is_retired(app, four_courses):
    def publish(*given):
        with work(app):
            return actions.publish(library=four_courses, paths=given, at=NOW).paths

    other = replace(PATH, id="another", courses=(OTHER,))
    first, again = publish(PATH, other), publish(PATH, other)
    edited = publish(replace(PATH, ordered=False))
    back = publish(other)

    assert first.new == (PATH.id, other.id)
    assert not again.any
    assert (edited.changed, edited.withdrawn) == ((PATH.id,), (other.id,))
    assert (back.new, back.withdrawn) == ((other.id,), (PATH.id,))
    with app.app_context():
        assert {row.slug: row.current for row in all_of(LearningPath)} == {
            PATH.id: False,
            other.id: True,
        }


@SQLITE
def test_publishing_courses_alone_leaves_the_paths(app, on_offer, four_courses):
    with work(app):
        actions.publish(library=four_courses, at=NOW)
        assert [each.slug for each in paths.published()] == [PATH.id]


def test_another_word_or_another_order_is_another_digest():
    others = [
        replace(PATH, title={**PATH.title, "en": "x"}),
        replace(PATH, courses=PATH.courses[::-1]),
        replace(PATH, ordered=False),
    ]

    assert PATH.digest == replace(PATH).digest
    assert len({PATH.digest, *(each.digest for each in others)}) == 4


# Pages


@SQLITE
def test_a_path_shows_its_courses_and_begins_with_its_first(cast, on_offer, sign_in):
    page = sign_in(cast.dealer_a).get(PAGE).text

    assert page.index(f"课程 {FIRST}") < page.index(f"课程 {SECOND}") < page.index(f"课程 {THIRD}")
    assert f"课程 {OTHER}" not in page
    assert "学完 0 / 3 门" in page
    assert f"先学完《课程 {FIRST}》" in page
    assert f'action="/courses/{FIRST}/enrol"' in page


@SQLITE
def test_a_path_goes_on_with_its_next_course_until_all_are_complete(
    cast, on_offer, finish, sign_in
):
    dealer = sign_in(cast.dealer_a)

    finish(FIRST)
    begun = dealer.get(PAGE).text
    finish(SECOND)
    finish(THIRD)
    ended = dealer.get(PAGE).text

    assert "学完 1 / 3 门" in begun
    assert f'action="/courses/{SECOND}/enrol"' in begun
    assert f"先学完《课程 {FIRST}》" not in begun
    assert "这条路径上的课你都学完了" in ended
    assert "<form" not in ended.partition("<main")[2].partition("</main>")[0]


@SQLITE
def test_who_began_in_the_middle_goes_on_there(cast, on_offer, begin, sign_in):
    begin(SECOND)

    page = sign_in(cast.dealer_a).get(PAGE).text

    assert f'action="/courses/{SECOND}/one/open"' in page
    assert f"先学完《课程 {SECOND}》" in page  # the third, after it
    assert f"先学完《课程 {FIRST}》" not in page


@SQLITE
def test_paths_stand_behind_what_is_under_way_and_before_all_else(cast, on_offer, begin, sign_in):
    dealer = sign_in(cast.dealer_a)

    before = dealer.get("/courses").text
    begin(SECOND)
    after = dealer.get("/courses").text

    assert before.index(PAGE) < before.index(f'href="/courses/{OTHER}"')
    assert after.index(f'href="/courses/{SECOND}"') < after.index(PAGE)
    assert after.index(PAGE) < after.index(f'href="/courses/{OTHER}"')


@SQLITE
def test_a_retired_path_is_there_for_who_began_it_and_for_nobody_else(
    app, cast, on_offer, four_courses, begin, sign_in
):
    begin(SECOND)
    with work(app):
        actions.publish(library=four_courses, paths=(), at=NOW)

    own = sign_in(cast.dealer_a).get(PAGE)

    assert "这条路径已经下架" in own.text
    assert sign_in(cast.dealer_b).get(PAGE).status_code == 404
    assert sign_in(cast.author).get(PAGE).status_code == 404
    assert "学习路径" not in sign_in(cast.dealer_a).get("/courses").text


@SQLITE
def test_a_path_without_a_course_that_can_be_opened_leads_nowhere(
    app, cast, on_offer, empty_library, sign_in
):
    with work(app):
        actions.publish(library=empty_library, at=NOW)
    dealer = sign_in(cast.dealer_a)

    assert dealer.get(PAGE).status_code == 404
    assert "学习路径" not in dealer.get("/courses").text


@SQLITE
def test_who_only_looks_sees_the_path_without_progress(cast, on_offer, sign_in):
    page = sign_in(cast.author).get(PAGE).text

    assert f"课程 {THIRD}" in page
    assert "0 / 3" not in page
    assert "先学完" not in page


@SQLITE
def test_the_catalogue_names_the_paths_and_asks_the_database_little(
    cast, on_offer, begin, sign_in, count_queries
):
    begin(FIRST)
    dealer = sign_in(cast.dealer_a)
    dealer.get("/courses")

    with count_queries() as catalogue:
        page = dealer.get("/courses").text
    with count_queries() as path:
        dealer.get(PAGE)

    assert f"接着学《课程 {FIRST}》" in page
    assert f'href="{PAGE}"' in page
    assert len(catalogue) <= 6
    assert len(path) <= 6


# What comes next


def next_slug(app, actor) -> str:
    with app.app_context():
        return queries.next_step(member=actor.member, language="zh-CN").slug


@SQLITE
def test_after_a_course_of_a_path_comes_its_next_one(app, cast, on_offer, finish):
    before = next_slug(app, cast.dealer_a)
    finish(FIRST)
    after = next_slug(app, cast.dealer_a)
    with work(app):  # the control: without the path, it is the first of all again
        db.session.execute(update(LearningPath).values(current=False))
    without = next_slug(app, cast.dealer_a)

    assert (before, after, without) == (OTHER, SECOND, OTHER)


@SQLITE
def test_what_is_under_way_comes_before_any_path(app, cast, on_offer, finish, begin):
    finish(FIRST)
    begin(THIRD)

    assert next_slug(app, cast.dealer_a) == THIRD


@SQLITE
def test_who_completed_nothing_costs_no_statement_for_paths(app, cast, on_offer, count_queries):
    with app.app_context():
        standings = standing.of_member(cast.dealer_a.member)
        with count_queries() as asked:
            found = paths.at_hand(standings)

    assert found.slug == OTHER
    assert asked == []


# Prerequisites


@SQLITE
def test_a_prerequisite_is_advice_and_the_learner_may_begin_all_the_same(
    app, cast, four_courses, begin, sign_in, count_queries
):
    with work(app):
        actions.publish(library=requiring(four_courses, OTHER, THIRD, "not-offered"), at=NOW)
    dealer = sign_in(cast.dealer_a)
    dealer.get(f"/courses/{OTHER}")

    with count_queries() as asked:
        page = dealer.get(f"/courses/{OTHER}").text
    catalogue = dealer.get("/courses").text
    answer = dealer.post(f"/courses/{OTHER}/enrol")
    begun = dealer.get(f"/courses/{OTHER}").text

    assert f'建议先学完 <a href="/courses/{THIRD}">《课程 {THIRD}》</a>' in page
    assert "仍然要学" in page
    assert "not-offered" not in page
    assert len(asked) <= 6
    assert catalogue.count("建议先学完") == 1
    assert answer.status_code == 303
    assert "建议先学完" not in begun


@SQLITE
def test_a_completed_prerequisite_is_not_mentioned(app, cast, four_courses, finish, sign_in):
    with work(app):
        actions.publish(library=requiring(four_courses, OTHER, THIRD), at=NOW)
    finish(THIRD)

    page = sign_in(cast.dealer_a).get(f"/courses/{OTHER}").text

    assert "建议先学完" not in page
    assert "开始学习" in page


def test_no_course_can_take_the_address_of_the_paths():
    with pytest.raises(rules.ReservedName):
        rules.check_names(["paths/one"])


@SQLITE
def test_looking_at_a_path_drops_no_lesson_that_is_kept_offline(app):
    script = app.test_client().get("/courses/worker.js").text

    assert 'NOT_COURSES = ["notes", "paths", "questions", "search"]' in script


@SQLITE
def test_the_projects_own_paths_are_published_by_the_command(app):
    runner = app.test_cli_runner()
    first = runner.invoke(args=["publish-courses"])
    again = runner.invoke(args=["publish-courses"])

    assert "paths: new ['newcomer', 'steady']" in first.output
    assert "paths" not in again.output
    folder = app.extensions["tongtu.settings"].content_dir
    written = {path.stem for path in (folder / "paths").glob("*.yaml")}
    offered = {course.id for course in load_library(folder / "courses").courses}
    with app.app_context():
        assert {each.slug for each in paths.published()} == written
        assert all(set(each.courses) <= offered for each in paths.published())
