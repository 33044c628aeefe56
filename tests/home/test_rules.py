"""What a dealer should do next: the order of the reasons, and when a figure is weak."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.home import rules
from portal.home.rules import Facts, Figure, Kind, Lesson, MonthFacts, Reading

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def lesson(name: str, *figures: str, slug: str = "course", complete: bool = False) -> Lesson:
    return Lesson(slug=slug, name=name, figures=figures, complete=complete)


READ = lesson("read", "repurchase_rate", "active_buyers", slug="repurchase")
FIRST_ORDER = lesson("first-order", "repurchase_rate", "refund_rate", slug="repurchase")
REPLY = lesson("first-reply", "refund_rate", slug="after-sales")
LESSONS = (READ, FIRST_ORDER, REPLY)
REPURCHASE_FELL = Reading(figure=Figure.REPURCHASE_RATE, now=1820, before=2030)
REFUNDS_ROSE = Reading(figure=Figure.REFUND_RATE, now=500, before=200)
MONTH = MonthFacts(
    gmv_minor=100_000, refund_minor=3_000, orders=50, active_buyers=40, repurchase_bps=2_000
)
EVERYTHING = Facts(
    at=AT,
    session_starts_at=AT + timedelta(hours=3),
    note_unread=True,
    answer_unread=True,
    readings=(REPURCHASE_FELL,),
    lessons=LESSONS,
    next_lesson=REPLY,
    course_begun=True,
)


def kinds(facts: Facts) -> list[Kind]:
    return [step.kind for step in rules.next_steps(facts)]


def test_what_has_a_time_comes_first_and_an_answer_that_can_wait_comes_last():
    assert kinds(EVERYTHING) == [
        Kind.PREPARE,
        Kind.READ_NOTE,
        Kind.LEARN,
        Kind.GO_ON,
        Kind.READ_ANSWER,
    ]


@pytest.mark.parametrize(
    ("gone", "kind"),
    [
        ({"session_starts_at": None}, Kind.PREPARE),
        ({"note_unread": False}, Kind.READ_NOTE),
        ({"readings": ()}, Kind.LEARN),
        ({"next_lesson": None}, Kind.GO_ON),
        ({"answer_unread": False}, Kind.READ_ANSWER),
    ],
)
def test_each_step_goes_with_its_reason_and_leaves_the_others_in_their_order(gone, kind):
    rest = [each for each in kinds(EVERYTHING) if each is not kind]

    assert kinds(replace(EVERYTHING, **gone)) == rest


def test_with_nothing_to_do_the_dealer_is_told_so():
    assert kinds(Facts(at=AT, lessons=LESSONS)) == [Kind.NOTHING]


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        (timedelta(hours=24), [Kind.PREPARE]),
        (timedelta(hours=24, minutes=1), [Kind.NOTHING]),
        (timedelta(minutes=-20), [Kind.PREPARE]),  # it is going on
    ],
)
def test_a_session_is_prepared_within_a_day(ahead, expected):
    assert kinds(Facts(at=AT, session_starts_at=AT + ahead)) == expected


def test_a_course_not_begun_is_begun_and_a_begun_one_is_gone_on_with():
    fresh = Facts(at=AT, next_lesson=READ)

    assert kinds(fresh) == [Kind.BEGIN]
    assert kinds(replace(fresh, course_begun=True)) == [Kind.GO_ON]


def test_a_weak_figure_leads_to_the_first_lesson_that_is_mostly_about_it():
    (step,) = rules.next_steps(Facts(at=AT, readings=(REFUNDS_ROSE,), lessons=LESSONS))

    assert (step.kind, step.lesson, step.reading) == (Kind.LEARN, REPLY, REFUNDS_ROSE)


def test_where_that_lesson_is_done_the_one_that_touches_the_figure_is_left():
    done = (READ, FIRST_ORDER, replace(REPLY, complete=True))

    (step,) = rules.next_steps(Facts(at=AT, readings=(REFUNDS_ROSE,), lessons=done))

    assert step.lesson == FIRST_ORDER


def test_a_weak_figure_whose_lessons_are_done_leads_to_a_consultant():
    done = tuple(replace(each, complete=True) for each in LESSONS)

    (step,) = rules.next_steps(Facts(at=AT, readings=(REFUNDS_ROSE,), lessons=done))

    assert (step.kind, step.reading) == (Kind.ASK, REFUNDS_ROSE)


def test_who_has_a_session_ahead_is_not_sent_to_book_another():
    facts = Facts(at=AT, readings=(REFUNDS_ROSE,), session_starts_at=AT + timedelta(days=3))

    assert kinds(facts) == [Kind.NOTHING]


def test_two_weak_figures_with_one_lesson_name_it_once_for_the_worse_of_them():
    buyers_fell = Reading(figure=Figure.ACTIVE_BUYERS, now=20, before=40)  # five steps
    facts = Facts(at=AT, readings=(REPURCHASE_FELL, buyers_fell), lessons=(READ,))

    (step,) = rules.next_steps(facts)

    assert step.reading == buyers_fell


def test_the_lesson_of_a_weak_figure_is_not_named_again_as_the_next_one():
    facts = Facts(
        at=AT, readings=(REPURCHASE_FELL,), lessons=LESSONS, next_lesson=READ, course_begun=True
    )

    assert kinds(facts) == [Kind.LEARN]


@pytest.mark.parametrize(
    ("figure", "now", "before", "is_weak"),
    [
        (Figure.REPURCHASE_RATE, 1_900, 2_000, True),
        (Figure.REPURCHASE_RATE, 1_901, 2_000, False),
        (Figure.REPURCHASE_RATE, 2_500, 2_000, False),
        (Figure.REFUND_RATE, 300, 200, True),
        (Figure.REFUND_RATE, 299, 200, False),
        (Figure.REFUND_RATE, 100, 900, False),
        (Figure.ACTIVE_BUYERS, 90, 100, True),
        (Figure.ACTIVE_BUYERS, 91, 100, False),
        (Figure.AVERAGE_ORDER, 2_700, 3_000, True),
        (Figure.AVERAGE_ORDER, 2_701, 3_000, False),
        (Figure.AVERAGE_ORDER, 10, 0, False),
    ],
)
def test_a_figure_is_weak_from_one_step_on_and_never_for_getting_better(
    figure, now, before, is_weak
):
    assert bool(rules.weak([Reading(figure=figure, now=now, before=before)])) is is_weak


def test_both_months_in_full_give_every_figure():
    before = replace(MONTH, gmv_minor=120_000, active_buyers=44, repurchase_bps=2_210)

    found = {
        each.figure: (each.now, each.before) for each in rules.readings(now=MONTH, before=before)
    }

    assert found == {
        Figure.REPURCHASE_RATE: (2_000, 2_210),
        Figure.REFUND_RATE: (300, 250),
        Figure.ACTIVE_BUYERS: (40, 44),
        Figure.AVERAGE_ORDER: (2_000, 2_400),
    }


@pytest.mark.parametrize(
    ("missing", "figure"),
    [
        ({"repurchase_bps": None}, Figure.REPURCHASE_RATE),
        ({"refund_minor": None}, Figure.REFUND_RATE),
        ({"active_buyers": None}, Figure.ACTIVE_BUYERS),
        ({"active_buyers": 9}, Figure.ACTIVE_BUYERS),
        ({"orders": 9}, Figure.AVERAGE_ORDER),
        ({"orders": 9}, Figure.REFUND_RATE),
        ({"gmv_minor": 0}, Figure.REFUND_RATE),
    ],
)
def test_a_figure_of_which_too_little_is_known_is_not_compared(missing, figure):
    found = rules.readings(now=MONTH, before=replace(MONTH, **missing))

    assert figure not in {each.figure for each in found}


# Properties

figures = st.sampled_from(list(Figure))
several_readings = st.lists(
    st.builds(
        Reading,
        figure=figures,
        now=st.integers(0, 10_000),
        before=st.integers(1, 10_000),
    ),
    unique_by=lambda each: each.figure,
    min_size=1,
)
several_lessons = st.lists(
    st.builds(
        Lesson,
        slug=st.sampled_from(["a", "b"]),
        name=st.sampled_from(["one", "two", "three"]),
        figures=st.lists(figures, unique=True, min_size=1).map(tuple),
        complete=st.booleans(),
    ),
    unique_by=lambda each: (each.slug, each.name),
)
situations = st.builds(
    Facts,
    at=st.just(AT),
    session_starts_at=st.sampled_from([None, AT, AT + timedelta(days=3)]),
    note_unread=st.booleans(),
    answer_unread=st.booleans(),
    readings=several_readings,
    lessons=several_lessons,
)


def rank(facts: Facts, figure: Figure) -> float:
    """Return the place of a figure's own suggestion, infinity when it has none."""
    for place, step in enumerate(rules.next_steps(facts)):
        if step.reading is not None and step.reading.figure is figure:
            return place
    return float("inf")


@given(facts=situations, by=st.integers(0, 5_000), data=st.data())
def test_worsening_one_figure_never_lowers_its_suggestion(facts, by, data):
    at = data.draw(st.integers(0, len(facts.readings) - 1))
    before = facts.readings[at]
    step = by if rules.SCALES[before.figure].rising_is_worse else -by
    worse = list(facts.readings)
    worse[at] = replace(before, now=before.now + step)

    after = replace(facts, readings=worse)

    assert rank(after, before.figure) <= rank(facts, before.figure)


@given(facts=situations)
def test_every_step_has_its_reason_and_leads_to_a_place_of_its_own(facts):
    steps = rules.next_steps(facts)

    assert steps
    assert all(
        (step.reading is not None) == (step.kind in {Kind.LEARN, Kind.ASK}) for step in steps
    )
    named = [(step.lesson.slug, step.lesson.name) for step in steps if step.lesson]
    assert len(named) == len(set(named))
    assert not any(step.lesson and step.lesson.complete for step in steps)


@pytest.mark.parametrize(
    ("until", "today", "late"),
    [
        ("2026-10-31", "2026-11-22", False),
        ("2026-10-30", "2026-11-22", True),
        ("2026-11-20", "2026-11-22", False),
        ("2026-09-30", "2026-11-05", False),  # shops are still closing their books
        ("2026-09-30", "2026-11-06", True),
        ("2025-12-31", "2026-01-20", False),
    ],
)
def test_facts_are_late_when_last_months_orders_should_be_there_and_are_not(until, today, late):
    found = rules.facts_are_late(until=date.fromisoformat(until), today=date.fromisoformat(today))

    assert found is late
