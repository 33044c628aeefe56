"""A shop with a course whose actions are checked, and order facts that are imported for real."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from learning.conftest import lesson_file, work_in, write_course
from PIL import Image
from sales.conftest import acg_row, as_csv

from courses.load import load_library
from portal import clock
from portal.learning import actions as learning
from portal.learning import queries as learning_queries
from portal.practice import actions, measuring
from portal.practice.rules import Source, Target
from portal.sales import places
from reports.facts.ingest import check
from reports.facts.store import apply

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # 10:00 on a Sunday in Shanghai
TODAY = date(2026, 11, 22)
CHECKED = ", check: {measure: orders, at_least: 3}"


@pytest.fixture(autouse=True)
def at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def course(app: Flask, cast, tmp_path: Path) -> str:
    """A published course: lesson one's action is checked by orders, lesson three's is not.

    Dealer A's owner is enrolled, the clerk is not.
    """
    one = lesson_file(name="one").replace("within_days: 3", f"within_days: 7{CHECKED}")
    library = load_library(write_course(tmp_path / "content", one=one))
    assert library.courses, library.findings
    with work_in(app):
        learning.publish(library=library, at=NOW)
        learning.enrol(member=cast.dealer_a.member, slug="trial-101", at=NOW)
    return "trial-101"


@pytest.fixture
def orders(app: Flask, tmp_path: Path) -> Callable[..., str]:
    """Return a function that imports orders of dealer A, one a day each, and gives the version."""
    count = 0

    def imported(*days: str, first_number: int | None = None, **changes: str) -> str:
        nonlocal count
        count = count if first_number is None else first_number - 1
        rows = [acg_row("kept", 支付时间="2026-10-01 12:00:00", 分站="other")]
        for day in days:
            count += 1
            rows.append(acg_row(f"N{count}", 支付时间=f"{day} 12:00:00", **changes))
        file = tmp_path / f"orders-{count}.csv"
        file.write_bytes(as_csv(rows))
        with app.app_context(), check(file, mapping=None, buyer_key=b"k" * 32) as checked:
            return apply(places.facts_dir(), checked).version

    return imported


@pytest.fixture
def take(app: Flask, cast, course) -> Callable[..., str]:
    """Return a function that lets dealer A take something on some days ago; its public id."""

    def taken(*, target: Target | None, ago: int = 0, code: str = "do", within_days: int = 7):
        with work_in(app):
            enrolment, lesson = learning_queries.own_lesson(
                member=cast.dealer_a.member, slug=course, name="three"
            )
            return actions.take_on(
                organisation_id=cast.dealer_a.organisation_id,
                person_id=cast.dealer_a.person_id,
                origin=actions.Origin(
                    source=Source.LESSON,
                    lesson_id=lesson.id,
                    course_version_id=enrolment.course_version_id,
                ),
                task=actions.Task(
                    code=code,
                    texts={"zh-CN": "上三种新品", "en": "List three new products"},
                    within_days=within_days,
                    target=target,
                ),
                at=NOW - timedelta(days=ago),
            ).public_id

    return taken


@pytest.fixture
def look(app: Flask) -> Callable[..., int]:
    """Return a function that lets the orders be looked at, and gives how many items closed."""

    def looked(at: datetime = NOW) -> int:
        with app.app_context():
            today = at.astimezone(clock.zone()).date()
            closed = measuring.close_reached(at=at, today=today)
            measuring.mark_missed(today=today)
            return closed

    return looked


def photo(*, size=(3000, 2000), kind="JPEG", **options) -> bytes:
    """Return a picture as a phone makes it, with the place where it was taken."""
    picture = Image.new("RGB", size, "teal")
    exif = Image.Exif()
    exif[0x0110] = "Phone 9"  # the camera's model
    exif[0x8825] = {1: "N", 2: (30.0, 15.0, 0.0)}  # where
    out = io.BytesIO()
    if kind == "JPEG":
        options = {"exif": exif, **options}
    picture.save(out, kind, **options)
    return out.getvalue()
