"""A table of the courses that an owner asked their staff to take."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, UtcDateTime
from portal.ownership import owned


@owned(organisation="organisation_id", person="person_id")
class CourseAssignment(Base):
    """An owner asks one of the staff to take a course until a day; taking it back deletes it."""

    __tablename__ = "course_assignment"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    slug: Mapped[str] = mapped_column(String(80))
    due_on: Mapped[date]
    # None: who asked has left and was forgotten.
    assigned_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    assigned_at: Mapped[datetime] = mapped_column(UtcDateTime)

    # Progress is the person's, whichever shop they work for; two shops may ask for the same.
    __table_args__ = (UniqueConstraint("organisation_id", "person_id", "slug"),)
