"""Pages of notes: those on a lesson, all of one's own, and a file to take away."""

from http import HTTPStatus

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock, i18n
from portal.access import Role, current_member, requires
from portal.i18n import gettext as _
from portal.learning import queries as learning
from portal.learning import rules as learning_rules
from portal.notes import actions, forms, markdown_file, queries, rules
from portal.paging import requested_page

bp = Blueprint("notes", __name__, url_prefix="/courses", template_folder="templates")


@bp.get("/notes")
@requires(Role.DEALER)
def mine() -> ResponseReturnValue:
    """Show one's own notes by course and lesson, all or those with a word."""
    word = request.args.get("q", "").strip()[: rules.MAX_QUERY_CHARS]
    return render_template(
        "notes/mine.html",
        word=word,
        deleted_id=request.args.get("deleted", type=int),
        paged=queries.page(
            member=current_member(),
            word=word,
            page=requested_page(),
            language=i18n.language_tag(),
        ),
        deleted=queries.deleted(
            member=current_member(), language=i18n.language_tag(), at=clock.now()
        ),
    )


@bp.get("/notes.md")
@requires(Role.DEALER)
def download() -> ResponseReturnValue:
    """Send one's own notes as a Markdown file."""
    rows = queries.all_of(member=current_member(), language=i18n.language_tag())
    answer = Response(markdown_file.written(rows), mimetype="text/markdown")
    answer.headers.set("Content-Disposition", "attachment", filename="tongtu-notes.md")
    return answer


@bp.get("/notes/of-lesson/<slug>/<name>")
@requires(Role.DEALER)
def of_lesson(slug: str, name: str) -> ResponseReturnValue:
    """Show, as a piece of a lesson's page, one's notes on it."""
    _refuse_impossible(slug, name)
    lesson_id = learning_rules.lesson_id(slug=slug, name=name)
    notes = queries.of_lesson(member=current_member(), lesson_id=lesson_id)
    return render_template("notes/_of_lesson.html", notes=notes)


@bp.post("/notes/of-lesson/<slug>/<name>")
@requires(Role.DEALER)
def write(slug: str, name: str) -> ResponseReturnValue:
    """Write a note on a lesson."""
    _refuse_impossible(slug, name)
    form = forms.Note()
    if form.validate_on_submit():
        try:
            actions.write(
                member=current_member(),
                slug=slug,
                name=name,
                text=form.note.data or "",
                at=clock.now(),
            )
        except learning.NoSuchLesson:
            abort(HTTPStatus.NOT_FOUND)
        except actions.TooMany:
            form.note.errors = [
                _("这一课已经有 %(count)s 条笔记，先删掉几条", count=rules.MAX_PER_LESSON)
            ]
        else:
            flash(_("笔记记下了，只有你看得到。"), "noted")
            return _to_lesson(slug, name)
    page = render_template("notes/refused.html", form=form, slug=slug, name=name)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY


@bp.get("/notes/<int:note_id>")
@requires(Role.DEALER)
def edit(note_id: int) -> ResponseReturnValue:
    """Show one note, to change or delete it."""
    return _note_page(note_id, None)


@bp.post("/notes/<int:note_id>")
@requires(Role.DEALER)
def change(note_id: int) -> ResponseReturnValue:
    """Give a note another text."""
    form = forms.Note()
    if not form.validate_on_submit():
        return _note_page(note_id, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        actions.change(
            member=current_member(), note_id=note_id, text=form.note.data or "", at=clock.now()
        )
    except actions.NoSuchNote:
        abort(HTTPStatus.NOT_FOUND)
    flash(_("笔记改好了。"), "message")
    return redirect(url_for("notes.mine"), HTTPStatus.SEE_OTHER)


@bp.post("/notes/<int:note_id>/delete")
@requires(Role.DEALER)
def delete(note_id: int) -> ResponseReturnValue:
    """Delete a note; the page that follows offers to take that back."""
    try:
        actions.remove(member=current_member(), note_id=note_id, at=clock.now())
    except actions.NoSuchNote:
        abort(HTTPStatus.NOT_FOUND)
    return redirect(url_for("notes.mine", deleted=note_id), HTTPStatus.SEE_OTHER)


@bp.post("/notes/<int:note_id>/restore")
@requires(Role.DEALER)
def restore(note_id: int) -> ResponseReturnValue:
    """Take a deletion back."""
    try:
        actions.take_back(member=current_member(), note_id=note_id, at=clock.now())
    except actions.NoSuchNote:
        abort(HTTPStatus.NOT_FOUND)
    flash(_("笔记找回来了。"), "message")
    return redirect(url_for("notes.mine"), HTTPStatus.SEE_OTHER)


def _note_page(note_id: int, form: forms.Note | None) -> str:
    note = queries.one(member=current_member(), note_id=note_id, language=i18n.language_tag())
    if note is None:
        abort(HTTPStatus.NOT_FOUND)
    shown = forms.Note(None, note=note.text) if form is None else form
    return render_template("notes/edit.html", note=note, form=shown)


def _to_lesson(slug: str, name: str) -> ResponseReturnValue:
    where = url_for("learning.lesson", slug=slug, name=name, _anchor="notes")
    return redirect(where, HTTPStatus.SEE_OTHER)


def _refuse_impossible(*names: str) -> None:
    if not all(learning_rules.is_name(each) for each in names):
        abort(HTTPStatus.NOT_FOUND)
