"""One try of one delivery: what is to be said, over which channel, and what became of it.

Talking to another server stands between two short transactions: while it answers, nobody waits
for the database. A worker that dies in between leaves the delivery waiting; the next one sends the
same message with the same Message-ID, which mail programs show once.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from portal import i18n
from portal.db import db, unit_of_work
from portal.notices import calling, digest, ledger, writing
from portal.notices.calling import ReadyCall
from portal.notices.mail import message, smtp
from portal.notices.mail.letters import BadAddress
from portal.notices.models import Delivery, MailBounce
from portal.notices.outcomes import Outcome, Verdict, never
from portal.notices.rules import Channel, DeliveryState, Skipped
from portal.notices.writing import Mail

Now = Callable[[], datetime]


def try_now(*, delivery_id: int, attempt: int, now: Now) -> None:
    """Try a delivery; nothing happens when it is finished or this try has been made."""
    with unit_of_work():
        ready = _prepare(delivery_id, attempt, at=now())
    if ready is None:
        return
    outcome = _hand_over(ready) if isinstance(ready, Mail) else calling.make(ready)
    with unit_of_work():
        delivery = ledger.record(delivery_id=delivery_id, outcome=outcome, at=now())
        if delivery is not None:
            _note(ready, delivery, outcome, at=now())


def _prepare(delivery_id: int, attempt: int, *, at: datetime) -> Mail | ReadyCall | None:
    delivery = db.session.get(Delivery, delivery_id)
    if delivery is None or delivery.state != DeliveryState.WAITING.value:
        return None
    if delivery.attempt != attempt - 1:
        return None  # this try was made: its worker died before it could say so
    is_mail = delivery.endpoint_id is None
    ready = writing.mail_of(delivery, at=at) if is_mail else calling.call_of(delivery, at=at)
    if isinstance(ready, Skipped):
        ledger.skip(delivery, ready, at=at)
        if delivery.channel == Channel.DIGEST.value and ready is not Skipped.NOTHING_NEW:
            digest.drop(delivery, ready, at=at)
        return None
    return ready


def _note(ready: Mail | ReadyCall, delivery: Delivery, outcome: Outcome, *, at: datetime) -> None:
    """Record what a try says about an address, an endpoint, or what a digest carries."""
    if isinstance(ready, Mail):
        _remember_address(ready.to, outcome, at=at)
    else:
        calling.note(ready, outcome, at=at)
    if delivery.channel == Channel.DIGEST.value:
        digest.settle(delivery, at=at)


def _hand_over(mail: Mail) -> Outcome:
    sender = smtp.sender()
    try:
        with i18n.speaking(mail.language):
            composed = message.compose(
                mail.letter, to=mail.to, sender=sender, key=mail.key, at=mail.at
            )
    except BadAddress as error:
        return never(f"not a mail address: {error}")
    return smtp.hand_over(composed)


def _remember_address(address: str, outcome: Outcome, *, at: datetime) -> None:
    """Keep that an address does not exist; forget it once a mail arrives after all."""
    if outcome.verdict is Verdict.SENT:
        db.session.execute(delete(MailBounce).where(MailBounce.address == address))
    if outcome.bounced:
        dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
        values = {"answer": outcome.answer, "at": at}
        db.session.execute(
            dialect.insert(MailBounce)
            .values(address=address, **values)
            .on_conflict_do_update(index_elements=[MailBounce.address], set_=values)
        )
