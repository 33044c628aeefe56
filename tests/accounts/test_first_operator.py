"""The first operator of an installation gets in by a command, and nobody by a default account."""

import re

import pytest
from sqlalchemy import func, select

from portal.accounts.models import Membership, Organisation, Person
from portal.db import db

PASSWORD = "eine lange nacht am fluss"


def invited(app, identity: str):
    return app.test_cli_runner().invoke(args=["invite-operator", identity])


@pytest.mark.asvs("V6.3.2")
def test_an_empty_installation_has_nobody_in_it(app, context):
    assert db.session.scalar(select(func.count()).select_from(Person)) == 0


def test_the_printed_link_makes_an_operator_who_owns_the_alliance(app, context):
    told = invited(app, "wen.jing@example.com").output
    path = re.search(r"https?://[^/]+(/\S+)", told)[1]

    client = app.test_client()
    assert client.get(path).status_code == 200
    joined = client.post(
        path + "/join",
        data={"person_name": "文静", "password": PASSWORD},
    )

    assert joined.status_code in {302, 303}, joined.text
    membership = db.session.scalar(select(Membership))
    assert (membership.role, membership.is_owner) == ("operator", True)
    assert membership.organisation.kind == "alliance"


def test_a_second_invitation_joins_the_same_alliance(app, context, cast):
    told = invited(app, "138 0013 8000")

    assert told.exit_code == 0
    alliances = select(func.count()).where(Organisation.kind == "alliance")
    assert db.session.scalar(alliances) == 1


def test_an_identity_that_is_none_is_refused_in_words(app, context):
    told = invited(app, "nobody")

    assert told.exit_code == 1
    assert "不是手机号，也不是邮箱" in told.output
