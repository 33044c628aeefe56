"""Reads of notes: always the member's own, for the organisation for which they ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from portal.access import Member
from portal.db import db
from portal.learning import lesson_names
from portal.notes import rules
from portal.notes.models import LessonNote
from portal.paging import Page, Paged

_READING_ORDER = (
    LessonNote.slug,
    LessonNote.place,
    LessonNote.lesson_id,
    LessonNote.written_at,
    LessonNote.id,
)


@dataclass(frozen=True, slots=True)
class NoteRow:
    """One note, ready to show; `readable` tells whether its lesson can still be opened."""

    id: int
    slug: str
    name: str
    course_title: str
    lesson_title: str
    readable: bool
    text: str
    written_at: datetime
    changed_at: datetime | None


def of_lesson(*, member: Member, lesson_id: str) -> Sequence[LessonNote]:
    """Return the member's notes on a lesson, in the order in which they were written."""
    return db.session.scalars(
        select(LessonNote)
        .where(*_own(member), LessonNote.lesson_id == lesson_id)
        .order_by(LessonNote.written_at, LessonNote.id)
        .limit(rules.MAX_PER_LESSON)
    ).all()


def count_of_lesson(*, member: Member, lesson_id: str) -> int:
    """Return how many notes the member has on a lesson."""
    wanted = select(func.count()).select_from(LessonNote)
    return db.session.scalar(wanted.where(*_own(member), LessonNote.lesson_id == lesson_id)) or 0


def page(*, member: Member, word: str, page: Page, language: str) -> Paged[NoteRow]:
    """Return the notes that hold `word` ("" means all), by course and lesson."""
    wanted = [*_own(member)]
    if word:
        wanted.append(LessonNote.text.icontains(word, autoescape=True))
    rows = db.session.scalars(
        select(LessonNote)
        .where(*wanted)
        .order_by(*_READING_ORDER)
        .limit(page.size)
        .offset(page.offset)
    ).all()
    total = db.session.scalar(select(func.count()).select_from(LessonNote).where(*wanted))
    return Paged(rows=_rows(rows, language), total=total or 0, page=page)


def deleted(*, member: Member, language: str, at: datetime) -> Sequence[NoteRow]:
    """Return the member's deleted notes that can still be taken back, newest deletion first."""
    rows = db.session.scalars(
        select(LessonNote)
        .where(
            *_own(member, deleted=True),
            LessonNote.deleted_at > at - rules.KEPT_AFTER_DELETION,
        )
        .order_by(LessonNote.deleted_at.desc(), LessonNote.id.desc())
        .limit(rules.MAX_DELETED_SHOWN)
    ).all()
    return _rows(rows, language)


def all_of(*, member: Member, language: str) -> Sequence[NoteRow]:
    """Return every note of the member, by course and lesson, to take away."""
    rows = db.session.scalars(
        select(LessonNote).where(*_own(member)).order_by(*_READING_ORDER)
    ).all()
    return _rows(rows, language)


def own(*, member: Member, note_id: int, deleted: bool = False) -> LessonNote | None:
    """Return one note of the member, or one that they deleted; None when there is none."""
    return db.session.scalar(
        select(LessonNote).where(LessonNote.id == note_id, *_own(member, deleted=deleted))
    )


def one(*, member: Member, note_id: int, language: str) -> NoteRow | None:
    """Return one note of the member, ready to show, or None."""
    found = own(member=member, note_id=note_id)
    return _rows([found], language)[0] if found else None


def _own(member: Member, *, deleted: bool = False) -> tuple[ColumnElement[bool], ...]:
    is_deleted = LessonNote.deleted_at.is_not(None)
    return (
        LessonNote.person_id == member.person_id,
        LessonNote.organisation_id == member.organisation_id,
        is_deleted if deleted else ~is_deleted,
    )


def _rows(found: Sequence[LessonNote], language: str) -> Sequence[NoteRow]:
    names = lesson_names.of(found, language=language)
    return [
        NoteRow(
            id=each.id,
            slug=each.slug,
            name=names[each.id].name,
            course_title=names[each.id].course_title,
            lesson_title=names[each.id].title,
            readable=names[each.id].readable,
            text=each.text,
            written_at=each.written_at,
            changed_at=each.changed_at,
        )
        for each in found
    ]
