"""Is a restored portal the one that was backed up, and does it work? Everything that differs."""

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade

from portal.backup import folder
from portal.backup.manifest import Contents, Head, Manifest
from portal.backup.place import Place
from portal.backup.words import Refused, Words
from portal.db import db
from portal.evidence import verifying
from reports.facts.versions import FactsDamaged
from reports.site.manifest import NoBuild, current_id, read_manifest

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def differences(place: Place, manifest: Manifest) -> list[Words]:
    """Return in what the database and the folders of `place` differ from the manifest."""
    return [
        *place.database.damages(),
        *_of_contents(manifest.contents, place.database.contents()),
        *_of_facts(place, manifest),
        *_of_site(place, manifest),
    ]


def _of_contents(expected: Contents, found: Contents) -> Iterator[Words]:
    for name in sorted(expected.tables.keys() - found.tables.keys()):
        yield Words(f"缺少表 {name}", f"table {name} is missing")
    for name in sorted(found.tables.keys() - expected.tables.keys()):
        yield Words(f"多出表 {name}", f"table {name} was not in the backup")
    for name in sorted(expected.tables.keys() & found.tables.keys()):
        wanted, there = expected.tables[name], found.tables[name]
        if wanted.rows != there.rows:
            yield Words(
                f"表 {name}：备份时 {wanted.rows} 行，现在 {there.rows} 行",
                f"table {name}: {wanted.rows} rows when backed up, {there.rows} now",
            )
        elif wanted.digest != there.digest:
            yield Words(
                f"表 {name}：行数相同，内容不同", f"table {name}: as many rows, other contents"
            )
    if expected.revision != found.revision:
        yield _unlike("数据库版本", "revision", expected.revision, found.revision)
    if expected.head != found.head:
        yield _unlike("审计链的末端", "end of the audit chain", expected.head, found.head)


def _of_facts(place: Place, manifest: Manifest) -> Iterator[Words]:
    try:
        found = folder.money_of(place.settings.facts_dir)
    except FactsDamaged as error:
        yield Words(f"订单事实读不出来：{error}", f"the order facts cannot be read: {error}")
        return
    for name in sorted(manifest.money.keys() | found.keys()):
        wanted, there = manifest.money.get(name), found.get(name)
        if wanted != there:
            yield _unlike(f"订单金额 {name}", f"amount of {name}", wanted, there)


def _of_site(place: Place, manifest: Manifest) -> Iterator[Words]:
    try:
        found: str | None = current_id(place.settings.site_dir)
        read_manifest(place.settings.site_dir, str(found))
    except NoBuild:
        found = None
    if found != manifest.site_build:
        yield _unlike("增长报告", "build of the reports", manifest.site_build, found)


def _unlike(zh: str, en: str, wanted: object, there: object) -> Words:
    return Words(
        f"{zh}：备份时 {wanted}，现在 {there}", f"{en}: {wanted} when backed up, {there} now"
    )


def started(place: Place, manifest: Manifest) -> list[Words]:
    """Run pending migrations and start the portal there; return what does not work.

    The whole audit chain is walked, and must hold the head that the backup wrote down.
    """
    app = place.start(place.settings)
    try:
        with app.app_context():
            upgrade(directory=str(MIGRATIONS))
            faults = list(_of_chain(manifest.contents.head))
        return [*faults, *_answers(app)]
    except Refused as refused:
        return [refused.words]
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def _of_chain(head: Head | None) -> Iterator[Words]:
    if head is None:
        return  # nothing had been recorded yet
    for problem in verifying.verify(anchors={head.seq: head.hash}).problems:
        yield Words(
            f"操作记录第 {problem.seq} 条有问题：{problem.fault}",
            f"entry {problem.seq} of the record does not fit: {problem.fault}",
        )


def _answers(app: Flask) -> Iterator[Words]:
    answer = app.test_client().get("/sign-in")
    if answer.status_code != HTTPStatus.OK:
        yield Words(
            f"恢复后的门户打不开登录页：{answer.status}",
            f"the restored portal does not show its sign-in page: {answer.status}",
        )
