"""An operator's pages of kinds of sessions: how long, where, for whom, how often."""

from collections.abc import Sequence
from http import HTTPStatus

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.access import Role, requires
from portal.booking import forms, texts
from portal.booking.actions import kinds as actions
from portal.booking.queries import consultants, kinds
from portal.booking.queries.kinds import KindRow
from portal.booking.views.blueprint import bp
from portal.i18n import gettext as _


@bp.get("/kinds")
@requires(Role.OPERATOR)
def session_kinds() -> ResponseReturnValue:
    """List the kinds of sessions."""
    names = {each.id: each.name for each in consultants.consultants()}
    return render_template(
        "booking/kinds.html",
        rows=[(each, _offering(each, names)) for each in kinds.kinds()],
        place=texts.place_mode,
    )


@bp.route("/kinds/new", methods=["GET", "POST"])
@requires(Role.OPERATOR)
def new_kind() -> ResponseReturnValue:
    """Add a kind of session."""
    return _edit(None)


@bp.route("/kinds/<int:kind_id>", methods=["GET", "POST"])
@requires(Role.OPERATOR)
def edit_kind(kind_id: int) -> ResponseReturnValue:
    """Change a kind of session; what was booked with it stays."""
    found = next((each for each in kinds.kinds() if each.id == kind_id), None)
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    return _edit(found)


def _edit(known: KindRow | None) -> ResponseReturnValue:
    people = consultants.consultants()
    form = forms.SessionKind(data=None if known is None else forms.SessionKind.shown(known))
    form.consultants.choices = [(each.id, each.name) for each in people]
    if form.validate_on_submit():
        actions.save(kind_id=None if known is None else known.id, kind=form.kind())
        flash(_("已保存，约好的会谈不受影响"), "message")
        return redirect(url_for("booking.session_kinds"), HTTPStatus.SEE_OTHER)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render_template("booking/kind.html", form=form, known=known, people=people), status


def _offering(row: KindRow, names: dict[int, str]) -> Sequence[str]:
    return [names[each] for each in row.consultant_ids if each in names]
