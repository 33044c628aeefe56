"""Choosing what is mailed and when not, and ending mails by the link at their foot."""

from http import HTTPStatus

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.access import current_member, public, requires
from portal.i18n import gettext as _
from portal.idempotency.guard import repeatable
from portal.notices import actions, forms, queries, texts, unsubscribing
from portal.notices.views.blueprint import bp
from portal.security import csrf


@bp.get("/settings")
@requires()
def choices() -> ResponseReturnValue:
    """Show what the member is mailed about."""
    found = queries.choices_of(current_member())
    return render_template("notices/choices.html", choices=found, form=forms.choices_form(found))


@bp.post("/settings")
@requires()
@repeatable("the same choice twice is one choice")
def choose() -> ResponseReturnValue:
    """Keep what the member wants to be mailed about."""
    found = queries.choices_of(current_member())
    form = forms.choices_form(found)
    if not form.validate_on_submit():
        page = render_template("notices/choices.html", choices=found, form=form)
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    actions.choose(
        person_id=current_member().person_id,
        wishes=form.wishes(found.kinds),
        timing=form.timing(),
    )
    flash(_("保存好了。"))
    return redirect(url_for("notices.choices"), HTTPStatus.SEE_OTHER)


@bp.post("/settings/address")
@requires()
@repeatable("the same wish twice is one wish")
def try_address_again() -> ResponseReturnValue:
    """Mail to the member's address again, though it bounced."""
    address = queries.choices_of(current_member()).address
    if address is not None:
        actions.try_address_again(address=address)
        flash(_("下一条通知会再发到这个邮箱。"))
    return redirect(url_for("notices.choices"), HTTPStatus.SEE_OTHER)


def _named(token: str) -> tuple[unsubscribing.Unsubscription, str]:
    """Return what a link ends, and what that is called; 404 for a link that was not made here."""
    try:
        asked = unsubscribing.read(token)
    except unsubscribing.BadLink:
        abort(HTTPStatus.NOT_FOUND)
    return asked, texts.name(asked.kind) if asked.kind else _("每日汇总")


@bp.get("/unsubscribe/<token>")
@public
def unsubscribe(token: str) -> ResponseReturnValue:
    """Ask whether these mails should end; a mail scanner that opens the link ends nothing."""
    _asked, name = _named(token)
    return render_template("notices/unsubscribe.html", name=name, token=token, done=False)


@bp.post("/unsubscribe/<token>")
@public
@csrf.exempt  # type: ignore[untyped-decorator]  # Flask-WTF ships no types
@repeatable("ending what has ended changes nothing")
def stop_mails(token: str) -> ResponseReturnValue:
    """End these mails: pressed on our page, or sent by a mail program (RFC 8058).

    Mail programs have no page of ours and so no token of its form; the signed link says who asks.
    """
    asked, name = _named(token)
    actions.stop_mails(person_id=asked.person_id, kind=asked.kind)
    return render_template("notices/unsubscribe.html", name=name, token=token, done=True)
