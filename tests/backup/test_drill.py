"""The drill: back up, restore into an empty place, and everything is there and works."""

import tarfile
import threading
from datetime import timedelta

import pytest
from backup_steps import AT, files_of, run_sql, take

from portal.backup import folder, restoring, taking
from portal.backup.words import Refused
from portal.db import db
from reports.site.view import current_build


def test_a_backup_restored_into_an_empty_place_is_the_same_portal(place, new_place, tmp_path):
    before = place.database.contents()
    archive = take(place, tmp_path / "backups")

    other = new_place()
    restored = restoring.restore(path=archive, place=other, may_replace=False)

    after = other.database.contents()
    assert after.tables == before.tables
    assert sum(table.rows for table in before.tables.values()) > 2000
    assert after.revision == before.revision
    assert after.head == before.head
    assert before.head.seq == 5
    assert files_of(other) == files_of(place)
    assert folder.money_of(other.settings.facts_dir) == folder.money_of(place.settings.facts_dir)
    assert {name: each.amount_minor for name, each in restored.manifest.money.items()} == {
        "GBP sale": sum(number * 100 + 45 for number in range(60))
    }
    was, now = (current_build(each.settings.site_dir).built_at for each in (place, other))
    assert was == now


def test_a_restored_portal_serves_its_pages(place, new_place, tmp_path):
    archive = take(place, tmp_path / "backups")
    other = new_place()
    restoring.restore(path=archive, place=other, may_replace=False)

    app = other.start(other.settings)
    page = app.test_client().get("/sign-in")
    with app.app_context():
        db.engine.dispose()

    assert page.status_code == 200
    assert "同途" in page.text


def test_a_sound_backup_passes_its_verification_and_leaves_nothing_behind(place, tmp_path):
    archive = take(place, tmp_path / "backups")
    work = tmp_path / "work"
    work.mkdir()

    manifest = restoring.verify(path=archive, place=place, work=work)

    assert manifest.contents.tables == place.database.contents().tables
    assert list(work.iterdir()) == []


def test_who_writes_during_a_backup_goes_on_and_the_backup_is_of_one_instant(place, tmp_path):
    run_sql(place, "CREATE TABLE left_side (n INTEGER); CREATE TABLE right_side (n INTEGER);")
    stop, written = threading.Event(), 0

    def write() -> None:
        nonlocal written
        while not stop.is_set():
            run_sql(
                place,
                f"BEGIN; INSERT INTO left_side VALUES ({written}); "
                f"INSERT INTO right_side VALUES ({written}); COMMIT;",
            )
            written += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        archives = [
            take(place, tmp_path / "backups", at=AT + timedelta(seconds=number))
            for number in range(3)
        ]
        at_the_end = written
    finally:
        stop.set()
        writer.join()

    assert at_the_end > 0
    for each in archives:
        tables = restoring.verify(path=each, place=place).contents.tables
        assert tables["left_side"].rows == tables["right_side"].rows


@pytest.mark.asvs("V13.3.1", "V13.3.2")
def test_an_archive_is_readable_by_its_owner_only_and_holds_no_secret(place, tmp_path):
    archive = take(place, tmp_path / "backups")

    assert archive.stat().st_mode & 0o777 == 0o600
    assert archive.parent.stat().st_mode & 0o777 == 0o700
    content = archive.read_bytes()
    for secret in (place.settings.secret_key, place.settings.password_salt, "b" * 64):
        assert secret.encode() not in content


def test_with_secrets_a_restored_portal_has_them_too(place, new_place, tmp_path):
    archive = take(place, tmp_path / "backups", with_secrets=True)
    other = new_place()
    (other.settings.data_dir / "secrets.env").write_text("TONGTU_SECRET_KEY=made-by-run\n")

    restoring.restore(path=archive, place=other, may_replace=False)

    kept = other.settings.data_dir / "secrets.env"
    assert f"TONGTU_PASSWORD_SALT={place.settings.password_salt}\n" in kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert (other.settings.facts_dir / "buyer.key").read_text() == "b" * 64
    old = other.settings.data_dir / "secrets.env.before-restore"
    assert old.read_text() == "TONGTU_SECRET_KEY=made-by-run\n"


def test_without_the_right_secrets_the_operator_is_told_what_will_not_work(
    place, new_place, with_settings, tmp_path
):
    archive = take(place, tmp_path / "backups")
    other = with_settings(new_place(), password_salt="another-password-salt-of-enough-length")

    restored = restoring.restore(path=archive, place=other, may_replace=False)

    said = " ".join(words.en for words in restored.warnings)
    assert "TONGTU_PASSWORD_SALT" in said
    assert "TONGTU_BUYER_KEY" in said
    assert "TONGTU_SECRET_KEY" not in said


def test_only_the_last_backups_are_kept(place, tmp_path):
    into = tmp_path / "backups"
    (into).mkdir()
    (into / "notes.tar").write_text("not ours")
    paths = [take(place, into, at=AT + timedelta(days=day), keep=2) for day in range(4)]

    assert sorted(into.iterdir()) == sorted([into / "notes.tar", *paths[2:]])


def test_an_upload_that_goes_while_the_database_is_read_is_in_the_archive(place, tmp_path):
    linked = tmp_path / "linked"
    folder.link_uploads(place.settings, to=linked)
    upload = next(path for path in place.settings.uploads_dir.rglob("*") if path.is_file())
    content = upload.read_bytes()
    upload.unlink()

    archive = tmp_path / "some.tar"
    with taking.archive.writing(archive, mtime=0) as writer:
        folder.add_all(writer, place.settings, linked=linked)

    with tarfile.open(archive) as tar:
        names = [name for name in tar.getnames() if name.startswith("data/uploads/")]
        assert content in [tar.extractfile(name).read() for name in names]


def test_a_row_whose_upload_is_gone_does_not_stop_the_backup_but_is_told(place, tmp_path):
    next(path for path in place.settings.uploads_dir.rglob("*") if path.is_file()).unlink()

    taken = taking.take(
        place=place, into=tmp_path / "backups", keep=None, with_secrets=False, at=AT
    )

    assert ["a row names an upload that is gone" in words.en for words in taken.warnings] == [True]
    restoring.verify(path=taken.path, place=place)


def test_a_portal_without_any_fact_or_report_can_be_backed_up(new_place, tmp_path):
    empty = new_place()
    run_sql(empty, "CREATE TABLE thing (n INTEGER); INSERT INTO thing VALUES (1);")

    manifest = taking.take(
        place=empty, into=tmp_path / "backups", keep=None, with_secrets=False, at=AT
    ).manifest

    assert (manifest.facts_version, manifest.site_build, dict(manifest.money)) == (None, None, {})


def test_without_a_database_there_is_nothing_to_back_up(new_place, with_settings, tmp_path):
    nowhere = with_settings(new_place(), database_url=f"sqlite:///{tmp_path / 'none.sqlite'}")

    with pytest.raises(Refused, match="no database"):
        take(nowhere, tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []
