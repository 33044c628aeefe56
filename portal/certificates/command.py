"""flask --app wsgi certificates rotate-key | issue-missing."""

import click
from flask.cli import AppGroup

from portal import clock, tenancy
from portal.certificates import actions, keys
from portal.db import unit_of_work
from portal.evidence import actions as evidence
from portal.evidence import collecting

certificates = AppGroup("certificates", help="Keys of certificates, and certificates of old.")


@certificates.command("rotate-key")
@click.option(
    "--compromised",
    is_flag=True,
    help="The key leaked: stop publishing it, and sign what it signed again.",
)
@tenancy.for_everyone(reason="a key signs every tenant's certificates")
def rotate_key(*, compromised: bool) -> None:
    """Let a new key sign; what the old one signed stays verifiable, unless it leaked."""
    at = clock.now()
    with collecting.acting("command", "command.certificates.rotate-key"), unit_of_work():
        again = actions.rotate_key(compromised=compromised, at=at)
        evidence.record(
            action="certificates.key_rotated",
            at=at,
            details={"compromised": compromised, "signed_again": again},
        )
    newest = keys.published()[0]
    click.echo(f"新密钥 / new key {newest.kid}")
    if compromised:
        click.echo(f"重新签发 / signed again: {again}")


@certificates.command("issue-missing")
@tenancy.for_everyone(reason="completions of every tenant are looked at")
def issue_missing() -> None:
    """Issue certificates for courses that were completed before there were any."""
    with collecting.acting("command", "command.certificates.issue-missing"), unit_of_work():
        count = actions.issue_missing(at=clock.now())
    click.echo(f"补发 / issued: {count}")
