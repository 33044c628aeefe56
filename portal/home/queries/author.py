"""An author's start page: the courses as they are published."""

from collections.abc import Sequence

from portal import i18n
from portal.access import Member
from portal.learning import queries as learning
from portal.learning.pages import CourseCard


def page(*, member: Member) -> Sequence[CourseCard]:
    """Return the published courses in the order in which dealers see them."""
    return learning.catalogue(member=member, language=i18n.language_tag())
