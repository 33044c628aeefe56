"""Imports that are killed at any step, and imports at the same time."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from reports.facts import store

PROGRAM = textwrap.dedent(
    """
    import contextlib, os, signal, sys, time
    from pathlib import Path
    from reports.facts import merge, store, versions
    from reports.facts.ingest import check
    from reports.facts.mapping import find_mapping

    file, facts, mapping, mode = sys.argv[1:5]

    def die_in(module, name, *, after):
        real = getattr(module, name)
        def dying(*args, **kwargs):
            if after:
                real(*args, **kwargs)
            os.kill(os.getpid(), signal.SIGKILL)
        setattr(module, name, dying)

    def slow_publish():
        real = versions.publish
        def waiting(*args, **kwargs):
            time.sleep(0.5)
            return real(*args, **kwargs)
        versions.publish = waiting

    if mode.startswith("die"):
        _, when, module, name = mode.split(":")
        die_in({"merge": merge, "versions": versions, "os": os, "Path": Path}[module], name,
               after=when == "after")
    elif mode in ("slow", "slow-unlocked"):
        slow_publish()
        if mode == "slow-unlocked":
            versions.writing = lambda root: contextlib.nullcontext(
                root.mkdir(parents=True, exist_ok=True))
    with check(Path(file), mapping=find_mapping(mapping), buyer_key=b"k" * 32) as checked:
        store.apply(Path(facts), checked)
    """
)
MAPPING = """
source = "my-shop"
[name]
zh-CN = "店"
en = "Shop"
[money]
currency = "CNY"
exponent = 2
[time]
zone = "Asia/Shanghai"
formats = ["%Y-%m-%d %H:%M:%S"]
[columns]
order_no = "no"
dealer_ref = "dealer"
product_name = "title"
quantity = "n"
unit_price = "price"
occurred_at = "paid"
"""


@pytest.fixture
def start(tmp_path, facts, write_shop):
    """Start an import of rows in a process of its own."""
    mapping = tmp_path / "shop.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    started = []

    def run(*rows, name, mode="plain"):
        path = write_shop(*rows, name=name)
        arguments = [str(path), str(facts), str(mapping), mode]
        # A killed process leaves its temporary files; they go with the test's own folder.
        environ = {**os.environ, "TMPDIR": str(tmp_path)}
        process = subprocess.Popen([sys.executable, "-c", PROGRAM, *arguments], env=environ)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()


def orders(facts_root):
    with store.open_current(facts_root).connect() as db:
        found = db.execute("SELECT order_no FROM lines ORDER BY order_no").fetchall()
        return [row[0] for row in found]


@pytest.mark.parametrize(
    "mode",
    [
        "die:before:merge:write_month",
        "die:after:merge:write_month",
        "die:before:versions:share",
        "die:before:versions:publish",
        "die:before:Path:rename",
        "die:after:Path:rename",
        "die:before:versions:write_whole",
    ],
)
def test_a_killed_import_leaves_the_facts_as_they_were_and_the_next_one_ends_it(
    start, facts, make_row, mode
):
    july, august = make_row(), make_row(no="2", paid="2026-08-01 10:00:00")
    september = make_row(no="3", paid="2026-08-09 10:00:00")
    assert start(july, august, name="first.csv").wait() == 0
    version = store.open_current(facts).version

    killed = start(september, name="second.csv", mode=mode)

    assert killed.wait() == -signal.SIGKILL
    assert store.open_current(facts).version == version
    assert orders(facts) == ["1001", "2"]
    assert start(september, name="second.csv").wait() == 0
    assert orders(facts) == ["1001", "2", "3"]
    assert not [path for path in (facts / "versions").iterdir() if path.name.startswith(".")]


def test_a_kill_after_the_pointer_moved_leaves_the_new_facts(start, facts, make_row):
    assert start(make_row(), name="first.csv").wait() == 0

    killed = start(make_row(no="2"), name="second.csv", mode="die:after:versions:write_whole")

    assert killed.wait() == -signal.SIGKILL
    assert orders(facts) == ["1001", "2"]


def both(start, make_row, *, mode):
    first = start(make_row(), name="first.csv", mode=mode)
    second = start(make_row(no="2"), name="second.csv", mode=mode)
    return first.wait(), second.wait()


def test_two_imports_at_once_queue_and_none_is_lost(start, facts, make_row):
    assert both(start, make_row, mode="slow") == (0, 0)
    assert orders(facts) == ["1001", "2"]


def test_without_the_lock_one_of_two_imports_is_lost(start, facts, make_row):
    """The control of the test before."""
    codes = both(start, make_row, mode="slow-unlocked")

    assert codes != (0, 0) or orders(facts) != ["1001", "2"]


def test_readers_never_see_half_an_import(start, facts, make_row):
    assert start(make_row(), name="first.csv").wait() == 0
    process = start(make_row(no="2"), make_row(no="3"), name="second.csv", mode="slow")
    seen = set()

    while process.poll() is None:
        seen.add(tuple(orders(facts)))
    seen.add(tuple(orders(facts)))

    assert process.returncode == 0
    assert seen == {("1001",), ("1001", "2", "3")}
    assert list((facts / "rejected").iterdir()) == []
