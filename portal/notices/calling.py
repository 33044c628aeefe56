"""What a delivery says to a group or a server, and what a try tells about it."""

from dataclasses import dataclass, replace
from datetime import datetime

from portal import i18n
from portal.db import db
from portal.notices import actions, directory, rules, texts
from portal.notices.endpoints import actions as endpoints
from portal.notices.endpoints import sealing, targets
from portal.notices.endpoints.calls import Call, Message, Secrets
from portal.notices.endpoints.dialects import DIALECTS
from portal.notices.endpoints.webhook import GONE
from portal.notices.mail.letters import absolute
from portal.notices.mail.message import digest_of
from portal.notices.models import Delivery, Notice, NoticeEndpoint
from portal.notices.outcomes import Outcome, Verdict, later, never
from portal.notices.rules import ENDPOINTS_PATH, Channel, NoticeKind, Skipped


@dataclass(frozen=True, slots=True)
class ReadyCall:
    """A call that is ready to be made; None: its endpoint can no longer be read."""

    endpoint_id: int
    channel: Channel
    call: Call | None
    is_tryout: bool
    loopback: bool


def call_of(delivery: Delivery, *, at: datetime) -> ReadyCall | Skipped:
    """Return the call of a delivery, signed at this instant, or why it is not made any more."""
    endpoint = db.session.get(NoticeEndpoint, delivery.endpoint_id)
    if endpoint is None:
        return Skipped.GONE
    notice = db.session.get(Notice, delivery.notice_id) if delivery.notice_id else None
    if endpoint.off_since is not None and notice is not None:
        return Skipped.PAUSED
    if notice is not None and rules.is_stale(notice.stale_from, at=at):
        return Skipped.STALE
    channel = Channel(endpoint.channel)
    ready = ReadyCall(
        endpoint_id=endpoint.id,
        channel=channel,
        call=None,
        is_tryout=notice is None,
        loopback=endpoints.loopback_allowed(),
    )
    try:
        url, secrets = sealing.unseal(endpoint.url_sealed), _secrets(endpoint, at=at)
    except sealing.Unreadable:
        return ready
    with i18n.speaking(endpoint.language):
        message = _message(delivery, notice, endpoint)
    call = DIALECTS[channel].call(message, url=url, secrets=secrets, at=at)
    return replace(ready, call=call)


def _secrets(endpoint: NoticeEndpoint, *, at: datetime) -> Secrets:
    current, earlier = endpoint.secret_sealed, endpoint.earlier_secret_sealed
    holds = endpoint.earlier_until is not None and at < endpoint.earlier_until
    return Secrets(
        current=sealing.unseal(current) if current else None,
        earlier=sealing.unseal(earlier) if earlier and holds else None,
    )


def _message(delivery: Delivery, notice: Notice | None, endpoint: NoticeEndpoint) -> Message:
    if notice is None:
        title, text = texts.tryout()
        kind, advice, path, happened_at = "test", "", ENDPOINTS_PATH, delivery.created_at
    else:
        kind, path, happened_at = notice.kind, notice.path, notice.created_at
        of = NoticeKind(kind)
        title, text, advice = texts.name(of), texts.text(of, notice.params), texts.advice(of)
    return Message(
        id=f"msg_{digest_of(delivery.key)}",
        kind=kind,
        title=title,
        text=text,
        advice=advice,
        url=absolute(path),
        organisation_id=endpoint.organisation_id,
        happened_at=happened_at,
    )


def make(ready: ReadyCall) -> Outcome:
    """Make a call and judge its answer."""
    if ready.call is None:
        return never("sealed under another SECRET_KEY: set it up again")
    try:
        answer = targets.post(ready.call, loopback=ready.loopback)
    except targets.ForbiddenTarget as error:
        return never(f"must not be called: {error}")
    except targets.Unreachable as error:
        outcome = later(str(error))
    else:
        outcome = DIALECTS[ready.channel].judge(answer)
    if ready.is_tryout and outcome.verdict is Verdict.LATER:
        return never(outcome.answer)  # who tries it out wants to know now
    return outcome


def note(ready: ReadyCall, outcome: Outcome, *, at: datetime) -> None:
    """Record what a try says about an endpoint; tell its owners when that turned it off."""
    endpoint = db.session.get(NoticeEndpoint, ready.endpoint_id)
    if endpoint is None or (ready.is_tryout and outcome.verdict is not Verdict.SENT):
        return
    gone = ready.channel is Channel.WEBHOOK and outcome.answer.startswith(f"HTTP {GONE}")
    if not endpoints.note_try(endpoint, outcome, gone=gone, at=at):
        return
    for owner in directory.current().owners_of(endpoint.organisation_id):
        actions.post(
            organisation_id=endpoint.organisation_id,
            person_id=owner.person_id,
            kind=NoticeKind.ENDPOINT_OFF,
            path=f"{ENDPOINTS_PATH}/{endpoint.id}",
            params={"title": endpoint.name},
            at=at,
        )
