"""Reads about sign-ins: whose a token is, on which devices, and with what one signs in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select

from portal import sealing
from portal.access import Role
from portal.accounts import rules as identities
from portal.accounts.models import Membership, Organisation, Person
from portal.accounts.sign_in import authenticator, rules
from portal.accounts.sign_in.models import (
    Authenticator,
    Passkey,
    PendingSignIn,
    RecoveryCode,
    SignInSession,
)
from portal.db import db


@dataclass(frozen=True, slots=True)
class LivingMembership:
    """What somebody is in an organisation that is not closed."""

    id: int
    organisation_id: int
    organisation_name: str
    organisation_state: str
    role: Role
    is_owner: bool


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A sign-in that counts, whose it is, and for whom they may ask, first joined first."""

    id: int
    person_id: int
    person_name: str
    membership_id: int | None
    verified_at: datetime
    seen_at: datetime
    has_factor: bool
    memberships: Sequence[LivingMembership] = ()


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A sign-in as its person sees it in the list of devices."""

    id: int
    device: str
    address: str
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """What signing in needs to know of a person."""

    person_id: int
    name: str
    identities: tuple[str, ...]  # mail address and phone number, those that there are
    password_hash: str | None
    uniquifier: str


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in that waits for its second factor."""

    id: int
    person_id: int
    keep: bool


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    """A passkey as its person sees it."""

    id: int
    name: str
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Factors:
    """What a person has as a second factor."""

    authenticator_since: datetime | None
    passkeys: Sequence[PasskeyRow]
    recovery_codes: int

    @property
    def any(self) -> bool:
        """Tell whether there is a second factor at all."""
        return self.authenticator_since is not None or bool(self.passkeys)


def factor_of(person_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that a person has a second factor."""
    return or_(
        exists().where(
            Authenticator.person_id == person_id, Authenticator.confirmed_at.is_not(None)
        ),
        exists().where(Passkey.person_id == person_id),
    )


# Every request of somebody who is signed in asks this, so it is one statement, built once.
_LIVE_SESSION = (
    select(
        SignInSession.id,
        SignInSession.person_id,
        SignInSession.membership_id,
        SignInSession.verified_at,
        SignInSession.seen_at,
        Person.name,
        factor_of(Person.id.expression).label("has_factor"),
        Membership.id.label("joined_id"),
        Membership.role,
        Membership.is_owner,
        Organisation.id.label("organisation_id"),
        Organisation.name.label("organisation_name"),
        Organisation.state,
    )
    .join(Person, Person.id == SignInSession.person_id)
    .outerjoin(Membership, Membership.person_id == Person.id)
    .outerjoin(
        Organisation,
        and_(
            Organisation.id == Membership.organisation_id,
            Organisation.state != identities.OrganisationState.CLOSED.value,
        ),
    )
    .where(
        SignInSession.token_hash == bindparam("token_hash"),
        SignInSession.idle_until > bindparam("at"),
        SignInSession.ends_at > bindparam("at"),
        SignInSession.uniquifier == Person.fs_uniquifier,
        Person.active,
    )
    .order_by(Membership.id)
)


def live_session(*, token: str, at: datetime) -> LiveSession | None:
    """Return the sign-in of a token; None when it ended, ran out, or its person is closed."""
    rows = db.session.execute(
        _LIVE_SESSION, {"token_hash": rules.token_hash(token), "at": at}
    ).all()
    if not rows:
        return None
    row = rows[0]
    return LiveSession(
        id=row.id,
        person_id=row.person_id,
        person_name=row.name,
        membership_id=row.membership_id,
        verified_at=row.verified_at,
        seen_at=row.seen_at,
        has_factor=bool(row.has_factor),
        memberships=[
            LivingMembership(
                id=each.joined_id,
                organisation_id=each.organisation_id,
                organisation_name=each.organisation_name,
                organisation_state=each.state,
                role=Role(each.role),
                is_owner=each.is_owner,
            )
            for each in rows
            if each.organisation_id is not None  # no membership, or of a closed organisation
        ],
    )


def pending(*, token: str, at: datetime) -> Pending | None:
    """Return the sign-in that waits for its second factor, or None when it waits no more."""
    row = db.session.scalar(
        select(PendingSignIn)
        .join(Person, Person.id == PendingSignIn.person_id)
        .where(
            PendingSignIn.token_hash == rules.token_hash(token),
            PendingSignIn.ends_at > at,
            PendingSignIn.uniquifier == Person.fs_uniquifier,
            Person.active,
        )
    )
    return Pending(id=row.id, person_id=row.person_id, keep=row.keep) if row else None


def devices_of(*, person_id: int, at: datetime) -> Sequence[DeviceRow]:
    """Return where a person is signed in, the last used first."""
    found = db.session.scalars(
        select(SignInSession)
        .where(
            SignInSession.person_id == person_id,
            SignInSession.idle_until > at,
            SignInSession.ends_at > at,
        )
        .order_by(SignInSession.seen_at.desc(), SignInSession.id.desc())
    )
    return [
        DeviceRow(
            id=each.id,
            device=each.device,
            address=each.address,
            created_at=each.created_at,
            seen_at=each.seen_at,
        )
        for each in found
    ]


def normalised(identity: str) -> str:
    """Return an identity in one spelling, whether or not somebody has it."""
    text = identity.replace("\0", "")  # PostgreSQL knows no such text
    return identities.mail_address(text) or identities.phone_number(text) or text.strip().lower()


def account(*, identity: str) -> Account | None:
    """Return the account of a mail address or E.164 phone number; None when nobody has it."""
    return _account(or_(Person.email == identity, Person.us_phone_number == identity))


def account_of(person_id: int) -> Account | None:
    """Return the account of a person; None when closed."""
    return _account(Person.id == person_id)


def _account(condition: ColumnElement[bool]) -> Account | None:
    person = db.session.scalar(select(Person).where(condition, Person.active))
    if person is None:
        return None
    return Account(
        person_id=person.id,
        name=person.name,
        identities=tuple(each for each in (person.email, person.us_phone_number) if each),
        password_hash=person.password,
        uniquifier=person.fs_uniquifier,
    )


def roles_of(person_id: int) -> frozenset[Role]:
    """Return everything that a person is somewhere."""
    found = db.session.scalars(select(Membership.role).where(Membership.person_id == person_id))
    return frozenset(Role(each) for each in found)


def factors_of(person_id: int) -> Factors:
    """Return what a person has as a second factor."""
    since = db.session.scalar(
        select(Authenticator.confirmed_at).where(Authenticator.person_id == person_id)
    )
    keys = db.session.scalars(
        select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)
    )
    codes = db.session.scalar(
        select(func.count()).select_from(RecoveryCode).where(RecoveryCode.person_id == person_id)
    )
    return Factors(
        authenticator_since=since,
        passkeys=[
            PasskeyRow(id=each.id, name=each.name, created_at=each.created_at, used_at=each.used_at)
            for each in keys
        ],
        recovery_codes=codes or 0,
    )


@dataclass(frozen=True, slots=True)
class AuthenticatorSetup:
    """What an authenticator app needs to know: as a picture, or typed by hand."""

    picture: str  # an SVG as a data: address
    address: str  # otpauth://…, which opens the app on the same phone
    key: str


def authenticator_setup(*, person_id: int, name: str) -> AuthenticatorSetup | None:
    """Return the secret that waits for its first code, or None when none does."""
    secret = db.session.scalar(
        select(Authenticator.secret).where(
            Authenticator.person_id == person_id, Authenticator.confirmed_at.is_(None)
        )
    )
    if secret is None:
        return None
    try:
        secret = authenticator.opened(secret, person_id=person_id)
    except sealing.Unreadable:  # SECRET_KEY has changed since: setting up begins anew
        return None
    made = authenticator.codes()
    return AuthenticatorSetup(
        picture=made.generate_qrcode(name, secret),
        address=made.get_totp_uri(name, secret),
        key=made.get_totp_pretty_key(secret),
    )


def words_about(person_id: int) -> Sequence[str]:
    """Return what others know of a person and would try as a password."""
    person = db.session.get(Person, person_id)
    if person is None:
        return []
    organisations = db.session.scalars(
        select(Organisation)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.person_id == person_id)
        .order_by(Organisation.id)
    )
    shops = [word for each in organisations for word in (each.name, each.shop_ref) if word]
    return [*identities.guessable(person.name, person.email, person.us_phone_number), *shops]
