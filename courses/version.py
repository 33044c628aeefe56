"""Versions of a course: its manifest and hash, a course as JSON and back, and what changed.

The portal stores a published version as JSON, rendered HTML included, and builds the same
Course of it years later without the files. An enrolment pins one version; `diff` says whether
learners may be moved to the next one without noticing.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from courses.course import (
    QUESTION_TYPES,
    Action,
    Check,
    Course,
    Lesson,
    MOfN,
    NumericAnswer,
    Option,
    Pair,
    Question,
    Quiz,
    TextAnswer,
    Video,
)

FORMAT = 1
_BY_KIND = {kind.kind: kind for kind in QUESTION_TYPES}
# Fields younger than the format: a course that does not use them keeps the hash it had before.
_LATER = frozenset({"after"})
Json = Any  # what json.loads gives: the one place where the shape is not known yet


class VersionFormatError(ValueError):
    """A stored version is not of this format."""


class Kind(StrEnum):
    """How much a new version changes for those who are learning."""

    NONE = "none"
    TEXT_ONLY = "text_only"
    OPTIONAL_ADDED = "optional_added"
    RULES = "rules"


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a new version changes. Ids and keys are in the new course's order, removed ones last."""

    kind: Kind
    lessons_added: tuple[str, ...]
    lessons_removed: tuple[str, ...]
    lessons_edited: tuple[str, ...]
    questions_changed: tuple[str, ...]
    rules_changed: tuple[str, ...]

    @property
    def moves_everyone(self) -> bool:
        """Whether learners go to the new version by themselves; otherwise they choose to."""
        return self.kind is not Kind.RULES


def manifest(course: Course) -> dict[str, object]:
    """Return what makes a version: the course's own fields and each lesson's hash and place."""
    return {
        "format": FORMAT,
        "course": {
            name: _plain(getattr(course, name))
            for name in sorted(field.name for field in fields(course))
            if name not in {"lessons", "version"} and (getattr(course, name) or name not in _LATER)
        },
        "lessons": [
            {
                "id": lesson.id,
                "order": lesson.order,
                "required": lesson.required,
                "sha256": lesson.source_hash,
            }
            for lesson in course.lessons
        ],
    }


def version_of(course: Course) -> str:
    """Return the SHA-256 of the course's manifest; `course.version` itself has no part in it."""
    return hashlib.sha256(_canonical(manifest(course)).encode()).hexdigest()


def to_json(course: Course) -> str:
    """Return the whole course, rendered HTML included, as canonical JSON."""
    return _canonical({"format": FORMAT, "course": _plain(course)})


def from_json(text: str) -> Course:
    """Return the course that `to_json` was given. Raises VersionFormatError for anything else."""
    try:
        stored: Json = json.loads(text)
        course = _course(stored["course"]) if stored["format"] == FORMAT else None
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as problem:
        raise VersionFormatError(str(problem)) from problem
    if course is None:
        raise VersionFormatError(f"format {stored['format']!r}, expected {FORMAT}")
    return course


def diff(old: Course, new: Course) -> Change:
    """Return what changed from one version of a course to the next, and its kind."""
    before = {lesson.id: lesson for lesson in old.lessons}
    after = {lesson.id: lesson for lesson in new.lessons}
    added = tuple(name for name in after if name not in before)
    removed = tuple(name for name in before if name not in after)
    kept = tuple(name for name in after if name in before)
    edited = tuple(name for name in kept if before[name].source_hash != after[name].source_hash)
    optional = {name for name in added if not after[name].required}
    # Questions of an added optional lesson are new as well, and that is its good right.
    questions = _changed_questions(old, new, ignore=optional)
    rules = _changed_rules(old, new, kept)
    # A new required lesson shows among the rules: it changes what completes the course.
    strict = bool(removed or questions or rules)
    return Change(
        kind=_kind(old, new, strict=strict, added=bool(added)),
        lessons_added=added,
        lessons_removed=removed,
        lessons_edited=edited,
        questions_changed=questions,
        rules_changed=rules,
    )


def _kind(old: Course, new: Course, *, strict: bool, added: bool) -> Kind:
    if strict:
        return Kind.RULES
    if added:
        return Kind.OPTIONAL_ADDED
    return Kind.NONE if manifest(old) == manifest(new) else Kind.TEXT_ONLY


def _changed_questions(old: Course, new: Course, *, ignore: set[str]) -> tuple[str, ...]:
    before = {question.key: (lesson.id, question.hash) for lesson, question in old.asked()}
    after = {
        question.key: (lesson.id, question.hash)
        for lesson, question in new.asked()
        if lesson.id not in ignore
    }
    changed = [key for key, value in after.items() if before.get(key) != value]
    return (*changed, *(key for key in before if key not in after))


def _changed_rules(old: Course, new: Course, kept: tuple[str, ...]) -> tuple[str, ...]:
    """Name what decides completion and differs: 'course', or the id of a lesson."""
    changed = ["course"] if _completion(old) != _completion(new) else []
    before, after = _rules(old), _rules(new)
    return (*changed, *(name for name in kept if before[name] != after[name]))


def _completion(course: Course) -> tuple[int, bool, set[str]]:
    return course.pass_bps, course.certificate, {lesson.id for lesson in course.required_lessons}


def _rules(course: Course) -> Mapping[str, tuple[bool, MOfN | None]]:
    return {
        lesson.id: (lesson.required, lesson.quiz.rule if lesson.quiz else None)
        for lesson in course.lessons
    }


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _plain(value: object) -> object:
    """Return a value of course.py as JSON's own kinds; a question also tells its kind."""
    if isinstance(value, QUESTION_TYPES):
        return {"kind": value.kind, **_fields(value)}
    if isinstance(value, Course | Lesson | Quiz | MOfN | Action | Check | Video | _PARTS):
        return _fields(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal | date):
        return str(value)
    return value


_PARTS = Option | NumericAnswer | TextAnswer | Pair


def _fields(value: Any) -> dict[str, object]:  # any dataclass of course.py
    return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}


def _course(stored: Json) -> Course:
    review_by = stored["review_by"]
    return Course(
        **{
            **stored,
            "kpi": tuple(stored["kpi"]),
            "languages": tuple(stored["languages"]),
            "after": tuple(stored.get("after", ())),
            "lessons": tuple(_lesson(lesson) for lesson in stored["lessons"]),
            "review_by": None if review_by is None else date.fromisoformat(review_by),
        }
    )


def _lesson(stored: Json) -> Lesson:
    quiz, video = stored["quiz"], stored.get("video")
    return Lesson(
        **{
            **stored,
            "kpi": tuple(stored["kpi"]),
            "action": _action(stored["action"]),
            "quiz": None if quiz is None else _quiz(quiz),
            "video": None if video is None else Video(**video),
        }
    )


def _action(stored: Json) -> Action | None:
    if stored is None:
        return None
    check = stored.get("check")
    return Action(**{**stored, "check": None if check is None else Check(**check)})


def _quiz(stored: Json) -> Quiz:
    questions = tuple(_question(question) for question in stored["questions"])
    return Quiz(questions=questions, rule=MOfN(**stored["rule"]))


def _question(stored: Json) -> Question:
    given = {name: value for name, value in stored.items() if name != "kind"}
    kind = _BY_KIND[stored["kind"]]
    if "options" in given:
        given["options"] = tuple(Option(**option) for option in given["options"])
    if "pairs" in given:
        given["pairs"] = tuple(Pair(**pair) for pair in given["pairs"])
    if "answers" in given:
        numeric = stored["kind"] == "numeric"
        make = _numeric if numeric else _text
        given["answers"] = tuple(make(answer) for answer in given["answers"])
    return kind(**given)


def _text(stored: Json) -> TextAnswer:
    return TextAnswer(**stored)


def _numeric(stored: Json) -> NumericAnswer:
    ends = {end: None if stored[end] is None else Decimal(stored[end]) for end in ("low", "high")}
    return NumericAnswer(**{**stored, **ends})
