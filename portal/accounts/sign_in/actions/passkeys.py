"""Passkeys: making one, and signing in or showing oneself again with it (WebAuthn, by py_webauthn).

A challenge is a row that the answer deletes, so an answer that was listened to is good for
nothing, even within the challenge's few minutes.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import webauthn
from sqlalchemy import delete, select, update
from webauthn.helpers import (
    options_to_json,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal.accounts.sign_in import queries, rules
from portal.accounts.sign_in.actions import enter, factors, sessions, telling
from portal.accounts.sign_in.actions.sessions import Begun
from portal.accounts.sign_in.models import Passkey, PasskeyChallenge
from portal.accounts.sign_in.rules import Method, Origin
from portal.db import Conflict, db, refuse_conflicts

RP_NAME = "同途"
HANDLE_BYTES = 32
MOST = 10  # of one person


class Purpose(StrEnum):
    """What a passkey is asked for."""

    REGISTER = "register"
    SIGN_IN = "sign_in"
    SECOND = "second"
    VERIFY = "verify"


class BadPasskey(Exception):
    """The answer does not belong to a challenge of ours, or not to a passkey that we know."""


class TooManyPasskeys(Exception):
    """The person has MOST passkeys already."""


@dataclass(frozen=True, slots=True)
class Site:
    """The site that a passkey belongs to, as browsers see it."""

    id: str  # the host name
    origin: str  # e.g. https://tongtu.example


def options_to_register(*, person_id: int, name: str, site: Site, at: datetime) -> str:
    """Return, as JSON, what a browser needs to make a passkey; raise TooManyPasskeys."""
    owned = _of(person_id)
    if len(owned) >= MOST:
        raise TooManyPasskeys
    challenge = _new_challenge(Purpose.REGISTER, person_id=person_id, at=at)
    options = webauthn.generate_registration_options(
        rp_id=site.id,
        rp_name=RP_NAME,
        user_name=name,
        user_display_name=name,
        user_id=_handle(owned, challenge),
        challenge=challenge,
        exclude_credentials=_described(owned),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return options_to_json(options)


def register(
    *, person_id: int, credential: str, name: str, site: Site, at: datetime
) -> Sequence[str]:
    """Add a passkey; return recovery codes when these are the person's first.

    Raises BadPasskey.
    """
    try:
        parsed = parse_registration_credential_json(credential)
        challenge = _use_challenge(
            parsed.response.client_data_json, Purpose.REGISTER, person_id=person_id, at=at
        )
        verified = webauthn.verify_registration_response(
            credential=parsed,
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError) as error:
        raise BadPasskey(str(error)) from error
    row = Passkey(
        person_id=person_id,
        name=name,
        credential_id=verified.credential_id,
        user_handle=_handle(_of(person_id), challenge),
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        transports=" ".join(each.value for each in parsed.response.transports or [])[:120],
        created_at=at,
    )
    try:
        with refuse_conflicts():
            db.session.add(row)
    except Conflict as error:
        raise BadPasskey("known already") from error
    telling.factor_changed(person_id=person_id, what="passkey.added", at=at)
    return factors.ensure_recovery_codes(person_id=person_id)


def remove(*, passkey_id: int, person_id: int, needs_factor: bool, at: datetime) -> bool:
    """Give a passkey up; False when the person has no such. Raises factors.LastFactor."""
    owned = queries.factors_of(person_id)
    if not any(each.id == passkey_id for each in owned.passkeys):
        return False
    if needs_factor and len(owned.passkeys) == 1 and owned.authenticator_since is None:
        raise factors.LastFactor
    db.session.execute(
        delete(Passkey).where(Passkey.id == passkey_id, Passkey.person_id == person_id)
    )
    factors.after_removal(person_id=person_id)
    telling.factor_changed(person_id=person_id, what="passkey.removed", at=at)
    return True


def options_to_show(purpose: Purpose, *, person_id: int | None, site: Site, at: datetime) -> str:
    """Return, as JSON, what a browser needs to show a passkey: any, or one of a person's."""
    owned = [] if person_id is None else _of(person_id)
    options = webauthn.generate_authentication_options(
        rp_id=site.id,
        challenge=_new_challenge(purpose, person_id=person_id, at=at),
        allow_credentials=_described(owned) or None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def sign_in(*, credential: str, keep: bool, site: Site, origin: Origin, at: datetime) -> Begun:
    """Sign in with nothing but a passkey, which asks for its owner's finger, face or PIN itself."""
    person_id = _shown(credential, Purpose.SIGN_IN, person_id=None, site=site, at=at)
    if queries.account_of(person_id) is None:
        raise BadPasskey("closed account")
    return enter.begin(person_id=person_id, method=Method.PASSKEY, keep=keep, origin=origin, at=at)


def second_step(
    *, pending: queries.Pending, credential: str, site: Site, origin: Origin, at: datetime
) -> Begun:
    """Finish a sign-in by a passkey; raise BadPasskey or enter.TooLate."""
    _shown(credential, Purpose.SECOND, person_id=pending.person_id, site=site, at=at)
    return enter.finish(pending=pending, method=Method.PASSKEY, origin=origin, at=at)


def again(*, person_id: int, session_id: int, credential: str, site: Site, at: datetime) -> str:
    """Show oneself again by a passkey; return the session's new token. Raises BadPasskey."""
    _shown(credential, Purpose.VERIFY, person_id=person_id, site=site, at=at)
    return sessions.renew(session_id=session_id, at=at)


def _shown(
    credential: str, purpose: Purpose, *, person_id: int | None, site: Site, at: datetime
) -> int:
    """Return whose passkey answered our challenge; raise BadPasskey."""
    try:
        parsed = parse_authentication_credential_json(credential)
        challenge = _use_challenge(
            parsed.response.client_data_json, purpose, person_id=person_id, at=at
        )
        row = db.session.scalar(select(Passkey).where(Passkey.credential_id == parsed.raw_id))
        if row is None or person_id not in {None, row.person_id}:
            raise BadPasskey("unknown")
        if parsed.response.user_handle not in {None, b"", row.user_handle}:
            raise BadPasskey("another's handle")
        verified = webauthn.verify_authentication_response(
            credential=parsed,
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            credential_public_key=row.public_key,
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError) as error:
        raise BadPasskey(str(error)) from error
    db.session.execute(
        update(Passkey)
        .where(Passkey.id == row.id)
        .values(sign_count=verified.new_sign_count, used_at=at)
    )
    return row.person_id


def _new_challenge(purpose: Purpose, *, person_id: int | None, at: datetime) -> bytes:
    challenge = secrets.token_bytes(32)
    db.session.add(
        PasskeyChallenge(
            challenge_hash=hashlib.sha256(challenge).hexdigest(),
            purpose=purpose.value,
            person_id=person_id,
            ends_at=at + rules.PENDING_FOR,
        )
    )
    db.session.flush()
    return challenge


def _use_challenge(
    client_data: bytes, purpose: Purpose, *, person_id: int | None, at: datetime
) -> bytes:
    """Return the challenge that was answered, and use it up; raise BadPasskey."""
    challenge = parse_client_data_json(client_data).challenge
    whose = (
        PasskeyChallenge.person_id.is_(None)
        if person_id is None
        else PasskeyChallenge.person_id == person_id
    )
    used = db.session.execute(
        delete(PasskeyChallenge).where(
            PasskeyChallenge.challenge_hash == hashlib.sha256(challenge).hexdigest(),
            PasskeyChallenge.purpose == purpose.value,
            PasskeyChallenge.ends_at > at,
            whose,
        )
    )
    if not used.rowcount:  # type: ignore[attr-defined]  # a delete has one
        raise BadPasskey("no such challenge")
    return challenge


def forget_old(*, at: datetime) -> int:
    """Delete the challenges that nobody answered in time; return how many rows went."""
    gone = db.session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.ends_at <= at))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a delete has one


def _of(person_id: int) -> Sequence[Passkey]:
    return db.session.scalars(
        select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)
    ).all()


def _handle(owned: Sequence[Passkey], challenge: bytes) -> bytes:
    """Return the random name under which a device keeps the person: one for all passkeys."""
    if owned:
        return owned[0].user_handle
    return hashlib.sha256(b"handle" + challenge).digest()[:HANDLE_BYTES]


def _described(owned: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    known = {each.value for each in AuthenticatorTransport}
    return [
        PublicKeyCredentialDescriptor(
            id=each.credential_id,
            transports=[AuthenticatorTransport(t) for t in each.transports.split() if t in known],
        )
        for each in owned
    ]
