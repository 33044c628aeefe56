"""Pages of action items: a shop's list, one item, taking on, closing, taking back, giving up."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Role, current_member, requires
from portal.evidence import actions as evidence
from portal.i18n import gettext as _
from portal.i18n import short_day
from portal.learning import queries as learning
from portal.learning import rules as learning_rules
from portal.paging import requested_page
from portal.practice import actions, forms, pictures, queries
from portal.practice.queries import OwnItem
from portal.practice.rules import Chip

bp = Blueprint("practice", __name__, url_prefix="/actions", template_folder="templates")
A_PAGE = 20


@bp.get("")
@requires(Role.DEALER)
def mine() -> ResponseReturnValue:
    """Show what the shop took on: open items first, with the days left and the figure so far."""
    organisation_id = current_member().organisation_id
    asked = request.args.get("show", "")
    chip = Chip(asked) if asked in set(Chip) else Chip.ALL
    return render_template(
        "practice/mine.html",
        chip=chip,
        chips=queries.chips(organisation_id),
        paged=queries.of_organisation(
            organisation_id=organisation_id,
            today=clock.today(),
            chip=chip,
            page=requested_page(A_PAGE),
        ),
    )


@bp.get("/of-lesson/<slug>/<name>")
@requires(Role.DEALER)
def of_lesson(slug: str, name: str) -> ResponseReturnValue:
    """Show, as a piece of a lesson's page, what the shop did with the lesson's action."""
    _refuse_impossible(slug, name)
    try:
        lesson = queries.action_of_lesson(
            member=current_member(), slug=slug, name=name, today=clock.today()
        )
    except (learning.NotEnrolled, learning.NoSuchLesson):
        abort(HTTPStatus.NOT_FOUND)
    return render_template("practice/_of_lesson.html", lesson=lesson, slug=slug, name=name)


@bp.get("/of-course/<slug>")
@requires(Role.DEALER)
def of_course(slug: str) -> ResponseReturnValue:
    """Show, as a piece of a course's last page, all that the course asks to do in the shop."""
    _refuse_impossible(slug)
    try:
        found = queries.actions_of_course(member=current_member(), slug=slug, today=clock.today())
    except learning.NotEnrolled:
        abort(HTTPStatus.NOT_FOUND)
    return render_template("practice/_of_course.html", actions=found, slug=slug)


@bp.post("/of-lesson/<slug>/<name>")
@requires(Role.DEALER)
def take_on(slug: str, name: str) -> ResponseReturnValue:
    """Take on what a lesson asks to do."""
    _refuse_impossible(slug, name)
    try:
        item = actions.take_on_lesson(member=current_member(), slug=slug, name=name, at=clock.now())
    except (learning.NotEnrolled, learning.NoSuchLesson):
        abort(HTTPStatus.NOT_FOUND)
    except actions.AlreadyOpen as open_one:
        return _to_open_one(open_one)
    return _to_new_one(item.public_id, item.due_on)


def _refuse_impossible(*names: str) -> None:
    if not all(learning_rules.is_name(each) for each in names):
        abort(HTTPStatus.NOT_FOUND)


def _to_new_one(public_id: str, due_on: Any) -> ResponseReturnValue:
    flash(_("记下了，%(day)s 前做完。", day=short_day(due_on)), "message")
    return _to_item(public_id)


def _to_open_one(found: actions.AlreadyOpen) -> ResponseReturnValue:
    flash(_("店里已经在做这件事了，不用再领一次。"), "info")
    return _to_item(found.public_id)


def _to_item(public_id: str) -> ResponseReturnValue:
    return redirect(url_for("practice.show", public_id=public_id), HTTPStatus.SEE_OTHER)


@bp.get("/<public_id>")
@requires(Role.DEALER, Role.CONSULTANT)
def show(public_id: str) -> ResponseReturnValue:
    """Show an item: what is asked, how far it is, what closed it."""
    return _page(_visible(public_id), forms.Close(formdata=None))


def _visible(public_id: str) -> OwnItem:
    found = queries.visible(public_id=public_id, member=current_member(), at=clock.now())
    return found if found is not None else abort(HTTPStatus.NOT_FOUND)


def _page(item: OwnItem, form: forms.Close) -> str:
    if form.note.data is None:
        form.note.data = item.note
    return render_template(
        "practice/item.html",
        item=item,
        form=form,
        may_write=current_member().role is Role.DEALER,
        most_mb=pictures.MAX_BYTES // 1024**2,
        most_characters=forms.MAX_NOTE,
    )


@bp.post("/<public_id>/close")
@requires(Role.DEALER)
def close(public_id: str) -> ResponseReturnValue:
    """Close an item with the shop's own words, and a picture where one was sent."""
    item, form = _visible(public_id), forms.Close()
    picture = _picture_of(form) if form.validate_on_submit() else None
    if form.errors:
        return _page(item, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        actions.close_by_shop(
            member=current_member(),
            public_id=public_id,
            note=form.note.data or "",
            picture=picture,
            at=clock.now(),
        )
    except actions.IllegalMove:
        flash(_("这件事已经有结果了，没有改动。"), "info")
    else:
        flash(_("完成了，做得好。24 小时内可以撤回。"), "message")
    return _to_item(public_id)


def _picture_of(form: forms.Close) -> bytes | None:
    """Return the sent picture made small; what is wrong with it becomes the field's error."""
    sent = form.sent_picture()
    if sent is None:
        return None
    try:
        return pictures.made_small(sent.stream)
    except pictures.TooLarge:
        form.picture.errors = [_("照片太大了，请缩小一点，或者换一张再选")]
    except pictures.NotAPicture:
        form.picture.errors = [_("这个文件打不开，请选一张 JPG、PNG 或 WebP 照片")]
    return None


@bp.post("/<public_id>/undo")
@requires(Role.DEALER)
def undo(public_id: str) -> ResponseReturnValue:
    """Take back that the shop closed an item itself."""
    try:
        actions.undo(member=current_member(), public_id=public_id, at=clock.now())
    except actions.NoSuchItem:
        abort(HTTPStatus.NOT_FOUND)
    except actions.IllegalMove:
        flash(_("只有自己报的完成、24 小时之内才能撤回。"), "warn")
    except actions.AlreadyOpen as open_one:
        return _to_open_one(open_one)
    else:
        flash(_("撤回了，写的那句话还在。"), "message")
    return _to_item(public_id)


@bp.post("/<public_id>/again")
@requires(Role.DEALER)
def again(public_id: str) -> ResponseReturnValue:
    """Take on once more what is over."""
    try:
        item = actions.take_on_again(member=current_member(), public_id=public_id, at=clock.now())
    except actions.NoSuchItem:
        abort(HTTPStatus.NOT_FOUND)
    except actions.IllegalMove:
        return _to_item(public_id)
    except actions.AlreadyOpen as open_one:
        return _to_open_one(open_one)
    return _to_new_one(item.public_id, item.due_on)


@bp.get("/<public_id>/drop")
@requires(Role.DEALER)
def ask_drop(public_id: str) -> ResponseReturnValue:
    """Ask whether the shop means to give an item up."""
    return render_template("practice/drop.html", item=_visible(public_id))


@bp.post("/<public_id>/drop")
@requires(Role.DEALER)
def drop(public_id: str) -> ResponseReturnValue:
    """Give an item up."""
    try:
        actions.drop(member=current_member(), public_id=public_id)
    except actions.NoSuchItem:
        abort(HTTPStatus.NOT_FOUND)
    except actions.IllegalMove:
        flash(_("这件事已经有结果了，没有改动。"), "info")
        return _to_item(public_id)
    flash(_("放下了。想做的时候可以再领。"), "message")
    return redirect(url_for("practice.mine"), HTTPStatus.SEE_OTHER)


@bp.get("/<public_id>/picture")
@requires(Role.DEALER, Role.CONSULTANT, Role.OPERATOR)
def picture(public_id: str) -> ResponseReturnValue:
    """Send the picture to its shop, its consultant or an operator; to nobody else it exists."""
    item = _visible(public_id)
    if item.picture is None:
        abort(HTTPStatus.NOT_FOUND)
    try:
        content = pictures.read(item.picture)
    except FileNotFoundError:
        abort(HTTPStatus.NOT_FOUND)
    if current_member().role is not Role.DEALER:
        evidence.log_read(action="practice.picture_seen", subject="action", subject_id=public_id)
    answer = Response(content, mimetype=pictures.MIMETYPE)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Content-Disposition"] = 'inline; filename="picture.webp"'
    return answer
