"""The doctor names what is wrong, says what to do, and is content with what is right."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from conftest import NOW, make_app
from sqlalchemy import make_url, text

from portal import clock
from portal.certificates import keys
from portal.db import db, unit_of_work
from portal.doctor import certificates, examination, machine, running, setup
from portal.doctor.findings import Finding, Level
from portal.outbox import actions as outbox

RANDOM = ("kT9w-Zq4LmX2cV7bN1rD5sF8gH3jY6pA", "Qe2uR7tW0iO4pL9kJ6hG1fD3sA8zXcVb")


@pytest.fixture
def look(app) -> Callable[..., Finding]:
    """Return a function that makes one check, with some settings changed."""

    def run(check: Callable[..., Finding], **changes: object) -> Finding:
        app.extensions["tongtu.settings"] = replace(app.extensions["tongtu.settings"], **changes)
        with app.app_context():
            found = check(clock.now())
            # Texts are read later than they are written: all of them must have their values.
            assert "%(" not in f"{found.title} {found.found} {found.todo}"
        return found

    return run


def test_a_sound_portal_has_nothing_bad_but_a_worker_that_is_missing(app, tmp_path):
    app.extensions["tongtu.settings"] = replace(
        app.extensions["tongtu.settings"], secret_key=RANDOM[0], password_salt=RANDOM[1]
    )
    with app.app_context():
        findings = examination.examine(at=clock.now(), thorough=False)

    bad = {each.name for each in findings if each.level is Level.BAD}
    assert bad == {"worker", "migrations"}  # the tests' tables are made without migrations
    assert len(findings) == sum(not each.slow for each in examination.CHECKS)


def test_a_worker_that_was_heard_of_lately_is_enough(look, app):
    with app.app_context(), unit_of_work():
        outbox.beat(worker="host:1:abc", at=clock.now())
    assert look(running.worker).level is Level.GOOD

    with app.app_context(), unit_of_work():
        outbox.beat(worker="host:1:abc", at=clock.now() - timedelta(hours=1))
    found = look(running.worker)
    assert (found.level, "flask --app wsgi work" in str(found.todo)) == (Level.BAD, True)


def test_a_key_that_cannot_be_opened_and_an_address_nobody_reaches_are_told(look, app, monkeypatch):
    public = "https://learn.tongtu.example"
    assert look(certificates.signing).level is Level.INFO
    assert look(certificates.signing, base_url=public).level is Level.GOOD
    with app.app_context(), unit_of_work():
        keys.rotate(at=clock.now())
    assert look(certificates.signing, base_url=public).level is Level.GOOD

    monkeypatch.setitem(app.config, "SECRET_KEY", "".join(RANDOM))
    found = look(certificates.signing, base_url=public)
    assert (found.level, "rotate-key" in str(found.todo)) == (Level.BAD, True)


def test_a_job_that_failed_for_good_is_told(look, app):
    assert look(running.failed_jobs).level is Level.GOOD
    with app.app_context(), unit_of_work():
        job = outbox.post(kind="orders.import", args={}, at=NOW)
        outbox.claim(owner="w", at=clock.now())
        outbox.fail(job_id=job.id, owner="w", error="x", at=clock.now(), hopeless=True)

    found = look(running.failed_jobs)
    assert (found.level, str(found.found)) == (Level.WARN, "1 个没有做成")


def test_pending_migrations_are_bad_and_name_the_command(look):
    found = look(running.migrations)

    assert found.level is Level.BAD
    assert "db upgrade" in str(found.todo)


def test_the_database_keeps_what_it_has_saved(look):
    assert look(running.durability).level in {
        Level.GOOD,
        Level.WARN,
    }  # the tests' cluster: fsync=off
    found = str(look(running.durability).found)
    assert found in {
        "journal_mode=wal, synchronous=2",
        "fsync=off, synchronous_commit=on, full_page_writes=on",
    }


@pytest.mark.asvs("V16.2.2")
def test_a_clock_that_runs_ahead_of_the_databases_is_told(app):
    with app.app_context():
        right = running.clock_skew(clock.now())
        ahead = running.clock_skew(clock.now() + timedelta(seconds=10))
        far = running.clock_skew(clock.now() + timedelta(minutes=2))
        is_postgresql = db.engine.dialect.name == "postgresql"

    assert right.level is Level.GOOD
    wanted = (Level.WARN, Level.BAD) if is_postgresql else (Level.GOOD, Level.GOOD)
    assert (ahead.level, far.level) == wanted


@pytest.mark.asvs("V13.2.2")
def test_a_role_that_row_security_binds_is_good_and_one_that_bypasses_it_is_told(
    look, database_url, tmp_path
):
    assert look(running.tenants).level is Level.GOOD
    url = make_url(database_url)
    if url.get_backend_name() == "postgresql":
        above = make_app(tmp_path, url.set(username="tongtu").render_as_string(False))
        with above.app_context():
            found = running.tenants(clock.now())
            db.session.remove()
            db.engine.dispose()
        assert (found.level, "BYPASSRLS" in str(found.todo)) == (Level.WARN, True)


def test_a_table_of_tenants_without_row_security_is_bad_and_named(app):
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            pytest.skip("SQLite has no row security to miss")
        db.session.execute(text("ALTER TABLE booking DISABLE ROW LEVEL SECURITY"))
        found = running.tenants(clock.now())
        said = str(found.found)
        db.session.rollback()

    assert (found.level, "booking" in said) == (Level.BAD, True)


@pytest.mark.parametrize(
    ("hours", "level", "says"),
    [
        (None, Level.WARN, "没有备份"),
        (1, Level.WARN, "同一块盘"),
        (30, Level.WARN, "30 小时前"),
    ],
)
def test_no_backup_an_old_one_and_one_on_the_same_disk_are_told(look, tmp_path, hours, level, says):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    if hours is not None:
        file = folder / "tongtu-20261122T020000Z.tar"
        file.touch()
        taken = (clock.now() - timedelta(hours=hours, minutes=1)).timestamp()
        os.utime(file, (taken, taken))

    found = look(running.backups, backup_dir=folder)

    assert (found.level, says in str(found.found)) == (level, True)


@pytest.mark.parametrize(
    ("key", "salt", "level"),
    [
        (RANDOM[0], RANDOM[1], Level.GOOD),
        (RANDOM[0], RANDOM[0], Level.BAD),
        ("x" * 40, RANDOM[1], Level.BAD),
    ],
)
def test_secrets_that_are_equal_or_easy_to_guess_are_bad(look, key, salt, level):
    assert look(setup.secrets, secret_key=key, password_salt=salt).level is level


@pytest.mark.asvs("V13.3.2")
def test_a_file_of_secrets_that_others_may_read_is_bad(look, tmp_path):
    file = tmp_path / "secrets.env"
    file.touch(mode=0o600)
    values = {"secret_key": RANDOM[0], "password_salt": RANDOM[1], "data_dir": tmp_path}
    assert look(setup.secrets, **values).level is Level.GOOD

    file.chmod(0o640)
    found = look(setup.secrets, **values)
    assert (found.level, str(found.todo)) == (Level.BAD, f"chmod 600 {file}")


@pytest.mark.parametrize(
    ("base_url", "https", "proxies", "level"),
    [
        ("http://127.0.0.1:8000", False, 0, Level.GOOD),
        ("https://tongtu.example.com", True, 1, Level.GOOD),
        ("https://tongtu.example.com", True, 0, Level.WARN),
        ("http://tongtu.example.com", False, 0, Level.BAD),
        ("http://127.0.0.1:8000", True, 1, Level.BAD),
    ],
)
def test_the_address_and_https_must_fit_each_other(look, base_url, https, proxies, level):
    found = look(setup.address, base_url=base_url, https=https, trusted_proxies=proxies)

    assert found.level is level


def test_a_data_folder_is_to_be_writable_and_closed_to_others(look, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    assert look(machine.data_folder, data_dir=folder).level is Level.GOOD

    folder.chmod(0o755)
    assert look(machine.data_folder, data_dir=folder).level is Level.WARN
    assert look(machine.data_folder, data_dir=folder / "missing").level is Level.BAD


def test_little_room_is_told_before_there_is_none(look, monkeypatch):
    assert look(machine.room).level in {Level.GOOD, Level.WARN}
    monkeypatch.setattr(machine, "LITTLE_ROOM", 2**60)
    assert look(machine.room).level is Level.WARN
    monkeypatch.setattr(machine, "NO_ROOM", 2**60)
    assert look(machine.room).level is Level.BAD


def test_a_chinese_pdf_is_really_made(look):
    found = look(machine.pdf)

    assert found.level is Level.GOOD
    assert "字节" in str(found.found)


def test_a_pdf_that_cannot_be_made_names_the_packages(look, monkeypatch):
    monkeypatch.setattr(machine, "_TRIAL", "import sys; sys.exit('cannot load libpango-1.0.so.0')")

    found = look(machine.pdf)

    assert (found.level, str(found.found)) == (Level.BAD, "cannot load libpango-1.0.so.0")
    assert "libpango" in str(found.todo)


def test_a_mail_server_that_cannot_be_reached_is_bad_and_none_is_only_told(look):
    assert look(setup.mail).level is Level.INFO
    found = look(setup.mail, smtp_host="127.0.0.1", smtp_port=1, mail_from="a@tongtu.example")

    assert found.level is Level.BAD
    assert str(found.found).startswith("127.0.0.1:1: ")


def test_the_example_contact_is_told(look):
    assert look(setup.contact).level is Level.WARN
    assert look(setup.contact, contact="ops@tongtu.cn").level is Level.GOOD


def test_what_cannot_be_looked_at_does_not_hide_the_rest(app, monkeypatch):
    def broken(_at) -> Finding:
        db.session.execute(text("SELECT * FROM no_such_table"))
        raise AssertionError

    checks = (examination.Check("broken", "坏的", broken), *examination.CHECKS[:1])
    monkeypatch.setattr(examination, "CHECKS", checks)
    with app.app_context():
        first, second = examination.examine(at=clock.now(), thorough=False)
        said = str(first.found)

    assert (first.level, second.level) == (Level.BAD, Level.GOOD)
    assert "no_such_table" in said
    assert "\n" not in said


def test_the_command_ends_with_1_when_something_is_bad_and_0_when_not(app, monkeypatch):
    runner = app.test_cli_runner()
    bad = runner.invoke(args=["doctor", "--quick"])
    monkeypatch.setattr(examination, "CHECKS", examination.CHECKS[:1])
    good = runner.invoke(args=["doctor", "--quick", "--language", "zh"])

    assert bad.exit_code == 1
    assert "✗ 后台进程: 没有工作进程在运行" in bad.output
    assert "→ 启动：flask --app wsgi work" in bad.output
    assert good.exit_code == 0
    assert good.output.startswith("✓ 数据库: ")


def test_as_json_every_finding_has_its_words_in_both_languages(app):
    result = app.test_cli_runner().invoke(args=["doctor", "--quick", "--json"])

    findings = json.loads(result.output)
    assert {each["name"] for each in findings} == {
        check.name for check in examination.CHECKS if not check.slow
    }
    assert all(set(each["title"]) == {"zh", "en"} for each in findings)
    assert all(each["level"] in set(Level) for each in findings)


def test_an_operator_sees_what_is_broken_first_and_nobody_else_sees_it(app, cast, sign_in):
    page = sign_in(cast.operator).get("/system")

    assert page.status_code == 200
    assert page.text.index("没有工作进程在运行") < page.text.index("断电保护")
    assert "含邮件和 PDF" in page.text
    for other in (cast.dealer_a, cast.supplier_a, cast.consultant, cast.author):
        assert sign_in(other).get("/system").status_code == 403
