"""Webhooks for machines, signed as Standard Webhooks 1.0.0 says (standardwebhooks.com)."""

import base64
import hashlib
import hmac
import json
import secrets as randomness
from datetime import UTC, datetime

from portal.notices.endpoints.calls import Answer, Call, Message, Secrets
from portal.notices.outcomes import Outcome, later, never, sent

PREFIX = "whsec_"
SECRET_BYTES = 32
GONE = 410  # the receiver wants no more of these


def new_secret() -> str:
    """Return a fresh secret, as receivers' libraries expect it."""
    return PREFIX + base64.b64encode(randomness.token_bytes(SECRET_BYTES)).decode()


def sign(*, message_id: str, timestamp: int, body: bytes, secret: str) -> str:
    """Return one signature, e.g. v1,K5oZ…: HMAC-SHA256 over id.timestamp.body."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


class Webhook:
    """A server of the organisation's own."""

    def is_address(self, url: str) -> bool:
        """Any address will do; which hosts may be called is decided elsewhere."""
        return bool(url)

    def call(self, message: Message, *, url: str, secrets: Secrets, at: datetime) -> Call:
        """Return the call, signed with the current secret and, a while, with the earlier one."""
        body = json.dumps(
            {
                "type": message.kind,
                "timestamp": _instant(message.happened_at),
                "data": {
                    "organisation_id": message.organisation_id,
                    "title": message.title,
                    "text": message.text,
                    "url": message.url,
                },
            },
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()
        timestamp = int(at.timestamp())
        signatures = [
            sign(message_id=message.id, timestamp=timestamp, body=body, secret=secret)
            for secret in (secrets.current, secrets.earlier)
            if secret
        ]
        return Call(
            url=url,
            body=body,
            headers={
                "webhook-id": message.id,
                "webhook-timestamp": str(timestamp),
                "webhook-signature": " ".join(signatures),
            },
        )

    def judge(self, answer: Answer) -> Outcome:
        """Only 2xx counts. Others may do it later, but for 410: nobody wants these any more."""
        if 200 <= answer.status < 300:
            return sent(f"HTTP {answer.status}")
        said = f"HTTP {answer.status} {answer.body.decode('utf-8', 'replace')[:200]}"
        return never(said) if answer.status == GONE else later(said)


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
