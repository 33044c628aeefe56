"""An operator's view: dealers by month of joining, region or level, and how far each group is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from courses.course import pick
from portal import i18n
from portal.accounts import queries as accounts
from portal.accounts.queries import OrganisationRow
from portal.i18n import gettext as _
from portal.learning import versions
from portal.paging import Page, Paged
from portal.teaching import rules, tally
from portal.teaching.rules import Grouping, Share
from portal.teaching.tally import Learner


@dataclass(frozen=True, slots=True)
class Filters:
    """Which dealers and courses count; "" means all."""

    by: Grouping = Grouping.LEVEL
    course: str = ""
    province: str = ""
    level: str = ""
    batch: str = ""  # "in": enrolled in the programme, "out": not


@dataclass(frozen=True, slots=True)
class CohortRow:
    """One group of dealers and one course. The figures count dealers, not persons.

    A dealer is enrolled when somebody of it is, and has completed when somebody has. A figure
    about one to four dealers is None: those about the enrolled where only few are, and all of them
    in a small group, which has one row with `course` "".
    """

    group: str
    course: str
    dealers: int | None
    enrolled: int | None
    active: int | None
    completed: Share | None  # of those enrolled


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer: (value, text)."""

    courses: Sequence[tuple[str, str]]
    provinces: Sequence[str]
    levels: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Group:
    key: tuple[int | str, ...]
    text: str
    dealers: frozenset[int]


def choices() -> Choices:
    """Return what there is to filter by."""
    dealers = accounts.dealers()
    return Choices(
        courses=list(_titles().items()),
        provinces=sorted({name for each in dealers if (name := rules.province(each.region))}),
        levels=sorted({each.level for each in dealers if each.level is not None}),
    )


def page(*, filters: Filters, page: Page, at: datetime) -> Paged[CohortRow]:
    """Return one page of the cohort view."""
    found = rows(filters=filters, at=at)
    part = found[page.offset : page.offset + page.size]
    return Paged(rows=part, total=len(found), page=page)


def rows(*, filters: Filters, at: datetime) -> Sequence[CohortRow]:
    """Return the whole cohort view: latest month, or first region or level, first."""
    titles = {slug: title for slug, title in _titles().items() if filters.course in {"", slug}}
    tallies = tally.of_courses(titles)
    groups = _groups(filters)
    by_course = {slug: _by_dealer(tallies[slug].learners) for slug in titles}
    return [row for group in groups for row in _of_group(group, titles, by_course, at=at)]


def _titles() -> Mapping[str, str]:
    """Return the published courses by slug, in their order."""
    courses = versions.courses(list(versions.current().values())).values()
    language = i18n.language_tag()
    return {
        course.id: pick(course.title, language)
        for course in sorted(courses, key=lambda each: (each.order, each.id))
    }


def _groups(filters: Filters) -> Sequence[_Group]:
    found: dict[tuple[int | str, ...], tuple[str, set[int]]] = {}
    for dealer in accounts.dealers():
        if _counts(dealer, filters):
            key, text = _place(dealer, filters.by)
            found.setdefault(key, (text, set()))[1].add(dealer.id)
    return [_Group(key, text, frozenset(ids)) for key, (text, ids) in sorted(found.items())]


def _counts(dealer: OrganisationRow, filters: Filters) -> bool:
    joined = dealer.enrolment_batch is not None
    return (
        filters.province in {"", rules.province(dealer.region)}
        and filters.level in {"", str(dealer.level)}
        and filters.batch in {"", "in" if joined else "out"}
    )


def _place(dealer: OrganisationRow, by: Grouping) -> tuple[tuple[int | str, ...], str]:
    """Return where a dealer's group stands, and what it is called; what is unknown comes last."""
    if by is Grouping.MONTH and dealer.joined_on is not None:
        month = dealer.joined_on.replace(day=1)
        return (0, -month.toordinal()), i18n.month(month)
    if by is Grouping.REGION and (name := rules.province(dealer.region)):
        return (0, name), name
    if by is Grouping.LEVEL and dealer.level is not None:
        return (0, dealer.level), str(_("%(level)s 级", level=dealer.level))
    return (1,), str(_("未填"))


def _by_dealer(learners: Sequence[Learner]) -> Mapping[int, list[Learner]]:
    found: dict[int, list[Learner]] = {}
    for each in learners:
        found.setdefault(each.organisation_id, []).append(each)
    return found


def _of_group(
    group: _Group,
    titles: Mapping[str, str],
    learners: Mapping[str, Mapping[int, Sequence[Learner]]],
    *,
    at: datetime,
) -> Iterator[CohortRow]:
    if not rules.is_enough(len(group.dealers)):
        yield CohortRow(group.text, "", None, None, None, None)
        return
    for slug, title in titles.items():
        yield _row(group, title, learners[slug], at=at)


def _row(
    group: _Group, course: str, learners: Mapping[int, Sequence[Learner]], *, at: datetime
) -> CohortRow:
    many = len(group.dealers)
    enrolled = [learners[each] for each in group.dealers if each in learners]
    if enrolled and not rules.is_enough(len(enrolled)):
        return CohortRow(group.text, course, many, None, None, None)
    active = sum(
        any(rules.is_active(last_at=one.last_at, at=at) for one in people) for people in enrolled
    )
    done = sum(any(one.completed_at is not None for one in people) for people in enrolled)
    return CohortRow(
        group=group.text,
        course=course,
        dealers=many,
        enrolled=len(enrolled),
        active=active,
        completed=Share(done, len(enrolled)),
    )


def as_table(found: Sequence[CohortRow], *, by: str) -> Iterator[Sequence[str]]:
    """Yield the head and the rows of the view as texts, for a file."""
    few = str(_("少于 %(count)s 家", count=rules.FEWEST_DEALERS))
    yield [
        by,
        *map(
            str,
            (
                _("课程"),
                _("渠道商（家）"),
                _("已报名（家）"),
                _("近 30 天在学（家）"),
                _("已完成（家）"),
                _("完成率"),
            ),
        ),
    ]
    for row in found:
        done = row.completed
        percent = done.percent if done else None
        yield [
            row.group,
            row.course,
            *(few if each is None else str(each) for each in (row.dealers, row.enrolled)),
            *("" if each is None else str(each) for each in (row.active, done and done.count)),
            "" if percent is None else f"{percent}%",
        ]
