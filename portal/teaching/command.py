"""flask --app wsgi learning xapi: learning records for another system, as xAPI statements."""

from datetime import datetime

import click
from flask.cli import with_appcontext

from portal import tenancy
from portal.teaching import exporting


@click.group("learning")
def learning() -> None:
    """What was learnt."""


_DAY = click.DateTime(formats=["%Y-%m-%d"])


@learning.command("xapi")
@click.option("--since", type=_DAY, help="First local day, YYYY-MM-DD.")
@click.option("--until", type=_DAY, help="Last local day, that day included.")
@click.option("--names", is_flag=True, help="Give the learners' names beside their pseudonyms.")
@with_appcontext
@tenancy.for_everyone(reason="it takes the learning records of every dealer away")
def xapi(*, since: datetime | None, until: datetime | None, names: bool) -> None:
    """Write xAPI 1.0.3 statements to standard output, one JSON object a line."""
    lines = exporting.lines(
        since=exporting.begin_of(since.date() if since else None),
        until=exporting.end_of(until.date() if until else None),
        names=names,
    )
    for line in lines:
        click.echo(line, nl=False)
