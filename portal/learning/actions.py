"""Writes: publish courses, enrol, and record what a learner did.

A GET never writes, so "opened" is recorded by the buttons that lead to a lesson (they post), or
at the latest when the lesson is read or answered.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from courses.course import Course, Essay, Lesson, Question
from courses.finding import Finding
from courses.grade import field_name, grade, parse_response
from courses.load import Library
from courses.path import LearningPath
from courses.version import diff, to_json
from portal.access import Member
from portal.db import Conflict, db, refuse_conflicts
from portal.learning import completing, journal, path_publishing, queries, rules, versions
from portal.learning.models import CourseVersion, Enrolment, LearningEvent, WatchPosition
from portal.learning.path_publishing import PathsPublished
from portal.learning.rules import EventKind


class LibraryInvalid(ValueError):
    """A course has errors; `findings` are the errors, with file, line and remedy."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(f"{len(findings)} errors in the course files")
        self.findings = tuple(findings)


@dataclass(frozen=True, slots=True)
class Answers:
    """One attempt as sent: the form's own key, the questions asked, all values by field name."""

    key: str
    asked: tuple[str, ...]
    values: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication changed: slugs of courses, and how many learners went along."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    withdrawn: tuple[str, ...]
    learners_moved: int
    paths: PathsPublished


def publish(
    *, library: Library, paths: Sequence[LearningPath] | None = None, at: datetime
) -> Published:
    """Make the library's courses the current versions; publishing the same again changes nothing.

    Learners keep the version that they enrolled in, unless the change cannot touch their
    progress (texts, a further optional lesson): then they go along. A course that the library
    no longer has can be finished but not begun. `paths` None leaves the learning paths alone.
    Raises LibraryInvalid, rules.ReservedName.
    """
    errors = [finding for finding in library.findings if finding.is_error]
    if errors:
        raise LibraryInvalid(errors)
    before = versions.current()
    new: list[str] = []
    changed: list[str] = []
    moved = 0
    for course in library.courses:
        rules.check_names([lesson.id for lesson in course.lessons])
        known = before.get(course.id)
        if known is not None and known.version == course.version:
            continue
        version_id = _make_current(course, at=at)
        moved += _take_along(course, version_id)
        (new if known is None else changed).append(course.id)
    return Published(
        new=tuple(new),
        changed=tuple(changed),
        withdrawn=_withdraw(before.keys() - {course.id for course in library.courses}),
        learners_moved=moved,
        paths=PathsPublished() if paths is None else path_publishing.publish(paths=paths, at=at),
    )


def _make_current(course: Course, *, at: datetime) -> int:
    """Store the version unless it was published before, and point to it; return its id."""
    _withdraw({course.id})
    row = db.session.scalar(
        select(CourseVersion).where(
            CourseVersion.slug == course.id, CourseVersion.version == course.version
        )
    )
    if row is None:
        row = CourseVersion(
            slug=course.id, version=course.version, body=to_json(course), published_at=at
        )
        db.session.add(row)
    row.current = True
    db.session.flush()
    return row.id


def _withdraw(slugs: set[str]) -> tuple[str, ...]:
    if slugs:
        db.session.execute(
            update(CourseVersion)
            .where(CourseVersion.slug.in_(slugs), CourseVersion.current)
            .values(current=False)
        )
    return tuple(sorted(slugs))


def _take_along(course: Course, version_id: int) -> int:
    """Move the learners whose progress the new version cannot touch; return how many."""
    pinned = db.session.scalars(
        select(Enrolment.course_version_id)
        .where(Enrolment.slug == course.id, Enrolment.course_version_id != version_id)
        .distinct()
    ).all()
    old = versions.courses(list(versions.by_ids(pinned).values()))
    harmless = [key for key, each in old.items() if diff(each, course).moves_everyone]
    if not harmless:
        return 0
    learners = db.session.scalars(
        update(Enrolment)
        .where(Enrolment.slug == course.id, Enrolment.course_version_id.in_(harmless))
        .values(
            course_version_id=version_id,
            # Who was moved twice without looking is told of both.
            moved_from_id=func.coalesce(Enrolment.moved_from_id, Enrolment.course_version_id),
        )
        .returning(Enrolment.id)
    ).all()
    return len(learners)


class NoSuchCourse(LookupError):
    """There is no published course of this name."""


def enrol(*, member: Member, slug: str, at: datetime) -> Enrolment:
    """Enrol the member in the current version; who is enrolled already stays where they are.

    Raises NoSuchCourse.
    """
    earlier = queries.enrolment_of(member=member, slug=slug)
    if earlier is not None:
        return earlier
    version = versions.current_of(slug)
    if version is None:
        raise NoSuchCourse(slug)
    enrolment = Enrolment(
        person_id=member.person_id,
        organisation_id=member.organisation_id,
        slug=slug,
        course_version_id=version.id,
        enrolled_at=at,
    )
    try:
        with refuse_conflicts():
            db.session.add(enrolment)
    except Conflict:
        # Two taps at the same moment: the other one won, which is just as good.
        return queries.own_enrolment(member=member, slug=slug)
    return enrolment


def renew(*, member: Member, slug: str, at: datetime) -> None:
    """Move the member to the course's current version, which they chose to.

    What they did in lessons that are still there counts on. Who has completed the course stays:
    completion is never taken back. Raises queries.NotEnrolled, NoSuchCourse.
    """
    enrolment = queries.own_enrolment(member=member, slug=slug)
    version = versions.current_of(slug)
    if version is None:
        raise NoSuchCourse(slug)
    if not queries.has_completed(enrolment):
        if enrolment.course_version_id != version.id:
            enrolment.moved_from_id = enrolment.course_version_id
        enrolment.course_version_id = version.id
        db.session.flush()
        completing.announce(enrolment, at=at)  # the new version may ask for less


def note_change(*, member: Member, slug: str) -> None:
    """Record that the member saw what changed: the move made, or the newer version offered.

    The offer comes again with the version after it. Raises queries.NotEnrolled.
    """
    enrolment = queries.own_enrolment(member=member, slug=slug)
    if enrolment.moved_from_id is not None:
        enrolment.moved_from_id = None
    else:
        version = versions.current_of(slug)
        enrolment.declined_id = None if version is None else version.id
    db.session.flush()


def save_position(*, member: Member, slug: str, name: str, seconds: int, at: datetime) -> None:
    """Keep how far the member watched the lesson's film, in whole seconds from its start.

    Past its end means its end. Raises queries.NotEnrolled, queries.NoSuchLesson (also when the
    lesson has no film).
    """
    enrolment, lesson = queries.own_lesson(member=member, slug=slug, name=name)
    if lesson.video is None:
        raise queries.NoSuchLesson(name)
    seconds = max(0, min(seconds, lesson.video.seconds))
    own = (WatchPosition.enrolment_id == enrolment.id, WatchPosition.lesson_id == lesson.id)
    place = WatchPosition(enrolment_id=enrolment.id, lesson_id=lesson.id, seconds=seconds, at=at)
    if db.session.scalar(select(WatchPosition.id).where(*own)) is None:
        try:
            with refuse_conflicts():
                db.session.add(place)
        except Conflict:
            pass  # two devices at the same moment: the row is there, and takes this value below
        else:
            return
    db.session.execute(update(WatchPosition).where(*own).values(seconds=seconds, at=at))


class Unanswered(ValueError):
    """Some questions are not answered; `problems` says what is wrong by question key."""

    def __init__(self, problems: Mapping[str, rules.Problem]) -> None:
        super().__init__(f"{len(problems)} questions not answered")
        self.problems = problems


def open_lesson(*, member: Member, slug: str, name: str, at: datetime) -> None:
    """Record that the member opened a lesson; once is enough.

    Raises queries.NotEnrolled, queries.NoSuchLesson.
    """
    enrolment, lesson = queries.own_lesson(member=member, slug=slug, name=name)
    _record_once(enrolment, lesson, EventKind.OPENED, at=at)


def mark_read(*, member: Member, slug: str, name: str, at: datetime) -> None:
    """Record that the member came to the end of a lesson's text; once is enough.

    Raises queries.NotEnrolled, queries.NoSuchLesson.
    """
    enrolment, lesson = queries.own_lesson(member=member, slug=slug, name=name)
    _record_once(enrolment, lesson, EventKind.OPENED, at=at)
    _record_once(enrolment, lesson, EventKind.READ, at=at)
    completing.announce(enrolment, at=at)


def answer_quiz(*, member: Member, slug: str, name: str, answers: Answers, at: datetime) -> None:
    """Grade and record one attempt at a lesson's quiz; the same key counts once.

    Who answers has read: the quiz stands under the text. Raises queries.NotEnrolled,
    queries.NoSuchLesson (also when none of the questions asked is in the quiz), Unanswered.
    """
    enrolment, lesson = queries.own_lesson(member=member, slug=slug, name=name)
    key = f"answered:{answers.key}"
    if _is_recorded(enrolment, key):
        return
    asked = _asked(lesson, answers.asked)
    problems = {
        question.key: problem
        for question in asked
        if question.scored
        and (problem := rules.problem_of(question, parse_response(question, answers.values)))
    }
    if problems:
        raise Unanswered(problems)
    _record_once(enrolment, lesson, EventKind.OPENED, at=at)
    _record_once(enrolment, lesson, EventKind.READ, at=at)
    earlier = journal.attempts_at(journal.events_of([enrolment.id])[enrolment.id], lesson.id)
    payload = {
        "attempt": len(earlier) + 1,
        "answers": {question.key: _graded(question, answers.values) for question in asked},
    }
    _record(enrolment, lesson, EventKind.ANSWERED, key=key, payload=payload, at=at)
    completing.announce(enrolment, at=at)


def _asked(lesson: Lesson, keys: Collection[str]) -> list[Question]:
    questions = lesson.quiz.questions if lesson.quiz else ()
    asked = [question for question in questions if question.key in keys]
    if not any(question.scored for question in asked):
        raise queries.NoSuchLesson(lesson.id)
    return asked


def _graded(question: Question, values: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    if isinstance(question, Essay):
        return {
            "score_bps": 0,
            "fields": {field_name(question): [rules.essay_text(question, values)]},
        }
    response = parse_response(question, values)
    return {
        "score_bps": grade(question, response).score_bps,
        "fields": dict(rules.as_fields(question, response)),
    }


def _is_recorded(enrolment: Enrolment, key: str) -> bool:
    found = select(LearningEvent.id).where(
        LearningEvent.enrolment_id == enrolment.id, LearningEvent.key == key
    )
    return db.session.scalar(found) is not None


def _record_once(enrolment: Enrolment, lesson: Lesson, kind: EventKind, *, at: datetime) -> None:
    key = f"{kind}:{lesson.id}"
    if not _is_recorded(enrolment, key):
        _record(enrolment, lesson, kind, key=key, payload={}, at=at)


def _record(
    enrolment: Enrolment,
    lesson: Lesson,
    kind: EventKind,
    *,
    key: str,
    payload: Mapping[str, Any],
    at: datetime,
) -> None:
    event = LearningEvent(
        enrolment_id=enrolment.id,
        lesson_id=lesson.id,
        kind=kind.value,
        payload=dict(payload),
        key=key,
        at=at,
    )
    try:
        with refuse_conflicts():
            db.session.add(event)
    except Conflict as conflict:
        # The same request came twice at the same moment, and the other one is recorded.
        if "key" not in conflict.constraint:
            raise
