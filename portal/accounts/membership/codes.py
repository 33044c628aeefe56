"""Codes to a phone: made from the settings' secret, and sent by whoever is set up to send them.

No code is kept: it follows from the row that asks for it and SECRET_KEY, so the database and the
job ledger hold nothing to sign in with, and a second try of the same job sends the same code.
"""

import hashlib
import hmac
import json
from datetime import datetime
from typing import Protocol

from flask import current_app

from portal.notices.endpoints import targets
from portal.notices.endpoints.calls import Call
from portal.notices.endpoints.webhook import sign
from portal.settings import Settings

DIGITS = 6


class NotSent(Exception):
    """The gateway did not take the code; the job is tried again."""


class CodeSender(Protocol):
    """Sends a code to a phone."""

    def send(self, *, phone: str, text: str, code: str, key: str, at: datetime) -> None:
        """Send `text`, which holds `code`; a gateway may tell a retry by `key`. Raise NotSent."""


class WebhookSender:
    """Hands codes to a gateway of the operator's, as a signed call (Standard Webhooks 1.0.0)."""

    def __init__(self, *, url: str, secret: str, loopback: bool) -> None:
        self._url, self._secret, self._loopback = url, secret, loopback

    def send(self, *, phone: str, text: str, code: str, key: str, at: datetime) -> None:
        """Post phone, text and code; anything but a 2xx raises NotSent."""
        body = json.dumps({"phone": phone, "text": text, "code": code}, ensure_ascii=False).encode()
        timestamp = int(at.timestamp())
        signature = sign(message_id=key, timestamp=timestamp, body=body, secret=self._secret)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": key,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature,
        }
        try:
            answer = targets.post(Call(self._url, body, headers), loopback=self._loopback)
        except (targets.ForbiddenTarget, targets.Unreachable) as error:
            raise NotSent(str(error)) from error
        if answer.status // 100 != 2:
            raise NotSent(f"the gateway answered {answer.status}")


def sender() -> CodeSender | None:
    """Return who sends codes, or None when nobody is set up to."""
    values: Settings = current_app.extensions["tongtu.settings"]
    if not values.sms_url:
        return None
    return WebhookSender(
        url=values.sms_url, secret=values.sms_secret, loopback=values.webhook_loopback
    )


def code_of(*, code_id: int, phone: str) -> str:
    """Return the code that belongs to a row: six digits that only this portal can work out."""
    secret: str = current_app.config["SECRET_KEY"]
    digest = hmac.digest(secret.encode(), f"phone code {code_id} {phone}".encode(), hashlib.sha256)
    return f"{int.from_bytes(digest) % 10**DIGITS:0{DIGITS}d}"
