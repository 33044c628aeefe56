"""Streams what was learnt as xAPI statements, one JSON object a line, in order of time.

In batches, each its own short transaction: a long one would keep everybody from writing, and all
rows at once would not fit into memory.
"""

import json
from array import array
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import select

from portal import tenancy
from portal.accounts import queries as accounts
from portal.db import db
from portal.learning import versions
from portal.learning.models import Enrolment, LearningEvent
from portal.settings import Settings
from portal.teaching.xapi import Event, Learnt, Speaker, Statement

BATCH = 2_000


def begin_of(day: date | None) -> datetime | None:
    """Return the first instant of a local day."""
    zone = ZoneInfo(current_app.config["TIMEZONE"])
    return datetime.combine(day, time.min, zone) if day else None


def end_of(day: date | None) -> datetime | None:
    """Return the first instant after a local day."""
    return begin_of(day + timedelta(days=1)) if day else None


def lines(*, since: datetime | None, until: datetime | None, names: bool) -> Iterator[str]:
    """Yield the statements of `since` <= t < `until` as lines; None leaves an end open.

    What was learnt before is read too: it decides what a later event completes. With `names`
    the learners' names are given beside their pseudonyms.
    """
    for statement in _statements(until=until, names=names, since=since):
        yield json.dumps(statement, ensure_ascii=False, separators=(",", ":")) + "\n"


def _statements(
    *, since: datetime | None, until: datetime | None, names: bool
) -> Iterator[Statement]:
    values: Settings = current_app.extensions["tongtu.settings"]
    speaker = Speaker(home=values.base_url, secret=values.secret_key)
    learnt: dict[int, Learnt] = {}
    for ids in _chunks(_ordered_ids(until)):
        for row, course, name in _batch(ids, names=names):
            event = Event(
                id=row.id,
                enrolment_id=row.enrolment_id,
                person_id=row.person_id,
                lesson_id=row.lesson_id,
                kind=row.kind,
                payload=row.payload,
                at=row.at,
            )
            so_far = learnt.setdefault(row.enrolment_id, Learnt())
            for statement in speaker.statements(event, course, so_far, name=name):
                if since is None or row.at >= since:
                    yield statement


def _ordered_ids(until: datetime | None) -> "array[int]":
    wanted = select(LearningEvent.id).order_by(LearningEvent.at, LearningEvent.id)
    if until is not None:
        wanted = wanted.where(LearningEvent.at < until)
    with tenancy.for_everyone(reason="an operator takes the alliance's learning records away"):
        ids = array("q", db.session.scalars(wanted))
    db.session.rollback()
    return ids


def _chunks(ids: "array[int]") -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH].tolist()


def _batch(ids: Sequence[int], *, names: bool) -> list[tuple[Any, Any, str]]:
    with tenancy.for_everyone(reason="an operator takes the alliance's learning records away"):
        rows = db.session.execute(
            select(
                LearningEvent.id,
                LearningEvent.enrolment_id,
                LearningEvent.lesson_id,
                LearningEvent.kind,
                LearningEvent.payload,
                LearningEvent.at,
                Enrolment.person_id,
                Enrolment.course_version_id,
            )
            .join(Enrolment, Enrolment.id == LearningEvent.enrolment_id)
            .where(LearningEvent.id.in_(ids))
            .order_by(LearningEvent.at, LearningEvent.id)
        ).all()
        pinned = versions.by_ids({row.course_version_id for row in rows})
        courses = versions.courses(list(pinned.values()))
        people = accounts.persons({row.person_id for row in rows}) if names else {}
    db.session.rollback()
    return [
        (
            row,
            courses[row.course_version_id],
            people[row.person_id].name if row.person_id in people else "",
        )
        for row in rows
    ]
