"""What whoever runs the server can do when the only operator has lost the second factor."""

import click
from flask.cli import with_appcontext

from portal import clock, tenancy
from portal.accounts.sign_in import queries
from portal.accounts.sign_in.actions import factors
from portal.db import unit_of_work
from portal.evidence import collecting


@click.command("reset-second-factor")
@click.argument("identity")
@with_appcontext
@tenancy.for_everyone(reason="whoever runs the server may help anybody back in")
def reset_second_factor(identity: str) -> None:
    """Take away the second factors of IDENTITY (mail or phone), and sign them out everywhere.

    For an operator whom no other operator can help. Recorded, and told to the person.
    """
    name = queries.normalised(identity)
    account = queries.account(identity=name)
    if account is None:
        raise click.ClickException(f"没有这个账号 / no such account: {identity}")
    with collecting.acting("command", "command.reset-second-factor"), unit_of_work():
        factors.reset(person_id=account.person_id, at=clock.now())
    click.echo(
        f"{account.name} 的两步验证已重置，下次登录后重新设置 / "
        f"second factors reset; set up new ones after the next sign-in"
    )
