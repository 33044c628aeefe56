"""Commands of the portal: flask --app wsgi work | publish-courses | demo …"""

import signal
import threading
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from courses.lint import check
from courses.load import load_library
from portal import clock, jobs
from portal.db import unit_of_work
from portal.demo.command import demo
from portal.learning import actions as learning


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined,no-any-return]  # noqa: SLF001 – Flask's documented way


@click.command("work")
@click.option("--once", is_flag=True, help="Run what is due now, then stop.")
def work(once: bool) -> None:
    """Run jobs from the ledger until told to stop."""
    app = _app()
    if once:
        click.echo(f"{jobs.run_all(app)} jobs run")
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    jobs.work(app, stop=stop)


@click.command("publish-courses")
@with_appcontext
def publish_courses() -> None:
    """Publish the course files of the content folder, unless one of them has an error."""
    folder: Path = current_app.extensions["tongtu.settings"].content_dir / "courses"
    if not folder.is_dir():
        raise click.ClickException(f"找不到课程目录 / no such folder: {folder}")
    errors = [each for each in check(folder, today=clock.today()) if each.is_error]
    for each in errors:
        click.echo(f"{each.file}:{each.line}:{each.column} {each.message()} {each.fix()}", err=True)
        click.echo(f"  {each.message('en')} {each.fix('en')}", err=True)
    if errors:
        raise click.ClickException(
            f"有 {len(errors)} 处错误，没有发布 / {len(errors)} errors, nothing published"
        )
    with unit_of_work():
        done = learning.publish(library=load_library(folder), at=clock.now())
    click.echo(
        f"发布 / published: new {list(done.new)}, changed {list(done.changed)}, "
        f"withdrawn {list(done.withdrawn)}, learners moved {done.learners_moved}"
    )


def init_app(app: Flask) -> None:
    """Add the commands to `app`."""
    app.cli.add_command(work)
    app.cli.add_command(demo)
    app.cli.add_command(publish_courses)
