"""A table of notes on lessons."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, UtcDateTime
from portal.ownership import owned


# Neither the organisation nor any role of the alliance owns a note: it is its writer's alone.
@owned(person="person_id")
class LessonNote(Base):
    """A person's note on a lesson, written for one organisation, in the version they read."""

    __tablename__ = "lesson_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    slug: Mapped[str] = mapped_column(String(80))
    lesson_id: Mapped[str] = mapped_column(String(160))
    # The version that was read: what the lesson was called stays known when the lesson goes.
    course_version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id"))
    place: Mapped[int]  # the lesson's number in its course, when it was last written about
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # It can be taken back until the row goes (rules.KEPT_AFTER_DELETION).
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)

    __table_args__ = (
        CheckConstraint("place >= 1", name="place_counts_from_one"),
        Index(None, "person_id", "slug", "place"),
    )
