"""Writes of endpoints: setting up, changing, trying out, and what a try does to them."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import func, select

from portal.db import db
from portal.notices import ledger
from portal.notices.endpoints import sealing, targets, webhook
from portal.notices.endpoints.dialects import DIALECTS
from portal.notices.models import NoticeEndpoint
from portal.notices.outcomes import Outcome, Verdict
from portal.notices.rules import Channel, NoticeKind

MOST = 10  # endpoints of one organisation
EARLIER_SECRET_FOR = timedelta(hours=24)
FAILING_FOR = timedelta(days=3)  # then it is turned off


class NoSuchEndpoint(LookupError):
    """The organisation has no such endpoint."""


class TooMany(Exception):
    """The organisation has as many endpoints as it may have."""


class BadAddress(ValueError):
    """Not an address of this kind, or not one that may be called."""


def loopback_allowed() -> bool:
    """Tell whether endpoints on this machine may be called."""
    return bool(current_app.extensions["tongtu.settings"].webhook_loopback)


def add(  # noqa: PLR0913 – one argument per column, keyword only
    *,
    organisation_id: int,
    channel: Channel,
    name: str,
    url: str,
    secret: str | None,
    kinds: Collection[NoticeKind],
    language: str,
    at: datetime,
) -> int:
    """Set up an endpoint and return its id; raise BadAddress or TooMany.

    A webhook's secret is made by `new_secret`, when somebody is there to see it.
    """
    host = _host_of(channel, url)
    count = select(func.count()).where(NoticeEndpoint.organisation_id == organisation_id)
    if (db.session.scalar(count) or 0) >= MOST:
        raise TooMany(organisation_id)
    own = webhook.new_secret() if channel is Channel.WEBHOOK else secret
    endpoint = NoticeEndpoint(
        organisation_id=organisation_id,
        channel=channel.value,
        name=name,
        url_sealed=sealing.seal(url),
        host=host,
        secret_sealed=sealing.seal(own) if own else None,
        kinds=sorted(each.value for each in kinds),
        language=language,
        created_at=at,
    )
    db.session.add(endpoint)
    db.session.flush()
    return endpoint.id


def _host_of(channel: Channel, url: str) -> str:
    try:
        parts = targets.check(url, loopback=loopback_allowed())
    except targets.ForbiddenTarget as error:
        raise BadAddress(str(error)) from error
    if not DIALECTS[channel].is_address(url):
        raise BadAddress(parts.hostname)
    return parts.hostname or ""


def _own(endpoint_id: int, organisation_id: int) -> NoticeEndpoint:
    found = db.session.scalar(
        select(NoticeEndpoint)
        .where(NoticeEndpoint.id == endpoint_id, NoticeEndpoint.organisation_id == organisation_id)
        .with_for_update()
    )
    if found is None:
        raise NoSuchEndpoint(endpoint_id)
    return found


def change(
    *, endpoint_id: int, organisation_id: int, name: str, kinds: Collection[NoticeKind]
) -> None:
    """Rename an endpoint and choose what it is told; raise NoSuchEndpoint."""
    endpoint = _own(endpoint_id, organisation_id)
    endpoint.name, endpoint.kinds = name, sorted(each.value for each in kinds)
    db.session.flush()


def new_secret(*, endpoint_id: int, organisation_id: int, at: datetime) -> str:
    """Give a webhook a new secret and return it, the only time that it is shown.

    The earlier one signs too for a day, so that the receiver can change over without a gap.
    Raises NoSuchEndpoint, for a robot too: its secret comes from its provider.
    """
    endpoint = _own(endpoint_id, organisation_id)
    if endpoint.channel != Channel.WEBHOOK.value:
        raise NoSuchEndpoint(endpoint_id)
    secret = webhook.new_secret()
    endpoint.earlier_secret_sealed = endpoint.secret_sealed
    endpoint.earlier_until = at + EARLIER_SECRET_FOR
    endpoint.secret_sealed = sealing.seal(secret)
    db.session.flush()
    return secret


def turn(*, endpoint_id: int, organisation_id: int, on: bool, at: datetime) -> None:
    """Turn an endpoint on or off; raise NoSuchEndpoint."""
    endpoint = _own(endpoint_id, organisation_id)
    endpoint.off_since = None if on else at
    endpoint.failing_since = None
    db.session.flush()


def remove(*, endpoint_id: int, organisation_id: int) -> None:
    """Forget an endpoint and what was sent there; raise NoSuchEndpoint."""
    db.session.delete(_own(endpoint_id, organisation_id))
    db.session.flush()


def try_out(*, endpoint_id: int, organisation_id: int, at: datetime) -> None:
    """Send an endpoint a message to see whether it arrives; raise NoSuchEndpoint."""
    endpoint = _own(endpoint_id, organisation_id)
    ledger.enter(
        key=f"try-out:{endpoint.id}:{secrets.token_hex(8)}",
        channel=Channel(endpoint.channel),
        at=at,
        due_at=at,
        endpoint_id=endpoint.id,
        organisation_id=organisation_id,
    )


def note_try(endpoint: NoticeEndpoint, outcome: Outcome, *, gone: bool, at: datetime) -> bool:
    """Record what a try says about the endpoint; return whether that turned it off.

    It is turned off when its server says that it wants no more, or after days of failures.
    """
    if outcome.verdict is Verdict.SENT:
        endpoint.failing_since = None
        db.session.flush()
        return False
    endpoint.failing_since = endpoint.failing_since or at
    lasts = at - endpoint.failing_since >= FAILING_FOR
    turned_off = endpoint.off_since is None and (gone or lasts)
    if turned_off:
        endpoint.off_since = at
    db.session.flush()
    return turned_off
