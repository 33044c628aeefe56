"""A table of questions about lessons, to their author."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.access import Role
from portal.db import Base, UtcDateTime
from portal.ownership import owned


# Not the organisation's: colleagues and owners do not read what somebody did not understand.
@owned(person="person_id", staff=[Role.AUTHOR])
class LessonQuestion(Base):
    """A learner's question about a lesson, in the version they read, and its author's answer.

    A text that is empty was withdrawn, or its writer was forgotten; the row stays for the answer.
    """

    __tablename__ = "lesson_question"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80))
    lesson_id: Mapped[str] = mapped_column(String(160))
    course_version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    text: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    # Whether everybody who reads the lesson sees the answer, below the question as the author
    # put it: without what would tell who asked.
    faq: Mapped[bool] = mapped_column(default=False, server_default=false())
    faq_text: Mapped[str | None] = mapped_column(String(300))

    __table_args__ = (
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered_or_open"),
        CheckConstraint(
            "NOT faq OR (answer IS NOT NULL AND faq_text IS NOT NULL)", name="faq_says_all"
        ),
        CheckConstraint(
            "withdrawn_at IS NULL OR (text = '' AND answer IS NULL)", name="withdrawn_says_nothing"
        ),
        Index(None, "person_id", "asked_at"),
        Index(None, "lesson_id", "faq"),
        Index(None, "answered_at", "asked_at"),
    )
