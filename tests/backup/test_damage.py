"""A damaged archive is found and named, and putting one back never costs what was there."""

import io
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import duckdb
import psycopg
import pytest
from backup_steps import files_of, run_sql, take
from releases import plain
from sqlalchemy import make_url

from portal.backup import archive, postgresql, restoring
from portal.backup.manifest import Table
from portal.backup.restoring import NotWhole
from portal.backup.words import Refused


def flip_a_byte(path: Path, member: str) -> None:
    """Alter one byte in the middle of a file in the archive."""
    with tarfile.open(path) as tar:
        info = tar.getmember(member)
    with path.open("r+b") as file:
        file.seek(info.offset_data + info.size // 2)
        byte = file.read(1)
        file.seek(-1, io.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))


def resealed(path: Path, tmp_path: Path, change: Callable[[Path], None], **manifest) -> Path:
    """Return an archive whose files were changed by who could mend every digest."""
    staged = tmp_path / "staged"
    with archive.reading(path) as reader:
        reader.unpack(staged)
        before = reader.manifest
    change(staged)
    target = tmp_path / "resealed.tar"
    with archive.writing(target, mtime=0) as writer:
        for name in before.files:
            writer.add(staged / name, name=name)
        writer.seal(replace(before, files=dict(writer.files), **manifest))
    return target


def problems_of(path: Path, place) -> str:
    with pytest.raises(NotWhole) as caught:
        restoring.verify(path=path, place=place)
    return " ".join(words.en for words in caught.value.problems)


@pytest.mark.parametrize("part", ["database", "lines-2026-09.parquet", "report.json", "orders-"])
def test_one_altered_byte_is_found_and_its_file_named(place, tmp_path, part):
    path = take(place, tmp_path / "backups")
    with tarfile.open(path) as tar:
        member = next(name for name in tar.getnames() if part in name)
    flip_a_byte(path, member)

    assert f"file {member} has been altered" in problems_of(path, place)


@pytest.mark.parametrize("member", ["manifest.json", "manifest.sha256"])
def test_an_altered_manifest_is_found(place, tmp_path, member):
    path = take(place, tmp_path / "backups")
    flip_a_byte(path, member)

    with pytest.raises(Refused, match="manifest has been altered"):
        restoring.verify(path=path, place=place)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_an_archive_that_was_cut_off_is_refused(place, tmp_path, share):
    path = take(place, tmp_path / "backups")
    with path.open("r+b") as file:
        file.truncate(int(path.stat().st_size * share))

    with pytest.raises((Refused, NotWhole)):
        restoring.verify(path=path, place=place)


def test_a_missing_file_and_a_strange_one_are_named(place, tmp_path):
    path = take(place, tmp_path / "backups")
    changed = tmp_path / "changed.tar"
    with tarfile.open(path) as old, tarfile.open(changed, "w") as new:
        for member in old.getmembers():
            if not member.name.endswith("report.json"):
                new.addfile(member, old.extractfile(member) if member.isfile() else None)
        new.addfile(tarfile.TarInfo("data/facts/stranger"))

    said = problems_of(changed, place)
    assert "report.json is missing" in said
    assert "data/facts/stranger does not belong here" in said


def test_one_row_altered_behind_every_digest_is_found_by_its_table(place, tmp_path, new_place):
    """Who alters a row and mends the hashes of the files still meets the digest of the table."""
    path = take(place, tmp_path / "backups")
    run_sql(place, "UPDATE person SET name = '别人' WHERE id = 7;")
    altered = take(place, tmp_path / "altered")
    with archive.reading(path) as reader:
        contents = reader.manifest.contents

    forged = resealed(altered, tmp_path, lambda _: None, contents=contents)

    assert problems_of(forged, place) == "table person: as many rows, other contents"


def test_one_row_removed_is_found_with_both_counts(place, tmp_path):
    path = take(place, tmp_path / "backups")
    with archive.reading(path) as reader:
        contents = reader.manifest.contents
    run_sql(place, "DELETE FROM notice_read;")
    altered = take(place, tmp_path / "altered")

    forged = resealed(altered, tmp_path, lambda _: None, contents=contents)

    assert "table notice_read: 148 rows when backed up, 0 now" in problems_of(forged, place)


def test_one_altered_amount_is_found_in_the_sums(place, tmp_path):
    path = take(place, tmp_path / "backups")

    def dearer(staged: Path) -> None:
        file = next(staged.rglob("lines-2026-09.parquet"))
        with duckdb.connect() as db:
            db.execute(f"CREATE TABLE l AS SELECT * FROM read_parquet('{file}')")
            db.execute("UPDATE l SET amount_minor = amount_minor + 1 WHERE order_no = 'o-1'")
            db.execute(f"COPY l TO '{file}' (FORMAT parquet)")

    said = problems_of(resealed(path, tmp_path, dearer), place)
    assert "amount of GBP sale" in said


def test_a_broken_audit_chain_is_found_though_every_table_is_as_it_was_backed_up(place, tmp_path):
    """Somebody altered the record before the backup was taken: the walk finds it."""
    run_sql(place, ALTER_THE_RECORD[place.database.dump_name])
    path = take(place, tmp_path / "backups")

    assert problems_of(path, place) == "entry 3 of the record does not fit: altered"


ALTER_THE_RECORD = {
    "database.sqlite": "DROP TRIGGER evidence_entry_no_update; "
    "UPDATE evidence_entry SET action = 'test.harmless' WHERE seq = 3;",
    "database.dump": "ALTER TABLE evidence_entry DISABLE TRIGGER USER; "
    "UPDATE evidence_entry SET action = 'test.harmless' WHERE seq = 3; "
    "ALTER TABLE evidence_entry ENABLE TRIGGER USER;",
}


@pytest.mark.asvs("V5.3.2")
def test_a_path_that_leads_out_of_the_archive_is_refused(place, tmp_path):
    path = take(place, tmp_path / "backups")

    def outside(staged: Path) -> None:
        (staged / "evil").write_text("x")

    with archive.reading(path) as reader:
        manifest = reader.manifest
        reader.unpack(tmp_path / "staged")
    target = tmp_path / "outside.tar"
    outside(tmp_path / "staged")
    with archive.writing(target, mtime=0) as writer:
        for name in manifest.files:
            writer.add(tmp_path / "staged" / name, name=name)
        writer.add(tmp_path / "staged" / "evil", name="../../evil")
        writer.seal(replace(manifest, files=dict(writer.files)))

    with pytest.raises(Refused, match="path outside"):
        restoring.verify(path=target, place=place)


def test_a_place_that_is_not_empty_is_left_alone(place, new_place, tmp_path):
    path = take(place, tmp_path / "backups")
    other = new_place()
    run_sql(other, "CREATE TABLE precious (n INTEGER); INSERT INTO precious VALUES (1);")
    before = other.database.contents()

    with pytest.raises(Refused, match="not empty"):
        restoring.restore(path=path, place=other, may_replace=False)

    assert other.database.contents() == before


def test_replacing_puts_the_backup_in_the_place_of_what_is_there(place, tmp_path):
    before, files = place.database.contents(), files_of(place)
    path = take(place, tmp_path / "backups")
    run_sql(place, "DELETE FROM notice_read; CREATE TABLE later (n INTEGER);")
    (place.settings.facts_dir / "CURRENT").write_text("lost\n")

    restoring.restore(path=path, place=place, may_replace=True)

    assert place.database.contents().tables == before.tables
    assert files_of(place) == files
    assert (place.settings.facts_dir / "buyer.key").read_text() == "b" * 64
    assert list(place.settings.data_dir.glob("*before-restore*")) == []
    assert list(place.settings.data_dir.glob(".restore-*")) == []


def test_a_restore_that_fails_in_the_end_brings_everything_back(place, tmp_path):
    """The archive is sound, but the restored database is not what its manifest says."""
    path = take(place, tmp_path / "backups")
    run_sql(place, "DELETE FROM notice_read;")
    before, files = place.database.contents(), files_of(place)
    with archive.reading(path) as reader:
        contents = reader.manifest.contents
    tables = {**contents.tables, "person": Table(rows=1, digest="0" * 16)}
    forged = resealed(path, tmp_path, lambda _: None, contents=replace(contents, tables=tables))

    with pytest.raises(NotWhole, match="table person"):
        restoring.restore(path=forged, place=place, may_replace=True)

    assert place.database.contents() == before
    assert files_of(place) == files
    assert list(place.settings.data_dir.glob("*before-restore*")) == []


def test_a_restore_that_was_killed_is_undone_by_the_next_one(place, tmp_path):
    """Killed in the middle, it leaves the old portal aside and half of the new one in its place."""
    before, files = place.database.contents(), files_of(place)
    path = take(place, tmp_path / "backups")
    place.database.set_aside()
    for name in ("uploads", "facts"):
        (place.settings.data_dir / name).rename(place.settings.data_dir / f"{name}.before-restore")
    (place.settings.data_dir / "facts").mkdir()
    (place.settings.data_dir / ".restore-0123").mkdir()
    assert place.database.has_aside()

    with pytest.raises(Refused, match="not empty"):
        restoring.restore(path=path, place=place, may_replace=False)

    assert place.database.contents() == before
    assert files_of(place) == files
    assert not place.database.has_aside()
    assert list(place.settings.data_dir.glob("*restore*")) == []


def test_a_damaged_archive_is_refused_before_anything_is_touched(place, tmp_path):
    path = take(place, tmp_path / "backups")
    before, files = place.database.contents(), files_of(place)
    flip_a_byte(path, place.database.dump_name)

    with pytest.raises(NotWhole, match="altered"):
        restoring.restore(path=path, place=place, may_replace=True)

    assert place.database.contents() == before
    assert files_of(place) == files


def test_nothing_is_restored_under_a_portal_that_runs(place, tmp_path):
    path = take(place, tmp_path / "backups")
    address = place.settings.database_url

    if address.startswith("sqlite"):
        running = sqlite3.connect(make_url(address).database)
        running.execute("PRAGMA journal_mode=WAL")
        running.execute("SELECT count(*) FROM person").fetchone()
    else:
        running = psycopg.connect(plain(address))
    with closing(running), pytest.raises(Refused, match="in use"):
        restoring.restore(path=path, place=place, may_replace=True)
    # The control: once it is stopped, the same call goes through.
    restoring.restore(path=path, place=place, may_replace=True)


def test_a_backup_of_a_newer_release_is_refused_with_what_to_do(place, new_place, tmp_path):
    path = take(place, tmp_path / "backups")
    with archive.reading(path) as reader:
        contents = replace(reader.manifest.contents, revision="9999")
    newer = resealed(path, tmp_path, lambda _: None, contents=contents)

    with pytest.raises(Refused, match="upgrade first"):
        restoring.restore(path=newer, place=new_place(), may_replace=False)


def test_a_backup_of_another_kind_of_database_is_refused(place, new_place, with_settings, tmp_path):
    path = take(place, tmp_path / "backups")
    is_sqlite = place.settings.database_url.startswith("sqlite")
    address = "postgresql+psycopg://nobody@127.0.0.1:1/none" if is_sqlite else "sqlite:////nowhere"

    with pytest.raises(Refused, match="another kind"):
        restoring.restore(
            path=path, place=with_settings(new_place(), database_url=address), may_replace=False
        )


def test_without_a_program_of_the_servers_version_the_package_is_named(tmp_path, monkeypatch):
    old = tmp_path / "14" / "bin" / "pg_dump"
    old.parent.mkdir(parents=True)
    old.touch()
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Refused, match="postgresql-client-15"):
        postgresql.find_program("pg_dump", major=15, programs=tmp_path)

    newer = tmp_path / "17" / "bin" / "pg_dump"
    newer.parent.mkdir(parents=True)
    newer.touch()
    assert postgresql.find_program("pg_dump", major=15, programs=tmp_path) == str(newer)
