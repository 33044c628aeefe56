"""Puts the demo alliance's organisations and people into the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.access import Member, Role
from portal.accounts import actions as accounts
from portal.accounts.membership.actions import applications, resets
from portal.accounts.membership.rules import Identity
from portal.demo.cast import Dealer, World

ZONE = ZoneInfo("Asia/Shanghai")
# The demo runs on loopback and says so; everybody in it has this password.
PASSWORD = "tongtu-demo"  # noqa: S105 – printed at every start of the demo


@dataclass(frozen=True, slots=True)
class People:
    """Who is who in the database: members by dealer ref, supplier code or person code."""

    dealers: Mapping[str, Member]
    suppliers: Mapping[str, Member]
    consultants: Mapping[str, Member]
    operators: Mapping[str, Member]
    author: Member
    alliance_id: int


def local_noon(day: date) -> datetime:
    """Return noon of a local date as an instant."""
    return datetime.combine(day, time(12), ZONE).astimezone(UTC)


def seed(world: World, *, at: datetime) -> People:
    """Add every organisation and person of the world; everybody gets the demo's password."""
    secret = accounts.hash_of(PASSWORD)
    alliance = accounts.add_organisation(kind="alliance", name="同途渠道联盟", at=at)

    def join(
        name: str,
        mail: str | None,
        phone: str | None,
        home: int,
        role: Role,
        *,
        is_owner: bool = False,
    ) -> Member:
        person = accounts.add_person(name=name, mail=mail, phone=phone, password_hash=secret, at=at)
        accounts.join(person_id=person.id, organisation_id=home, role=role, is_owner=is_owner)
        return Member(
            person_id=person.id,
            person_name=name,
            organisation_id=home,
            organisation_name="",
            role=role,
            is_owner=is_owner,
        )

    batch_of = {ref: batch.number for batch in world.batches for ref in batch.dealers}
    dealers = {}
    for dealer in world.dealers:
        home = _add_shop(dealer, batch=batch_of.get(dealer.ref), at=at)
        dealers[dealer.ref] = join(
            dealer.owner_name, dealer.mail, dealer.phone, home, Role.DEALER, is_owner=True
        )
    suppliers = {}
    for supplier in world.suppliers:
        home = accounts.add_organisation(kind="supplier", name=supplier.name_zh, at=at).id
        suppliers[supplier.code] = join(
            supplier.owner.name, supplier.owner.mail, None, home, Role.SUPPLIER, is_owner=True
        )
    operators = {
        each.code: join(
            each.name, each.mail, None, alliance.id, Role.OPERATOR, is_owner=number == 0
        )
        for number, each in enumerate(world.operators)
    }
    for clerk in world.clerks:
        shop = dealers[clerk.dealer].organisation_id
        join(clerk.name, None, clerk.phone, shop, Role.DEALER)
    _at_the_door(world, secret=secret, at=at)
    author = join(world.author.name, world.author.mail, None, alliance.id, Role.AUTHOR)
    return People(
        dealers=dealers,
        suppliers=suppliers,
        consultants={
            each.code: join(each.name, each.mail, None, alliance.id, Role.CONSULTANT)
            for each in world.consultants
        },
        operators=operators,
        author=author,
        alliance_id=alliance.id,
    )


def _at_the_door(world: World, *, secret: str, at: datetime) -> None:
    """Leave something for an operator to do: a shop that applies, somebody without a password."""
    applications.apply(
        shop_name="巷口点卡",
        region="四川 成都",
        person_name="唐圆",
        identity=Identity(phone="+8613800008001"),
        password_hash=secret,
        at=at - timedelta(hours=3),
    )
    clerk = world.clerks[0]
    resets.ask(identity=Identity(phone=f"+86{clerk.phone}"), at=at - timedelta(hours=1))


def _add_shop(dealer: Dealer, *, batch: int | None, at: datetime) -> int:
    return accounts.add_organisation(
        kind="dealer",
        name=dealer.shop_name,
        shop_ref=dealer.ref,
        region=f"{dealer.province} {dealer.city}",
        level=dealer.level,
        joined_on=dealer.joined_on,
        enrolment_batch=batch,
        shares_name=dealer.share_name,
        at=at,
    ).id
