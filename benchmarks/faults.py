"""A full disk and a database that goes away, at random moments of a write.

python benchmarks/faults.py [TRIALS]        as root (it mounts small file systems), default 20 each

Each trial gives feedback over HTTP while the fault is there, mends it without a restart, and gives
it again with the same key. Counted are answers that said "saved" without being so, texts that
stand twice, and answers that are neither "saved" nor a 503 in words. The last line is JSON.
"""

import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "health")]

import postgres  # noqa: E402 – found by the path above
from conftest import empty, make_app  # noqa: E402 – found by the path above
from faults import Wire  # noqa: E402 – found by the path above
from sqlalchemy.engine import make_url  # noqa: E402 – after the path
from test_faults import fill, opened  # noqa: E402 – found by the path above

from portal.db import db  # noqa: E402 – after the path

SEED = 20_261_122


@contextmanager
def small_disk():
    with tempfile.TemporaryDirectory() as name:
        mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", name]
        subprocess.run(mount, check=True)
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", "-l", name], check=True)  # noqa: S607 – where the system has it


def close(app):
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def judge(shop, key, first):
    """Return what became of one write, after the fault and its mending."""
    stored = shop.stored(key)
    if first == 302 and stored != 1:
        return "said saved, was not"
    if first not in {302, 503}:
        return f"answered {first}"
    again = shop.says(key)
    if again != 302 or shop.stored(key) != 1:
        return f"after mending answered {again}, stored {shop.stored(key)}"
    return "saved during the fault" if first == 302 else "refused in words, saved after mending"


def full_disks(trials, chance):
    results = Counter()
    for _ in range(trials):
        with small_disk() as disk:
            app = make_app(disk, f"sqlite:///{disk / 'tongtu.sqlite'}")
            shop = opened(app)
            ballast = fill(disk, leave_bytes=chance.randrange(0, 96 * 1024))
            first = {f"key-{number}": shop.says(f"key-{number}") for number in range(6)}
            stored = {key: shop.stored(key) for key in first}
            wrong = [key for key in first if stored[key] != int(first[key] == 302)]
            ballast.unlink()
            results.update(judge(shop, key, status) for key, status in first.items())
            results["half saved"] += len(wrong)
            close(app)
    return dict(results)


def lost_databases(trials, chance):
    results = Counter()
    with postgres.cluster() as address, tempfile.TemporaryDirectory() as folder:
        url = make_url(address)
        wire = Wire((str(url.host), int(url.port)))
        app = make_app(Path(folder), url.set(port=wire.port).render_as_string(hide_password=False))
        shop = opened(app)
        for number in range(trials):
            key = f"key-{number}"
            wire.cut_after(chance.randrange(0, 24))
            first = shop.says(key)
            wire.mend()
            results[judge(shop, key, first)] += 1
        empty(app)
        close(app)
        wire.close()
    return dict(results)


def main():
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    chance = random.Random(SEED)  # noqa: S311 – chance of a trial, not of a secret
    figures = {
        "seed": SEED,
        "disk_full": {"trials": trials, "writes": full_disks(trials, chance)},
        "database_gone": {"trials": trials, "writes": lost_databases(trials, chance)},
    }
    print(json.dumps(figures, ensure_ascii=False))


if __name__ == "__main__":
    main()
