"""Writes of notes: write one, change it, delete it, take that back; erase what is long deleted."""

from datetime import datetime

from sqlalchemy import delete, update

from portal.access import Member
from portal.db import db
from portal.learning import rules as learning
from portal.learning import standing
from portal.learning.queries import NoSuchLesson
from portal.notes import queries, rules
from portal.notes.models import LessonNote


class NoSuchNote(LookupError):
    """The member has no such note, or not any more."""


class TooMany(Exception):
    """The member has as many notes on the lesson as its page can show."""


def write(*, member: Member, slug: str, name: str, text: str, at: datetime) -> LessonNote:
    """Write a note on a lesson, in the version that concerns the member.

    Raises NoSuchLesson, TooMany.
    """
    found = standing.of_course(member=member, slug=slug)
    lesson = found.course.lesson(learning.lesson_id(slug=slug, name=name)) if found else None
    if found is None or lesson is None:
        raise NoSuchLesson(name)
    if queries.count_of_lesson(member=member, lesson_id=lesson.id) >= rules.MAX_PER_LESSON:
        raise TooMany(name)
    place = 1 + [each.id for each in found.course.lessons].index(lesson.id)
    # A lesson that moved in its course takes the older notes along, or the list would split.
    db.session.execute(
        update(LessonNote)
        .where(LessonNote.person_id == member.person_id, LessonNote.lesson_id == lesson.id)
        .values(place=place)
    )
    note = LessonNote(
        person_id=member.person_id,
        organisation_id=member.organisation_id,
        slug=slug,
        lesson_id=lesson.id,
        course_version_id=found.version_id,
        place=place,
        text=text,
        written_at=at,
    )
    db.session.add(note)
    db.session.flush()
    return note


def change(*, member: Member, note_id: int, text: str, at: datetime) -> LessonNote:
    """Give a note another text; raise NoSuchNote."""
    note = _own(member, note_id)
    if note.text != text:
        note.text, note.changed_at = text, at
        db.session.flush()
    return note


def remove(*, member: Member, note_id: int, at: datetime) -> LessonNote:
    """Delete a note; for a while it can be taken back. Raises NoSuchNote."""
    note = _own(member, note_id)
    note.deleted_at = at
    db.session.flush()
    return note


def take_back(*, member: Member, note_id: int, at: datetime) -> LessonNote:
    """Undo a deletion; a note that is there stays there. Raises NoSuchNote."""
    note = queries.own(member=member, note_id=note_id, deleted=True)
    if note is None:
        return _own(member, note_id)
    if note.deleted_at is None or not rules.can_come_back(deleted_at=note.deleted_at, at=at):
        raise NoSuchNote(note_id)
    note.deleted_at = None
    db.session.flush()
    return note


def purge(*, at: datetime) -> None:
    """Erase for good what was deleted so long ago that it cannot be taken back."""
    db.session.execute(
        delete(LessonNote).where(LessonNote.deleted_at <= at - rules.KEPT_AFTER_DELETION)
    )


def _own(member: Member, note_id: int) -> LessonNote:
    note = queries.own(member=member, note_id=note_id)
    if note is None:
        raise NoSuchNote(note_id)
    return note
