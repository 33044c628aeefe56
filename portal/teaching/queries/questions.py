"""An author's view of one lesson: each question's statistics and what learners chose."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import select

from courses.course import FULL_BPS, Course, Lesson, Question, pick
from courses.statistics import ItemStatistics, item_statistics
from portal import i18n, tenancy
from portal.db import db
from portal.learning import rules as learning
from portal.learning import sheets, versions
from portal.learning.models import Enrolment, LearningEvent
from portal.learning.rules import EventKind
from portal.learning.versions import VersionRow
from portal.teaching import choices, rules, texts
from portal.teaching.choices import Chosen
from portal.teaching.rules import Share, Verdict


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One question: figures as texts, "" below 30 attempts; `choices` of first answers."""

    key: str
    number: int
    kind: str
    stem: Markup
    attempts: int
    right: Share
    facility: str
    discrimination: str
    efficiency: str
    verdict: Verdict
    verdict_text: str
    verdict_tone: str
    advice: str
    choices: Sequence[Chosen]


@dataclass(frozen=True, slots=True)
class LessonPage:
    """One lesson for its author; `version` is the one whose learners count, "" for all."""

    slug: str
    course_title: str
    name: str
    title: str
    version: str
    learners: int
    misleading: int
    questions: Sequence[QuestionRow]


@dataclass(slots=True)
class _First:
    """The first answers: by learner for the statistics, by question for what was chosen."""

    attempts: dict[int, dict[str, int]] = field(default_factory=dict)
    given: dict[str, list[Mapping[str, Sequence[str]]]] = field(default_factory=dict)


def lesson_page(*, slug: str, name: str, version: str | None) -> LessonPage | None:
    """Return one lesson for its author; None when there is no such course, version or lesson.

    Only a learner's first answer to each question counts, and only to the question as it is in
    the version shown: `version` is the beginning of its hash, None means the current one with the
    learners of all versions that ask the same.
    """
    rows = versions.published(slug)
    shown = _shown(rows, slug, version)
    if shown is None:
        return None
    course = versions.course(shown)
    lesson = course.lesson(learning.lesson_id(slug=slug, name=name))
    if lesson is None:
        return None
    counted = [shown] if version else rows
    first = _first_answers(lesson, asked_in=_asked_in(lesson, rows, counted))
    figures = item_statistics(list(first.attempts.values()))
    questions = list(_questions(lesson, first, figures))
    language = i18n.language_tag()
    return LessonPage(
        slug=slug,
        course_title=pick(course.title, language),
        name=name,
        title=pick(lesson.title, language),
        version=shown.version[: rules.SHORT_HASH] if version else "",
        learners=len(first.attempts),
        misleading=sum(each.verdict is Verdict.MISLEADS for each in questions),
        questions=questions,
    )


def _shown(rows: Sequence[VersionRow], slug: str, version: str | None) -> VersionRow | None:
    if version:
        found = [row for row in rows if row.version[: rules.SHORT_HASH] == version]
        return found[0] if found else None
    return versions.current_of(slug) or (rows[-1] if rows else None)


def _asked_in(
    lesson: Lesson, rows: Sequence[VersionRow], counted: Sequence[VersionRow]
) -> Mapping[tuple[int, str], datetime]:
    """Return since when a version's question is the lesson's, by version id and question key.

    Who went on to a newer version answered some questions as they were before it.
    """
    hashes = {each.key: each.hash for each in (lesson.quiz.scored if lesson.quiz else ())}
    courses: Mapping[int, Course] = versions.courses(list(rows))
    same = {
        (row.id, key)
        for row in rows
        for key, wanted in hashes.items()
        if (found := courses[row.id].question(key)) is not None and found[1].hash == wanted
    }
    since = {key: min(row.published_at for row in rows if (row.id, key) in same) for key in hashes}
    return {(row.id, key): since[key] for row in counted for key in hashes if (row.id, key) in same}


def _first_answers(lesson: Lesson, *, asked_in: Mapping[tuple[int, str], datetime]) -> _First:
    first = _First()
    with tenancy.for_everyone(reason="a question's figures count the learners of every dealer"):
        for enrolment_id, version_id, payload, at in _answers(lesson.id):
            own = first.attempts.setdefault(enrolment_id, {})
            for key, answer in payload["answers"].items():
                since = asked_in.get((version_id, key))
                if since is None or at < since or key in own:
                    continue
                own[key] = answer["score_bps"]
                first.given.setdefault(key, []).append(answer["fields"])
    first.attempts = {who: scores for who, scores in first.attempts.items() if scores}
    return first


def _answers(lesson_id: str) -> Iterator[tuple[int, int, dict[str, Any], datetime]]:
    rows = db.session.execute(
        select(
            LearningEvent.enrolment_id,
            Enrolment.course_version_id,
            LearningEvent.payload,
            LearningEvent.at,
        )
        .join(Enrolment, Enrolment.id == LearningEvent.enrolment_id)
        .where(LearningEvent.lesson_id == lesson_id, LearningEvent.kind == EventKind.ANSWERED)
        .order_by(LearningEvent.enrolment_id, LearningEvent.at, LearningEvent.id)
    )
    for row in rows:
        yield row.enrolment_id, row.course_version_id, row.payload, row.at


def _questions(
    lesson: Lesson, first: _First, figures: Mapping[str, ItemStatistics]
) -> Iterator[QuestionRow]:
    language = i18n.language_tag()
    scored: Sequence[Question] = lesson.quiz.scored if lesson.quiz else ()
    for number, question in enumerate(scored, start=1):
        found = figures.get(question.key, ItemStatistics(attempts=0))
        judged = rules.verdict(found)
        short, advice = texts.verdict(judged)
        right = sum(own.get(question.key) == FULL_BPS for own in first.attempts.values())
        yield QuestionRow(
            key=question.key,
            number=number,
            kind=texts.kind(question),
            stem=sheets.html(question.html, language),
            attempts=found.attempts,
            right=Share(right, found.attempts),
            facility=_percent(found.facility),
            discrimination=_decimal(found.discrimination),
            efficiency=_percent(found.efficiency),
            verdict=judged,
            verdict_text=short,
            verdict_tone=texts.VERDICT_TONES[judged],
            advice=advice,
            choices=choices.of(question, first.given.get(question.key, ()), language=language),
        )


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"


def _decimal(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
