"""Pages of the learning paths as plain, final values."""

from dataclasses import dataclass

from courses.course import pick
from portal.learning import pages, paths
from portal.learning.paths import Walk
from portal.learning.standing import Standing

FULL_PERCENT = 100


@dataclass(frozen=True, slots=True)
class PathCard:
    """A path as its reader sees it; `done` of `count` courses are complete, `percent` 0 to 100.

    `state` is "new", "under_way" or "complete"; `next_title` is the course to take next, "" when
    there is none.
    """

    slug: str
    title: str
    summary: str
    count: int
    minutes: int
    done: int
    percent: int
    state: str
    next_title: str
    read_only: bool


@dataclass(frozen=True, slots=True)
class PathCourse:
    """A course in its place on a path; `first` is what better comes before it, "" for nothing."""

    number: int
    slug: str
    title: str
    lesson_count: int
    minutes: int
    state: str
    percent: int
    first: str
    is_next: bool


@dataclass(frozen=True, slots=True)
class PathPage:
    """A path with its courses; `next` is None when all are complete. `retired`: taken off."""

    path: PathCard
    courses: tuple[PathCourse, ...]
    next: pages.CourseCard | None
    ordered: bool
    retired: bool


def card(walk: Walk, language: str) -> PathCard:
    """Return a path's card."""
    done = len(walk.complete)
    following = walk.next
    return PathCard(
        slug=walk.path.slug,
        title=pick(walk.path.title, language),
        summary=pick(walk.path.summary, language),
        count=len(walk.courses),
        minutes=sum(each.course.minutes for each in walk.courses),
        done=done,
        percent=sum(_percent(each) for each in walk.courses) // len(walk.courses),
        state="complete" if following is None else "under_way" if walk.begun else "new",
        next_title="" if following is None else pick(following.course.title, language),
        read_only=walk.courses[0].read_only,
    )


def page(walk: Walk, language: str) -> PathPage:
    """Return a path's page; the path must lead somewhere."""
    first = {} if walk.courses[0].read_only else paths.waits(walk)
    following = walk.next
    return PathPage(
        path=card(walk, language),
        courses=tuple(
            PathCourse(
                number=number,
                slug=each.slug,
                title=pick(each.course.title, language),
                lesson_count=len(each.course.lessons),
                minutes=each.course.minutes,
                state=each.state,
                percent=_percent(each),
                first=pick(first[each.slug].course.title, language) if each.slug in first else "",
                is_next=following is each and not each.read_only,
            )
            for number, each in enumerate(walk.courses, start=1)
        ),
        next=None if following is None else pages.card(following, language),
        ordered=walk.path.ordered,
        retired=not walk.path.current,
    )


def _percent(standing: Standing) -> int:
    return FULL_PERCENT if standing.progress.completed else standing.progress.percent
