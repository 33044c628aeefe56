"""What is said about running Tongtu is true: settings that exist, commands that exist, no root."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from portal import settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
# Read by the start scripts and by the reports, not by portal/settings.py.
ELSEWHERE = {
    "TONGTU_BUYER_KEY",
    "TONGTU_BIND",
    "TONGTU_HOST",
    "TONGTU_UPSTREAM",
}
PORTALS = ("web", "worker", "upgrade", "backup")  # services that run our own image
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def compose() -> dict[str, dict]:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def files() -> list[Path]:
    return sorted(path for path in DEPLOY.rglob("*") if path.is_file() and path.suffix != ".pyc")


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_every_setting_that_a_file_names_exists(path):
    named = set(re.findall(r"TONGTU_[A-Z_]+", path.read_text(encoding="utf-8")))

    assert named <= {*settings.names(), *ELSEWHERE}


def commands() -> list[tuple[str, list[str]]]:
    """Return every flask command that the files start, with where it stands."""
    found = [
        (name, service["command"][3:])
        for name, service in compose()["services"].items()
        if service.get("command", [""])[0] == "flask"
    ]
    for unit in UNITS:
        lines = re.findall(r"bin/flask --app wsgi (.+)", unit.read_text(encoding="utf-8"))
        found += [(unit.name, line.split()) for line in lines]
    return found


@pytest.mark.parametrize(("place", "command"), commands())
def test_every_command_that_a_file_starts_exists(place, command, shared_app):
    words = [word for word in command if not word.startswith(("/", "-")) and not word.isdigit()]
    options = [word for word in command if word.startswith("--")]

    told = shared_app.test_cli_runner().invoke(args=[*words, "--help"])

    assert told.exit_code == 0, told.output
    assert [option for option in options if option not in told.output] == []


@pytest.mark.asvs("V13.2.2")
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_no_service_runs_as_root_or_may_write_beyond_its_data(unit):
    text = unit.read_text(encoding="utf-8")

    assert "User=tongtu" in text
    assert "ProtectSystem=strict" in text
    assert "NoNewPrivileges=yes" in text


@pytest.mark.asvs("V13.2.2")
def test_the_container_runs_as_a_plain_user_on_a_read_only_file_system():
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    services = compose()["services"]

    assert lines.index("USER tongtu") < next(n for n, x in enumerate(lines) if x.startswith("CMD"))
    assert all(services[name]["read_only"] for name in PORTALS)
    assert all(services[name]["cap_drop"] == ["ALL"] for name in PORTALS)


@pytest.mark.asvs("V15.2.3")
def test_the_container_holds_every_folder_that_the_portal_needs():
    copied = re.findall(
        r"^COPY (\S+)", (DEPLOY / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE
    )

    assert {"portal", "courses", "reports", "content", "requirements/run.txt"} <= set(copied)
    assert all((ROOT / name).exists() for name in copied)


@pytest.mark.asvs("V13.2.3", "V13.3.1")
def test_no_secret_stands_in_the_files():
    example = (DEPLOY / "example.env").read_text(encoding="utf-8")

    secret = [
        line for line in example.splitlines() if re.match(r"\w+(KEY|SALT|PASSWORD|TOKEN)=", line)
    ]
    assert len(secret) >= 6
    assert all(line.endswith("=") for line in secret)


@pytest.mark.asvs("V13.4.5")
def test_visitors_cannot_reach_what_is_for_machines():
    nginx = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    caddy = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")

    assert "location = /metrics { return 404; }" in nginx
    assert re.search(r"@inside path /metrics /readyz\n\s+respond @inside 404", caddy)


def test_gunicorn_takes_its_configuration(tmp_path):
    environment = {
        "PATH": "/usr/bin:/bin",
        "TONGTU_SECRET_KEY": "x" * 40,
        "TONGTU_PASSWORD_SALT": "y" * 40,
        "TONGTU_DATA_DIR": str(tmp_path),
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
    }

    checked = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--check-config", "-c", "deploy/gunicorn.conf.py",
         "wsgi:app"],
        cwd=ROOT, env=environment, check=False, capture_output=True, text=True, timeout=120,
    )  # fmt: skip

    assert checked.returncode == 0, checked.stderr


def test_the_database_is_of_the_version_that_the_images_own_tools_can_back_up():
    clients = {"bookworm": "15", "trixie": "17"}  # Debian's postgresql-client
    base = re.search(
        r"^FROM python:\S+-(\w+)$", (DEPLOY / "Dockerfile").read_text("utf-8"), re.MULTILINE
    )

    image = compose()["services"]["database"]["image"]

    assert image.partition(":")[2].partition("-")[0] == clients[base[1]]


def test_only_the_backup_writes_into_the_backups_and_every_portal_sees_them():
    mounted = {name: compose()["services"][name]["volumes"] for name in PORTALS}

    assert "backups:/var/backups/tongtu" in mounted.pop("backup")
    assert all("backups:/var/backups/tongtu:ro" in volumes for volumes in mounted.values())
    assert {
        compose()["services"][name]["environment"]["TONGTU_BACKUP_DIR"] for name in PORTALS
    } == {"/var/backups/tongtu"}


@pytest.mark.parametrize("fails", [False, True])
def test_the_nightly_backup_is_taken_at_once_and_then_waits_for_its_hour(tmp_path, fails):
    told = tmp_path / "told"
    for name, does in (("flask", f"exit {int(fails)}"), ("sleep", 'kill -TERM "$PPID"')):
        stub = tmp_path / name
        stub.write_text(f'#!/bin/sh\necho {name} "$@" >>{told}\n{does}\n')
        stub.chmod(0o755)
    # The shell's clock stands still for no test: ask it, not ours.
    asked = ["/bin/date", "-u", "-d", "5 minutes ago", "+%H:%M"]
    hour = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()

    ended = subprocess.run(
        ["/bin/sh", DEPLOY / "nightly-backup.sh"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "BACKUP_AT": hour, "BACKUP_KEEP": "3"},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    first, second = told.read_text().splitlines()
    assert first == "flask --app wsgi backup --keep 3"
    assert 86400 - 400 < int(second.removeprefix("sleep ")) <= 86400 - 240
    assert ended.returncode == 0
    assert ("no backup was taken" in ended.stderr) == fails
