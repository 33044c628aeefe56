"""Many at one moment: a link lets one in, a shop keeps an owner; each guard with its control."""

import threading

import pytest
from conftest import NOW

from portal.access import Member, Role
from portal.accounts import actions as accounts
from portal.accounts.membership import rules
from portal.accounts.membership.actions import invitations, links, organisations, standing
from portal.accounts.membership.models import OneTimeLink
from portal.accounts.membership.rules import Purpose
from portal.accounts.models import Membership, Organisation
from portal.db import db, unit_of_work

RUSH = 20


def all_at_once(app, count, work) -> list[str]:
    """Run work(0), work(1) … in threads that start at one moment; return what became of each."""
    barrier, results = threading.Barrier(count), [""] * count

    def run(number):
        with app.app_context():
            barrier.wait()
            try:
                with unit_of_work():
                    work(number)
                results[number] = "done"
            except (links.LinkSpent, rules.LastOwner) as error:
                results[number] = type(error).__name__
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.fixture
def crowd(app, cast) -> list[int]:
    """Twenty persons who belong nowhere."""
    with app.app_context(), unit_of_work():
        return [
            accounts.add_person(
                name=f"路人 {number}",
                mail=None,
                phone=f"+86137{number:08d}",
                password_hash="!",
                at=NOW,
            ).id
            for number in range(RUSH)
        ]


@pytest.fixture
def token(app, cast) -> str:
    """An invitation to dealer B's shop, which has one member."""
    with app.app_context(), unit_of_work():
        return links.issue(
            purpose=Purpose.INVITE,
            organisation_id=cast.dealer_b.organisation_id,
            role="dealer",
            identity="+8613900000001",
            created_by_id=cast.dealer_b.person_id,
            at=NOW,
        ).token


def accept_all_at_once(app, token, crowd) -> list[str]:
    def work(number):
        invitations.accept(token=token, person_id=crowd[number], at=NOW)

    return all_at_once(app, RUSH, work)


def members(app, actor) -> int:
    with app.app_context():
        return db.session.query(Membership).filter_by(organisation_id=actor.organisation_id).count()


def test_of_twenty_who_use_a_link_at_one_moment_exactly_one_joins(app, cast, token, crowd):
    results = accept_all_at_once(app, token, crowd)

    assert sorted(results) == ["LinkSpent"] * (RUSH - 1) + ["done"]
    assert members(app, cast.dealer_b) == 2


def test_without_the_guard_several_join_by_one_link(app, cast, token, crowd, monkeypatch):
    def only_write_it_down(link, *, person_id, at):
        db.session.execute(
            db.update(OneTimeLink).where(OneTimeLink.id == link.id).values(used_at=at)
        )

    monkeypatch.setattr(links, "use", only_write_it_down)
    monkeypatch.setattr(links, "check_open", lambda *_, **__: None)

    results = accept_all_at_once(app, token, crowd)

    assert results.count("done") > 1
    assert members(app, cast.dealer_b) > 2


@pytest.fixture
def two_owners(app, cast) -> list[Member]:
    """Dealer A and the clerk, both owners."""
    with app.app_context(), unit_of_work():
        db.session.execute(
            db.update(Membership)
            .where(Membership.organisation_id == cast.dealer_a.organisation_id)
            .values(is_owner=True)
        )
    return [
        Member(
            person_id=actor.person_id,
            person_name="",
            organisation_id=actor.organisation_id,
            organisation_name="",
            role=Role.DEALER,
            is_owner=True,
        )
        for actor in (cast.dealer_a, cast.dealer_clerk)
    ]


def leave_both_at_once(app, two_owners) -> list[str]:
    def work(number):
        organisations.leave(
            by=two_owners[number], organisation_id=two_owners[number].organisation_id
        )

    return all_at_once(app, 2, work)


def test_of_two_owners_who_leave_at_one_moment_one_stays(app, cast, two_owners):
    results = leave_both_at_once(app, two_owners)

    assert sorted(results) == ["LastOwner", "done"]
    assert members(app, cast.dealer_a) == 1


def test_without_the_lock_both_leave_and_nobody_owns_the_shop(app, cast, two_owners, monkeypatch):
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        pytest.skip("SQLite has one writer at a time: its lock cannot be taken away here")
    together = threading.Barrier(2, timeout=20)
    counted = standing.owner_ids

    def count_then_wait(organisation_id):
        found = counted(organisation_id)
        together.wait()
        return found

    monkeypatch.setattr(organisations, "locked", lambda each: db.session.get(Organisation, each))
    monkeypatch.setattr(organisations, "owner_ids", count_then_wait)

    results = leave_both_at_once(app, two_owners)

    assert results == ["done", "done"]
    assert members(app, cast.dealer_a) == 0
