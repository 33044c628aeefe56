"""Operators' pages: find a certificate, revoke it with a reason, issue a new one in its place."""

from http import HTTPStatus

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses.certificate import written
from portal import clock
from portal.access import Role, current_member, requires
from portal.certificates import actions, forms, presenting, queries
from portal.certificates.queries import CertificateRow, NoSuchCertificate
from portal.certificates.views.blueprint import bp
from portal.i18n import gettext as _
from portal.paging import requested_page

LONGEST_SEARCH = 80


@bp.get("/certificates/issued")
@requires(Role.OPERATOR)
def issued() -> ResponseReturnValue:
    """List certificates, newest first, as far as the search asks for them."""
    text = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    paged = queries.found(text=text, page=requested_page())
    return render_template(
        "certificates/issued.html",
        paged=paged,
        certificates=[presenting.shown(each) for each in paged.rows],
        text=text,
    )


@bp.get("/certificates/issued/<number>")
@requires(Role.OPERATOR)
def record(number: str) -> ResponseReturnValue:
    """Show one certificate."""
    return render_template("certificates/record.html", certificate=presenting.shown(_any(number)))


@bp.get("/certificates/issued/<number>/revoke")
@requires(Role.OPERATOR)
def ask_revoke(number: str) -> ResponseReturnValue:
    """Ask why a certificate is revoked."""
    return _revoke_page(_any(number), forms.Revoke())


@bp.post("/certificates/issued/<number>/revoke")
@requires(Role.OPERATOR)
def revoke(number: str) -> ResponseReturnValue:
    """Revoke a certificate, for good."""
    row = _any(number)
    form = forms.Revoke()
    if not form.validate_on_submit():
        return _revoke_page(row, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        actions.revoke(
            typed=number,
            reason=str(form.reason.data),
            by_person_id=current_member().person_id,
            at=clock.now(),
        )
    except actions.AlreadyRevoked:
        flash(_("这张证书已经撤销过了"), "warn")
    else:
        flash(_("已撤销。查验页、徽章的状态从现在起都会显示撤销和原因。"), "message")
    return _to_record(row.number)


@bp.post("/certificates/issued/<number>/anew")
@requires(Role.OPERATOR)
def issue_anew(number: str) -> ResponseReturnValue:
    """Issue a new certificate in place of a revoked one."""
    row = _any(number)
    try:
        anew = actions.issue_anew(typed=number, at=clock.now())
    except actions.StillValid:
        flash(_("这张证书还有效，要换新的先撤销它"), "warn")
        return _to_record(row.number)
    except actions.NotCompleted:
        flash(_("持有人已经注销，不能再签发"), "warn")
        return _to_record(row.number)
    flash(_("新证书签发好了，用的是持有人现在的姓名和店名。"), "message")
    return _to_record(anew)


def _any(number: str) -> CertificateRow:
    try:
        return queries.any_one(number)
    except NoSuchCertificate:
        abort(HTTPStatus.NOT_FOUND)


def _to_record(number: str) -> ResponseReturnValue:
    address = url_for("certificates.record", number=written(number))
    return redirect(address, HTTPStatus.SEE_OTHER)


def _revoke_page(row: CertificateRow, form: forms.Revoke) -> str:
    return render_template("certificates/revoke.html", certificate=presenting.shown(row), form=form)
