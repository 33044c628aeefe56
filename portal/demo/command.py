"""flask --app wsgi demo …: fill an empty portal with the demo alliance, and say who may sign in."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import click
from flask import Flask, current_app
from flask_migrate import upgrade

from portal import clock, jobs, tenancy
from portal.accounts import queries as accounts
from portal.db import unit_of_work
from portal.demo import learning, people, practice, sessions, shop_files, teaching, voice_replay
from portal.demo.cast import Dealer
from portal.demo.people import PASSWORD, People
from portal.demo.world import World, build_world
from portal.notices import actions as notices
from portal.practice import measuring
from portal.reporting import queries as reporting

SEED = 7
# What happened longer ago has been read.
UNREAD = timedelta(days=14)


@click.group("demo")
def demo() -> None:
    """The demo alliance: 3 suppliers, 60 dealers, 18 months of orders."""


def _kept() -> Path:
    """Return the file that remembers which alliance this is."""
    folder: Path = current_app.extensions["tongtu.settings"].data_dir
    return folder / "demo.json"


def _refuse_in_earnest() -> None:
    """Refuse behind TLS: the demo's people all have one password that everybody knows."""
    values = current_app.extensions["tongtu.settings"]
    if values.https and not values.demo:
        raise click.ClickException(
            "正式的门户不放演示联盟，它的密码人人知道；只是拿来看看的，请设 TONGTU_DEMO=1 / "
            "a portal in earnest gets no demo alliance; set TONGTU_DEMO=1 if this one is to look at"
        )


def _say(text: str) -> None:
    click.echo(f"demo: {text}", err=True)


@demo.command("ensure")
@click.option("--seed", default=SEED, show_default=True, help="Same seed and day, same alliance.")
@tenancy.for_everyone(reason="it fills every tenant's shelves")
def ensure(seed: int) -> None:
    """Bring the database up to date, and fill it with the demo alliance if it is empty."""
    _refuse_in_earnest()
    upgrade()
    if accounts.dealers():
        return
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 – Flask's documented way
    world = build_world(seed=seed, today=clock.today())
    content: Path = app.extensions["tongtu.settings"].content_dir
    at = clock.now()
    _say("dealers, suppliers, courses, sessions, feedback …")
    with unit_of_work():
        folk = _fill(world, content=content, at=at)
    _kept().write_text(json.dumps({"seed": seed, "today": world.today.isoformat()}))
    operator = next(iter(folk.operators.values()))
    _say("18 months of orders …")
    with unit_of_work():
        shop_files.receive(world, operator=operator, at=at)
    jobs.run_all(app)
    measuring.mark_missed(today=world.today)
    with unit_of_work():
        shop_files.start_build(operator=operator, at=clock.now())


def _fill(world: World, *, content: Path, at: datetime) -> People:
    folk = people.seed(world, at=at)
    learning.seed(world, folk, content=content, at=at)
    practice.seed(world, folk, busiest=busiest_dealer(world))
    teaching.seed(world, folk, at=at)
    sessions.seed(world, folk, at=at)
    voice_replay.seed(world, folk, at=at)
    for member in (*folk.dealers.values(), *folk.consultants.values(), *folk.suppliers.values()):
        notices.mark_all_read(member=member, at=at - UNREAD)
    return folk


@demo.command("sign-ins")
@click.option("--port", default=8000, show_default=True)
@tenancy.for_everyone(reason="it reads how the report of the whole alliance stands")
def sign_ins(port: int) -> None:
    """Print the sign-in of one person per role."""
    if not _kept().exists():
        _say("this database holds no demo alliance; sign in with an account of your own")
        return
    kept = json.loads(_kept().read_text())
    world = build_world(seed=kept["seed"], today=date.fromisoformat(kept["today"]))
    dealer = busiest_dealer(world)
    clerk = world.clerks[0]
    shop = next(each.shop_name for each in world.dealers if each.ref == clerk.dealer)
    rows = (
        ("渠道商 dealer", dealer.phone, dealer.shop_name),
        ("店员 clerk", clerk.phone, shop),
        ("顾问 consultant", world.consultants[0].mail, world.consultants[0].specialty),
        ("供应商 supplier", world.suppliers[0].owner.mail, world.suppliers[0].name_zh),
        ("运营 operator", world.operators[0].mail, world.operators[0].title),
        ("作者 author", world.author.mail, world.author.title),
    )
    click.echo(f"\n同途 Tongtu  http://127.0.0.1:{port}\n\n  密码 password: {PASSWORD}\n")
    for role, identity, what in rows:
        click.echo(f"  {role:<16} {identity:<32} {what}")
    if reporting.running_build() is not None:
        click.echo("\n  增长报告正在后台生成，约半分钟；进度见运营的“增长报告”。")
    click.echo("\n  按 Ctrl+C 停止 · Ctrl+C stops it\n")


def busiest_dealer(world: World) -> Dealer:
    """Return a dealer in the middle of everything: learning, talking, waiting for a product."""

    def bustle(dealer: Dealer) -> tuple[int, int, str]:
        fates = {piece.fate for piece in world.feedback if piece.dealer == dealer.ref}
        held = sum(each.dealer == dealer.ref and each.outcome == "done" for each in world.sessions)
        under_way = any(
            each.dealer == dealer.ref and each.finished_on is None for each in world.enrolments
        )
        score = 2 * ("shipped" in fates) + len(fates) + 2 * under_way + min(held, 2)
        return score, held, dealer.ref

    return max(world.dealers, key=bustle)
