"""Progress is right whatever order, repetition or version the events come in."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courses.course import FULL_BPS, Course, Lesson, MOfN, Quiz, TrueFalse
from courses.load import Reading
from courses.progress import (
    Event,
    LessonOpened,
    LessonRead,
    LessonState,
    Progress,
    QuizAnswered,
    progress,
)
from courses.version import Kind, diff

Read = Callable[..., Reading]
START = datetime(2026, 11, 2, tzinfo=UTC)


def statement(key: str) -> TrueFalse:
    return TrueFalse(
        key=key,
        hash=key,
        html={},
        explanation={},
        answer=True,
        feedback_right={},
        feedback_wrong={},
    )


def lesson(name: str, *, m: int = 0, n: int = 0, required: bool = True) -> Lesson:
    questions = tuple(statement(f"{name}-{index}") for index in range(n))
    return Lesson(
        id=name,
        order=1,
        title={},
        html={},
        minutes=5,
        kpi=(),
        action=None,
        quiz=Quiz(questions=questions, rule=MOfN(m=m, n=n)) if n else None,
        required=required,
        source_hash=name,
    )


COURSE = Course(
    id="c",
    title={},
    summary={},
    level=1,
    kpi=(),
    order=1,
    lessons=(
        lesson("a", m=2, n=3),
        lesson("b"),
        lesson("c", required=False),
        lesson("d", m=1, n=1),
    ),
    pass_bps=FULL_BPS,
    certificate=True,
    owner="",
    review_by=None,
    languages=("zh-CN",),
    version="1",
)
instants = st.integers(0, 500).map(lambda minutes: START + timedelta(minutes=minutes))
lesson_ids = st.sampled_from(["a", "b", "c", "d", "gone", "zz"])
question_keys = st.sampled_from(["a-0", "a-1", "a-2", "d-0", "gone-0"])
events_strategy = st.lists(
    st.one_of(
        st.builds(LessonOpened, lesson_id=lesson_ids, at=instants),
        st.builds(LessonRead, lesson_id=lesson_ids, at=instants),
        st.builds(
            QuizAnswered,
            question_key=question_keys,
            score_bps=st.sampled_from([-5, 0, 5_000, 10_000]),
            attempt=st.integers(1, 4),
            at=instants,
        ),
    ),
    max_size=25,
)


def furthest(found: Progress) -> tuple[object, ...]:
    """What may only grow."""
    states = list(LessonState)
    return (
        found.percent,
        found.done,
        found.completed,
        *((states.index(s.state), len(s.correct), s.attempts) for s in found.lessons),
    )


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def read(lesson_id: str, minutes: int = 0) -> LessonRead:
    return LessonRead(lesson_id=lesson_id, at=at(minutes))


def right(key: str, minutes: int = 0, attempt: int = 1) -> QuizAnswered:
    return QuizAnswered(question_key=key, score_bps=FULL_BPS, attempt=attempt, at=at(minutes))


def test_a_lesson_is_complete_when_read_and_its_quiz_passed() -> None:
    only_read = progress(COURSE, [read("a", 1), right("a-0", 2)])
    both = progress(COURSE, [read("a", 1), right("a-0", 2), right("a-2", 7, attempt=2)])

    assert only_read.lessons[0].state is LessonState.READ
    assert both.lessons[0].state is LessonState.COMPLETE
    assert both.lessons[0].completed_at == at(7)
    assert both.percent == 33
    assert both.next_lesson == "b"


def test_a_partly_right_answer_does_not_count_towards_passing() -> None:
    half = QuizAnswered(question_key="d-0", score_bps=9_999, attempt=1, at=START)

    assert not progress(COURSE, [read("d"), half]).lessons[3].passed


def test_the_course_is_completed_by_its_required_lessons() -> None:
    events: list[Event] = [
        *(read("a", 1), right("a-0", 2), right("a-1", 3)),
        *(read("d", 9), right("d-0", 4), read("b", 5)),
    ]

    found = progress(COURSE, events)

    assert (found.percent, found.completed, found.completed_at) == (100, True, at(9))
    assert found.next_lesson == "c"
    assert [done.lesson_id for done in found.completions] == ["a", "b", "d"]
    assert progress(COURSE, [*events, read("c")]).next_lesson is None


def test_nothing_done_is_nothing_percent() -> None:
    found = progress(COURSE, [])

    assert (found.percent, found.started, found.next_lesson) == (0, False, "a")


def test_a_course_without_lessons_is_never_complete() -> None:
    found = progress(replace(COURSE, lessons=()), [read("a")])

    assert (found.percent, found.completed, found.next_lesson) == (0, False, None)


def test_a_share_of_the_lessons_completes_when_the_course_says_so() -> None:
    found = progress(replace(COURSE, pass_bps=3_400), [read("b", 1), read("d", 2), right("d-0")])

    assert (found.done, found.completed_at) == (2, at(2))


@given(events_strategy)
def test_percent_is_within_its_bounds_and_full_only_when_all_is_done(events: list[Event]) -> None:
    found = progress(COURSE, events)

    assert 0 <= found.percent <= 100
    assert (found.percent == 100) is found.completed
    assert found.done == sum(s.complete for s in found.lessons if s.required)


@given(events_strategy, st.randoms(use_true_random=False))
def test_order_and_repeats_do_not_matter(events: list[Event], shuffler: random.Random) -> None:
    again = events + events[: len(events) // 2]
    shuffler.shuffle(again)

    assert progress(COURSE, again) == progress(COURSE, events)


@given(events_strategy, events_strategy)
def test_more_events_never_lower_anything(events: list[Event], more: list[Event]) -> None:
    before, after = furthest(progress(COURSE, events)), furthest(progress(COURSE, events + more))

    assert all(a >= b for a, b in zip(after, before, strict=True))


@given(events_strategy)
def test_events_of_unknown_lessons_change_nothing(events: list[Event]) -> None:
    known = [e for e in events if getattr(e, "lesson_id", "a") not in {"gone", "zz"}]

    assert progress(COURSE, known) == progress(COURSE, events)


@given(events_strategy)
def test_a_version_that_moves_everyone_lowers_nobody(events: list[Event]) -> None:
    newer = replace(COURSE, lessons=(*COURSE.lessons, lesson("e", m=1, n=1, required=False)))
    assert diff(COURSE, newer).kind is Kind.OPTIONAL_ADDED

    before, after = progress(COURSE, events), progress(newer, events)

    assert (after.percent, after.completed_at) == (before.percent, before.completed_at)


def test_a_version_that_would_lower_someone_does_not_move_everyone() -> None:
    newer = replace(COURSE, lessons=(*COURSE.lessons, lesson("e")))
    done: list[Event] = [read("a"), right("a-0"), right("a-1"), read("b"), read("d"), right("d-0")]

    assert progress(COURSE, done).percent == 100
    assert progress(newer, done).percent < 100
    assert not diff(COURSE, newer).moves_everyone


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(events=events_strategy)
def test_progress_reads_the_loaded_course_as_well(course: Course, events: list[Event]) -> None:
    assert progress(course, events).percent == 0
    own = [read("shop-101/first"), right("shop-01"), right("shop-03")]

    assert progress(course, [*events, *own]).completed
