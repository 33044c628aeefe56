"""A small alliance with a row in every table, made by every sending, to look at with any words."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from access_matrix import Side
from conftest import NOW, PASSWORD, Actor, cast_of, make_app
from flask import Flask
from flask.testing import FlaskClient
from hostile import typing_in
from hostile.planting import let_everything_be_rewritten, pages_of, plant, typed_columns
from hostile.typing_in import Door
from hostile.undoing import ONE_CONNECTION
from reporting.conftest import two_shops
from sales.conftest import acg_row, as_csv
from sendings import SENDINGS, UNGUARDED, Scene
from sqlalchemy import Column, func, select

from portal.db import Base, UtcDateTime, db, unit_of_work
from portal.notices.mail.letters import Button, Item, Letter, Section, html_of
from portal.sales.actions import receiving
from reports.facts.ingest import check
from reports.facts.store import apply, open_current
from reports.metrics.dealer import DealerReport
from reports.metrics.report import reports_of
from reports.render.assets import write_assets
from reports.render.pages import render_dealer
from reports.render.pdf import PdfRenderer

STARTS = {
    "dealer_a": ["/", "/courses", "/booking", "/feedback", "/reports", "/notices",
                 "/account/security"],
    "supplier_a": ["/", "/feedback/inbox", "/tickets", "/releases", "/releases/new", "/notices"],
    "consultant": ["/", "/sessions", "/sessions/past", "/booking/hours", "/courses", "/notices"],
    "operator": ["/", "/imports", "/reports/builds", "/feedback/unassigned", "/jobs", "/evidence",
                 "/notices/deliveries", "/admin"],
    "author": ["/", "/courses", "/memberships", "/account/devices"],
    "": ["/sign-in", "/about/help"],
}  # fmt: skip


@dataclass
class Alliance:
    """The portal, somebody who is signed in, and single pages that are shown as they are."""

    app: Flask
    scene: Scene
    doors: list[Door]
    report: DealerReport
    folder: Path
    client: FlaskClient | None = None
    shows: dict[str, str] = field(default_factory=dict)
    rejected: str = ""  # an import with a row that was not taken
    last: str = ""  # the page that was answered last
    shown: dict[str, str] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    clients: dict[str, FlaskClient] = field(default_factory=dict)
    _static: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)

    def sign_in(self, actor: Actor) -> FlaskClient:
        client = self.app.test_client()
        answer = client.post("/sign-in", data={"identity": actor.phone, "password": PASSWORD})
        assert answer.status_code == 302, answer.text
        return client

    def enter(self, who: str) -> list[str]:
        """Go in as one of the cast and return the pages that links lead to."""
        self.client = self.clients[who]
        self.failed.clear()
        return pages_of(self.app, self.client, STARTS[who])

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Return what a browser gets, without its policy and other headers."""
        if path in self.shows:
            return 200, "text/html; charset=utf-8", self.shows[path].encode("utf-8", "replace")
        if path.endswith(".css") or ".css?" in path:
            return 200, "text/css", b""  # nothing lives in our own, and they are large
        if "/icons.svg" in path:
            return 200, "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>"
        if path in self._static:
            return self._static[path]
        client = self.client or self.app.test_client()
        answer = client.get(path)
        found = answer.status_code, answer.content_type, answer.data
        answer.close()
        if path.startswith("/static/"):
            self._static[path] = found
        elif found[1].startswith("text/html"):
            self.last = found[2].decode("utf-8", "replace")
        if answer.status_code >= 500:
            self.failed.append(f"{path}: {answer.status_code}")
        return found

    @contextmanager
    def words(self, text: str) -> Iterator[None]:
        """Let every text that somebody typed be this one."""
        assert plant(self.app, text) > 30
        yield

    @contextmanager
    def without_escaping(self) -> Iterator[None]:
        """Take the lock away: templates print what they are given."""
        environment = self.app.jinja_env
        before = environment.autoescape
        environment.autoescape = False
        environment.cache.clear()
        try:
            yield
        finally:
            environment.autoescape = before
            environment.cache.clear()

    def tables_with_rows(self) -> set[str]:
        with self.app.app_context():
            return {
                table.name
                for table in Base.metadata.sorted_tables
                if db.session.scalar(select(func.count()).select_from(table))
            }

    def refused(self, text: str) -> dict[str, str]:
        """Type a text that no field takes into every form; return the pages that came back."""
        answers = {door.endpoint: door.send_all(text) for door in self.doors if door.words()}
        return {name: each.text for name, each in answers.items() if each.status_code == 422}

    def report_page(self, name: str) -> str:
        """Return a growth report of a shop with this name, its data and scripts left out."""
        page = render_dealer(
            replace(self.report, dealer_name=name),
            language="zh-CN",
            home_url="/reports",
            assets=write_assets(self.folder / "assets"),
        )
        return re.sub(r"<script[^>]* src=[^>]*></script>", "", page.html.decode())

    def report_pdf(self, name: str) -> bytes:
        return PdfRenderer().render(replace(self.report, dealer_name=name), language="zh-CN")

    def mail_page(self, text: str) -> str:
        """Return a mail in which every word is this text."""
        letter = Letter(
            subject=text,
            paragraphs=[text, text],
            button=Button(label=text, url="/feedback"),
            sections=[Section(title=text, items=[Item(text=text, url="/feedback", when=text)])],
        )
        with self.app.app_context():
            return html_of(letter)


def _report(folder: Path) -> DealerReport:
    file = folder / "orders.csv"
    file.write_bytes(two_shops())
    with check(file, mapping=None, buyer_key=b"k" * 32) as checked:
        apply(folder / "facts", checked)
    return next(iter(reports_of(open_current(folder / "facts"))))


@contextmanager
def opened(folder: Path) -> Iterator[Alliance]:
    """Give the alliance over a database of its own."""
    app = make_app(folder, f"sqlite:///{folder / 'hostile.sqlite'}", **ONE_CONNECTION)
    with app.app_context():
        db.create_all()
    scene = Side(app=app, cast=cast_of(app))
    alliance = Alliance(app=app, scene=scene, doors=[], report=_report(folder), folder=folder)
    alliance.doors.extend(typing_in.doors(scene))
    _go_through(alliance)
    scene.booking(days=-2), scene.feedback(), scene.feedback(assigned=False), scene.dead_job()
    for who in STARTS:  # before names and numbers are no longer their own
        cast = scene.cast
        came = alliance.sign_in(getattr(cast, who)) if who else app.test_client()
        alliance.clients[who] = came
    with scene.work():
        alliance.rejected = receiving.receive(
            stream=io.BytesIO(as_csv([acg_row("A1", 金额="x"), acg_row("A2")])),
            filename="orders.csv",
            mapping=None,
            uploaded_by=scene.cast.operator.person_id,
            at=NOW,
        ).public_id
    scene.invitation(), scene.application(), scene.reset_request()
    let_everything_be_rewritten(app)
    with app.app_context(), unit_of_work():
        _fill_what_no_sending_fills()
    yield alliance
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


# What they do ends sessions, or closes the shop that the rest is about.
ENDING = ("account.", "home.", "joining.", "links.", "members.", "organisation.", "security.")


def _go_through(alliance: Alliance) -> None:
    """Send every good sending once for good, so that tables have rows."""
    signed_in: dict[str, FlaskClient] = {}
    # All are made before any is sent: one of them takes the course away that others are about.
    made = [
        make(alliance.scene)
        for endpoint, make in (SENDINGS | UNGUARDED).items()
        if not endpoint.startswith(ENDING)
    ]
    for sending in made:
        if sending.who not in signed_in:
            actor = getattr(alliance.scene.cast, sending.who, None)
            signed_in[sending.who] = (
                alliance.sign_in(actor) if actor else alliance.app.test_client()
            )
        signed_in[sending.who].post(sending.path, data=sending.form())


def _fill_what_no_sending_fills() -> None:
    """Add a row where no sending leaves one: what only time, a mail server or a browser makes."""
    for table in dict.fromkeys(table for table, _ in typed_columns()):
        if not db.session.scalar(select(func.count()).select_from(table)):
            needed = [each for each in table.c if not each.nullable and each.default is None]
            row = {each.name: _some(each) for each in needed if each.autoincrement is not True}
            words = {each.name: "x" for of, each in typed_columns() if of is table}
            db.session.execute(table.insert().values(words | row))


def _some(column: Column[Any]) -> Any:
    for key in column.foreign_keys:
        return db.session.scalar(select(func.min(key.column)))
    if isinstance(column.type, UtcDateTime):
        return NOW
    for each in column.table.constraints:
        said = str(getattr(each, "sqltext", ""))
        allowed = re.search(rf"{column.name} IN \('([^']*)'", said)
        if allowed:
            return allowed.group(1)
        least = re.search(rf"\b{column.name} BETWEEN (\d+)", said)
        if least:
            return int(least.group(1))
    kind = column.type.python_type
    known = {date: NOW.date(), bytes: b"1", str: "x", dict: {}}
    return known[kind] if kind in known else kind()
