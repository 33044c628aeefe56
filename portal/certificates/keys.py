"""The keys that sign credentials: made when first needed, rotated by command, never thrown away.

A retired key still signs the list of revocations of what it signed, so that a verifier needs one
key for both. See docs/decisions/0037.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt
import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from sqlalchemy import select, update

from portal import sealing
from portal.certificates import addresses, rules
from portal.certificates.models import SigningKey
from portal.db import Conflict, db, refuse_conflicts

log = structlog.get_logger()
ALGORITHM = "RS256"  # what Open Badges 3.0 asks of everybody at least
BITS = 2048
_PURPOSE = "tongtu certificates signing v1"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key as others see it; `jwk` has public members only."""

    id: int
    kid: str
    jwk: Mapping[str, str]
    current: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that can sign: which one, and the private part as PEM."""

    key_id: int
    kid: str
    private_pem: str

    def sign(self, payload: Mapping[str, Any]) -> str:
        """Return the payload as a compact JWT; equal payloads give equal tokens."""
        header = {"kid": addresses.key(self.kid), "typ": "JWT"}
        return jwt.encode(dict(payload), self.private_pem, algorithm=ALGORITHM, headers=header)


def published() -> list[PublicKey]:
    """Return the keys to trust, the current one first, then the newest."""
    rows = db.session.scalars(
        select(SigningKey)
        .where(SigningKey.withdrawn_at.is_(None))
        .order_by(SigningKey.current.desc(), SigningKey.id.desc())
    )
    return [
        PublicKey(
            id=row.id,
            kid=row.kid,
            jwk=json.loads(row.public_jwk),
            current=row.current,
            created_at=row.created_at,
        )
        for row in rows
    ]


def published_key(kid: str) -> PublicKey | None:
    """Return one key to trust, None when there is none of this name."""
    return next((each for each in published() if each.kid == kid), None)


def current(*, at: datetime) -> Signer:
    """Return who signs now; the first key is made here.

    A key that was sealed under another SECRET_KEY cannot sign: a new one takes its place.
    """
    row = _current_row()
    if row is not None:
        signer = _signer(row)
        if signer is not None:
            return signer
        log.warning("certificates.key_unreadable", kid=row.kid)
    return _make(instead_of=None if row is None else row.id, at=at)


def signer_of_list(key: PublicKey) -> Signer | None:
    """Return who signs the list of revocations of a key: itself, else the current key.

    None when neither can be opened.
    """
    row = db.session.get(SigningKey, key.id)
    own = None if row is None else _signer(row)
    if own is not None:
        return own
    newest = _current_row()
    return None if newest is None else _signer(newest)


def is_readable(key_id: int) -> bool:
    """Tell whether this portal can sign with a key."""
    row = db.session.get(SigningKey, key_id)
    return row is not None and _signer(row) is not None


def rotate(*, at: datetime) -> Signer:
    """Let a new key sign from now on; the one before stays published."""
    row = _current_row()
    return _make(instead_of=None if row is None else row.id, at=at)


def _make(*, instead_of: int | None, at: datetime) -> Signer:
    """Make a key that takes the place of another, None for the first.

    Of two at the same moment one wins, and both return its key: what is to be replaced is named,
    or the slower one would replace the quicker one's.
    """
    private = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    jwk = _public_jwk(private.public_key())
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),  # the seal around it is the encryption
    ).decode()
    row = SigningKey(
        kid=rules.thumbprint(jwk),
        public_jwk=json.dumps(jwk),
        private_sealed=sealing.seal(pem, purpose=_PURPOSE),
        created_at=at,
    )
    try:
        with refuse_conflicts():
            if instead_of is not None:
                before = update(SigningKey).where(SigningKey.id == instead_of)
                db.session.execute(before.values(current=False))
            db.session.add(row)
    except Conflict:
        winner = _current_row()
        signer = None if winner is None else _signer(winner)
        if signer is None:
            raise
        return signer
    return Signer(key_id=row.id, kid=row.kid, private_pem=pem)


def withdraw(*, key_id: int, at: datetime) -> None:
    """Stop publishing a retired key: it leaked, and nothing that it signed is to be believed."""
    db.session.execute(
        update(SigningKey)
        .where(SigningKey.id == key_id, SigningKey.current.is_(False))
        .values(withdrawn_at=at)
    )


def _current_row() -> SigningKey | None:
    return db.session.scalar(
        select(SigningKey).where(SigningKey.current).execution_options(populate_existing=True)
    )


def _signer(row: SigningKey) -> Signer | None:
    """Return who signs with a key, None when it is sealed under another SECRET_KEY."""
    try:
        pem = sealing.unseal(row.private_sealed, purpose=_PURPOSE)
    except sealing.Unreadable:
        return None
    return Signer(key_id=row.id, kid=row.kid, private_pem=pem)


def _public_jwk(key: rsa.RSAPublicKey) -> dict[str, str]:
    told = RSAAlgorithm.to_jwk(key, as_dict=True)
    return {name: str(told[name]) for name in ("kty", "n", "e")}
