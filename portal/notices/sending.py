"""One try of one delivery: what is to be said, over which channel, and what became of it.

Talking to another server stands between two short transactions: while it answers, nobody waits
for the database. A worker that dies in between leaves the delivery waiting; the next one sends the
same message with the same Message-ID, which mail programs show once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from portal import i18n
from portal.db import db, unit_of_work
from portal.notices import ledger
from portal.notices.mail import message, smtp
from portal.notices.mail.letters import BadAddress, Button, Letter
from portal.notices.models import Delivery, MailBounce
from portal.notices.outcomes import Outcome, Verdict, never
from portal.notices.rules import DeliveryState, Skipped

Now = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class _Mail:
    """A mail that is ready to be handed over."""

    to: str
    key: str
    language: str
    letter: Letter
    at: datetime


def try_now(*, delivery_id: int, attempt: int, now: Now) -> None:
    """Try a delivery; nothing happens when it is finished or this try has been made."""
    with unit_of_work():
        ready = _prepare(delivery_id, attempt, at=now())
    if ready is None:
        return
    outcome = _hand_over(ready)
    with unit_of_work():
        delivery = ledger.record(delivery_id=delivery_id, outcome=outcome, at=now())
        if delivery is not None:
            _remember_address(ready.to, outcome, at=now())


def _prepare(delivery_id: int, attempt: int, *, at: datetime) -> _Mail | None:
    delivery = db.session.get(Delivery, delivery_id)
    if delivery is None or delivery.state != DeliveryState.WAITING.value:
        return None
    if delivery.attempt != attempt - 1:
        return None  # this try was made: its worker died before it could say so
    if delivery.content is None:
        ledger.skip(delivery, Skipped.GONE, at=at)
        return None
    return _own_words(delivery, delivery.content)


def _own_words(delivery: Delivery, content: dict[str, Any]) -> _Mail:
    button = content["button"]
    return _Mail(
        to=delivery.address or "",
        key=delivery.key,
        language=content["language"],
        letter=Letter(
            subject=content["subject"],
            paragraphs=content["paragraphs"],
            button=Button(*button) if button else None,
        ),
        at=delivery.created_at,
    )


def _hand_over(mail: _Mail) -> Outcome:
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
