"""What somebody learnt as xAPI 1.0.3 statements; pure: events and a course in, plain values out.

Source: ADL, Experience API 1.0.3, part two (Data). Verbs and activity types are ADL's own. The
ids of statements are made of what they are about: the same event gives the same id in each export.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from markupsafe import Markup

from courses.course import (
    FULL_BPS,
    Course,
    Lesson,
    Matching,
    MultipleChoice,
    Numeric,
    Question,
    ShortAnswer,
    SingleChoice,
    Texts,
    TrueFalse,
)
from courses.grade import field_name
from portal.learning.rules import EventKind, lesson_name

ADL = "http://adlnet.gov/expapi"
PLATFORM = "Tongtu"
_VERBS: Mapping[str, Mapping[str, str]] = {
    "initialized": {"zh-CN": "打开了", "en": "initialized"},
    "experienced": {"zh-CN": "读完了", "en": "experienced"},
    "answered": {"zh-CN": "回答了", "en": "answered"},
    "passed": {"zh-CN": "通过了", "en": "passed"},
    "failed": {"zh-CN": "没通过", "en": "failed"},
    "completed": {"zh-CN": "完成了", "en": "completed"},
}
_INTERACTIONS: Mapping[str, str] = {
    "single": "choice",
    "multiple": "choice",
    "true_false": "true-false",
    "numeric": "numeric",
    "short_answer": "fill-in",
    "matching": "matching",
}

Statement = dict[str, Any]
Fields = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Event:
    """One learning event with whose it is; `payload` as in learning/journal.py."""

    id: int
    enrolment_id: int
    person_id: int
    lesson_id: str
    kind: str
    payload: Mapping[str, Any]
    at: datetime


@dataclass(slots=True)
class Learnt:
    """What one learner has done so far: without it nobody knows what a statement completes."""

    read: set[str] = field(default_factory=set)
    right: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who states: the portal's address and the secret by which its accounts are renamed."""

    home: str
    secret: str

    def account(self, person_id: int) -> str:
        """Return a person's stable pseudonym; without the secret nobody can count it back."""
        message = f"xapi/person/{person_id}".encode()
        return hmac.new(self.secret.encode(), message, hashlib.sha256).hexdigest()[:32]

    def statements(
        self, event: Event, course: Course, learnt: Learnt, *, name: str = ""
    ) -> Iterator[Statement]:
        """Yield what an event states, in order, and add it to what was `learnt`.

        `course` is the version that the learner is pinned to; what it does not know is left out.
        `name` is the person's, "" for none.
        """
        lesson = course.lesson(event.lesson_id)
        if lesson is None:
            return
        said = _Said(self, event, course, lesson, name)
        match event.kind:
            case EventKind.OPENED:
                yield said.statement("initialized", said.lesson_activity())
            case EventKind.READ:
                learnt.read.add(lesson.id)
                yield said.statement("experienced", said.lesson_activity())
            case EventKind.ANSWERED:
                yield from _answered(said, learnt)
            case _:
                return
        yield from _completed(said, learnt)


def _answered(said: "_Said", learnt: Learnt) -> Iterator[Statement]:
    answers = said.event.payload["answers"]
    known = {each.key: each for each in (said.lesson.quiz.scored if said.lesson.quiz else ())}
    asked = {key: answer for key, answer in answers.items() if key in known}
    if not asked or said.lesson.quiz is None:
        return
    for key, answer in asked.items():
        if answer["score_bps"] >= FULL_BPS:
            learnt.right.add(key)
        result = {
            "score": _score(answer["score_bps"], 1),
            "success": answer["score_bps"] >= FULL_BPS,
            "response": response(known[key], answer["fields"]),
        }
        yield said.statement("answered", said.question_activity(known[key]), result=result)
    passed = len(learnt.right & known.keys()) >= said.lesson.quiz.rule.m
    total = sum(answer["score_bps"] for answer in asked.values())
    yield said.statement(
        "passed" if passed else "failed",
        said.quiz_activity(),
        result={"score": _score(total, len(asked)), "success": passed, "completion": True},
    )


def _score(bps: int, of: int) -> dict[str, float]:
    points = bps / FULL_BPS
    return {"scaled": round(points / of, 4), "raw": round(points, 4), "min": 0, "max": of}


def _completed(said: "_Said", learnt: Learnt) -> Iterator[Statement]:
    lesson, course = said.lesson, said.course
    if lesson.id in learnt.done or lesson.id not in learnt.read:
        return
    if lesson.quiz is not None:
        right = sum(each.key in learnt.right for each in lesson.quiz.scored)
        if right < lesson.quiz.rule.m:
            return
    learnt.done.add(lesson.id)
    done = {"completion": True}
    yield said.statement("completed", said.lesson_activity(), result=done, once=True)
    required = course.required_lessons
    # Rounded up: three of four is not yet 80 %.
    needed = max(1, -(-course.pass_bps * len(required) // FULL_BPS))
    if not learnt.complete and sum(each.id in learnt.done for each in required) >= needed:
        learnt.complete = True
        yield said.statement("completed", said.course_activity(), result=done, once=True)


def response(question: Question, fields: Fields) -> str:
    """Return an answer in the notation of its kind of interaction (appendix C of the source)."""
    name = field_name(question)
    if isinstance(question, Matching):
        pairs = (
            (str(place), (fields.get(f"{name}-{place}") or [""])[0])
            for place in range(len(question.pairs))
        )
        return "[,]".join(f"{left}[.]{right}" for left, right in pairs if right)
    return "[,]".join(fields.get(name, ()))


def _right(question: Question) -> list[str]:
    """Return the patterns of right answers; texts with a wildcard have none."""
    match question:
        case SingleChoice(options=options) | MultipleChoice(options=options):
            wanted = FULL_BPS if isinstance(question, SingleChoice) else 1
            right = [str(at) for at, each in enumerate(options) if each.weight_bps >= wanted]
            return ["[,]".join(right)]
        case TrueFalse(answer=answer):
            return ["true" if answer else "false"]
        case Numeric(answers=ranges):
            full = [each for each in ranges if each.weight_bps == FULL_BPS]
            return [f"{each.low}[:]{each.high}" for each in full if each.low is not None]
        case ShortAnswer(answers=words):
            texts = [
                text for each in words if each.weight_bps == FULL_BPS for text in each.text.values()
            ]
            return sorted({text for text in texts if "*" not in text})
        case Matching(pairs=pairs):
            sides = [str(at) for at, pair in enumerate(pairs) if any(pair.left.values())]
            return ["[,]".join(f"{at}[.]{at}" for at in sides)]
        case _:
            return []


def _components(question: Question) -> dict[str, Any]:
    match question:
        case SingleChoice(options=options) | MultipleChoice(options=options):
            return {"choices": [_component(at, each.html) for at, each in enumerate(options)]}
        case Matching(pairs=pairs):
            lefts = [(at, each.left) for at, each in enumerate(pairs) if any(each.left.values())]
            return {
                "source": [_component(at, left) for at, left in lefts],
                "target": [_component(at, each.right) for at, each in enumerate(pairs)],
            }
        case _:
            return {}


def _component(place: int, texts: Texts) -> dict[str, Any]:
    return {"id": str(place), "description": _plain(texts)}


def _plain(texts: Texts) -> dict[str, str]:
    """Return texts without HTML, as a language map."""
    return {language: str(Markup(text).striptags()) for language, text in texts.items() if text}  # noqa: S704 – its tags are taken out


@dataclass(frozen=True, slots=True)
class _Said:
    """An event about to be stated: gives activities and statements their common parts."""

    speaker: Speaker
    event: Event
    course: Course
    lesson: Lesson
    name: str

    def _iri(self, *, quiz: bool = False, key: str = "") -> str:
        address = f"{self.speaker.home}/courses/{self.course.id}/{lesson_name(self.lesson.id)}"
        if key:
            return f"{address}#question-{key}"
        return f"{address}#quiz" if quiz else address

    def _activity(self, iri: str, kind: str, name: Texts, **more: Any) -> dict[str, Any]:
        definition = {"type": f"{ADL}/activities/{kind}", "name": _plain(name), **more}
        return {"objectType": "Activity", "id": iri, "definition": definition}

    def course_activity(self) -> dict[str, Any]:
        """Return the course."""
        iri = f"{self.speaker.home}/courses/{self.course.id}"
        return self._activity(iri, "course", self.course.title)

    def _version_activity(self) -> dict[str, Any]:
        iri = f"{self.speaker.home}/courses/{self.course.id}/versions/{self.course.version}"
        return self._activity(iri, "course", self.course.title)

    def lesson_activity(self) -> dict[str, Any]:
        """Return the lesson."""
        return self._activity(self._iri(), "lesson", self.lesson.title)

    def quiz_activity(self) -> dict[str, Any]:
        """Return the lesson's quiz."""
        return self._activity(self._iri(quiz=True), "assessment", self.lesson.title)

    def question_activity(self, question: Question) -> dict[str, Any]:
        """Return a question with what could be answered and what is right."""
        return self._activity(
            self._iri(key=question.key),
            "cmi.interaction",
            {"zh-CN": question.key},
            description=_plain(question.html),
            interactionType=_INTERACTIONS[question.kind],
            correctResponsesPattern=_right(question),
            **_components(question),
        )

    def statement(
        self,
        verb: str,
        activity: dict[str, Any],
        *,
        result: Mapping[str, Any] | None = None,
        once: bool = False,
    ) -> Statement:
        """Return a statement; what happens `once` has the same id whichever event it comes from."""
        by = f"enrolment/{self.event.enrolment_id}" if once else f"event/{self.event.id}"
        about = f"{self.speaker.home}/xapi/{by}/{verb}/{activity['id']}/{self.course.version}"
        actor: dict[str, Any] = {
            "objectType": "Agent",
            "account": {
                "homePage": self.speaker.home,
                "name": self.speaker.account(self.event.person_id),
            },
        }
        if self.name:
            actor["name"] = self.name
        said: Statement = {
            "id": str(uuid5(NAMESPACE_URL, about)),
            "actor": actor,
            "verb": {"id": f"{ADL}/verbs/{verb}", "display": dict(_VERBS[verb])},
            "object": activity,
            "context": self._context(activity),
            "timestamp": _instant(self.event.at),
        }
        if result is not None:
            said["result"] = dict(result)
        return said

    def _context(self, activity: Mapping[str, Any]) -> dict[str, Any]:
        enrolment = f"{self.speaker.home}/xapi/enrolment/{self.event.enrolment_id}"
        around = {"grouping": [self.course_activity(), self._version_activity()]}
        parents = [self.quiz_activity()] if "#question-" in activity["id"] else []
        if activity["id"].endswith("#quiz"):
            parents = [self.lesson_activity()]
        return {
            "registration": str(uuid5(NAMESPACE_URL, enrolment)),
            "contextActivities": {"parent": parents, **around} if parents else around,
            "revision": self.course.version,
            "platform": PLATFORM,
            "language": "zh-CN",
        }


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
