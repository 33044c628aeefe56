"""Item statistics are of first answers to the question as it is now, and say what to do."""

from datetime import timedelta

from conftest import NOW
from learning.conftest import WRONG_ONE, work_in

from courses.statistics import ItemStatistics
from portal.learning import actions as learning
from portal.teaching import rules
from portal.teaching.queries import questions
from portal.teaching.rules import Verdict

SLUG = "trial-101"


def page(app, name="one", version=None):
    with app.app_context():
        return questions.lesson_page(slug=SLUG, name=name, version=version)


def test_only_the_first_answer_of_each_learner_counts(app, cast, answer):
    answer(cast.dealer_a, "one", at=NOW, **WRONG_ONE)
    answer(cast.dealer_a, "one", at=NOW + timedelta(hours=1), key="attempt-0002")
    answer(cast.dealer_b, "one", at=NOW)

    single, numeric, multiple = page(app).questions

    assert (single.attempts, single.right.count) == (2, 1)
    assert [(str(each.text), each.count, each.right) for each in single.choices] == [
        ("老买家人数", 1, True),
        ("百分比", 1, False),
    ]
    assert [each.text for each in numeric.choices] == ["其他写法"]  # one person each
    assert [each.count for each in multiple.choices] == [1, 1, 1]


def test_fewer_than_thirty_answers_give_no_figures(app, cast, answer):
    answer(cast.dealer_a, "one", at=NOW)

    first = page(app).questions[0]

    assert first.verdict is Verdict.TOO_FEW
    assert (first.facility, first.discrimination, first.efficiency) == ("", "", "")


def test_a_question_that_was_changed_starts_anew(app, cast, answer, change, write_lesson):
    answer(cast.dealer_a, "one", at=NOW)
    other = "::one-single:: 完全另一个问题？ {\n  =甲 #对。\n  ~乙\n  ####看甲。\n}"
    kept = "::one-numeric:: 60 人里 27 人，复购率是百分之几？ {#\n  =45:0.5 #对。\n"
    kept += "  =%0%27:0.5 #还要除以 60。\n  ####人数相除。\n}"
    with work_in(app):
        lesson = write_lesson(name="one", questions=(other, kept), m=2)
        learning.publish(library=change(one=lesson), at=NOW + timedelta(days=1))

    changed, same = page(app).questions

    assert (changed.attempts, same.attempts) == (0, 1)


def test_what_misleads_comes_before_everything_else():
    def judged(**figures):
        return rules.verdict(ItemStatistics(attempts=40, **figures))

    assert judged(facility=0.2, discrimination=-0.1) is Verdict.MISLEADS
    assert judged(facility=0.2, discrimination=0.5) is Verdict.TOO_HARD
    assert judged(facility=0.99, discrimination=None) is Verdict.TOO_EASY
    assert judged(facility=0.6, discrimination=0.1) is Verdict.WEAK
    assert judged(facility=0.6, discrimination=0.4) is Verdict.GOOD
    assert rules.verdict(ItemStatistics(attempts=29)) is Verdict.TOO_FEW


def test_there_is_no_page_of_a_lesson_or_version_that_is_not(app, published):
    assert page(app, name="nine") is None
    assert page(app, version="00000000") is None
