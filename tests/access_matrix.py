"""Who gets what answer from which route: every route, method, role and record, walked for real.

    PYTHONPATH=.:tests python tests/access_matrix.py        prints a proposal of the table

The table is tests/repository/access_matrix.csv, read by people: a proposal is compared with it
line by line, and each changed answer is asked for its reason, before it takes the table's place.

The world has two sides. Side A is who asks: dealer A with a clerk, supplier A, a consultant; the
operator and the author belong to the alliance. Of each kind of record there is one of side A
("own"), one of side B ("foreign"), and one that does not exist ("missing"). What is posted is a
good sending (tests/sendings.py), so that an answer is about the access and not about the form.
Nothing that is sent takes effect: each request is rolled back.
"""

import csv
import io
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from conftest import NOW, PASSWORD, Actor, cast_of, make_app
from flask import Flask, templating
from reporting.conftest import two_shops
from sendings import SENDINGS, UNGUARDED, WECOM, Scene, Sending
from sqlalchemy import select
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal import errors
from portal.access import access_of
from portal.accounts.models import Membership
from portal.accounts.sign_in.models import Passkey, SignInSession
from portal.calendars import actions as calendars
from portal.certificates import keys
from portal.db import db
from portal.feedback.models import Feedback
from portal.learning import versions
from portal.notices.endpoints import actions as endpoints
from portal.notices.rules import Channel, NoticeKind
from portal.outbox import actions as outbox
from portal.privacy import actions as privacy
from portal.privacy.walking import Subject
from portal.reporting import actions as reporting
from portal.reporting import places
from portal.tickets.models import Ask, Ticket
from reports.facts.ingest import check
from reports.facts.store import apply
from reports.site import build as site
from reports.site.layout import page_name, slug_of

TABLE = Path(__file__).parent / "repository" / "access_matrix.csv"
ROLES: Mapping[str, str] = {  # of the table, and who of the cast it is
    "anonymous": "",
    "dealer": "dealer_a",
    "clerk": "dealer_clerk",
    "consultant": "consultant",
    "supplier": "supplier_a",
    "operator": "operator",
    "author": "author",
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# Flask-Security leads away who is signed in by GET alone.
HEAD_OF = {"security.login": "ok"}
OWN, FOREIGN, MISSING, NONE = "own", "foreign", "missing", "-"
MIRRORED = {
    "dealer_a": "dealer_b",
    "dealer_b": "dealer_a",
    "dealer_clerk": "dealer_b",
    "supplier_a": "supplier_b",
    "supplier_b": "supplier_a",
    "consultant": "consultant_b",
    "consultant_b": "consultant",
}


@dataclass(frozen=True)
class Line:
    """What a route answers to each role, about one record."""

    endpoint: str
    method: str
    record: str
    answers: Mapping[str, str]


class Unknown(LookupError):
    """Nobody said about which record a route can be asked."""


# ---- the records ----


def _person(scene: Scene) -> int:
    return scene.cast.dealer_a.person_id


def _device(scene: Scene) -> int:
    with scene.app.app_context():
        wanted = select(SignInSession.id).where(SignInSession.person_id == _person(scene))
        found = db.session.scalars(wanted.limit(1)).first()
        db.session.remove()
    if found is None:
        _sign_in(scene.app, scene.cast.dealer_a)
        return _device(scene)
    return found


def _passkey(scene: Scene) -> int:
    with scene.work():
        key = Passkey(
            person_id=_person(scene),
            name="手机",
            credential_id=f"{_person(scene)}".encode(),
            user_handle=b"h",
            public_key=b"k",
            sign_count=0,
            transports="",
            created_at=NOW,
        )
        db.session.add(key)
        db.session.flush()
        return key.id


def _copy(scene: Scene) -> str:
    with scene.work():
        asked = privacy.ask_for_copy(
            subject=Subject(person_id=_person(scene)), asked_by=_person(scene), at=NOW
        )
        privacy.make_copy(export_id=asked.id, at=NOW)
        return asked.public_id


def _job(scene: Scene) -> int:
    with scene.work():
        args = {"import_id": 0}
        return outbox.post(kind="orders.expire", args=args, at=NOW, caused_by=_person(scene)).id


def _membership(scene: Scene) -> int:
    with scene.work():
        wanted = select(Membership.id).where(Membership.person_id == _person(scene))
        return db.session.scalars(wanted).one()


def _achievement(scene: Scene) -> str:
    slug = scene.course
    with scene.work():
        row = versions.current_of(slug)
    return f"/badges/achievements/{slug}/{row.version}"


def _kid(scene: Scene) -> str:
    scene.certificate()
    with scene.work():
        return keys.published()[0].kid


def _webhook(scene: Scene) -> int:
    with scene.work():
        return endpoints.add(
            organisation_id=_shop(scene),
            channel=Channel.WEBHOOK,
            name="店里的系统",
            url="https://shop.example.com/hook",
            secret=None,
            kinds=[NoticeKind.FEEDBACK_ANSWERED],
            language="zh_CN",
            at=NOW,
        )


def _feed(scene: Scene) -> str:
    with scene.work():
        token = calendars.renew_feed(
            person_id=scene.cast.consultant.person_id,
            organisation_id=scene.cast.consultant.organisation_id,
            hides_details=False,
            at=NOW,
        )
    return f"/calendars/{token}.ics"


def _feedback_in_ticket(scene: Scene) -> str:
    public_id = scene.ticket()
    with scene.work():
        wanted = (
            select(Feedback.public_id)
            .join(Ask, Ask.feedback_id == Feedback.id)
            .join(Ticket, Ticket.id == Ask.ticket_id)
        )
        return db.session.scalars(wanted.where(Ticket.public_id == public_id)).one()


def _report(scene: Scene) -> str:
    ref = "xiaolu" if scene.cast.dealer_a.member.organisation_name == "小鹿点卡铺" else "acheng"
    return f"/reports/dealers/{slug_of(ref)}/{page_name('zh-CN')}"


def _asset(scene: Scene) -> str:
    with scene.app.app_context():
        site = places.site()
    assert site is not None
    name = next(each for each in site.manifest.shared if each.startswith("assets/"))
    return f"/reports/{name}"


PAGES: Mapping[str, Callable[[Scene], str]] = {
    "admin.give_up": lambda scene: f"/jobs/{scene.dead_job()}/give-up",
    "booking.ask_to_cancel": lambda scene: f"/booking/{scene.booking()}/cancel",
    "booking.calendar": lambda scene: f"/booking/{scene.booking()}/calendar.ics",
    "booking.consultant": lambda scene: f"/booking/consultants/{scene.consultant_id}",
    "booking.exchange": lambda scene: f"/booking/{scene.booking()}/exchange",
    "booking.move": lambda scene: f"/booking/{scene.booking()}/move",
    "booking.show": lambda scene: f"/booking/{scene.booking()}",
    "calendars.feed": _feed,
    "calendars.new_source": lambda _scene: "/calendars/outside/new/caldav",
    "calendars.renew_feed": lambda _scene: "/calendars/feed",
    "calendars.source": lambda scene: scene.calendar_source(),
    "certificates.achievement": _achievement,
    "certificates.ask_revoke": lambda scene: f"/certificates/issued/{scene.certificate()}/revoke",
    "certificates.badge": lambda scene: f"/certificates/{scene.certificate()}/badge.jwt",
    "certificates.card": lambda scene: f"/verify/{scene.certificate()}/card.png",
    "certificates.key": lambda scene: f"/badges/keys/{_kid(scene)}",
    "certificates.pdf": lambda scene: f"/certificates/{scene.certificate()}/en.pdf",
    "certificates.picture": lambda scene: f"{_achievement(scene)}/badge.png",
    "certificates.record": lambda scene: f"/certificates/issued/{scene.certificate()}",
    "certificates.show": lambda scene: f"/certificates/{scene.certificate()}",
    "certificates.status": lambda scene: f"/badges/status/{_kid(scene)}",
    "certificates.verify": lambda scene: f"/verify/{scene.certificate()}",
    "coaching.ask_call_off": lambda scene: f"/sessions/{scene.booking()}/call-off",
    "coaching.show": lambda scene: f"/sessions/{scene.booking()}",
    "accounts.act_as": lambda scene: f"/memberships/{_membership(scene)}",
    "booking.new": lambda scene: (
        f"/booking/new?consultant={scene.consultant_id}&starts={scene.free_start()}"
    ),
    "evidence.show": lambda _scene: "/audit/1",
    "feedback.inbox_item": lambda scene: f"/feedback/inbox/{scene.feedback()[1]}",
    "feedback.sent": lambda scene: f"/feedback/{scene.feedback()[1]}/sent",
    "feedback.show": lambda scene: f"/feedback/{scene.feedback()[1]}",
    "home.page": lambda _scene: "/about/help",
    "learning.asset": lambda scene: f"/courses/{scene.course}/assets/nothing.png",
    "learning.complete": lambda scene: f"/courses/{scene.enrolled()}/complete",
    "learning.course": lambda scene: f"/courses/{scene.course}",
    "learning.lesson": lambda scene: f"/courses/{scene.course}/one",
    "learning.path": lambda scene: f"/courses/paths/{scene.learning_path()}",
    "links.join": lambda scene: f"/link/{scene.invitation()[1]}/join",
    "links.join_as_me": lambda scene: f"/link/{scene.invitation()[1]}/join-as-me",
    "links.show": lambda scene: f"/link/{scene.invitation()[1]}",
    "members.application": lambda scene: f"/members/applications/{scene.application()}",
    "members.invitation": lambda scene: (
        f"/members/{_shop(scene)}/invitations/{scene.invitation()[0]}"
    ),
    "members.member": lambda scene: f"/members/{_shop(scene)}/people/{scene.membership()}",
    "members.reset_link": lambda scene: f"/members/resets/links/{scene.invitation()[0]}",
    "members.show": lambda scene: f"/members/{_shop(scene)}",
    "notes.edit": lambda scene: f"/courses/notes/{scene.note()}",
    "notes.of_lesson": lambda scene: f"/courses/notes/of-lesson/{scene.course}/one",
    "notices.endpoint": lambda scene: scene.group(),
    "notices.new_endpoint": lambda _scene: "/notices/endpoints/new/wecom",
    "notices.new_endpoint_secret": lambda scene: f"/notices/endpoints/{_webhook(scene)}/secret",
    "notices.unsubscribe": lambda scene: scene.unsubscribing(),
    "organisation.hand_over": lambda scene: f"/organisation/people/{scene.membership()}/hand-over",
    "organisation.invitation": lambda scene: f"/organisation/invitations/{scene.invitation()[0]}",
    "organisation.member": lambda scene: f"/organisation/people/{scene.membership()}",
    "outbox.progress": lambda scene: f"/jobs/{_job(scene)}/progress",
    "privacy.take": lambda scene: f"/account/privacy/copies/{_copy(scene)}.zip",
    "practice.ask_drop": lambda scene: f"/actions/{scene.action_item()}/drop",
    "practice.of_course": lambda scene: f"/actions/of-course/{scene.enrolled()}",
    "practice.of_lesson": lambda scene: f"/actions/of-lesson/{scene.enrolled()}/two",
    "practice.picture": lambda scene: f"/actions/{scene.action_item(done=True)}/picture",
    "practice.show": lambda scene: f"/actions/{scene.action_item()}",
    "answering.show": lambda scene: f"/teaching/questions/{scene.question()}",
    "questions.of_lesson": lambda scene: f"/courses/questions/of-lesson/{scene.course}/one",
    "rounds.look": lambda scene: f"/rounds/manage/{scene.round()[0]}",
    "rounds.show": lambda scene: f"/rounds/{scene.round()[0]}",
    "reporting.asset": _asset,
    "reporting.dealer_file": _report,
    "review.answered": lambda scene: f"/review/{scene.reviewed()}",
    "sales.rejected": lambda scene: f"/imports/{scene.received()}/rejected.csv",
    "sales.show": lambda scene: f"/imports/{scene.received()}",
    "security.end_device": lambda scene: f"/account/devices/{_device(scene)}/end",
    "security.end_sessions_of": lambda scene: f"/sign-ins/{_person(scene)}/end",
    "security.remove_passkey": lambda scene: f"/account/passkeys/{_passkey(scene)}/remove",
    "security.reset_factors_of": lambda scene: f"/sign-ins/{_person(scene)}/reset-factors",
    "security.sign_ins_of": lambda scene: f"/sign-ins/{_person(scene)}",
    "static": lambda _scene: "/static/app.css",
    "team.show": lambda scene: f"/team/{scene.cast.dealer_a.person_id}",
    "teaching.course": lambda scene: f"/teaching/courses/{scene.course}",
    "teaching.lesson": lambda scene: f"/teaching/courses/{scene.course}/one",
    "teaching.report": lambda scene: f"/teaching/reports/{scene.lesson_report()}",
    "tickets.of_feedback": lambda scene: f"/tickets/of/{_feedback_in_ticket(scene)}",
    "tickets.show": lambda scene: f"/tickets/{scene.ticket()}",
}


def _shop(scene: Scene) -> int:
    return scene.cast.dealer_a.organisation_id


# ---- the world ----


def _sign_in(app: Flask, actor: Actor) -> str:
    """Return the cookie of a fresh sign-in."""
    client = app.test_client()
    answer = client.post("/sign-in", data={"identity": actor.phone, "password": PASSWORD})
    assert answer.status_code == 302, answer.text
    given = [each.partition(";")[0] for each in answer.headers.getlist("Set-Cookie")]
    return "; ".join(each for each in given if each.partition("=")[2])


class Side(Scene):
    """One side's scene; its group chat is made once and stays."""

    @cached_property
    def _group(self) -> int:
        with self.work():
            return endpoints.add(
                organisation_id=_shop(self),
                channel=Channel.WECOM,
                name="店里的群",
                url=WECOM,
                secret=None,
                kinds=[NoticeKind.FEEDBACK_ANSWERED],
                language="zh_CN",
                at=NOW,
            )

    def group(self, path: str = "") -> str:
        """Return the page of the side's group chat, or a page below it."""
        return f"/notices/endpoints/{self._group}{path}"


class World:
    """One alliance with two sides; every request starts from it as it was made."""

    def __init__(self, app: Flask) -> None:
        """Make the cast, sign it in, and make a record of each kind for each side."""
        self.app = app
        self.cast = cast_of(app)
        # A little ago: a cookie from the future, by whichever clock, is nobody's.
        with time_machine.travel(NOW - timedelta(minutes=1), tick=False):
            self.cookies = {
                role: _sign_in(app, getattr(self.cast, who)) if who else ""
                for role, who in ROLES.items()
            }
        self.client = app.test_client(use_cookies=False)
        self.asked = 0
        self._drawn: set[tuple[str, int]] = set()
        build_reports(app)
        self.sides = self._sides()
        self._made = {
            (each.endpoint, side): sending_of(each, scene)
            for side, scene in self.sides.items()
            for each in rules_of(app)
            if side == OWN or each.arguments
        }

    def _sides(self) -> Mapping[str, Scene]:
        own = Side(app=self.app, cast=self.cast)
        turned = {name: getattr(self.cast, other) for name, other in MIRRORED.items()}
        foreign = Side(app=self.app, cast=replace(self.cast, **turned))
        # These there are once, whichever side asks.
        own.__dict__["facts"] = foreign.__dict__["facts"] = True
        foreign.__dict__.update(products=own.products[::-1], course=own.course)
        return {OWN: own, FOREIGN: foreign}

    def sending(self, endpoint: str, side: str) -> Sending:
        """Return where a side's own record is, and what is well posted there."""
        return self._made[endpoint, side]

    def path(self, rule: Rule, record: str) -> str:
        """Return the address of a rule's record on this side, that one, or nowhere."""
        here = self.sending(rule.endpoint, FOREIGN if record == FOREIGN else OWN).path
        if record != MISSING:
            return here
        adapter = self.app.url_map.bind("localhost")
        method = next(iter(rule.methods - {"HEAD", "OPTIONS"}))
        _, given = adapter.match(here, method=method)
        return adapter.build(
            rule.endpoint, {name: _missing(rule, name, value) for name, value in given.items()}
        )

    def ask(self, method: str, path: str, role: str, body: Sending | None = None) -> str:
        """Return the class of the answer; whatever the request did is undone."""
        self.asked += 1
        given: dict[str, Any] = {"headers": {"Cookie": self.cookies[role]}}
        if body is not None and method == "POST":
            given["data"] = body.form()
        with (
            _without_effect(),
            self._error_pages_drawn_once(role),
            self.client.open(path, method=method, **given) as answer,
        ):
            return _class_of(answer)

    @contextmanager
    def _error_pages_drawn_once(self, role: str) -> Iterator[None]:
        """Draw the page of a refusal the first time that a role gets one: they are all alike."""
        draw = errors._page

        def page(status: int, **words: str) -> tuple[str, int]:
            if (role, status) in self._drawn:
                return "", status
            self._drawn.add((role, status))
            return draw(status, **words)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(errors, "_page", page)
            yield


@contextmanager
def nothing_drawn() -> Iterator[None]:
    """Let pages be empty: what a GET has drawn already, a HEAD would draw again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(templating, "_render", lambda *_: "")
        yield


# Posted without a body: their sending needs a world of its own.
BODILESS = {"privacy.keep"}


def sending_of(rule: Rule, scene: Scene) -> Sending:
    """Return where a scene's record is, and what is well posted there; raise Unknown."""
    known = {**UNGUARDED, **SENDINGS}.get(rule.endpoint)
    sending = None if known is None or rule.endpoint in BODILESS else known(scene)
    if rule.endpoint in PAGES:
        path = PAGES[rule.endpoint](scene)
        return Sending("", path) if sending is None else replace(sending, path=path)
    if sending is not None:
        return sending
    if rule.arguments:
        raise Unknown(
            f"{rule.endpoint}: say which record it is about: add to tests/sendings.py what is "
            "posted, or to PAGES in tests/access_matrix.py a path"
        )
    return Sending("", rule.rule)


def build_reports(app: Flask) -> None:
    """Import orders of both dealers, and build their reports."""
    values = app.extensions["tongtu.settings"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "orders.csv"
        file.write_bytes(two_shops())
        with check(file, mapping=None, buyer_key=b"k" * 32) as checked:
            apply(values.facts_dir, checked)
    site.build(
        facts_root=values.facts_dir,
        out=values.site_dir,
        languages=reporting.LANGUAGES,
        names={"xiaolu": "小鹿点卡铺", "acheng": "阿成游戏屋"},
        home_url=reporting.HOME_URL,
        workers=1,
    )


def _missing(rule: Rule, name: str, value: Any) -> Any:
    if isinstance(value, int):
        return 999_999_999
    converter = rule._converters[name]
    return value if type(converter).__name__ == "AnyConverter" else f"missing{value[7:]}"


@contextmanager
def _without_effect() -> Iterator[None]:
    """Let the request's commit be a rollback."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db.session, "commit", db.session.rollback)
        yield


def _class_of(answer: TestResponse) -> str:
    if answer.status_code == 401:
        return "sign-in"
    if answer.status_code < 300:
        return "ok"
    if answer.status_code < 400:
        path = urlsplit(answer.location).path
        return {"/sign-in": "sign-in", "/verify": "verify"}.get(path, "moved")
    return str(answer.status_code)


# ---- the walk ----


def rules_of(app: Flask) -> list[Rule]:
    """Return every route, by name."""
    return sorted(app.url_map.iter_rules(), key=lambda each: (each.endpoint, each.rule))


def records_of(world: World, rule: Rule) -> Sequence[str]:
    """Return about which records a route can be asked."""
    if not rule.arguments:
        return (NONE,)
    if world.path(rule, OWN) == world.path(rule, FOREIGN):
        return (OWN, MISSING)
    return (OWN, FOREIGN, MISSING)


def lines_of(world: World, rule: Rule) -> Iterator[Line]:
    """Walk a route by the methods that it has, HEAD and OPTIONS left out."""
    for record in records_of(world, rule):
        path = world.path(rule, record)
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield Line(rule.endpoint, method, record, answers(world, rule, method, path))


def answers(world: World, rule: Rule, method: str, path: str) -> Mapping[str, str]:
    """Return what each role is answered."""
    body = None
    if method == "POST" and rule.endpoint in {**SENDINGS, **UNGUARDED}:
        body = world.sending(rule.endpoint, OWN)
    return {role: world.ask(method, path, role, body) for role in ROLES}


def derived(world: World, rule: Rule, own: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Yield where HEAD, OPTIONS or a method that an address lacks is not answered as it follows.

    `own` is what the table says of the route's own record, by method. HEAD is answered as GET,
    OPTIONS as the declaration says, and what an address lacks is 405 to everybody.
    """
    path = world.path(rule, OWN)
    for method in METHODS:
        served_by = _endpoint_of(world.app, path, method)
        if method in own or served_by not in (rule.endpoint, None):
            continue
        with nothing_drawn():
            found = answers(world, rule, method, path)
        for role, answer in found.items():
            if served_by is None:
                expected = "405"
            elif method == "HEAD":
                expected = HEAD_OF.get(rule.endpoint, own["GET"][role])
            else:
                expected = _declared(world, rule, role)
            if answer != expected:
                yield f"{method} {rule.endpoint} by {role}: {answer}, not {expected}"


def _endpoint_of(app: Flask, path: str, method: str) -> str | None:
    """Return which route serves an address by a method, None when none does."""
    try:
        return app.url_map.bind("localhost").match(urlsplit(path).path, method=method)[0]
    except MethodNotAllowed:
        return None


def _declared(world: World, rule: Rule, role: str) -> str:
    declared = access_of(world.app, rule.endpoint)
    assert declared is not None
    if declared.public:
        return "ok"
    if not ROLES[role]:
        return "sign-in"
    member = getattr(world.cast, ROLES[role]).member
    in_role = not declared.roles or member.role in declared.roles
    return "ok" if in_role and (member.is_owner or not declared.owner) else "403"


# ---- the table ----


def read() -> list[Line]:
    """Return the reviewed table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [
            Line(row["endpoint"], row["method"], row["record"], {role: row[role] for role in ROLES})
            for row in csv.DictReader(file)
        ]


def written(lines: Sequence[Line]) -> str:
    """Return lines as the table has them."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["endpoint", "method", "record", *ROLES])
    for line in lines:
        table.writerow([line.endpoint, line.method, line.record, *line.answers.values()])
    return out.getvalue()


def compared(found: Sequence[Line], reviewed: Sequence[Line]) -> list[str]:
    """Return in words where the routes answer otherwise than was reviewed."""
    known = {(line.endpoint, line.method, line.record): line.answers for line in reviewed}
    words = []
    for line in found:
        key = (line.endpoint, line.method, line.record)
        expected = known.pop(key, None)
        told = ",".join([*key, *line.answers.values()])
        if expected is None:
            words.append(f"no line for it yet; if this is right, add: {told}")
            continue
        words += [
            f"{' '.join(key)}: {role} is answered {answer}, reviewed was {expected[role]}"
            for role, answer in line.answers.items()
            if answer != expected[role]
        ]
    return words + [f"{' '.join(key)}: there is no such route or record any more" for key in known]


def walk(world: World) -> list[Line]:
    """Ask every route everything."""
    return [line for rule in rules_of(world.app) for line in lines_of(world, rule)]


def propose() -> str:
    """Return what the routes answer now, as a table to review."""
    with tempfile.TemporaryDirectory() as folder, time_machine.travel(NOW, tick=True):
        app = make_app(Path(folder), f"sqlite:///{Path(folder) / 'tongtu.sqlite'}")
        with app.app_context():
            db.create_all()
        return written(walk(World(app)))


if __name__ == "__main__":
    sys.stdout.write(propose())
