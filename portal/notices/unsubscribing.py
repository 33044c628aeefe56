"""Links that end mails without a sign-in: signed, so that nobody can make one for another."""

from dataclasses import dataclass

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from portal.notices.mail.letters import absolute
from portal.notices.rules import NoticeKind

_SALT = "notices.unsubscribe"
DIGEST = "digest"


class BadLink(ValueError):
    """The link was not made here, or was cut off on its way."""


@dataclass(frozen=True, slots=True)
class Unsubscription:
    """Who wants no more of which mails; without a kind, no more digests."""

    person_id: int
    kind: NoticeKind | None


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=_SALT)


def link_for(*, person_id: int, kind: NoticeKind | None) -> str:
    """Return the address that ends mails about a kind (None: digests). It stays good: a mail may
    be read years later.
    """
    token = _serializer().dumps([person_id, kind.value if kind else DIGEST])
    return absolute(f"/notices/unsubscribe/{token}")


def read(token: str) -> Unsubscription:
    """Return what a link asks for; raise BadLink."""
    try:
        person_id, kind = _serializer().loads(token)
        return Unsubscription(person_id, None if kind == DIGEST else NoticeKind(kind))
    except (BadSignature, ValueError, TypeError) as error:
        raise BadLink(token) from error
