"""flask --app wsgi privacy erase: for deletions that a restored backup has undone."""

import click
from flask.cli import AppGroup

from portal import clock, tenancy
from portal.db import unit_of_work
from portal.evidence import collecting
from portal.privacy import actions, texts

privacy = AppGroup("privacy", help="Personal data: what a restored backup brought back.")


@privacy.command("erase")
@click.argument("person_ids", nargs=-1, type=int, required=True)
@tenancy.for_everyone(reason="a person's traces lie with every tenant")
def erase(person_ids: tuple[int, ...]) -> None:
    """Delete persons at once, by the numbers that the log names (privacy.person_erased)."""
    for person_id in person_ids:
        try:
            with collecting.acting("command", "privacy.person_erased"), unit_of_work():
                actions.delete_now(person_id=person_id, at=clock.now())
        except actions.Obstructed as error:
            raise click.ClickException(
                f"{person_id}: {' '.join(texts.obstacles(error.obstacles))}"
            ) from error
        click.echo(f"已注销 / deleted: {person_id}")
