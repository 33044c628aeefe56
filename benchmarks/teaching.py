"""What the pages about learning cost when a lot has been learnt: CPU and queries a page.

    python benchmarks/teaching.py [--events 200000] [--rounds 5]

Fills an empty portal with learners of the published courses, who go different ways, until there
are so many learning events; then asks for each page signed in. "first" is the first visit of a
process, which counts everybody; "learnt" a visit after ten learners have learnt something in each
course; "again" a visit after nothing has happened. The last line is one JSON object: CPU ms of this
process and SELECTs (of "again") by page.
"""

import argparse
import json
import os
import random
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, insert, select

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from courses.course import Course  # noqa: E402 – found by the line above
from courses.load import load_library  # noqa: E402
from portal import tenancy  # noqa: E402
from portal.access import Role  # noqa: E402
from portal.accounts import actions as accounts  # noqa: E402
from portal.accounts.models import Membership, Organisation, Person  # noqa: E402
from portal.app import create_app  # noqa: E402
from portal.db import db, unit_of_work  # noqa: E402
from portal.demo.learning import right_values  # noqa: E402
from portal.learning import actions as learning  # noqa: E402
from portal.learning import versions  # noqa: E402
from portal.learning.models import Enrolment, LearningEvent  # noqa: E402
from portal.settings import Settings  # noqa: E402
from portal.teaching import tally  # noqa: E402

AT = datetime(2026, 6, 1, tzinfo=UTC)
PASSWORD = "correct horse battery"  # noqa: S105 – of a portal that lives for a minute
SHARE_RIGHT = 0.8
BATCH = 20_000


def main() -> None:
    """Fill, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5, help="visits of each page, each way")
    arguments = parser.parse_args()
    result: dict[str, Any] = {"cores": os.cpu_count(), "load_before": round(os.getloadavg()[0], 1)}
    with tempfile.TemporaryDirectory() as folder:
        app = _app(Path(folder))
        with app.app_context():
            db.create_all()
            with tenancy.for_everyone(reason="a benchmark arranges"), unit_of_work():
                courses = _publish()
                result |= _fill(courses, wanted=arguments.events)
            db.session.remove()
        client = app.test_client()
        client.post("/sign-in", data={"identity": "13700000000", "password": PASSWORD})
        result["pages"] = _measured(app, client, courses[0], rounds=arguments.rounds)
    print(json.dumps(result, ensure_ascii=False))


def _app(folder: Path) -> Flask:
    values = Settings(
        secret_key="x" * 40,
        password_salt="y" * 40,
        data_dir=folder,
        database_url=f"sqlite:///{folder / 'tongtu.sqlite'}",
        content_dir=ROOT / "content",
        password_cost="test",  # noqa: S106 – the name of a cost, and no password
        second_factor="offered",
    )
    app = create_app(values, WTF_CSRF_ENABLED=False)
    app.extensions["tongtu.rates"].enabled = False
    return app


def _publish() -> tuple[Course, ...]:
    library = load_library(ROOT / "content" / "courses")
    learning.publish(library=library, at=AT)
    return library.courses


def _fill(courses: tuple[Course, ...], *, wanted: int) -> dict[str, int]:
    """Add an operator, then shops with a learner each until there are `wanted` events."""
    alliance = accounts.add_organisation(kind="alliance", name="同途联盟", at=AT)
    operator = accounts.add_person(
        name="运营",
        mail=None,
        phone="13700000000",
        password_hash=accounts.hash_of(PASSWORD),
        at=AT,
    )
    accounts.join(person_id=operator.id, organisation_id=alliance.id, role=Role.OPERATOR)
    current = versions.current()
    chance = random.Random(7)  # noqa: S311 – the same world every time
    learners = events = 0
    waiting: list[dict[str, Any]] = []
    while events < wanted:
        learners += 1
        shop = _shop(learners, chance)
        for course in courses:
            enrolled_at = AT + timedelta(minutes=chance.randrange(200_000))
            enrolment = Enrolment(
                person_id=shop.person_id,
                organisation_id=shop.organisation_id,
                slug=course.id,
                course_version_id=current[course.id].id,
                enrolled_at=enrolled_at,
            )
            db.session.add(enrolment)
            db.session.flush()
            waiting += _way(course, enrolment.id, enrolled_at, chance)
        if len(waiting) > BATCH or events + len(waiting) >= wanted:
            db.session.execute(insert(LearningEvent), waiting)
            events += len(waiting)
            waiting = []
    return {"learners": learners, "courses": len(courses), "events": events}


def _shop(number: int, chance: random.Random) -> Membership:
    shop = Organisation(
        kind="dealer",
        name=f"店 {number}",
        region=chance.choice(["浙江 杭州", "广东 深圳", "四川 成都", "山东 青岛", "湖北 武汉"]),
        level=chance.randrange(1, 6),
        joined_on=date(2025, chance.randrange(1, 13), 1),
        created_at=AT,
    )
    person = Person(name="店主", us_phone_number=f"+86138{number:08}", created_at=AT)
    db.session.add_all([shop, person])
    db.session.flush()
    member = Membership(
        person_id=person.id, organisation_id=shop.id, role=Role.DEALER.value, is_owner=True
    )
    db.session.add(member)
    return member


def _way(
    course: Course, enrolment_id: int, since: datetime, chance: random.Random
) -> Iterator[dict[str, Any]]:
    """Yield the events of one learner, who stops somewhere."""
    at = since
    for lesson in course.lessons[: chance.choice([1, 2, 3, 4, 5, 99, 99, 99])]:
        at += timedelta(hours=chance.randrange(1, 60))
        steps: list[tuple[str, str, dict[str, Any]]] = [
            ("opened", f"opened:{lesson.id}", {}),
            ("read", f"read:{lesson.id}", {}),
        ]
        for attempt in (1, 2) if lesson.quiz else ():
            answers = {
                each.key: {
                    "score_bps": 10_000 if chance.random() < SHARE_RIGHT else 0,
                    "fields": right_values(each),
                }
                for each in (lesson.quiz.scored if lesson.quiz else ())
            }
            payload = {"attempt": attempt, "answers": answers}
            steps.append(("answered", f"answered:{lesson.id}:{attempt}", payload))
        for kind, key, payload in steps:
            at += timedelta(minutes=2)
            yield {
                "enrolment_id": enrolment_id,
                "lesson_id": lesson.id,
                "kind": kind,
                "payload": payload,
                "key": key,
                "at": at,
            }


def _measured(app: Flask, client: FlaskClient, course: Course, *, rounds: int) -> dict[str, Any]:
    lesson = next(each for each in course.lessons if each.quiz)
    pages = {
        "courses": "/teaching",
        "course": f"/teaching/courses/{course.id}",
        "lesson": f"/teaching/courses/{lesson.id}",
        "cohorts": "/teaching/cohorts",
        "cohorts by region": "/teaching/cohorts?by=region",
    }
    with app.app_context():
        engine = db.engine
    asked: list[str] = []

    def seen(_connection: Any, _cursor: Any, statement: str, *_: object) -> None:
        if statement.lstrip().startswith("SELECT"):
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", seen)
    found = {}
    for name, path in pages.items():
        first, learnt, again = [], [], []
        for _ in range(rounds):
            tally.forget()
            first.append(_cpu_ms(client, path))
            _learn_something(app)
            learnt.append(_cpu_ms(client, path))
            asked.clear()
            again.append(_cpu_ms(client, path))
        found[name] = {
            "first_ms": round(statistics.median(first)),
            "learnt_ms": round(statistics.median(learnt)),
            "again_ms": round(statistics.median(again)),
            "queries": len(asked),
        }
        print(name, found[name])
    event.remove(engine, "before_cursor_execute", seen)
    return found


def _learn_something(app: Flask) -> None:
    """Add an event to ten enrolments of each course."""
    with app.app_context(), tenancy.for_everyone(reason="a benchmark learns"), unit_of_work():
        for slug in versions.current():
            of_course = select(Enrolment.id).where(Enrolment.slug == slug)
            for enrolment_id in db.session.scalars(of_course.limit(10)).all():
                one = LearningEvent(
                    enrolment_id=enrolment_id,
                    lesson_id=f"{slug}/nothing",
                    kind="opened",
                    payload={},
                    key=secrets.token_hex(8),
                    at=AT + timedelta(days=170),
                )
                db.session.add(one)


def _cpu_ms(client: FlaskClient, path: str) -> float:
    begun = time.process_time_ns()
    answer = client.get(path)
    took = (time.process_time_ns() - begun) / 1e6
    assert answer.status_code == 200, (path, answer.status_code)
    return took


if __name__ == "__main__":
    main()
