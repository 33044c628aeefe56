"""For everybody: is this certificate real, and does it still hold?"""

from http import HTTPStatus

from flask import Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses.certificate import NotANumber, number, written
from portal.access import public
from portal.certificates import actions, pictures, presenting, queries
from portal.certificates.queries import NoSuchCertificate
from portal.certificates.views.blueprint import bp
from portal.i18n import gettext as _

LONGEST = 40
CARD_KEPT_S = 3600


@bp.get("/verify/<number>")
@public
def verify(number: str) -> ResponseReturnValue:
    """Tell whether a certificate holds, and what of its holder they allow to be shown."""
    typed = number[:LONGEST]
    try:
        row = queries.public(typed)
    except NoSuchCertificate:
        page = render_template("certificates/unknown.html", typed=typed)
        return _unlisted(make_response(page, HTTPStatus.NOT_FOUND))
    checked = presenting.checked(row, issuer=actions.issuer().name)
    return _unlisted(make_response(render_template("certificates/verify.html", found=checked)))


@bp.get("/verify/<number>/card.png")
@public
def card(number: str) -> ResponseReturnValue:
    """Send the picture that a chat shows beside a link to a valid certificate."""
    try:
        row = queries.public(number[:LONGEST])
    except NoSuchCertificate:
        abort(HTTPStatus.NOT_FOUND)
    shown = presenting.checked(row, issuer=actions.issuer().name)
    if shown.standing != "valid":
        abort(HTTPStatus.NOT_FOUND)
    heading = _("%(issuer)s · 结业证书", issuer=shown.issuer)
    picture = pictures.card(
        heading=str(heading), title=shown.title, name=shown.name, number=shown.number
    )
    answer = Response(picture, mimetype="image/png")
    answer.headers["Cache-Control"] = f"public, max-age={CARD_KEPT_S}"
    return _unlisted(answer)


@bp.get("/certificates/check")
@public
def check() -> ResponseReturnValue:
    """Take the number that somebody reads from paper, and lead to its page."""
    typed = request.args.get("number", "").strip()[:LONGEST]
    if not typed:
        return _unlisted(make_response(render_template("certificates/check.html", typed="")))
    try:
        return redirect(url_for("certificates.verify", number=written(number(typed))))
    except NotANumber:
        page = render_template("certificates/check.html", typed=typed)
        return _unlisted(make_response(page, HTTPStatus.UNPROCESSABLE_ENTITY))


def _unlisted(answer: Response) -> Response:
    """Keep a page out of search engines: only who has the number should find it."""
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer
