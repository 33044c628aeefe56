"""Commands of the portal: flask --app wsgi work | demo …"""

import signal
import threading

import click
from flask import Flask, current_app

from portal import jobs


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


def init_app(app: Flask) -> None:
    """Add the commands to `app`."""
    app.cli.add_command(work)
