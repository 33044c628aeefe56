"""A learner's notes as a Markdown file to take away."""

from collections.abc import Iterator, Sequence

from portal.i18n import gettext as _
from portal.i18n import local_day
from portal.notes.queries import NoteRow


def written(rows: Sequence[NoteRow]) -> str:
    """Return the file: a heading a course, one a lesson, each note as a quotation."""
    return "\n".join(_lines(rows)) + "\n"


def _lines(rows: Sequence[NoteRow]) -> Iterator[str]:
    yield f"# {_('我的笔记')}"
    course = lesson = ""
    for each in rows:
        if each.slug != course:
            course, lesson = each.slug, ""
            yield f"\n## {each.course_title}"
        if each.name != lesson:
            lesson = each.name
            yield f"\n### {each.lesson_title}"
        yield f"\n{local_day(each.written_at)}\n"
        # Quoted, so that what is written in a note stays inside it.
        yield from (f"> {line}".rstrip() for line in each.text.split("\n"))
