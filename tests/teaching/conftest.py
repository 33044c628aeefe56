"""A published course with learners who go different ways."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from learning.conftest import (  # the course, and how it is learnt
    attempt,
    change,
    learn,
    library,
    published,
    work_in,
    write_lesson,
    wrong_one,
)

from portal.db import db
from portal.learning import actions as learning
from portal.learning import versions
from portal.learning.models import LessonReport
from portal.teaching import tally

__all__ = ["attempt", "change", "learn", "library", "published", "write_lesson", "wrong_one"]
SLUG = "trial-101"


@pytest.fixture(autouse=True)
def _no_tally_of_another_test() -> Iterator[None]:
    """Each test has its own database, and a process keeps what it counted."""
    tally.forget()
    yield
    tally.forget()


@pytest.fixture
def answer(app: Flask, published, attempt) -> Callable[..., None]:
    """Return a function that lets somebody answer a lesson's quiz, rightly unless told."""

    def send(actor, name: str, *, at, key: str = "attempt-0001", **values: list[str]) -> None:
        with work_in(app):
            learning.enrol(member=actor.member, slug=SLUG, at=at)
            learning.answer_quiz(
                member=actor.member,
                slug=SLUG,
                name=name,
                answers=attempt(name, key=key, **values),
                at=at,
            )

    return send


@pytest.fixture
def report(app: Flask, published, cast) -> Callable[..., int]:
    """Return a function that lets dealer A report a lesson, and gives the report's id."""

    def make(*, at, text: str = "这里的规则过时了") -> int:
        with work_in(app):
            row = LessonReport(
                slug=SLUG,
                lesson_id=f"{SLUG}/one",
                course_version_id=versions.current_of(SLUG).id,
                organisation_id=cast.dealer_a.organisation_id,
                person_id=cast.dealer_a.person_id,
                text=text,
                reported_at=at,
            )
            db.session.add(row)
            db.session.flush()
            return row.id

    return make
