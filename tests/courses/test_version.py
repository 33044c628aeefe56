"""A version is its content: it comes back from JSON as it was, and a diff says who may move."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.course import (
    Action,
    Check,
    Course,
    Description,
    Essay,
    Lesson,
    Matching,
    MOfN,
    MultipleChoice,
    Numeric,
    NumericAnswer,
    Option,
    Pair,
    Question,
    Quiz,
    ShortAnswer,
    SingleChoice,
    TextAnswer,
    TrueFalse,
    Video,
)
from courses.load import Reading
from courses.version import Kind, VersionFormatError, diff, from_json, manifest, to_json, version_of

Read = Callable[..., Reading]
ZH = "010-first.zh-CN.md"
EN = "010-first.en.md"
SECOND = "020-second.zh-CN.md"
THIRD = "---\nid: shop-101/third\ntitle: 三\nminutes: 4\nkpi: []\nrequired: {}\n---\n正文\n"

words = st.text(max_size=8)
texts: st.SearchStrategy[Mapping[str, str]] = st.dictionaries(
    st.sampled_from(["zh-CN", "en"]), words, max_size=2
)
weights = st.integers(-10_000, 10_000)
numbers = st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=4)
base = {"key": words, "hash": words, "html": texts, "explanation": texts}
options = st.lists(
    st.builds(Option, html=texts, weight_bps=weights, feedback=texts), max_size=3
).map(tuple)
questions: st.SearchStrategy[Question] = st.one_of(
    st.builds(SingleChoice, options=options, **base),
    st.builds(MultipleChoice, options=options, **base),
    st.builds(TrueFalse, answer=st.booleans(), feedback_right=texts, feedback_wrong=texts, **base),
    st.builds(
        Numeric,
        answers=st.lists(
            st.builds(NumericAnswer, low=numbers, high=numbers, weight_bps=weights, feedback=texts),
            max_size=2,
        ).map(tuple),
        **base,
    ),
    st.builds(
        ShortAnswer,
        answers=st.lists(
            st.builds(TextAnswer, text=texts, weight_bps=weights, feedback=texts), max_size=2
        ).map(tuple),
        **base,
    ),
    st.builds(
        Matching,
        pairs=st.lists(st.builds(Pair, left=texts, right=texts), max_size=2).map(tuple),
        **base,
    ),
    st.builds(Description, **base),
    st.builds(Essay, **base),
)
lessons = st.builds(
    Lesson,
    id=words,
    order=st.integers(0, 999),
    title=texts,
    html=texts,
    minutes=st.integers(1, 99),
    kpi=st.lists(words, max_size=2).map(tuple),
    action=st.none()
    | st.builds(
        Action,
        code=words,
        text=texts,
        within_days=st.integers(1, 9),
        check=st.none() | st.builds(Check, measure=words, at_least=st.none() | st.integers()),
    ),
    quiz=st.none()
    | st.builds(
        Quiz,
        questions=st.lists(questions, max_size=3).map(tuple),
        rule=st.builds(MOfN, m=st.integers(1, 3), n=st.integers(1, 3)),
    ),
    required=st.booleans(),
    source_hash=words,
    video=st.none() | st.builds(Video, src=words, seconds=st.integers(1, 99), captions=texts),
    product=st.none() | words,
)
courses = st.builds(
    Course,
    id=words,
    title=texts,
    summary=texts,
    level=st.integers(1, 3),
    kpi=st.lists(words, max_size=2).map(tuple),
    order=st.integers(0, 99),
    lessons=st.lists(lessons, max_size=3).map(tuple),
    pass_bps=st.integers(0, 10_000),
    certificate=st.booleans(),
    owner=words,
    review_by=st.none() | st.dates(),
    languages=st.lists(words, max_size=2).map(tuple),
    version=words,
    after=st.lists(words, max_size=2).map(tuple),
)
# As a version was stored before lessons had videos, checks, products, and courses prerequisites.
EARLIER = """{"course":{"certificate":true,"id":"shop-101","kpi":["repurchase_rate"],
"languages":["zh-CN"],"lessons":[{"action":{"code":"tag","text":{"zh-CN":"打标签"},
"within_days":7},"html":{"zh-CN":"<p>正文</p>"},"id":"shop-101/first","kpi":[],"minutes":5,
"order":10,"quiz":{"questions":[{"answer":true,"explanation":{},"feedback_right":{},
"feedback_wrong":{},"hash":"h","html":{"zh-CN":"<p>题</p>"},"key":"shop-01",
"kind":"true_false"}],"rule":{"m":1,"n":1}},"required":true,"source_hash":"s",
"title":{"zh-CN":"先看人"}}],"level":1,"order":10,"owner":"联盟","pass_bps":10000,
"review_by":"2027-06-30","summary":{"zh-CN":"短"},"title":{"zh-CN":"开店"},
"version":"a0"},"format":1}"""
EARLIER_VERSION = "0c021b3430f053f7c7b31e9f6e3dead84347f23798d06906db892d20019aa849"


def test_a_version_stored_before_videos_and_checks_still_loads_and_keeps_its_hash() -> None:
    stored = from_json(EARLIER)

    (lesson,) = stored.lessons
    assert lesson.action is not None
    assert (lesson.video, lesson.product, lesson.action.check) == (None, None, None)
    assert stored.after == ()
    assert version_of(stored) == EARLIER_VERSION
    assert version_of(replace(stored, after=("other-101",))) != EARLIER_VERSION
    assert from_json(to_json(stored)) == stored


@given(courses)
def test_any_course_comes_back_from_json_as_it_was(course: Course) -> None:
    stored = to_json(course)

    assert from_json(stored) == course
    assert to_json(from_json(stored)) == stored


def test_a_loaded_course_comes_back_with_its_version(course: Course) -> None:
    again = from_json(to_json(course))

    assert again == course
    assert version_of(again) == course.version
    assert again.review_by == date(2027, 6, 30)
    _, number = again.question("shop-02") or pytest.fail("the question is gone")
    assert isinstance(number, Numeric)
    assert number.answers[0].low == Decimal("44.5")


def without(course: Course, name: str) -> str:
    stored = json.loads(to_json(course))
    del stored["course"][name]
    return json.dumps(stored)


@pytest.mark.asvs("V1.5.2")
@pytest.mark.parametrize("stored", ["", "[]", "{}", '{"format":2,"course":{}}', '{"format":1}'])
def test_what_is_no_stored_version_is_refused(stored: str) -> None:
    with pytest.raises(VersionFormatError):
        from_json(stored)


def test_a_stored_version_that_lacks_a_field_is_refused(course: Course) -> None:
    with pytest.raises(VersionFormatError):
        from_json(without(course, "lessons"))


def test_a_stored_version_with_a_wrong_date_is_refused(course: Course) -> None:
    with pytest.raises(VersionFormatError):
        from_json(to_json(course).replace("2027-06-30", "2027-06-31"))


def test_a_version_depends_on_content_only(read: Read) -> None:
    first, second = read().course, read().course

    assert first is not None
    assert second is not None
    assert first.version == second.version
    assert manifest(first) == manifest(replace(second, version="other"))


CHANGES = [
    ("the same", {}, Kind.NONE),
    ("body", {ZH: ("第一段", "第一节")}, Kind.TEXT_ONLY),
    ("feedback", {ZH: ("会打扰人", "打扰人")}, Kind.TEXT_ONLY),
    ("explanation", {ZH: ("先看人。\n}", "先看人再说。\n}")}, Kind.TEXT_ONLY),
    ("translation", {EN: ("What first?", "First?")}, Kind.TEXT_ONLY),
    ("title", {"course.yaml": ("开店第一课", "第一课")}, Kind.TEXT_ONLY),
    ("optional", {"030-z.zh-CN.md": THIRD.format("false")}, Kind.OPTIONAL_ADDED),
    ("required", {"030-z.zh-CN.md": THIRD.format("true")}, Kind.RULES),
    ("removed", {SECOND: None}, Kind.RULES),
    ("now required", {SECOND: ("required: false", "required: true")}, Kind.RULES),
    ("pass rule", {ZH: ("m: 2", "m: 3")}, Kind.RULES),
    ("stem", {ZH: ("先做什么", "最先做什么")}, Kind.RULES),
    ("option", {ZH: ("=分层", "=先分层")}, Kind.RULES),
    ("certificate", {"course.yaml": ("certificate: true", "certificate: false")}, Kind.RULES),
]


@pytest.mark.parametrize(("changes", "kind"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES])
def test_a_change_says_whether_learners_may_be_moved(
    read: Read, course: Course, changes: dict[str, tuple[str, str]], kind: Kind
) -> None:
    newer = read(changes).course
    assert newer is not None

    change = diff(course, newer)

    assert change.kind is kind
    assert change.moves_everyone is (kind is not Kind.RULES)


def test_a_change_names_lessons_questions_and_rules(read: Read, course: Course) -> None:
    newer = read({SECOND: None, ZH: ("::shop-02::", "::shop-22::"), EN: None}).course
    assert newer is not None

    change = diff(course, newer)

    assert change.lessons_removed == ("shop-101/second",)
    assert change.lessons_edited == ("shop-101/first",)
    assert change.questions_changed == ("shop-22", "shop-02")
    assert change.lessons_added == ()


def test_new_questions_of_an_optional_lesson_are_no_reason_to_hold_anyone(
    read: Read, course: Course
) -> None:
    quiz = "\n```gift\n::shop-09:: 题{T#错#对}\n```\n"
    text = THIRD.format("false").replace("kpi: []", "kpi: []\npass: {rule: m_of_n, m: 1, n: 1}")
    newer = read({"030-z.zh-CN.md": text + quiz}).course
    assert newer is not None

    assert diff(course, newer).kind is Kind.OPTIONAL_ADDED
