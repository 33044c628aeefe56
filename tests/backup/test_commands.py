"""The commands as an operator types them: what they say, and with which status they end."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def flask_command(place):
    """Run a command of the portal in a process of its own; its files may be so large."""

    def run(*words: str, at=place, largest_file: int | None = None, typed: str = ""):
        def limit() -> None:
            if largest_file is not None:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

        values = at.settings
        return subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *words],
            cwd=ROOT,
            env={
                **os.environ,
                "TONGTU_SECRET_KEY": values.secret_key,
                "TONGTU_PASSWORD_SALT": values.password_salt,
                "TONGTU_DATA_DIR": str(values.data_dir),
                "TONGTU_DATABASE_URL": values.database_url,
                "TONGTU_LOG_LEVEL": "error",
            },
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=limit,
        )

    return run


def the_only_archive(folder: Path) -> Path:
    [path] = folder.iterdir()
    return path


def test_back_up_verify_and_restore_say_what_they_did(place, new_place, flask_command, tmp_path):
    made = flask_command("backup", str(tmp_path / "to"))
    archive = the_only_archive(tmp_path / "to")
    verified = flask_command("verify-backup", str(archive))
    target = new_place()
    restored = flask_command("restore", str(archive), at=target)

    assert (made.returncode, verified.returncode, restored.returncode) == (0, 0, 0), made.stderr
    assert f"已备份 / backed up: {archive}" in made.stdout
    assert "60 条订单行 order lines" in made.stdout
    assert "备份完好 / the backup is whole" in verified.stdout
    assert "已恢复 / restored" in restored.stdout
    # The restore itself is on the record: five entries came with the backup.
    assert target.database.contents().head.seq == 6


def test_without_a_folder_the_backup_lies_where_the_settings_say(place, flask_command):
    assert flask_command("backup").returncode == 0
    assert the_only_archive(place.settings.backups_dir).name.startswith("tongtu-")


def test_a_damaged_backup_ends_with_status_1_and_a_sentence(flask_command, tmp_path):
    flask_command("backup", str(tmp_path / "to"))
    archive = the_only_archive(tmp_path / "to")
    content = bytearray(archive.read_bytes())
    content[4096] ^= 1
    archive.write_bytes(content)

    found = flask_command("verify-backup", str(archive))

    assert found.returncode == 1
    assert "被改过" in found.stderr
    assert "has been altered" in found.stderr
    assert "Traceback" not in found.stderr


def test_a_full_disk_leaves_no_half_backup(place, flask_command, tmp_path):
    assert flask_command("backup", str(tmp_path / "to")).returncode == 0
    needed = the_only_archive(tmp_path / "to").stat().st_size

    full = flask_command("backup", str(tmp_path / "full"), largest_file=needed - 50_000)

    assert full.returncode == 1
    assert "空间不足" in full.stderr
    assert list((tmp_path / "full").iterdir()) == []


def test_replacing_asks_first_and_takes_only_the_typed_word(place, flask_command, tmp_path):
    flask_command("backup", str(tmp_path / "to"))
    archive = str(the_only_archive(tmp_path / "to"))

    refused = flask_command("restore", archive, "--replace", typed="y\n")
    done = flask_command("restore", archive, "--replace", typed="replace\n")
    not_asked = flask_command("restore", archive, "--replace", "--yes")

    assert refused.returncode == 1
    assert "nothing was restored" in refused.stderr
    assert (done.returncode, not_asked.returncode) == (0, 0), done.stderr
    assert "被覆盖" in done.stderr
