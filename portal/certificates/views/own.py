"""A dealer's own certificates: print them, take the badge along, decide what strangers see."""

import io
from http import HTTPStatus

from flask import Response, abort, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from courses.certificate import written
from portal import clock
from portal.access import Role, current_member, requires
from portal.certificates import actions, badge_files, forms, paper, presenting, queries
from portal.certificates.queries import CertificateRow, NoSuchCertificate
from portal.certificates.rules import Standing
from portal.certificates.views.blueprint import bp
from portal.i18n import gettext as _
from reports.render.pdf import PdfUnavailable

LANGUAGES = {"zh-CN": "zh_CN", "en": "en"}


@bp.get("/certificates")
@requires(Role.DEALER)
def mine() -> ResponseReturnValue:
    """List the member's certificates, and those that can be claimed."""
    member = current_member()
    return render_template(
        "certificates/mine.html",
        certificates=[presenting.shown(each) for each in queries.of_member(member=member)],
        waiting=[presenting.waiting(each) for each in queries.waiting(member=member)],
    )


@bp.post("/certificates/claim/<slug>")
@requires(Role.DEALER)
def claim(slug: str) -> ResponseReturnValue:
    """Issue the certificate of a completed course, if it is not there yet, and show it."""
    try:
        number = actions.claim(member=current_member(), slug=slug, at=clock.now())
    except actions.NotCompleted:
        abort(HTTPStatus.NOT_FOUND)
    return redirect(url_for("certificates.show", number=written(number)), HTTPStatus.SEE_OTHER)


@bp.get("/certificates/<number>")
@requires(Role.DEALER)
def show(number: str) -> ResponseReturnValue:
    """Show one certificate and what can be done with it."""
    return _page(_own(number), forms.Name())


@bp.post("/certificates/<number>/name")
@requires(Role.DEALER)
def choose_name(number: str) -> ResponseReturnValue:
    """Keep what strangers see of the member's name."""
    row = _own(number)
    form = forms.Name()
    if not form.validate_on_submit():
        return _page(row, form), HTTPStatus.UNPROCESSABLE_ENTITY
    actions.choose_name(member=current_member(), typed=number, shows_name=form.is_whole)
    flash(_("查验页改好了，现在打开就是新的。"), "message")
    return redirect(url_for("certificates.show", number=number), HTTPStatus.SEE_OTHER)


@bp.get("/certificates/<number>/<any('zh-CN', en):language>.pdf")
@requires(Role.DEALER)
def pdf(number: str, language: str) -> ResponseReturnValue:
    """Send the certificate to be printed."""
    row = _valid(number)
    try:
        made = paper.pdf(row, language=LANGUAGES[language], issuer=actions.issuer().name)
    except PdfUnavailable:
        page = render_template("certificates/no_pdf.html", certificate=presenting.shown(row))
        return page, HTTPStatus.SERVICE_UNAVAILABLE
    return send_file(
        io.BytesIO(made),
        mimetype="application/pdf",
        download_name=paper.file_name(row, language=LANGUAGES[language]),
    )


@bp.get("/certificates/<number>/badge.<any(jwt, json, svg, png):kind>")
@requires(Role.DEALER)
def badge(number: str, kind: str) -> ResponseReturnValue:
    """Send the digital badge: the signed credential alone, or inside a picture."""
    row = _valid(number)
    content, mimetype = badge_files.made(row.credential or "", kind=kind)
    return Response(
        content,
        mimetype=mimetype,
        headers={"Content-Disposition": f'attachment; filename="badge-{row.number}.{kind}"'},
    )


def _own(number: str) -> CertificateRow:
    try:
        return queries.own(member=current_member(), typed=number)
    except NoSuchCertificate:
        abort(HTTPStatus.NOT_FOUND)


def _valid(number: str) -> CertificateRow:
    """Return the member's own certificate while it holds: what is revoked is not handed out."""
    row = _own(number)
    if row.standing is not Standing.VALID:
        abort(HTTPStatus.NOT_FOUND)
    return row


def _page(row: CertificateRow, form: forms.Name) -> str:
    if not form.is_submitted():
        form.shows.data = "whole" if row.shows_name else "masked"
    return render_template(
        "certificates/show.html",
        certificate=presenting.shown(row),
        form=form,
        masked_name=row.masked_name,
    )
