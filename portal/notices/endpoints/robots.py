"""Robots of group chats: WeCom (企业微信), DingTalk (钉钉) and Feishu (飞书).

All three answer 200 and say in the body whether it worked. Texts go out as plain text: their
mark-up would let who typed a title add links, or call everybody in the group.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from portal.notices.endpoints.calls import Answer, Call, Message, Secrets
from portal.notices.outcomes import Outcome, later, never, sent

WECOM_BYTES = 2048  # of a text message
# Providers add codes; their words for "too often" change less.
BUSY_WORDS = ("frequency limit", "freq out of limit", "rate limit", "too fast", "too many", "限流")
WIDE_LESS_THAN = "\uff1c"


def words_of(message: Message) -> str:
    """Return the message as chat text; it starts with 同途, which serves as a robot's keyword."""
    lines = (f"【同途】{message.title}", message.text, message.advice, message.url)
    # "<" begins mark-up for some: <@all>, <at user_id="all">.
    return "\n".join(line for line in lines if line).replace("<", WIDE_LESS_THAN)


def cut(text: str, *, most_bytes: int) -> str:
    """Return as much of a text as fits, never half a character."""
    return text.encode()[:most_bytes].decode("utf-8", "ignore")


def _judge(answer: Answer, *, field: str, busy: frozenset[int]) -> Outcome:
    """Read `field` of the body: 0 is success, "too often" may work later, others never."""
    said = answer.body.decode("utf-8", "replace")
    if answer.status != 200:
        return later(f"HTTP {answer.status} {said}")
    try:
        parsed: Any = json.loads(said)
        code = int(parsed[field])
    except (ValueError, KeyError, TypeError):
        return later(f"HTTP 200 {said}")
    if code == 0:
        return sent(said)
    is_busy = code in busy or any(word in said.lower() for word in BUSY_WORDS)
    return later(said) if is_busy else never(said)


def _json(payload: Mapping[str, Any]) -> bytes:
    return json.dumps(payload, ensure_ascii=False).encode()


def _hmac(key: str, text: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), text.encode(), hashlib.sha256)).decode()


class WeCom:
    """WeCom: the key is in the address, there is no signature. At most 20 messages a minute."""

    BUSY = frozenset({-1, 45009, 45033})  # system busy, too often, too many at once

    def is_address(self, url: str) -> bool:
        """Tell whether it is …/cgi-bin/webhook/send?key=…"""
        parts = urlsplit(url)
        return parts.path == "/cgi-bin/webhook/send" and "key" in parse_qs(parts.query)

    def call(self, message: Message, *, url: str, secrets: Secrets, at: datetime) -> Call:  # noqa: ARG002 – the same for all dialects
        """Return the call; a text that is too long loses its end, the link stays."""
        link = f"\n{message.url}"
        text = words_of(message).removesuffix(link)
        content = cut(text, most_bytes=WECOM_BYTES - len(link.encode())) + link
        return Call(url, _json({"msgtype": "text", "text": {"content": content}}))

    def judge(self, answer: Answer) -> Outcome:
        """Read errcode."""
        return _judge(answer, field="errcode", busy=self.BUSY)


class DingTalk:
    """DingTalk: "timestamp\\nsecret" signed with the secret, both in the query. 20 a minute."""

    BUSY = frozenset({-1, 130101, 410100})  # system busy, too often

    def is_address(self, url: str) -> bool:
        """Tell whether it is …/robot/send?access_token=…"""
        parts = urlsplit(url)
        return parts.path == "/robot/send" and "access_token" in parse_qs(parts.query)

    def call(self, message: Message, *, url: str, secrets: Secrets, at: datetime) -> Call:
        """Return the call; its timestamp is good for an hour."""
        if secrets.current:
            timestamp = str(int(at.timestamp() * 1000))
            signature = _hmac(secrets.current, f"{timestamp}\n{secrets.current}")
            url += "&" + urlencode({"timestamp": timestamp, "sign": signature})
        return Call(url, _json({"msgtype": "text", "text": {"content": words_of(message)}}))

    def judge(self, answer: Answer) -> Outcome:
        """Read errcode."""
        return _judge(answer, field="errcode", busy=self.BUSY)


class Feishu:
    """Feishu: nothing signed with the key "timestamp\\nsecret", both in the body."""

    BUSY = frozenset({11232, 99991400})  # too often

    def is_address(self, url: str) -> bool:
        """Tell whether it is …/open-apis/bot/v2/hook/…"""
        return urlsplit(url).path.startswith("/open-apis/bot/v2/hook/")

    def call(self, message: Message, *, url: str, secrets: Secrets, at: datetime) -> Call:
        """Return the call; its timestamp is good for an hour."""
        payload: dict[str, Any] = {"msg_type": "text", "content": {"text": words_of(message)}}
        if secrets.current:
            timestamp = str(int(at.timestamp()))
            payload["timestamp"] = timestamp
            payload["sign"] = _hmac(f"{timestamp}\n{secrets.current}", "")
        return Call(url, _json(payload))

    def judge(self, answer: Answer) -> Outcome:
        """Read code."""
        return _judge(answer, field="code", busy=self.BUSY)
