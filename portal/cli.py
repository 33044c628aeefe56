"""Commands of the portal: flask --app wsgi work | publish-courses | learning … | demo … and more"""

import signal
import threading
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import ScriptInfo, with_appcontext

from courses.lint import check_content
from courses.load import load_library
from courses.path import read_paths
from portal import clock, jobs, tenancy, worker_pool
from portal.accounts.membership.command import invite_operator
from portal.accounts.sign_in.command import reset_second_factor
from portal.backup import command as backup
from portal.certificates.command import certificates
from portal.db import unit_of_work
from portal.demo.command import demo
from portal.doctor.command import doctor
from portal.evidence import collecting
from portal.evidence.command import evidence
from portal.learning import actions as learning
from portal.privacy.command import privacy
from portal.teaching.command import learning as learning_records


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined,no-any-return]  # noqa: SLF001 – Flask's documented way


@click.command("work")
@click.option("--once", is_flag=True, help="Run what is due now, then stop.")
@click.option(
    "--processes",
    default=2,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Worker processes.",
)
@click.option(
    "--recycle-after",
    default=1000,
    show_default=True,
    type=click.IntRange(min=1),
    help="Jobs after which a process is replaced.",
)
@click.option(
    "--grace",
    default=60,
    show_default=True,
    type=click.IntRange(min=0),
    help="Seconds that the jobs at hand may still take when told to stop.",
)
@click.option("--alone", is_flag=True, hidden=True)  # one process of a pool, started by it
@click.pass_context
def work(
    context: click.Context,
    *,
    once: bool,
    processes: int,
    recycle_after: int,
    grace: int,
    alone: bool,
) -> None:
    """Run jobs from the ledger until told to stop, in several processes."""
    if once:
        click.echo(f"{jobs.run_all(_app())} jobs run")
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if alone:
        worker_pool.when_the_watcher_is_gone(stop.set)
        jobs.work(_app(), stop=stop, at_most=recycle_after)
        return
    path = context.ensure_object(ScriptInfo).app_import_path or "wsgi"
    command = worker_pool.command_of_worker(path, recycle_after=recycle_after)
    worker_pool.Pool(command, processes=processes, grace_s=grace).run(stop)


@click.command("publish-courses")
@with_appcontext
@tenancy.for_everyone(reason="courses are the same for every tenant")
def publish_courses() -> None:
    """Publish the courses and paths of the content folder, unless one of them has an error."""
    content: Path = current_app.extensions["tongtu.settings"].content_dir
    folder = content / "courses"
    if not folder.is_dir():
        raise click.ClickException(f"找不到课程目录 / no such folder: {folder}")
    errors = [each for each in check_content(content, today=clock.today()) if each.is_error]
    for each in errors:
        click.echo(f"{each.file}:{each.line}:{each.column} {each.message()} {each.fix()}", err=True)
        click.echo(f"  {each.message('en')} {each.fix('en')}", err=True)
    if errors:
        raise click.ClickException(
            f"有 {len(errors)} 处错误，没有发布 / {len(errors)} errors, nothing published"
        )
    with collecting.acting("command", "command.publish-courses"), unit_of_work():
        library = load_library(folder)
        paths = read_paths(content / "paths", courses=library.courses).paths
        done = learning.publish(library=library, paths=paths, at=clock.now())
    click.echo(
        f"发布 / published: new {list(done.new)}, changed {list(done.changed)}, "
        f"withdrawn {list(done.withdrawn)}, learners moved {done.learners_moved}"
    )
    if done.paths.any:
        click.echo(
            f"学习路径 / paths: new {list(done.paths.new)}, changed {list(done.paths.changed)}, "
            f"withdrawn {list(done.paths.withdrawn)}"
        )


def init_app(app: Flask) -> None:
    """Add the commands to `app`."""
    app.cli.add_command(work)
    app.cli.add_command(certificates)
    app.cli.add_command(demo)
    app.cli.add_command(evidence)
    app.cli.add_command(privacy)
    app.cli.add_command(learning_records)
    app.cli.add_command(invite_operator)
    app.cli.add_command(publish_courses)
    app.cli.add_command(reset_second_factor)
    for command in (backup.backup, backup.verify_backup, backup.restore, doctor):
        app.cli.add_command(command)
