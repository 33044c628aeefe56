"""flask --app wsgi invite-operator: how the first operator of an installation gets in."""

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from portal import clock
from portal.access import Role
from portal.accounts import actions as accounts
from portal.accounts.membership import rules
from portal.accounts.membership.actions import letters, links
from portal.accounts.models import Organisation
from portal.db import db, unit_of_work
from portal.evidence import collecting


@click.command("invite-operator")
@click.argument("identity")
@click.option("--alliance", default="同途联盟", show_default=True, help="Name of a new alliance.")
@with_appcontext
def invite_operator(identity: str, alliance: str) -> None:
    """Print a one-time link with which IDENTITY (mail or phone) becomes an operator and owner.

    Adds the alliance when there is none yet. Whoever may run commands here may do anything, so
    nobody is asked; the audit trail keeps that it was done.
    """
    known = rules.identity(identity)
    if known is None:
        raise click.ClickException(
            f"{identity} 不是手机号，也不是邮箱 / is neither a phone number nor a mail address"
        )
    at = clock.now()
    with collecting.acting("command", "command.invite-operator"), unit_of_work():
        issued = links.issue(
            purpose=rules.Purpose.INVITE,
            at=at,
            organisation_id=_alliance(alliance).id,
            role=Role.OPERATOR.value,
            is_owner=True,
            identity=known.text,
        )
    with current_app.test_request_context():
        click.echo(letters.link_url(issued.token))


def _alliance(name: str) -> Organisation:
    found = db.session.scalar(
        select(Organisation).where(Organisation.kind == "alliance").order_by(Organisation.id)
    )
    return found or accounts.add_organisation(kind="alliance", name=name, at=clock.now())
