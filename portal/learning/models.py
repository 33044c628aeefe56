"""Tables of published course versions and paths, enrolments and what learners did.

Progress is in no table: it is computed from the pinned version and the events, so it cannot be
stored wrong. Versions keep their content and events are only appended; the database holds both.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.access import Role
from portal.db import Base, UtcDateTime, keep_fixed, one_of
from portal.learning.rules import ReportState
from portal.ownership import owned


@owned(staff=[Role.AUTHOR, Role.OPERATOR], readers=Role)
class CourseVersion(Base):
    """One published version of a course, with its rendered HTML in every language."""

    __tablename__ = "course_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80))
    version: Mapped[str] = mapped_column(String(80))  # the hash of the content
    # The whole course as courses.version.to_json writes it: text, since it is read back whole and
    # must be the same to the letter. Some 100 KB, so it is read only when needed.
    body: Mapped[str] = mapped_column(Text, deferred=True)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # What who enrols now is pinned to. A course that was taken off has no current version.
    current: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        UniqueConstraint("slug", "version"),
        Index(
            "uq_course_version_current",
            "slug",
            unique=True,
            postgresql_where=text("current"),
            sqlite_where=text("current"),
        ),
    )


@owned(staff=[Role.AUTHOR, Role.OPERATOR], readers=Role)
class LearningPath(Base):
    """Courses in an order that somebody recommends; it names them, they have their versions."""

    __tablename__ = "learning_path"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[dict[str, str]] = mapped_column(JSON)  # by language, as is the summary
    summary: Mapped[dict[str, str]] = mapped_column(JSON)
    courses: Mapped[list[str]] = mapped_column(JSON)  # slugs in the path's order
    ordered: Mapped[bool]
    position: Mapped[int]  # among the paths
    digest: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # A path that was taken off stays for who had begun it.
    current: Mapped[bool]


@owned(
    organisation="organisation_id",
    person="person_id",
    staff=[Role.OPERATOR],
    readers=[Role.CONSULTANT, Role.AUTHOR],
)
class Enrolment(Base):
    """A person takes a course, in the version that was current when they enrolled."""

    __tablename__ = "enrolment"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    slug: Mapped[str] = mapped_column(String(80))
    course_version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id"), index=True)
    enrolled_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # The version before the last move, until the learner has said that they saw what changed.
    moved_from_id: Mapped[int | None] = mapped_column(ForeignKey("course_version.id"))
    # The newer version of which the learner said "not now"; a still newer one is offered again.
    declined_id: Mapped[int | None] = mapped_column(ForeignKey("course_version.id"))

    __table_args__ = (UniqueConstraint("person_id", "slug"),)


@owned(through="enrolment_id", readers=[Role.CONSULTANT, Role.AUTHOR])
class LearningEvent(Base):
    """Something that a learner did in a lesson; `key` makes a repeated request count once."""

    __tablename__ = "learning_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id", ondelete="CASCADE"))
    lesson_id: Mapped[str] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(12))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    key: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint("kind IN ('opened', 'read', 'answered')", name="kind_known"),
        # Per enrolment: nobody can use up another learner's key.
        UniqueConstraint("enrolment_id", "key"),
    )


@owned(through="enrolment_id", readers=[Role.AUTHOR])
class WatchPosition(Base):
    """How far somebody watched a lesson's film, on whatever device: where it goes on."""

    __tablename__ = "watch_position"

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id", ondelete="CASCADE"))
    lesson_id: Mapped[str] = mapped_column(String(160))
    seconds: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("enrolment_id", "lesson_id"),
        CheckConstraint("seconds >= 0", name="not_before_the_start"),
    )


@owned(organisation="organisation_id", person="person_id", staff=[Role.AUTHOR, Role.OPERATOR])
class LessonReport(Base):
    """A reader says that something in a lesson is wrong or out of date, to its author."""

    __tablename__ = "lesson_report"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80))
    lesson_id: Mapped[str] = mapped_column(String(160))
    course_version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    # None: the person asked to be forgotten; what is wrong in the lesson stays wrong.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    text: Mapped[str] = mapped_column(Text)
    # What the author said to it; None while nobody has.
    answer: Mapped[str | None] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(12), default=ReportState.OPEN.value)
    reported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    __table_args__ = (
        CheckConstraint(one_of("state", ReportState), name="state_known"),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_or_open"),
        Index(None, "state", "reported_at"),
        Index(None, "slug", "lesson_id"),
    )


# Deleting stays possible: a person may ask to be forgotten, and their enrolments and events go too.
keep_fixed(
    LearningEvent.__table__,
    columns=("id", "enrolment_id", "lesson_id", "kind", "payload", "key", "at"),
)
keep_fixed(CourseVersion.__table__, columns=("id", "slug", "version", "body"))
