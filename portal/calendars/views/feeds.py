"""A person's private feed: its page, and the calendar itself for whoever has the address."""

from datetime import timedelta
from http import HTTPStatus

from flask import Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Member, Role, current_member, public, requires
from portal.calendars import actions, feeding, forms, queries, texts
from portal.calendars.views.blueprint import bp
from portal.i18n import gettext as _
from portal.idempotency.guard import repeatable
from portal.notices.mail.letters import absolute

NOTED_EVERY = timedelta(minutes=5)


def _back() -> ResponseReturnValue:
    return redirect(url_for("calendars.index"), HTTPStatus.SEE_OTHER)


def _page(member: Member, *, address: str = "") -> str:
    feed = queries.feed_of(person_id=member.person_id, organisation_id=member.organisation_id)
    return render_template(
        "calendars/index.html",
        feed=feed,
        form=forms.Feed(formdata=None, obj=feed),
        address=address,
        webcal="webcal://" + address.partition("://")[2] if address else "",
        how_to=texts.subscribing(),
        is_consultant=member.role is Role.CONSULTANT,
    )


@bp.get("")
@requires(Role.DEALER, Role.CONSULTANT)
def index() -> ResponseReturnValue:
    """Show how one's sessions get into one's own calendar."""
    return _page(current_member())


@bp.post("/feed")
@requires(Role.DEALER, Role.CONSULTANT)
@repeatable("the answer shows an address that must not be kept; one more does no harm")
def renew_feed() -> ResponseReturnValue:
    """Give the feed a new address and show it, the only time."""
    member, form = current_member(), forms.Feed()
    token = actions.renew_feed(
        person_id=member.person_id,
        organisation_id=member.organisation_id,
        hides_details=bool(form.hides_details.data),
        at=clock.now(),
    )
    return _page(member, address=absolute(url_for("calendars.feed", token=token)))


@bp.post("/feed/details")
@requires(Role.DEALER, Role.CONSULTANT)
def mask_feed() -> ResponseReturnValue:
    """Choose what the feed tells."""
    member, form = current_member(), forms.Feed()
    try:
        actions.mask_feed(
            person_id=member.person_id,
            organisation_id=member.organisation_id,
            hides_details=bool(form.hides_details.data),
        )
    except actions.NoSuchFeed:
        abort(HTTPStatus.NOT_FOUND)
    flash(_("保存好了，下次刷新日历时生效。"))
    return _back()


@bp.post("/feed/remove")
@requires(Role.DEALER, Role.CONSULTANT)
def remove_feed() -> ResponseReturnValue:
    """Let the feed's address lead nowhere from now on."""
    member = current_member()
    actions.remove_feed(person_id=member.person_id, organisation_id=member.organisation_id)
    flash(_("订阅链接停用了，用过它的日历不会再更新。"))
    return _back()


@bp.get("/<token>.ics")
@public
def feed(token: str) -> ResponseReturnValue:
    """Give the calendar to whoever has its address."""
    at = clock.now()
    found = queries.opened_by(token, at=at)
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    file = feeding.written(found)
    if found.fetched_at is None or at - found.fetched_at >= NOTED_EVERY:
        actions.note_fetch(feed_id=found.id, at=at)
    answer: Response = current_app.response_class(file, content_type="text/calendar; charset=utf-8")
    answer.set_etag(feeding.etag_of(file))
    answer.headers["Cache-Control"] = "private, max-age=900"
    answer.headers["Content-Disposition"] = 'inline; filename="tongtu.ics"'
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer.make_conditional(request)
