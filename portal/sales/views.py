"""Pages of order imports, for operators."""

import io
from http import HTTPStatus

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from portal import clock
from portal.access import Role, current_member, requires
from portal.evidence import actions as evidence
from portal.i18n import gettext as _
from portal.idempotency import guard as idempotency
from portal.outbox import presenting as job_presenting
from portal.paging import requested_page
from portal.sales import forms, presenting, queries, rejected_csv, texts
from portal.sales.actions import deciding, receiving
from portal.sales.rules import IllegalMove, State

bp = Blueprint("sales", __name__, url_prefix="/imports", template_folder="templates")
PROBLEMS_A_PAGE = 50


@bp.get("")
@requires(Role.OPERATOR)
def index() -> ResponseReturnValue:
    """List the imports and say which facts are in force."""
    imports = queries.imports(page=requested_page())
    return render_template(
        "sales/index.html",
        imports=imports,
        rows=[presenting.row(each) for each in imports.rows],
        facts=presenting.facts_line(queries.facts_standing()),
    )


@bp.get("/new")
@requires(Role.OPERATOR)
def new() -> ResponseReturnValue:
    """Show the upload form."""
    return _upload_page(forms.Upload())


@bp.post("/new")
@requires(Role.OPERATOR)
def create() -> ResponseReturnValue:
    """Receive a file and show its dry run; a file of no use is explained on the form."""
    form = forms.Upload()
    if not form.validate_on_submit():
        return _upload_page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    with receiving.own_transaction() as categories:
        received = receiving.receive(
            stream=form.upload.stream,
            filename=form.upload.filename or "",
            mapping=form.mapping_name,
            uploaded_by=current_member().person_id,
            at=clock.now(),
            categories=categories,
        )
        if received.reason is None:
            there = url_for("sales.show", public_id=received.public_id)
            answer = make_response(redirect(there, HTTPStatus.SEE_OTHER))
        else:
            why = texts.reason(received.reason, dict(received.reason_params))
            name = presenting.filename(received.filename)
            page = _upload_page(form, refused=name, why=why)
            answer = make_response(page, HTTPStatus.UNPROCESSABLE_ENTITY)
        idempotency.settle(answer)
    return answer


@bp.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Explain on the form that the upload is over the limit; its body was never read."""
    why = texts.reason(texts.TOO_LARGE_UPLOAD, {"limit": str(_limit_mb())})
    page = _upload_page(forms.Upload(formdata=None), refused=_("这个文件"), why=why)
    return page, HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def _limit_mb() -> int:
    return int(current_app.config["MAX_CONTENT_LENGTH"]) // 1024**2


def _upload_page(form: forms.Upload, *, refused: str = "", why: str = "") -> str:
    return render_template(
        "sales/new.html", form=form, refused=refused, why=why, limit_mb=_limit_mb()
    )


def _detail(public_id: str) -> queries.ImportDetail:
    found = queries.detail(public_id=public_id)
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    return found


@bp.get("/<public_id>")
@requires(Role.OPERATOR)
def show(public_id: str) -> ResponseReturnValue:
    """Show the dry run, the progress or the outcome of one import."""
    found = _detail(public_id)
    problems = queries.rejected_rows(public_id=public_id, page=requested_page(PROBLEMS_A_PAGE))
    return render_template(
        "sales/show.html",
        item=presenting.detail(found),
        progress=job_presenting.progress(found.job)
        if found.job and not found.job.is_over
        else None,
        paged=problems,
        problems=[presenting.problem(each, found.columns) for each in problems.rows],
    )


@bp.post("/<public_id>/confirm")
@requires(Role.OPERATOR)
def confirm(public_id: str) -> ResponseReturnValue:
    """Let the file be imported."""
    try:
        deciding.confirm(
            public_id=public_id, by_person_id=current_member().person_id, at=clock.now()
        )
    except deciding.NoSuchImport:
        abort(HTTPStatus.NOT_FOUND)
    except IllegalMove as illegal:
        return _too_late(public_id, illegal)
    return redirect(url_for("sales.show", public_id=public_id), HTTPStatus.SEE_OTHER)


@bp.post("/<public_id>/discard")
@requires(Role.OPERATOR)
def discard(public_id: str) -> ResponseReturnValue:
    """Throw the upload away."""
    try:
        deciding.discard(public_id=public_id, at=clock.now())
    except deciding.NoSuchImport:
        abort(HTTPStatus.NOT_FOUND)
    except IllegalMove as illegal:
        return _too_late(public_id, illegal)
    flash(_("已放弃，上传的文件会从服务器删除"), "message")
    return redirect(url_for("sales.index"), HTTPStatus.SEE_OTHER)


def _too_late(public_id: str, illegal: IllegalMove) -> ResponseReturnValue:
    name, _tone = texts.state(illegal.current)
    if illegal.target is State.DISCARDED:
        text = _("不能放弃：这个文件现在是“%(state)s”", state=name)
    else:
        text = _("不能导入：这个文件现在是“%(state)s”", state=name)
    flash(text, "bad")
    return redirect(url_for("sales.show", public_id=public_id), HTTPStatus.SEE_OTHER)


@bp.get("/<public_id>/rejected.csv")
@requires(Role.OPERATOR)
def rejected(public_id: str) -> ResponseReturnValue:
    """Send the rows that were not taken as a CSV file."""
    found = _detail(public_id)
    lines = queries.all_rejected_rows(public_id=public_id)
    evidence.log_read(action="rejected_rows.taken", subject="import", subject_id=public_id)
    name = found.row.filename.rpartition(".")[0] or found.row.filename
    return send_file(
        io.BytesIO(rejected_csv.write(lines, columns=found.columns)),
        mimetype="text/csv",
        as_attachment=True,
        download_name=_("%(name)s 未采用的行.csv", name=name),
    )
