"""What progress promises whatever happens, each promise with a wrong formula that breaks it.

A property that a wrong formula passes shows nothing, so every property here is also given the
mistakes that other course systems are known for, and has to catch them.
"""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from courses.course import FULL_BPS, Course, Lesson, MOfN, Quiz, TrueFalse
from courses.progress import Event, LessonOpened, LessonRead, Progress, QuizAnswered, progress
from courses.version import Kind, diff, from_json, to_json

START = datetime(2026, 11, 2, tzinfo=UTC)
NAMES = "abcd"

Shown = tuple[float, bool]
"""What a learner sees: the share that is done, 0 to 1, and whether the course is completed."""
Formula = Callable[[Course, Sequence[Event]], Shown]
Publish = Callable[[Course, Course], Course]
Property = Callable[[st.DataObject, Formula, Publish], None]


def ours(course: Course, events: Sequence[Event]) -> Shown:
    found = progress(course, events)
    return found.percent / 100, found.completed


def kept_or_moved(pinned: Course, newest: Course) -> Course:
    """The version that a learner has after a publication, as the portal decides it."""
    return newest if diff(pinned, newest).moves_everyone else pinned


def question(key: str, text: str = "") -> TrueFalse:
    return TrueFalse(
        key=key,
        hash=key + text,
        html={},
        explanation={},
        answer=True,
        feedback_right={},
        feedback_wrong={},
    )


@st.composite
def a_lesson(draw: st.DrawFn, name: str) -> Lesson:
    count = draw(st.integers(0, 3))
    rule = MOfN(m=draw(st.integers(1, max(1, count))), n=max(1, count))
    quiz = Quiz(questions=tuple(question(f"{name}-{at}") for at in range(count)), rule=rule)
    return Lesson(
        id=name,
        order=NAMES.find(name),
        title={},
        html={},
        minutes=5,
        kpi=(),
        action=None,
        quiz=quiz if count else None,
        required=draw(st.booleans()),
        source_hash=name,
    )


@st.composite
def a_course(draw: st.DrawFn) -> Course:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
    lessons = [draw(a_lesson(name)) for name in names]
    return Course(
        id="c",
        title={},
        summary={},
        level=1,
        kpi=(),
        order=1,
        lessons=(replace(lessons[0], required=True), *lessons[1:]),
        pass_bps=draw(st.sampled_from([FULL_BPS, FULL_BPS, 5_000])),
        certificate=True,
        owner="",
        review_by=None,
        languages=("zh-CN",),
        version="1",
    )


instants = st.integers(0, 500).map(lambda minutes: START + timedelta(minutes=minutes))
scores = st.sampled_from([0, 5_000, FULL_BPS, FULL_BPS, FULL_BPS])


@st.composite
def an_event(draw: st.DrawFn, course: Course) -> Event:
    """Something that happened in this course, now and then in a lesson that is gone."""
    at = draw(instants)
    lesson = draw(st.sampled_from([*course.lessons, None]))
    asked = [] if lesson is None or lesson.quiz is None else list(lesson.quiz.questions)
    chosen = draw(st.sampled_from([None, None, *asked]))
    if chosen is not None:
        return QuizAnswered(
            question_key=chosen.key, score_bps=draw(scores), attempt=draw(st.integers(1, 4)), at=at
        )
    kind = draw(st.sampled_from([LessonOpened, LessonRead, LessonRead]))
    return kind(lesson_id=lesson.id if lesson else draw(st.sampled_from(["x", "y", "z"])), at=at)


@st.composite
def a_log(draw: st.DrawFn, course: Course) -> list[Event]:
    """The log of somebody who did next to nothing, or next to everything."""
    events = draw(st.lists(an_event(course), max_size=12))
    done = enough_to_complete(course) if draw(st.booleans()) else []
    return draw(st.permutations([*events, *done]))


def enough_to_complete(course: Course) -> list[Event]:
    """The events of somebody who did everything."""
    read = [LessonRead(lesson_id=lesson.id, at=START) for lesson in course.lessons]
    right = [
        QuizAnswered(question_key=asked.key, score_bps=FULL_BPS, attempt=1, at=START)
        for _, asked in course.asked()
    ]
    return [*read, *right]


@st.composite
def an_edit(draw: st.DrawFn, course: Course) -> Course:
    """The course after an author's day: any mixture of changes, some of them without effect."""
    lessons = list(course.lessons)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lessons) - 1))
        lessons = draw(st.sampled_from(EDITS))(draw, lessons, at)
    if not any(lesson.required for lesson in lessons):
        lessons[0] = replace(lessons[0], required=True)
    share = draw(st.sampled_from([course.pass_bps, course.pass_bps, FULL_BPS]))
    return replace(course, lessons=tuple(lessons), pass_bps=share, version="2")


Edit = Callable[[st.DrawFn, list[Lesson], int], list[Lesson]]


def reworded(draw: st.DrawFn, lessons: list[Lesson], at: int) -> list[Lesson]:
    return [*lessons[:at], replace(lessons[at], source_hash="new"), *lessons[at + 1 :]]


def added(draw: st.DrawFn, lessons: list[Lesson], at: int) -> list[Lesson]:
    free = [name for name in "efgh" if name not in {lesson.id for lesson in lessons}]
    return [*lessons[:at], draw(a_lesson(free[0])), *lessons[at:]]


def removed(draw: st.DrawFn, lessons: list[Lesson], at: int) -> list[Lesson]:
    return [*lessons[:at], *lessons[at + 1 :]] if len(lessons) > 1 else lessons


def turned(draw: st.DrawFn, lessons: list[Lesson], at: int) -> list[Lesson]:
    changed = replace(lessons[at], required=not lessons[at].required)
    return [*lessons[:at], changed, *lessons[at + 1 :]]


def asked_anew(draw: st.DrawFn, lessons: list[Lesson], at: int) -> list[Lesson]:
    name = lessons[at].id
    quiz = Quiz(
        questions=(question(f"{name}-0", "new"), question(f"{name}-9")), rule=MOfN(m=2, n=2)
    )
    return [*lessons[:at], replace(lessons[at], quiz=quiz), *lessons[at + 1 :]]


def shuffled(draw: st.DrawFn, lessons: list[Lesson], at: int) -> list[Lesson]:
    return draw(st.permutations(lessons))


EDITS: list[Edit] = [reworded, added, removed, turned, asked_anew, shuffled]


# The invariants.


def stays_within_0_and_1(data: st.DataObject, formula: Formula, _: Publish) -> None:
    course = data.draw(a_course())
    events = data.draw(a_log(course))

    assert 0 <= formula(course, events)[0] <= 1


def never_falls_with_one_more_event(data: st.DataObject, formula: Formula, _: Publish) -> None:
    course = data.draw(a_course())
    events = data.draw(a_log(course))
    before = formula(course, events)

    after = formula(course, [*events, data.draw(an_event(course))])

    assert after[0] >= before[0]
    assert after[1] or not before[1]


def ignores_order_and_repeats(data: st.DataObject, formula: Formula, _: Publish) -> None:
    course = data.draw(a_course())
    events = data.draw(a_log(course))
    again = [
        *events,
        *data.draw(st.lists(st.sampled_from(events), max_size=5) if events else st.just([])),
    ]

    data.draw(st.randoms(use_true_random=False)).shuffle(again)

    assert formula(course, again) == formula(course, events)


def takes_nothing_away_by_publishing(
    data: st.DataObject, formula: Formula, publish: Publish
) -> None:
    course = data.draw(a_course())
    events = data.draw(a_log(course))
    before = formula(course, events)

    after = formula(publish(course, data.draw(an_edit(course))), events)

    assert after[0] >= before[0]
    assert after[1] or not before[1]


def is_what_a_replay_of_the_log_gives(data: st.DataObject, formula: Formula, _: Publish) -> None:
    """What was shown after the last event, against all of the log from where it is stored."""
    course = data.draw(a_course())
    events = data.draw(a_log(course))
    shown = (0.0, False)
    for count in range(1, len(events) + 1):
        shown = formula(course, events[:count])

    stored_course = from_json(to_json(course))
    stored_log = json.loads(json.dumps([row(event) for event in events]))

    assert formula(stored_course, [event_of(stored) for stored in stored_log]) == (
        shown if events else formula(course, [])
    )


def row(event: Event) -> dict[str, object]:
    return {**asdict(event), "kind": type(event).__name__, "at": event.at.isoformat()}


def event_of(stored: dict[str, object]) -> Event:
    kinds = {kind.__name__: kind for kind in (LessonOpened, LessonRead, QuizAnswered)}
    given = {name: value for name, value in stored.items() if name != "kind"}
    given["at"] = datetime.fromisoformat(str(stored["at"]))
    return kinds[str(stored["kind"])](**given)  # type: ignore[arg-type]


# The mistakes.


def all_done_over_the_lessons_of_today(course: Course, events: Sequence[Event]) -> Shown:
    """Every lesson ever read, also of lessons that are gone, over those there are now."""
    read = {event.lesson_id for event in events if isinstance(event, LessonRead)}
    share = len(read) / len(course.lessons)
    return share, share >= 1


def the_last_answer_counts(course: Course, events: Sequence[Event]) -> Shown:
    """A wrong answer in a second attempt takes the first, right one away."""
    last = {e.question_key: e for e in events if isinstance(e, QuizAnswered)}
    return ours(
        course, [e for e in events if not isinstance(e, QuizAnswered) or e in last.values()]
    )


def every_event_counts(course: Course, events: Sequence[Event]) -> Shown:
    """A row for each event that came in, twice where the connection made it come twice."""
    known = {lesson.id for lesson in course.lessons}
    rows = [e for e in events if isinstance(e, LessonRead) and e.lesson_id in known]
    share = min(1.0, len(rows) / len(course.lessons))
    return share, share == 1


def only_what_was_read_before_it_was_answered(course: Course, events: Sequence[Event]) -> Shown:
    """The order in which events came in decides, so a late one is lost."""
    read: set[str] = set()
    kept: list[Event] = []
    for event in events:
        if isinstance(event, LessonRead):
            read.add(event.lesson_id)
        if not isinstance(event, QuizAnswered) or event.question_key.partition("-")[0] in read:
            kept.append(event)
    return ours(course, kept)


class AddedUp:
    """A stored percentage that every call raises, as a counter in a row would be."""

    def __init__(self) -> None:
        self.shown = 0.0

    def __call__(self, course: Course, events: Sequence[Event]) -> Shown:
        if len(events) == 1:
            self.shown = 0.0
        if events and isinstance(events[-1], LessonRead):
            self.shown = min(1.0, self.shown + 1 / len(course.lessons))
        return self.shown, self.shown == 1


def everybody_moves(_: Course, newest: Course) -> Course:
    return newest


def only_removed_lessons_count(pinned: Course, newest: Course) -> Course:
    """A version rule that forgets questions, rules and required lessons."""
    return pinned if diff(pinned, newest).lessons_removed else newest


INVARIANTS: list[Property] = [
    stays_within_0_and_1,
    never_falls_with_one_more_event,
    ignores_order_and_repeats,
    takes_nothing_away_by_publishing,
    is_what_a_replay_of_the_log_gives,
]
MISTAKES: list[tuple[Property, Formula, Publish]] = [
    (stays_within_0_and_1, all_done_over_the_lessons_of_today, kept_or_moved),
    (never_falls_with_one_more_event, the_last_answer_counts, kept_or_moved),
    (ignores_order_and_repeats, every_event_counts, kept_or_moved),
    (ignores_order_and_repeats, only_what_was_read_before_it_was_answered, kept_or_moved),
    (takes_nothing_away_by_publishing, ours, everybody_moves),
    (takes_nothing_away_by_publishing, ours, only_removed_lessons_count),
    (takes_nothing_away_by_publishing, all_done_over_the_lessons_of_today, kept_or_moved),
    (is_what_a_replay_of_the_log_gives, AddedUp(), kept_or_moved),
]


def holds(invariant: Property, formula: Formula, publish: Publish, *, examples: int) -> None:
    @settings(
        max_examples=examples,
        phases=[Phase.generate],
        database=None,
        derandomize=True,  # a control that is caught by luck tells nothing
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def check(data: st.DataObject) -> None:
        invariant(data, formula, publish)

    check()


@pytest.mark.parametrize("invariant", INVARIANTS, ids=lambda one: one.__name__)
def test_progress(invariant: Property) -> None:
    holds(invariant, ours, kept_or_moved, examples=60)


@pytest.mark.parametrize(
    ("invariant", "formula", "publish"),
    MISTAKES,
    ids=lambda one: getattr(one, "__name__", "added_up"),
)
def test_a_wrong_formula_is_caught(invariant: Property, formula: Formula, publish: Publish) -> None:
    with pytest.raises((AssertionError, ExceptionGroup)):
        holds(invariant, formula, publish, examples=2_000)


def test_edits_of_every_kind_are_drawn() -> None:
    """The fourth invariant would show nothing if no edit ever moved, or held, a learner."""
    kinds: set[Kind] = set()

    @settings(max_examples=80, phases=[Phase.generate], database=None)
    @given(st.data())
    def look(data: st.DataObject) -> None:
        course = data.draw(a_course())
        kinds.add(diff(course, data.draw(an_edit(course))).kind)

    look()

    assert kinds == set(Kind)


@given(a_course(), st.randoms(use_true_random=False))
def test_the_events_of_a_whole_course_complete_it(course: Course, chance: random.Random) -> None:
    events = enough_to_complete(course)
    chance.shuffle(events)

    found: Progress = progress(course, events)

    assert (found.percent, found.completed) == (100, True)
