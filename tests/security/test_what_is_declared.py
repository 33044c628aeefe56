"""What is declared in tables and files holds where it has to: rates, fresh proof, packages."""

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import make_app
from sqlalchemy import inspect

from portal.accounts.sign_in import rules
from portal.accounts.sign_in.models import SignInSession
from portal.accounts.sign_in.rates import RATES
from portal.db import db
from portal.demo import command

ROOT = Path(__file__).resolve().parents[2]
# Whoever has an open session of somebody else must not get into the account for good by these.
LEADS_IN = {
    "account.mail",
    "account.phone",
    "members.phone",
    "privacy.copy_own",
    "privacy.copy_organisation",
    "privacy.delete",
    "privacy.take",
    "security.add_passkey",
    "security.authenticator",
    "security.end_device",
    "security.end_other_devices",
    "security.passkey_options",
    "security.recovery_codes",
    "security.remove_authenticator",
    "security.remove_passkey",
    "security.start_authenticator",
}
DEAR = {
    "account.phone",
    "booking.book",
    "booking.hold",
    "booking.move_to",
    "feedback.create",
    "joining.apply",
    "joining.forgot",
    "organisation.invite",
    "privacy.copy_organisation",
    "privacy.copy_own",
    "sales.create",
}
TOOLS = {"pytest", "playwright", "mypy", "ruff", "djlint", "import-linter", "time-machine"}


def packages(name: str) -> set[str]:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    return set(re.findall(r"^([A-Za-z0-9_.-]+)==", text, flags=re.MULTILINE))


@pytest.mark.asvs("V2.4.1", "V15.2.2")
def test_everything_that_fills_tables_or_costs_much_is_rated():
    assert sorted(DEAR - set(RATES)) == []


@pytest.mark.asvs("V7.5.1")
def test_whatever_leads_into_an_account_wants_the_password_again(shared_app):
    fresh = {
        endpoint
        for endpoint, view in shared_app.view_functions.items()
        if getattr(getattr(view, "__access__", None), "fresh", False)
    }

    assert sorted(LEADS_IN - fresh) == []
    assert "notices.index" not in fresh


@pytest.mark.asvs("V7.2.3")
def test_a_session_has_a_token_of_256_bits_of_which_only_the_hash_is_kept():
    token = rules.new_token()

    assert len(base64.urlsafe_b64decode(token + "=")) == 32
    assert rules.token_hash(token) == hashlib.sha256(token.encode()).hexdigest()
    kept = [column.name for column in SignInSession.__table__.columns if "token" in column.name]
    assert kept == ["token_hash"]


@pytest.mark.asvs("V15.2.3")
def test_production_holds_no_tools_of_tests():
    assert {"pytest", "playwright"} <= packages("test.txt")  # they would be found
    assert packages("run.txt") & TOOLS == set()


@pytest.mark.asvs("V15.2.3")
def test_a_portal_in_earnest_gets_no_demo_alliance(tmp_path):
    app = make_app(tmp_path, f"sqlite:///{tmp_path / 'earnest.sqlite'}")
    in_earnest = replace(app.extensions["tongtu.settings"], https=True)
    app.extensions["tongtu.settings"] = in_earnest

    with app.app_context():
        refused = app.test_cli_runner().invoke(args=["demo", "ensure"])

    assert refused.exit_code == 1
    assert "TONGTU_DEMO=1" in refused.output
    with app.app_context():
        assert inspect(db.engine).get_table_names() == []
        app.extensions["tongtu.settings"] = replace(in_earnest, demo=True)
        command._refuse_in_earnest()
        db.engine.dispose()
