"""Owners decide about their organisation; clerks do not; nobody acts for a closed one."""

import pytest
from flask import Flask

from portal import access
from portal.access import Access, Member, Role, requires
from portal.accounts import queries
from portal.accounts.models import Membership, Organisation
from portal.accounts.rules import OrganisationState
from portal.db import db, unit_of_work


def planted(member: Member) -> Flask:
    """An application with one route for dealers' owners, asked by `member`."""
    app = Flask("planted")
    access.init_app(app, load_member=lambda: member, foreign={"static": Access(public=True)})
    app.add_url_rule("/shop", "shop", requires(Role.DEALER, owner=True)(lambda: "shop"))
    return app


def test_a_route_for_owners_opens_to_the_owner_only(cast):
    owner, clerk = cast.dealer_a.member, cast.dealer_clerk.member

    assert planted(owner).test_client().get("/shop").status_code == 200
    assert planted(clerk).test_client().get("/shop").status_code == 403


def test_an_owner_in_another_role_is_refused_all_the_same(cast):
    assert planted(cast.supplier_a.member).test_client().get("/shop").status_code == 403


def test_the_session_knows_who_owns_the_organisation(app, cast, sign_in):
    for actor, owns in ((cast.dealer_a, True), (cast.dealer_clerk, False)):
        client = sign_in(actor)
        with client:
            client.get("/notices")
            assert access.current_member().is_owner is owns


@pytest.mark.parametrize("state", list(OrganisationState))
def test_nobody_acts_for_a_closed_organisation(app, cast, sign_in, state):
    client = sign_in(cast.dealer_a)
    with app.app_context(), unit_of_work():
        db.session.get(Organisation, cast.dealer_a.organisation_id).state = state

    with client:
        client.get("/notices")
        living = access.member_or_none() is not None

    assert living is (state is not OrganisationState.CLOSED)
    with app.app_context():
        assert bool(queries.memberships_of(cast.dealer_a.person_id)) is living


def test_a_removed_members_session_loses_the_organisation_at_the_next_request(app, cast, sign_in):
    client = sign_in(cast.dealer_clerk)
    assert client.get("/notices").status_code == 200
    with app.app_context(), unit_of_work():
        db.session.query(Membership).filter_by(person_id=cast.dealer_clerk.person_id).delete()

    assert client.get("/notices").status_code != 200
