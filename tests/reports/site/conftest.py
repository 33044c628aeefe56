"""A small alliance's order facts, made by importing a file, and builds of them."""

import csv
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pytest

from reports.facts.ingest import check
from reports.facts.store import apply
from reports.site.build import BuildSummary, build

PROJECT = Path(__file__).resolve().parents[3]
_HEADER = ["order_id", "dealer_id", "sku", "title", "region", "qty", "unit_price", "paid_at"]


@dataclass(frozen=True)
class Alliance:
    """Shops, their facts, and the site built from them."""

    facts_root: Path
    out: Path
    _orders: list[Sequence[object]] = field(default_factory=list)

    def sells(
        self, dealer: str, month: str, *, price: str = "10.00", product: str = "85048"
    ) -> None:
        """Add one order of one line on the month's tenth; it is in the facts after `ingest`."""
        number = f"{dealer}-{len(self._orders)}"
        self._orders.append(
            (number, dealer, product, f"Thing {product}", "UK", 1, price, f"{month}-10T09:00")
        )

    def refunds(self, dealer: str, month: str, *, price: str) -> None:
        """Add a refund on the month's tenth."""
        number = f"C{dealer}-{len(self._orders)}"
        self._orders.append(
            (number, dealer, "85048", "Thing 85048", "UK", -1, price, f"{month}-10T10:00")
        )

    def ingest(self) -> None:
        """Import all orders so far, as a shop system's export would be."""
        file = self.facts_root.parent / "orders.csv"
        with file.open("w", newline="", encoding="utf-8") as target:
            csv.writer(target).writerows([_HEADER, *self._orders])
        with check(file, mapping=None, buyer_key=b"k" * 32) as checked:
            apply(self.facts_root, checked)

    def build(self, **options: object) -> BuildSummary:
        """Build with one process unless told otherwise."""
        return build(**{"facts_root": self.facts_root, "out": self.out, "workers": 1, **options})


@pytest.fixture
def alliance(tmp_path: Path) -> Alliance:
    """Return an alliance of three shops, imported but not built."""
    shops = Alliance(facts_root=tmp_path / "facts", out=tmp_path / "site")
    for month in ("2026-01", "2026-02", "2026-03"):
        shops.sells("d1", month, price="123.45")
        shops.sells("d2", month, price="20.00", product="22041")
    shops.sells("店/3", "2026-02", price="7.77")
    shops.refunds("d1", "2026-03", price="23.45")
    shops.ingest()
    return shops


@pytest.fixture
def run_reports() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a runner of `python -m reports` in a process of its own."""

    def run(*words: object, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "reports", *map(str, words)],
            cwd=PROJECT,
            env=environment(environ),
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )

    return run


def environment(changes: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with Chinese messages in UTF-8, and the changes."""
    return {**os.environ, "LANG": "C.UTF-8", "PYTHONIOENCODING": "utf-8", **changes}


@pytest.fixture
def start_reports() -> Callable[..., subprocess.Popen[bytes]]:
    """Return a starter of `python -m reports` that does not wait for its end."""
    started: list[subprocess.Popen[bytes]] = []

    def start(
        *words: object, stdout: int | IO[bytes] = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "reports", *map(str, words)],
            cwd=PROJECT,
            env=environment({}),
            stdout=stdout,
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


@pytest.fixture
def tree_of() -> Callable[[Path], dict[str, bytes]]:
    """Return a reader of a folder: path -> content of every file below it."""

    def read(folder: Path) -> dict[str, bytes]:
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    return read
