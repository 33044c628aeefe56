"""flask --app wsgi backup | restore | verify-backup."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from portal import clock
from portal.backup import restoring, taking
from portal.backup.manifest import Manifest
from portal.backup.place import Place
from portal.backup.restoring import NotWhole
from portal.backup.words import Refused, Words
from portal.db import db, unit_of_work
from portal.evidence import actions as evidence
from portal.evidence import collecting

_ARCHIVE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_CONFIRMATION = "replace"
_POLITE = 10


def _place() -> Place:
    return Place(
        settings=current_app.extensions["tongtu.settings"],
        start=current_app.extensions["tongtu.create_app"],
    )


@contextmanager
def _in_words() -> Iterator[None]:
    """Say what went wrong as sentences, one a line, and end with status 1."""
    try:
        yield
    except Refused as refused:
        raise click.ClickException(str(refused.words)) from refused
    except NotWhole as broken:
        for each in broken.problems:
            click.echo(str(each), err=True)
        count = len(broken.problems)
        words = Words(f"{count} 处不符", f"{count} differences")
        raise click.ClickException(str(words)) from broken


@click.command("backup")
@click.argument("folder", type=_FOLDER, required=False)
@click.option("--keep", type=click.IntRange(min=1), help="Remove all but the last N backups there.")
@click.option("--with-secrets", is_flag=True, help="Put the secrets in: whoever has it has all.")
@with_appcontext
def backup(folder: Path | None, keep: int | None, with_secrets: bool) -> None:
    """Back up database, uploads, order facts and reports into FOLDER while the portal runs."""
    place = _place()
    os.nice(_POLITE)  # visitors come first, for pg_dump too
    with _in_words():
        taken = taking.take(
            place=place,
            into=folder or place.settings.backups_dir,
            keep=keep,
            with_secrets=with_secrets,
            at=clock.now(),
        )
    for each in taken.warnings:
        click.echo(str(each), err=True)
    size = f"{taken.size_bytes / 1024**2:.1f} MB, {taken.seconds:.1f} s"
    click.echo(f"已备份 / backed up: {taken.path} ({size})")
    click.echo(_summary(taken.manifest))
    if taken.removed:
        click.echo(f"已删除旧备份 / older backups removed: {len(taken.removed)}")
    if not with_secrets:
        words = Words(
            "不含密钥；密钥请另外保管，见 docs/backup.md",
            "without the secrets; keep them elsewhere, see docs/backup.md",
        )
        click.echo(str(words))


@click.command("verify-backup")
@click.argument("archive", type=_ARCHIVE)
@click.option("--work", type=_FOLDER, help="Folder for the trial; the system's by default.")
@with_appcontext
def verify_backup(archive: Path, work: Path | None) -> None:
    """Restore ARCHIVE into a temporary place and compare it with what was backed up."""
    with _in_words():
        manifest = restoring.verify(path=archive, place=_place(), work=work)
    click.echo(f"备份完好 / the backup is whole: {archive}")
    click.echo(_summary(manifest))


@click.command("restore")
@click.argument("archive", type=_ARCHIVE)
@click.option("--replace", is_flag=True, help="Put it in the place of the portal that is there.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@with_appcontext
def restore(archive: Path, replace: bool, yes: bool) -> None:
    """Put ARCHIVE back, run pending migrations, and compare with what was backed up."""
    place = _place()
    with _in_words():
        if replace and not yes and not restoring.is_empty(place):
            _ask(place)
        db.session.remove()
        db.engine.dispose()  # our own connection would count as somebody at work
        restored = restoring.restore(path=archive, place=place, may_replace=replace)
    with collecting.acting("command", "command.restore"), unit_of_work():
        evidence.record(
            action="backup.restored",
            at=clock.now(),
            subject="backup",
            subject_id=archive.name[:80],
            details={"made_at": restored.manifest.made_at},
        )
    click.echo(f"已恢复 / restored: {archive}")
    click.echo(_summary(restored.manifest))
    for each in restored.warnings:
        click.echo(str(each), err=True)


def _ask(place: Place) -> None:
    words = Words(
        f"{place.settings.data_dir} 和数据库里的内容将被覆盖，无法找回。",
        f"What is in {place.settings.data_dir} and in the database will be gone for good.",
    )
    click.echo(str(words), err=True)
    typed = click.prompt(f"输入 {_CONFIRMATION} 确认 / type {_CONFIRMATION}", default="", err=True)
    if typed != _CONFIRMATION:
        raise click.ClickException(str(Words("没有恢复", "nothing was restored")))


def _summary(manifest: Manifest) -> str:
    """Return what the backup holds as one line."""
    tables = manifest.contents.tables
    rows = sum(table.rows for table in tables.values())
    lines = sum(each.lines for each in manifest.money.values())
    return (
        f"{manifest.made_at} · {manifest.contents.kind} · {len(tables)} 张表 tables, "
        f"{rows} 行 rows · {lines} 条订单行 order lines · {len(manifest.files)} 个文件 files"
    )
