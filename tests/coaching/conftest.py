"""A session that the cast's consultant holds with dealer A, at a known moment."""

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from learning.conftest import ASKED, WRONG_ONE, write_course

from courses.load import load_library
from portal.access import Member
from portal.booking.actions import bookings, hours
from portal.db import unit_of_work
from portal.learning import actions as learning

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # 10:00 on a Sunday in Shanghai


@pytest.fixture(autouse=True)
def at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def hold(app: Flask, cast) -> Callable[..., str]:
    """Return a function that enters a session of the consultant and returns its public id."""
    with app.app_context(), unit_of_work():
        consultants = {
            actor.person_id: hours.add_consultant(
                person_id=actor.person_id,
                organisation_id=actor.organisation_id,
                specialty_zh="复购与老客维护",
                specialty_en="Repurchase",
                timezone="Asia/Shanghai",
            ).id
            for actor in (cast.consultant, cast.consultant_b)
        }

    def held(starts_in: timedelta, *, dealer=None, consultant=None, topic="聊聊复购率") -> str:
        who = dealer or cast.dealer_a
        starts_at = NOW + starts_in
        with app.app_context(), unit_of_work():
            return bookings.enter(
                dealer_id=who.organisation_id,
                person_id=who.person_id,
                consultant_id=consultants[(consultant or cast.consultant).person_id],
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=30),
                topic=topic,
                submission_key=secrets.token_hex(8),
                at=NOW - timedelta(days=3),
            ).public_id

    return held


@pytest.fixture
def learn_wrong(app: Flask, tmp_path: Path) -> Callable[..., None]:
    """Return a function that lets a member fail a quiz so many times."""

    def fail(member: Member, *, times: int) -> None:
        library = load_library(write_course(tmp_path / "courses"))
        with app.app_context(), unit_of_work():
            learning.publish(library=library, at=NOW)
            learning.enrol(member=member, slug="trial-101", at=NOW)
            for number in range(times):
                answers = learning.Answers(
                    key=f"wrong-answers-{number:04}", asked=ASKED["one"], values=WRONG_ONE
                )
                learning.answer_quiz(
                    member=member, slug="trial-101", name="one", answers=answers, at=NOW
                )

    return fail
