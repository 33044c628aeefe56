"""What of the data folder a backup holds, in an order that never leaves a row without its file.

Uploads are linked aside before the database is read and looked at again after it, so a file that
a row speaks of is found in one of the two. The site is read after the database and the facts
after the site: what a row calls done is there, and what is newer is found done when its job runs
again. docs/decisions/0033 has the whole argument.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from portal.backup.archive import Writer
from portal.backup.manifest import Sum
from portal.settings import Settings
from reports.facts import versions
from reports.facts.buyers import KEY_FILE
from reports.facts.store import FactsDamaged, NoFacts, Snapshot, open_current
from reports.site.layout import BUILDS, POINTER
from reports.site.manifest import NoBuild, current_id

DATA = "data"
UPLOADS, FACTS, SITE = "uploads", "facts", "site"
PARTS = (UPLOADS, FACTS, SITE)
REJECTED = "rejected"
DEMO = "demo.json"  # remembers which demo alliance this is


@dataclass(frozen=True, slots=True)
class Kept:
    """What of the data folder went into the archive."""

    facts_version: str | None
    site_build: str | None
    money: Mapping[str, Sum]


def parts_of(settings: Settings) -> dict[str, Path]:
    """Return the folders that a backup holds, by their names in it."""
    return {UPLOADS: settings.uploads_dir, FACTS: settings.facts_dir, SITE: settings.site_dir}


def link_uploads(settings: Settings, *, to: Path) -> None:
    """Give every upload a second name, so that it stays while the database is read."""
    for path in _files(settings.uploads_dir):
        target = to / path.relative_to(settings.uploads_dir)
        target.parent.mkdir(parents=True, exist_ok=True)
        _link(path, target)


def _link(path: Path, target: Path) -> None:
    # Removed since it was listed: imported or discarded, no row needs it now.
    with suppress(FileNotFoundError):
        try:
            os.link(path, target)
        except FileNotFoundError:
            raise
        except OSError:
            shutil.copyfile(path, target)  # another file system, or one without links


def add_all(writer: Writer, settings: Settings, *, linked: Path) -> Kept:
    """Take the site, the facts and the uploads into the archive, in this order.

    Raises FileNotFoundError when a file went in between; the caller starts over.
    """
    site_build = _add_site(writer, settings.site_dir)
    facts_version, money = _add_facts(writer, settings.facts_dir)
    _add_uploads(writer, settings.uploads_dir, linked=linked)
    demo = settings.data_dir / DEMO
    if demo.exists():
        writer.add(demo, name=f"{DATA}/{DEMO}")
    return Kept(facts_version=facts_version, site_build=site_build, money=money)


def _add_site(writer: Writer, site: Path) -> str | None:
    try:
        build_id = current_id(site)
    except NoBuild:
        return None
    folder = site / BUILDS / build_id
    _add_tree(writer, folder, name=f"{DATA}/{SITE}/{BUILDS}/{build_id}")
    # Pages tell since when the build is served: the pointer's own time.
    served_since = int((site / POINTER).stat().st_mtime)
    pointer = f"{build_id}\n".encode()
    writer.add_bytes(pointer, name=f"{DATA}/{SITE}/{POINTER}", mtime=served_since)
    return build_id


def _add_facts(writer: Writer, facts: Path) -> tuple[str | None, Mapping[str, Sum]]:
    version = versions.current_version(facts)
    if version is None:
        return None, {}
    folder = versions.folder_of(facts, version)
    name = f"{DATA}/{FACTS}"
    _add_tree(writer, folder, name=f"{name}/versions/{version}")
    snapshot = Snapshot(facts, version, versions.read_manifest(folder))
    money = _sums(snapshot)
    if (facts / REJECTED).is_dir():
        _add_tree(writer, facts / REJECTED, name=f"{name}/{REJECTED}")
    writer.add_bytes(f"{version}\n".encode(), name=f"{name}/CURRENT")
    return version, money


def _add_uploads(writer: Writer, uploads: Path, *, linked: Path) -> None:
    there = {path.relative_to(linked): path for path in _files(linked)}
    there |= {path.relative_to(uploads): path for path in _files(uploads)}
    for inside, path in sorted(there.items()):
        kept = linked / inside
        writer.add(kept if kept.exists() else path, name=f"{DATA}/{UPLOADS}/{inside.as_posix()}")


def _add_tree(writer: Writer, folder: Path, *, name: str) -> None:
    """Take in a folder with all its files; raise FileNotFoundError when it is gone."""
    writer.add_folder(folder, name=name)
    for path in _files(folder):
        writer.add(path, name=f"{name}/{path.relative_to(folder).as_posix()}")


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder in order; hidden ones are drafts and locks."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in inside.parts):
            yield path


def money_of(facts: Path) -> Mapping[str, Sum]:
    """Return the sums of the facts' lines by currency and kind; empty without facts.

    Raises FactsDamaged.
    """
    try:
        return _sums(open_current(facts))
    except NoFacts:
        return {}


def _sums(snapshot: Snapshot) -> Mapping[str, Sum]:
    """Return the sums; raise FactsDamaged when a file cannot be read."""
    if not snapshot.months:
        return {}
    try:
        return _sums_of_lines(snapshot)
    except duckdb.Error as error:
        raise FactsDamaged(str(error)) from error


def _sums_of_lines(snapshot: Snapshot) -> Mapping[str, Sum]:
    connection = snapshot.connect()
    try:
        rows = connection.execute(
            "SELECT currency || ' ' || kind, count(*), sum(amount_minor) FROM lines "
            "GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    finally:
        connection.close()
    return {name: Sum(lines=lines, amount_minor=int(amount)) for name, lines, amount in rows}


def secrets_file(settings: Settings) -> Path:
    """Return the file in which `./run` keeps the secrets."""
    return settings.data_dir / "secrets.env"


def buyer_key_file(settings: Settings) -> Path:
    """Return the file of the buyers' key; there is none when the environment gives it."""
    return settings.facts_dir / KEY_FILE


def size_bytes(settings: Settings) -> int:
    """Return how large everything that would be kept is."""
    return sum(
        path.stat().st_size for folder in parts_of(settings).values() for path in _files(folder)
    )
