"""A session that the cast's consultant holds with dealer A, at a known moment."""

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from portal.booking.actions import bookings, hours
from portal.db import unit_of_work

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
