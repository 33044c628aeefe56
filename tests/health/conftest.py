"""A disk that is full."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


def _ran(command: list[str]) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 12 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)]
    made = os.geteuid() == 0 and _ran(command)
    if not made:
        pytest.skip("a file system of its own can be mounted by root only")
    yield folder
    subprocess.run(["umount", str(folder)], check=True, capture_output=True)
