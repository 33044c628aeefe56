"""An author's start page: what wants looking after, and the courses as they are published."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal import i18n
from portal.access import Member
from portal.learning import queries as learning
from portal.learning.pages import CourseCard
from portal.teaching.queries import courses, reports


@dataclass(frozen=True, slots=True)
class AuthorPage:
    """What an author sees first: how many reports wait, which courses are due for a review."""

    open_reports: int
    overdue: Sequence[tuple[str, str, date]]  # slug, title, day
    courses: Sequence[CourseCard]


def page(*, member: Member, today: date) -> AuthorPage:
    """Return the start page; published courses in the order in which dealers see them."""
    return AuthorPage(
        open_reports=reports.open_count(),
        overdue=courses.overdue(today=today),
        courses=learning.catalogue(member=member, language=i18n.language_tag()),
    )
