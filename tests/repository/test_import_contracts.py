"""The eight import contracts hold, and each one catches the violation that it is there for."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = str(Path(sys.executable).with_name("lint-imports"))

# contract id -> (file, the lines that break it)
PLANTED = {
    "pure-engines": ("courses/grading_planted.py", "import flask\n"),
    "engines-apart": ("courses/reporting_planted.py", "import reports.metrics.dealer\n"),
    "rooms": ("portal/accounts/rules.py", "import portal.booking.rules\n"),
    "inside-a-room": ("portal/accounts/rules.py", "import portal.accounts.queries\n"),
    "pure-rules": ("portal/booking/rules.py", "import sqlalchemy\n"),
    "no-sql-at-the-edge": ("portal/home/views.py", "import sqlalchemy\n"),
    "no-models-in-views": ("portal/home/views.py", "import portal.notices.models\n"),
    "no-cycles": ("portal/notices/rules.py", "import portal.outbox.rules\n"),
}
# A second half, where one import alone is no cycle.
PLANTED_TOO = {"no-cycles": ("portal/outbox/rules.py", "import portal.notices.rules\n")}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source, without its data, to plant violations in."""
    folder = tmp_path_factory.mktemp("contracts")
    for name in ("portal", "courses", "reports"):
        shutil.copytree(
            ROOT / name,
            folder / name,
            ignore=lambda _, names: [n for n in names if n in {"static", "fonts", "__pycache__"}],
        )
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT, "--no-cache", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def test_all_eight_contracts_are_kept():
    result = run(ROOT)

    assert "Contracts: 8 kept, 0 broken." in result.stdout, result.stdout


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_violation_is_caught(contract, copy):
    planted = [PLANTED[contract]] + ([PLANTED_TOO[contract]] if contract in PLANTED_TOO else [])
    before = {}
    for name, lines in planted:
        path = copy / name
        before[path] = path.read_text(encoding="utf-8") if path.exists() else None
        path.write_text((before[path] or '"""Planted."""\n') + lines, encoding="utf-8")

    result = run(copy, "--contract", contract)

    for path, text in before.items():
        path.unlink() if text is None else path.write_text(text, encoding="utf-8")
    assert result.returncode == 1, result.stdout
    assert "0 kept, 1 broken" in result.stdout, result.stdout
