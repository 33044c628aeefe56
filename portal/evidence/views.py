"""The operators' pages of the record: search, one entry, a file to take away."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock, i18n
from portal.access import Role, requires
from portal.evidence import actions, directory, presenting, queries
from portal.evidence.forms import AuditSearch
from portal.i18n import gettext as _
from portal.idempotency.guard import repeatable

bp = Blueprint("evidence", __name__, url_prefix="/audit", template_folder="templates")

PAGE = 50
MOST_IN_A_FILE = 20_000


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


@bp.get("")
@requires(Role.OPERATOR)
def index() -> ResponseReturnValue:
    """Show what happened, newest first, as far as the search asks for it."""
    form = AuditSearch(request.args)
    names = directory.current()
    if form.validate():
        before = _number(request.args.get("before", ""))
        rows = queries.found(form.search(names), before=before, limit=PAGE + 1)
        status = HTTPStatus.OK
    else:
        before, rows, status = None, [], HTTPStatus.UNPROCESSABLE_ENTITY
    page = render_template(
        "evidence/index.html",
        form=form,
        entries=presenting.shown(rows[:PAGE], names),
        before=before,
        older=rows[PAGE - 1].entry.seq if len(rows) > PAGE else None,
    )
    return page, status


@bp.get("/<int:seq>")
@requires(Role.OPERATOR)
def show(seq: int) -> ResponseReturnValue:
    """Show one entry: who, from where, which rows changed, its place in the chain."""
    row = queries.entry(seq)
    if row is None:
        abort(HTTPStatus.NOT_FOUND)
    (entry,) = presenting.shown([row], directory.current())
    return render_template(
        "evidence/show.html",
        each=entry,
        changes=presenting.changes(row),
        details=presenting.details(row),
    )


@bp.post("/export")
@requires(Role.OPERATOR, fresh=True)
@repeatable("a file to take away: the same search may be taken again")
def export() -> ResponseReturnValue:
    """Answer with the entries of a search as CSV; that somebody took them is recorded too."""
    form = AuditSearch(request.form)
    names = directory.current()
    if not form.validate():
        abort(HTTPStatus.BAD_REQUEST)
    rows = queries.found(form.search(names), before=None, limit=MOST_IN_A_FILE + 1)
    if len(rows) > MOST_IN_A_FILE:
        flash(_("超过 %(count)s 条，先缩小范围再导出", count=f"{MOST_IN_A_FILE:,}"), "bad")
        asked: dict[str, Any] = dict(form.asked())
        return redirect(url_for("evidence.index", **asked), HTTPStatus.SEE_OTHER)
    actions.record(
        action="evidence.export",
        at=clock.now(),
        details={"asked": form.asked(), "rows": len(rows)},
    )
    name = f"audit-{i18n.local(clock.now()):%Y%m%d-%H%M}.csv"
    return Response(
        presenting.as_csv(presenting.shown(rows, names)),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
