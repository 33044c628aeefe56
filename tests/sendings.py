"""One good sending for every writing route, each about something of its own, made on the spot.

`SENDINGS` is by endpoint. A new route gets its line here; tests over the route table use it:
what is sent twice is done once (tests/repository/test_sendings.py), and what is typed into any of
its fields does no harm (tests/hostile).
"""

import io
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from conftest import NOW, PASSWORD, Cast
from flask import Flask
from learning.conftest import ASKED, RIGHT, lesson_file, write_course, write_filmed
from PIL import Image
from sales.conftest import acg_row, as_csv
from sqlalchemy import delete, select
from werkzeug.datastructures import MultiDict

from courses.certificate import written
from courses.load import load_library
from courses.path import LearningPath
from portal import clock
from portal.access import Role
from portal.accounts import actions as accounts
from portal.accounts.membership.actions import applications, links, resets
from portal.accounts.membership.models import Application, ResetRequest
from portal.accounts.membership.rules import Identity, Purpose
from portal.accounts.rules import OrganisationState
from portal.booking.actions import bookings, changes, hours, kinds
from portal.booking.queries import consultants
from portal.booking.queries import hours as hour_reads
from portal.booking.rules.offers import Kind, PlaceMode
from portal.booking.rules.slots import Window, to_minute
from portal.calendars import actions as calendars
from portal.calendars.rules import SourceKind
from portal.catalog import actions as catalog
from portal.certificates import actions as certificates
from portal.db import db, unit_of_work
from portal.feedback import actions as feedback
from portal.learning import actions as learning
from portal.learning import path_publishing, versions
from portal.learning.completing import Completion
from portal.learning.models import CourseVersion, LessonReport
from portal.notes import actions as notes
from portal.notices import actions as notices
from portal.notices import queries as notices_queries
from portal.notices.endpoints import actions as endpoints
from portal.notices.models import Delivery, NoticeEndpoint
from portal.notices.rules import Channel, NoticeKind, Wish
from portal.notices.unsubscribing import link_for
from portal.outbox import actions as outbox
from portal.outbox.models import Job
from portal.paging import Page
from portal.practice import actions as practice
from portal.practice.rules import Source
from portal.privacy import actions as privacy
from portal.questions.models import LessonQuestion
from portal.review import actions as review
from portal.review import queries as review_queries
from portal.rounds import actions as rounds
from portal.rounds.models import AllocationRound, RoundHour
from portal.rounds.rules import lottery
from portal.rounds.rules.states import RoundState
from portal.sales.actions import deciding, importing, receiving
from portal.teaching import actions as teaching
from portal.teaching.models import CourseAssignment
from portal.teaching.queries import drafts
from portal.tickets import actions as tickets
from portal.tickets.actions import TicketDraft
from portal.tickets.rules import State

TEXT = "晚上八九点充值，半个小时都不到账"
COURSE = "trial-101"
WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6"
MONDAY_10 = NOW + timedelta(days=1)  # NOW is a Sunday at ten in Shanghai


@dataclass(frozen=True)
class Sending:
    """Who posts what where; `file` is (field, name, content)."""

    who: str  # a field of the cast, or "" for nobody
    path: str
    data: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    file: tuple[str, str, bytes] | None = None
    before: Sequence[str] = ()  # where the same visitor posts first, without any field

    def form(self, **more: str) -> MultiDict[str, Any]:
        """Return what the test client sends, a fresh copy each time."""
        values = MultiDict(self.data) | MultiDict(more)
        if self.file:
            name, filename, content = self.file
            values.add(name, (io.BytesIO(content), filename))
        return values


@dataclass
class Scene:
    """The alliance in which something is sent: what a sending needs is made when asked for."""

    app: Flask
    cast: Cast

    @contextmanager
    def work(self) -> Iterator[None]:
        with self.app.app_context(), unit_of_work():
            yield

    @cached_property
    def products(self) -> tuple[int, int]:
        """A product of supplier A and one of supplier B."""
        with self.work():
            category = catalog.add_category(code="game", name_zh="游戏点券", name_en="Game credit")
            return tuple(
                catalog.add_product(
                    supplier_id=supplier.organisation_id,
                    category_id=category.id,
                    code=code,
                    name_zh=name,
                    name_en=code,
                ).id
                for supplier, code, name in (
                    (self.cast.supplier_a, "XH-300", "星海点券 300"),
                    (self.cast.supplier_b, "CG-YEAR", "橙光年卡"),
                )
            )

    def feedback(self, *, assigned: bool = True) -> tuple[int, str]:
        """Feedback of dealer A for supplier A, or about a product nobody knows yet."""
        product_id = self.products[0] if assigned else None
        with self.work():
            given = feedback.submit(
                author=self.cast.dealer_a.member,
                product_id=product_id,
                text=TEXT,
                impact=None,
                submission_key=secrets.token_hex(8),
                at=NOW,
            )
            return given.id, given.public_id

    def ticket(self, state: State = State.OPEN) -> str:
        """A ticket of supplier A in a state that is reached by hand."""
        way = {State.OPEN: (), State.ACCEPTED: (State.ACCEPTED,)}[state]
        feedback_id, _ = self.feedback()
        asks = {
            "supplier_id": self.cast.supplier_a.organisation_id,
            "person_id": self.cast.supplier_a.person_id,
        }
        with self.work():
            ticket = tickets.open_for(
                draft=TicketDraft(
                    title="晚高峰到账慢", description="", submission_key=secrets.token_hex(8)
                ),
                feedback_ids=[feedback_id],
                at=NOW,
                **asks,
            )
            for target in way:
                tickets.move(ticket_id=ticket.id, target=target, text="好", at=NOW, **asks)
            return ticket.public_id

    @cached_property
    def consultant_id(self) -> int:
        """The cast's consultant, who receives on every day."""
        with self.work():
            consultant = hours.add_consultant(
                person_id=self.cast.consultant.person_id,
                organisation_id=self.cast.consultant.organisation_id,
                specialty_zh="复购与老客维护",
                specialty_en="Repurchase",
                timezone="Asia/Shanghai",
                meeting_place="腾讯会议 123 456 789",
            )
            windows = [Window(day, 0, 1440) for day in range(7)]
            hours.set_hours(consultant_id=consultant.id, windows=windows)
            return consultant.id

    def free_start(self, place: int = 0) -> str:
        """A start that is still free, as the form names it."""
        ids, dealer = [self.consultant_id], self.cast.dealer_a.organisation_id
        with self.app.app_context():
            free = consultants.free_starts(consultant_ids=ids, dealer_id=dealer, at=clock.now())
        return f"{free[self.consultant_id][place]:%Y%m%dT%H%MZ}"

    def booking(self, *, days: int = 60) -> str:
        """A session of dealer A with the consultant, so many days ahead (or ago)."""
        consultant_id = self.consultant_id
        with self.work():
            self._held = getattr(self, "_held", 0) + 1
            # Beyond what can be booked, or before: clear of the free starts.
            way = timedelta(minutes=20) * self._held
            starts_at = NOW + timedelta(days=days) + (way if days > 0 else -way)
            return bookings.enter(
                dealer_id=self.cast.dealer_a.organisation_id,
                person_id=self.cast.dealer_a.person_id,
                consultant_id=consultant_id,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=20),
                topic="聊聊复购率",
                submission_key=secrets.token_hex(8),
                at=NOW - timedelta(days=30),
            ).public_id

    def round(self, state: RoundState = RoundState.OPEN) -> tuple[int, int]:
        """A round in which dealer A asks for the one hour that there is; its id and the hour's."""
        consultant_id, dealer = self.consultant_id, self.cast.dealer_a
        with self.work():
            self._rounds = getattr(self, "_rounds", 0) + 1
            row = AllocationRound(
                state=state.value,
                first_day=NOW.date() + timedelta(days=200),
                last_day=NOW.date() + timedelta(days=206),
                closes_at=NOW + timedelta(days=190),
                cap=1,
                small_bps=0,
                lottery_bps=2000,
                seed=lottery.new_seed(),
                opened_at=NOW,
            )
            db.session.add(row)
            db.session.flush()
            hour = RoundHour(
                round_id=row.id,
                consultant_id=consultant_id,
                starts_minute=to_minute(NOW) + 288_000 + 60 * self._rounds,
            )
            db.session.add(hour)
            db.session.flush()
            if state is RoundState.OPEN:
                ask = {"round_id": row.id, "hour_ids": [hour.id], "topic": "聊复购"}
                rounds.ask(member=dealer.member, at=NOW, **ask)
            return row.id, hour.id

    def feed(self, path: str) -> str:
        """A path of dealer A's private calendar feed, which is there then."""
        with self.work():
            calendars.renew_feed(
                person_id=self.cast.dealer_a.person_id,
                organisation_id=self.cast.dealer_a.organisation_id,
                hides_details=False,
                at=NOW,
            )
        return path

    def calendar_source(self, then: str = "") -> str:
        """The page of the consultant's own calendar elsewhere."""
        consultant_id = self.consultant_id
        with self.work():
            source_id = calendars.add_source(
                person_id=self.cast.consultant.person_id,
                consultant_id=consultant_id,
                kind=SourceKind.ICS,
                name="公司日历",
                url="https://calendar.example.com/private/a.ics",
                user=None,
                password=None,
                at=NOW,
            )
        return f"/calendars/outside/{source_id}{then}"

    def asked(self) -> str:
        """A session of dealer A that waits for the consultant's yes."""
        # The last: whoever else books or moves takes the first.
        consultant_id, starts = self.consultant_id, self.free_start(-1)
        adviser = self.cast.consultant.person_id
        with self.work():
            changes.let_ask(person_id=adviser, wanted=True)
            booking = bookings.book(
                dealer_id=self.cast.dealer_a.organisation_id,
                person_id=self.cast.dealer_a.person_id,
                consultant_id=consultant_id,
                starts_at=datetime.strptime(starts, "%Y%m%dT%H%MZ").replace(tzinfo=UTC),
                topic="聊聊复购率",
                submission_key=secrets.token_hex(8),
                at=clock.now(),
            )
            changes.let_ask(person_id=adviser, wanted=False)
            return booking.public_id

    def day_off(self) -> int:
        """A day on which the consultant receives nobody."""
        consultant_id = self.consultant_id
        with self.work():
            self._off = getattr(self, "_off", 0) + 1
            day = (NOW + timedelta(days=400 + self._off)).date()
            hours.add_day_off(consultant_id=consultant_id, day=day, reason="", today=NOW.date())
            offs = hour_reads.days_off(consultant_id=consultant_id, day_from=NOW.date())
            return next(off.id for off in offs if off.day == day)

    def journey(self) -> int:
        """A journey of the consultant's."""
        consultant_id = self.consultant_id
        with self.work():
            self._away = getattr(self, "_away", 0) + 1
            day = (NOW + timedelta(days=500 + self._away)).date()
            hours.add_journey(
                consultant_id=consultant_id,
                first_day=day,
                last_day=day,
                zone="Europe/Berlin",
                today=NOW.date(),
            )
            found = hour_reads.journeys(consultant_id=consultant_id, day_from=day)
            return found[0].id

    def session_kind(self) -> int:
        """A kind of session that nobody offers."""
        with self.work():
            said = Kind(
                name_zh="报告解读",
                name_en="Reading the report",
                minutes=30,
                place_mode=PlaceMode.PHONE,
                level_from=1,
                level_to=4,
                quota=2,
                is_open=True,
                consultant_ids=(),
            )
            return kinds.save(kind_id=None, kind=said)

    @cached_property
    def course(self) -> str:
        """A published course of three lessons."""
        with TemporaryDirectory() as folder, self.work():
            learning.publish(library=load_library(write_course(Path(folder))), at=NOW)
        return COURSE

    def enrolled(self) -> str:
        """The course, in which dealer A is enrolled."""
        slug = self.course
        with self.work():
            learning.enrol(member=self.cast.dealer_a.member, slug=slug, at=NOW)
        return slug

    def learning_path(self) -> str:
        """A published learning path of the one course."""
        given = LearningPath(
            id="trial-path",
            title={"zh-CN": "试学路径"},
            summary={"zh-CN": "一门课。"},
            courses=(self.course,),
            ordered=True,
        )
        with self.work():
            path_publishing.publish(paths=[given], at=NOW)
        return given.id

    def completed(self) -> str:
        """A course beside the other, which dealer A has completed."""
        slug, member = "trial-202", self.cast.dealer_a.member
        assert self.course
        with TemporaryDirectory() as folder, self.work():
            for each in (COURSE, slug):
                write_course(Path(folder), slug=each)
            learning.publish(library=load_library(Path(folder)), at=NOW)
            learning.enrol(member=member, slug=slug, at=NOW)
            for name, values in RIGHT.items():
                answers = learning.Answers(secrets.token_hex(8), ASKED[name], values)
                learning.answer_quiz(member=member, slug=slug, name=name, answers=answers, at=NOW)
            learning.mark_read(member=member, slug=slug, name="three", at=NOW)
        return slug

    def certificate(self, *, revoked: bool = False) -> str:
        """A certificate of dealer A's, as its number is printed; a new one each time."""
        slug, member = self.course, self.cast.dealer_a.member
        with self.work():
            self._certified = getattr(self, "_certified", 0) + 1
            row = versions.current_of(slug)
            course = replace(versions.course(row), version=secrets.token_hex(32))
            issued = certificates.issue(
                completion=Completion(
                    person_id=member.person_id,
                    organisation_id=member.organisation_id,
                    course_version_id=row.id,
                    course=course,
                    completed_at=NOW + timedelta(minutes=self._certified),
                ),
                at=NOW,
            )
            number = written(issued.number)
            if revoked:
                operator = self.cast.operator.person_id
                certificates.revoke(typed=number, reason="有误", by_person_id=operator, at=NOW)
        return number

    def lesson_report(self) -> int:
        """Something that dealer A reported as wrong in a lesson."""
        dealer = self.cast.dealer_a.member
        slug = self.course
        with self.work():
            report = LessonReport(
                slug=slug,
                lesson_id=f"{slug}/one",
                course_version_id=versions.current_of(slug).id,
                organisation_id=dealer.organisation_id,
                person_id=dealer.person_id,
                text="这里的规则过时了",
                reported_at=NOW,
            )
            db.session.add(report)
            db.session.flush()
            return report.id

    def note(self, *, deleted: bool = False) -> int:
        """A note of dealer A's on a lesson; a fresh one each time."""
        member, slug = self.cast.dealer_a.member, self.course
        with self.work():
            row = notes.write(member=member, slug=slug, name="one", text="先给老客发券", at=NOW)
            if deleted:
                notes.remove(member=member, note_id=row.id, at=NOW)
            return row.id

    def question(self, *, answered: bool = False) -> int:
        """A question of dealer A's about a lesson; a fresh one each time."""
        dealer, slug = self.cast.dealer_a.member, self.course
        with self.work():
            question = LessonQuestion(
                slug=slug,
                lesson_id=f"{slug}/one",
                course_version_id=versions.current_of(slug).id,
                organisation_id=dealer.organisation_id,
                person_id=dealer.person_id,
                text="发几天？",
                asked_at=NOW,
                answer="发三天" if answered else None,
                answered_at=NOW if answered else None,
            )
            db.session.add(question)
            db.session.flush()
            return question.id

    def assignment(self) -> int:
        """A course that dealer A asked of themselves; a fresh one each time."""
        dealer = self.cast.dealer_a.member
        slug = self.course
        with self.work():
            db.session.execute(
                delete(CourseAssignment).where(
                    CourseAssignment.organisation_id == dealer.organisation_id
                )
            )
            teaching.assign(
                by=dealer,
                person_id=dealer.person_id,
                slug=slug,
                due_on=NOW.date() + timedelta(days=7),
                at=NOW,
            )
            return db.session.scalars(
                select(CourseAssignment.id).where(
                    CourseAssignment.organisation_id == dealer.organisation_id
                )
            ).one()

    def content_digest(self) -> str:
        """What the content folder holds now."""
        folder = self.app.extensions["tongtu.settings"].content_dir / "courses"
        found = drafts.read(folder, today=NOW.date())
        return found.digest

    def action_item(self, *, done: bool = False) -> str:
        """Something that dealer A's shop took on, open or closed in words."""
        slug, member = self.enrolled(), self.cast.dealer_a.member
        with self.work():
            self._taken = getattr(self, "_taken", 0) + 1
            item = practice.take_on(
                organisation_id=member.organisation_id,
                person_id=member.person_id,
                origin=practice.Origin(
                    source=Source.LESSON,
                    lesson_id=f"{slug}/one",
                    course_version_id=db.session.scalars(
                        db.select(CourseVersion.id).where(
                            CourseVersion.current, CourseVersion.slug == slug
                        )
                    ).one(),
                ),
                task=practice.Task(
                    code=f"task_{self._taken}", texts={"zh-CN": "上三种新品"}, within_days=7
                ),
                at=NOW,
            )
            if done:
                practice.close_by_shop(
                    member=member,
                    public_id=item.public_id,
                    note="上了三种",
                    picture=picture(),
                    at=NOW,
                )
            return item.public_id

    def filmed(self) -> str:
        """A course whose lesson has a film, in which dealer A is enrolled."""
        slug = "filmed-101"
        with TemporaryDirectory() as folder, self.work():
            other = lesson_file(name="three", text=secrets.token_hex(4))
            # Both, since what is left out is withdrawn.
            courses = write_filmed(write_course(Path(folder), three=other))
            learning.publish(library=load_library(courses), at=NOW)
        with self.work():
            learning.enrol(member=self.cast.dealer_a.member, slug=slug, at=NOW)
        return slug

    def waiting_card(self) -> str:
        """A card that waits for dealer A, who completed a lesson the day before; its key."""
        slug, member = self.enrolled(), self.cast.dealer_a.member
        values = dict(RIGHT["one"])
        with self.work():
            learning.answer_quiz(
                member=member,
                slug=slug,
                name="one",
                answers=learning.Answers(
                    key=secrets.token_urlsafe(16), asked=ASKED["one"], values=values
                ),
                at=clock.now() - timedelta(days=1),
            )
            found = review_queries.waiting(member=member, today=clock.today())
            return found.cards[0].card.question.key

    def reviewed(self) -> int:
        """The id of what dealer A answered to a card."""
        question = self.waiting_card()
        with self.work():
            return review.answer(
                member=self.cast.dealer_a.member,
                sent=review.Sent(
                    key=secrets.token_urlsafe(16), question_key=question, values=RIGHT["one"]
                ),
                at=clock.now(),
            )

    def changed_course(self) -> str:
        """The course, published anew after dealer A enrolled."""
        slug = self.enrolled()
        with TemporaryDirectory() as folder, self.work():
            lesson = lesson_file(name="three", text=secrets.token_hex(4))
            learning.publish(library=load_library(write_course(Path(folder), three=lesson)), at=NOW)
        return slug

    def notice(self) -> int:
        """A notice to dealer A."""
        dealer = self.cast.dealer_a.member
        with self.work():
            notices.post(
                organisation_id=dealer.organisation_id,
                kind=NoticeKind.FEEDBACK_ANSWERED,
                path="/feedback",
                params={"title": "到账慢"},
                at=NOW,
            )
        with self.app.app_context():
            return notices_queries.of_member(member=dealer, page=Page(1, 1)).rows[0].id

    def failed_mail(self) -> int:
        """A delivery that its mail server refused."""
        notice_id = self.notice()
        with self.work():
            delivery = Delivery(
                key=secrets.token_hex(8),
                channel="mail",
                state="failed",
                notice_id=notice_id,
                person_id=self.cast.dealer_a.person_id,
                created_at=NOW,
            )
            db.session.add(delivery)
            db.session.flush()
            return delivery.id

    def group(self, path: str = "") -> str:
        """The page of a group chat that dealer A's shop is told in, or a page below it."""
        with self.work():
            # A shop may have few of them, and many sendings make one.
            db.session.execute(db.update(Delivery).values(endpoint_id=None))
            db.session.execute(db.delete(NoticeEndpoint))
            endpoint_id = endpoints.add(
                organisation_id=self.cast.dealer_a.organisation_id,
                channel=Channel.WECOM,
                name="店里的群",
                url=WECOM,
                secret=None,
                kinds=[NoticeKind.FEEDBACK_ANSWERED],
                language="zh_CN",
                at=NOW,
            )
        return f"/notices/endpoints/{endpoint_id}{path}"

    def failed_call(self) -> str:
        """The page that sends what a group chat refused once more."""
        page, notice_id = self.group(), self.notice()
        with self.work():
            delivery = Delivery(
                key=secrets.token_hex(8),
                channel="wecom",
                state="failed",
                notice_id=notice_id,
                endpoint_id=int(page.rpartition("/")[2]),
                organisation_id=self.cast.dealer_a.organisation_id,
                created_at=NOW,
            )
            db.session.add(delivery)
            db.session.flush()
            return f"{page}/deliveries/{delivery.id}/again"

    def can_mail(self) -> None:
        """Let the portal post mails; nothing sends them."""
        kept = self.app.extensions["tongtu.settings"]
        self.app.extensions["tongtu.settings"] = replace(
            kept, smtp_host="127.0.0.1", mail_from="no-reply@tongtu.example"
        )

    def link(self, **about: Any) -> tuple[int, str]:
        """A one-time link, as its id and its token."""
        with self.work():
            issued = links.issue(at=clock.now(), **about)
            return issued.link_id, issued.token

    def invitation(self) -> tuple[int, str]:
        """An invitation to dealer A's shop that nobody accepted yet."""
        return self.link(
            purpose=Purpose.INVITE,
            organisation_id=self.cast.dealer_a.organisation_id,
            role="dealer",
            identity=new_phone(),
            created_by_id=self.cast.dealer_a.person_id,
        )

    def membership(self, *, is_owner: bool = False) -> int:
        """Somebody more who works in dealer A's shop."""
        with self.work():
            person = accounts.add_person(
                name="店员", mail=None, phone=new_phone(), password_hash="!", at=NOW
            )
            return accounts.join(
                person_id=person.id,
                organisation_id=self.cast.dealer_a.organisation_id,
                role=Role.DEALER,
                is_owner=is_owner,
            ).id

    def application(self) -> int:
        """A shop that waits to be let in."""
        with self.work():
            applications.apply(
                shop_name="晚来天欲雪",
                region="河南 郑州",
                person_name="丁一",
                identity=Identity(phone=new_phone()),
                password_hash="!",
                at=NOW,
            )
            return db.session.scalars(
                db.select(Application.id).order_by(Application.id.desc()).limit(1)
            ).one()

    def closed_shop(self) -> int:
        """A shop that was closed."""
        with self.work():
            return accounts.add_organisation(
                kind="dealer", name="关了的店", state=OrganisationState.CLOSED, at=NOW
            ).id

    def reset_request(self) -> int:
        """Somebody without a mail address who asked for a new password."""
        phone = new_phone()
        with self.work():
            accounts.add_person(name="忘了", mail=None, phone=phone, password_hash="!", at=NOW)
            resets.ask(identity=Identity(phone=phone), at=NOW)
            return db.session.scalars(
                db.select(ResetRequest.id).order_by(ResetRequest.id.desc()).limit(1)
            ).one()

    def dead_job(self) -> int:
        """A job that nobody could do."""
        with self.work():
            return self._given_up(outbox.post(kind="orders.expire", args={"import_id": 0}, at=NOW))

    def _given_up(self, job: Job) -> int:
        job.state, job.attempt, job.error, job.finished_at = "dead", 5, "OSError: x", NOW
        db.session.flush()
        return job.id

    def unsubscribing(self) -> str:
        """Where dealer A ends mails."""
        with self.app.test_request_context():
            link = link_for(person_id=self.cast.dealer_a.person_id, kind=None)
        return urlsplit(link).path

    def received(self) -> str:
        """An order file that waits to be confirmed."""
        with self.work():
            return receiving.receive(
                stream=io.BytesIO(orders()),
                filename="orders.csv",
                mapping=None,
                uploaded_by=self.cast.operator.person_id,
                at=NOW,
            ).public_id

    @cached_property
    def facts(self) -> bool:
        """Whether there are order facts: one file is imported."""
        public_id = self.received()
        with self.app.app_context():
            with unit_of_work():
                import_id = deciding.confirm(
                    public_id=public_id, by_person_id=self.cast.operator.person_id, at=NOW
                ).id
            importing.import_now(import_id=import_id, now=clock.now)
            db.session.remove()
        return True


def picture() -> bytes:
    """Return a small picture, as it is kept."""
    out = io.BytesIO()
    Image.new("RGB", (8, 6), "teal").save(out, "WEBP")
    return out.getvalue()


def new_phone() -> str:
    """Return a phone number that nobody has."""
    return f"+86139{secrets.randbelow(10**8):08d}"


def orders() -> bytes:
    """Return an order file of one order that no other file has."""
    return as_csv([acg_row(secrets.token_hex(6))])


def _book(scene: Scene) -> Sending:
    data = {
        "consultant": str(scene.consultant_id),
        "starts": scene.free_start(),
        "topic": "复购率连掉两个月，想找原因",
    }
    return Sending("dealer_a", "/booking/new", data)


def _choose_confirming(scene: Scene) -> Sending:
    assert scene.consultant_id
    return Sending("consultant", "/booking/requests/confirming", {"confirms": "1"})


def _hold(scene: Scene) -> Sending:
    data = {"consultant": str(scene.consultant_id), "starts": scene.free_start()}
    return Sending("dealer_a", "/booking/hold", data)


def _receiving(scene: Scene, path: str, data: Mapping[str, str] | None = None) -> Sending:
    """Return what the consultant posts, who receives dealers by then."""
    assert scene.consultant_id
    return Sending("consultant", path, data or {})


def _add_day_off(scene: Scene) -> Sending:
    assert scene.consultant_id
    day = NOW + timedelta(days=30 + secrets.randbelow(300))
    return Sending("consultant", "/booking/days-off", {"day": f"{day:%Y-%m-%d}", "reason": "培训"})


def _save_hours(scene: Scene) -> Sending:
    assert scene.consultant_id
    return Sending("consultant", "/booking/hours", {"begins_0_0": "09:30", "ends_0_0": "18:00"})


def _session(step: str, *, days: int = -1, **data: str) -> Callable[[Scene], Sending]:
    def sending(scene: Scene) -> Sending:
        return Sending("consultant", f"/sessions/{scene.booking(days=days)}/{step}", data)

    return sending


def _inbox(step: str) -> Callable[[Scene], Sending]:
    def sending(scene: Scene) -> Sending:
        _, public_id = scene.feedback()
        return Sending(
            "supplier_a", f"/feedback/inbox/{public_id}/{step}", {"text": "下周加一条通道"}
        )

    return sending


def _assign(scene: Scene) -> Sending:
    _, public_id = scene.feedback(assigned=False)
    path = f"/feedback/unassigned/{public_id}"
    return Sending("operator", path, {"product": str(scene.products[0])})


def _give(scene: Scene) -> Sending:
    data = {"product": str(scene.products[0]), "text": TEXT, "impact": "一晚上要回几十条消息"}
    return Sending("dealer_a", "/feedback/new", data)


def _quiz(scene: Scene) -> Sending:
    data = {"key": secrets.token_hex(12), "asked": list(ASKED["one"]), **RIGHT["one"]}
    return Sending("dealer_a", f"/courses/{scene.enrolled()}/one", data)


def _course(step: str) -> Callable[[Scene], Sending]:
    return lambda scene: Sending("dealer_a", f"/courses/{scene.enrolled()}/{step}")


def _enrol(scene: Scene) -> Sending:
    return Sending("dealer_a", f"/courses/{scene.course}/enrol")


def _take_on(scene: Scene) -> Sending:
    return Sending("dealer_a", f"/actions/of-lesson/{scene.enrolled()}/two")


def _review(scene: Scene) -> Sending:
    question = scene.waiting_card()
    data = {"key": secrets.token_urlsafe(16), "question": question, **RIGHT["one"]}
    return Sending("dealer_a", "/review", data)


def _item(step: str, *, done: bool = False, **data: str) -> Callable[[Scene], Sending]:
    def sending(scene: Scene) -> Sending:
        return Sending("dealer_a", f"/actions/{scene.action_item(done=done)}/{step}", data)

    return sending


def _upload(scene: Scene) -> Sending:
    return Sending("operator", "/imports/new", {"mapping": ""}, ("file", "orders.csv", orders()))


def _import(step: str) -> Callable[[Scene], Sending]:
    return lambda scene: Sending("operator", f"/imports/{scene.received()}/{step}")


def _build(scene: Scene) -> Sending:
    assert scene.facts
    return Sending("operator", "/reports/builds")


def _open_ticket(scene: Scene) -> Sending:
    _, public_id = scene.feedback()
    data = {"feedback": [public_id], "title": "晚高峰到账慢", "description": "加通道"}
    return Sending("supplier_a", "/tickets/new", data)


def _add_to_ticket(scene: Scene) -> Sending:
    ticket, (_, public_id) = scene.ticket(), scene.feedback()
    return Sending("supplier_a", f"/tickets/{ticket}/feedback", {"feedback": [public_id]})


def _move_ticket(scene: Scene) -> Sending:
    return Sending("supplier_a", f"/tickets/{scene.ticket()}/to/accepted", {"text": "下月改好"})


def _release(scene: Scene) -> Sending:
    data = {
        "tickets": [scene.ticket(State.ACCEPTED)],
        "title": "加了一条充值通道",
        "notes": "晚上也**快**了",
        "released_on": f"{NOW:%Y-%m-%d}",
        "announce": "1",
    }
    return Sending("supplier_a", "/releases/new", data)


NEW_PASSWORD = "a pony under seven stars"


def _apply(_scene: Scene) -> Sending:
    data = {
        "shop_name": "巷口点卡",
        "region": "四川 成都",
        "person_name": "唐圆",
        "identity": new_phone(),
        "password": NEW_PASSWORD,
    }
    return Sending("", "/join", data)


def _by_link(step: str, about: Callable[[Scene], tuple[int, str]], who: str, **data: str):
    def sending(scene: Scene) -> Sending:
        return Sending(who, f"/link/{about(scene)[1]}/{step}", data)

    return sending


def _reset(scene: Scene) -> tuple[int, str]:
    return scene.link(purpose=Purpose.RESET, person_id=scene.cast.dealer_b.person_id)


def _confirm(scene: Scene) -> tuple[int, str]:
    return scene.link(
        purpose=Purpose.CONFIRM,
        person_id=scene.cast.dealer_b.person_id,
        identity=f"{secrets.token_hex(6)}@example.com",
    )


def _people(scene: Scene, who: str) -> str:
    """Return where the owner, or an operator, looks after dealer A's shop."""
    if who == "dealer_a":
        return "/organisation"
    return f"/members/{scene.cast.dealer_a.organisation_id}"


def _of_shop(who: str, path: str, **data: str) -> Callable[[Scene], Sending]:
    def sending(scene: Scene) -> Sending:
        filled = path
        for name, make in (
            ("{invitation}", lambda: scene.invitation()[0]),
            ("{owner}", lambda: scene.membership(is_owner=True)),
            ("{clerk}", scene.membership),
        ):
            if name in filled:
                filled = filled.replace(name, str(make()))
        values = {key: new_phone() if text == "{phone}" else text for key, text in data.items()}
        return Sending(who, _people(scene, who) + filled, values)

    return sending


def _both(endpoint: str, path: str, **data: str) -> dict[str, Callable[[Scene], Sending]]:
    """Return the sending of an owner and that of an operator."""
    return {
        f"organisation.{endpoint}": _of_shop("dealer_a", path, **data),
        f"members.{endpoint}": _of_shop("operator", path, **data),
    }


def _own_mail(scene: Scene) -> Sending:
    scene.can_mail()
    data = {"mail": f"{secrets.token_hex(6)}@example.com"}
    return Sending("dealer_a", "/account/mail", data)


def _own_phone(scene: Scene) -> Sending:
    kept = scene.app.extensions["tongtu.settings"]
    scene.app.extensions["tongtu.settings"] = replace(
        kept, sms_url="https://sms.tongtu.example", sms_secret="whsec_"
    )
    return Sending("dealer_a", "/account/phone", {"phone": new_phone()})


def _found(_scene: Scene) -> Sending:
    data = {"kind": "supplier", "name": "新星卡券", "region": "广东", "identity": new_phone()}
    return Sending("operator", "/members/new", data)


MEMBERSHIP: Mapping[str, Callable[[Scene], Sending]] = {
    "account.mail": _own_mail,
    "account.phone": _own_phone,
    "account.name": lambda _scene: Sending("dealer_a", "/account/name", {"name": "林鹿"}),
    "home.close_organisation": _of_shop("operator", "/close", name="小鹿点卡铺"),
    "joining.apply": _apply,
    "joining.forgot": lambda scene: Sending("", "/forgot", {"identity": scene.cast.dealer_b.phone}),
    "links.confirm": _by_link("confirm", _confirm, ""),
    "links.set_password": _by_link("password", _reset, "", password=NEW_PASSWORD),
    "members.approve": lambda scene: Sending(
        "operator",
        f"/members/applications/{scene.application()}/approve",
        {"shop_ref": secrets.token_hex(6), "level": "1"},
    ),
    "members.create": _found,
    "members.decline": lambda scene: Sending(
        "operator",
        f"/members/applications/{scene.application()}/decline",
        {"reason": "资料不全"},
    ),
    "members.dismiss_reset": lambda scene: Sending(
        "operator", f"/members/resets/{scene.reset_request()}/dismiss"
    ),
    "members.give_link": lambda scene: Sending(
        "operator", f"/members/resets/{scene.reset_request()}/link"
    ),
    "members.phone": _of_shop("operator", "/people/{clerk}/phone", phone="{phone}"),
    "members.reopen": lambda scene: Sending("operator", f"/members/{scene.closed_shop()}/reopen"),
    "members.standing": _of_shop("operator", "/standing", shop_ref="xiaolu-2", level="3"),
    **_both("invite", "/invite", identity="{phone}", role="dealer"),
    **_both("make_member", "/people/{owner}/member"),
    **_both("make_owner", "/people/{clerk}/owner"),
    **_both("profile", "/profile", name="小鹿点卡铺", region="浙江 杭州"),
    **_both("remove", "/people/{clerk}/remove"),
    **_both("send_again", "/invitations/{invitation}/again"),
    **_both("withdraw", "/invitations/{invitation}/withdraw"),
}


def _keep(scene: Scene) -> Sending:
    with scene.app.app_context(), unit_of_work():
        privacy.plan_deletion(person_id=scene.cast.consultant_b.person_id, at=NOW)
    return Sending("consultant_b", "/account/privacy/keep")


def _ask_in_round(scene: Scene) -> Sending:
    round_id, hour_id = scene.round()
    data = {"hours": str(hour_id), "topic": "复购率连掉两个月"}
    return Sending("dealer_a", f"/rounds/{round_id}", data)


def _open_round(scene: Scene) -> Sending:
    scene.free_start()  # somebody receives on these days
    first = NOW.date() + timedelta(days=5)
    return Sending(
        "operator",
        "/rounds/manage/new",
        {
            "first_day": first.isoformat(),
            "last_day": (first + timedelta(days=2)).isoformat(),
            "closes_at": f"{first - timedelta(days=1)}T18:00",
            "cap": "1",
            "small_percent": "20",
            "lottery_percent": "20",
        },
    )


def _later(days: int) -> str:
    return f"{(NOW + timedelta(days=days)).date():%Y-%m-%d}"


_KIND = {
    "name_zh": "报告解读",
    "name_en": "Reading the report",
    "minutes": "30",
    "place_mode": "consultant",
    "level_from": "1",
    "level_to": "4",
    "is_open": "y",
}


SENDINGS: Mapping[str, Callable[[Scene], Sending]] = {
    **MEMBERSHIP,
    "admin.confirm_give_up": lambda scene: Sending(
        "operator", f"/jobs/{scene.dead_job()}/give-up", {"reason": "文件已经不在了"}
    ),
    "admin.try_again": lambda scene: Sending("operator", f"/jobs/{scene.dead_job()}/again"),
    "rounds.ask": _ask_in_round,
    "rounds.withdraw": lambda scene: Sending("dealer_a", f"/rounds/{scene.round()[0]}/withdraw"),
    "rounds.open_round": _open_round,
    "rounds.close": lambda scene: Sending("operator", f"/rounds/manage/{scene.round()[0]}/close"),
    "rounds.publish": lambda scene: Sending(
        "operator", f"/rounds/manage/{scene.round(RoundState.DECIDED)[0]}/publish"
    ),
    "rounds.cancel": lambda scene: Sending("operator", f"/rounds/manage/{scene.round()[0]}/cancel"),
    "booking.add_day_off": _add_day_off,
    "booking.approve": lambda scene: Sending("consultant", f"/booking/{scene.asked()}/approve"),
    "booking.book": _book,
    "booking.cancel": lambda scene: Sending(
        "dealer_a", f"/booking/{scene.booking()}/cancel", {"reason": "店里临时有事"}
    ),
    "booking.choose_confirming": _choose_confirming,
    "booking.decline": lambda scene: Sending(
        "consultant", f"/booking/{scene.asked()}/decline", {"reason": "那天要出差"}
    ),
    "booking.exchange_with": lambda scene: Sending(
        "consultant", f"/booking/{scene.booking()}/exchange", {"other": scene.booking()}
    ),
    "booking.move_to": lambda scene: Sending(
        "dealer_a", f"/booking/{scene.booking()}/move", {"starts": scene.free_start()}
    ),
    "booking.offer": lambda scene: Sending(
        "operator",
        f"/booking/people/{scene.cast.consultant_b.person_id}",
        {
            "specialty_zh": "选品与定价",
            "specialty_en": "Products and prices",
            "bio": "做过八年门店",
            "meeting_place": "腾讯会议 987",
            "session_minutes": "30",
            "buffer_minutes": "10",
            "notice_hours": "4",
            "horizon_days": "14",
        },
    ),
    "booking.add_journey": lambda scene: _receiving(
        scene,
        "/booking/hours/journeys",
        {"first_day": _later(40), "last_day": _later(42), "zone": "Europe/Berlin"},
    ),
    "booking.edit_kind": lambda scene: Sending(
        "operator", f"/booking/kinds/{scene.session_kind()}", _KIND
    ),
    "booking.fill_holidays": lambda _scene: Sending(
        "operator", f"/booking/holidays/{NOW.year}/fill"
    ),
    "booking.new_kind": lambda _scene: Sending("operator", "/booking/kinds/new", _KIND),
    "booking.remove_date": lambda scene: _receiving(
        scene, f"/booking/hours/dates/{_later(50)}/remove"
    ),
    "booking.remove_holiday": lambda _scene: Sending(
        "operator", f"/booking/holidays/{_later(50)}/remove"
    ),
    "booking.remove_journey": lambda scene: Sending(
        "consultant", f"/booking/hours/journeys/{scene.journey()}/remove"
    ),
    "booking.rhythm": lambda scene: _receiving(
        scene,
        "/booking/hours/rhythm",
        {
            "buffer_before_minutes": "5",
            "buffer_minutes": "15",
            "notice_hours": "2",
            "day_cap": "6",
            "follows_holidays": "y",
        },
    ),
    "booking.set_date": lambda scene: _receiving(
        scene,
        "/booking/hours/dates",
        {"day": _later(60), "begins_0": "09:30", "ends_0": "12:00"},
    ),
    "booking.set_holidays": lambda _scene: Sending(
        "operator",
        "/booking/holidays",
        {"first_day": _later(70), "kind": "off", "name_zh": "店庆", "name_en": "Anniversary"},
    ),
    "booking.remove_day_off": lambda scene: Sending(
        "consultant", f"/booking/days-off/{scene.day_off()}/remove"
    ),
    "booking.save_hours": _save_hours,
    "certificates.choose_name": lambda scene: Sending(
        "dealer_a", f"/certificates/{scene.certificate()}/name", {"shows": "whole"}
    ),
    "certificates.claim": lambda scene: Sending(
        "dealer_a", f"/certificates/claim/{scene.completed()}"
    ),
    "certificates.issue_anew": lambda scene: Sending(
        "operator", f"/certificates/issued/{scene.certificate(revoked=True)}/anew"
    ),
    "certificates.revoke": lambda scene: Sending(
        "operator",
        f"/certificates/issued/{scene.certificate()}/revoke",
        {"reason": "姓名有误，已换发新证书"},
    ),
    "coaching.call_off": _session("call-off", days=60, reason="临时出差"),
    "coaching.mark_done": _session("done"),
    "coaching.mark_no_show": _session("no-show"),
    "coaching.write_note": _session("note", text="聊了复购率", private_text="缺人手", version="0"),
    "feedback.answer": _inbox("answer"),
    "feedback.assign": _assign,
    "feedback.create": _give,
    "feedback.decline": _inbox("decline"),
    "learning.answer": _quiz,
    "calendars.add_source": lambda scene: Sending(
        "consultant",
        "/calendars/outside/new/ics",
        {"name": f"日历 {scene.consultant_id}", "url": "https://calendar.example.com/b.ics"},
    ),
    "calendars.mask_feed": lambda scene: Sending(
        "dealer_a", scene.feed("/calendars/feed/details"), {"hides_details": "y"}
    ),
    "calendars.refresh_source": lambda scene: Sending(
        "consultant", scene.calendar_source("/refresh")
    ),
    "calendars.remove_feed": lambda scene: Sending(
        "dealer_a", scene.feed("/calendars/feed/remove")
    ),
    "calendars.remove_source": lambda scene: Sending(
        "consultant", scene.calendar_source("/remove")
    ),
    "learning.enrol": _enrol,
    "learning.note_change": _course("seen"),
    "learning.report": lambda scene: Sending(
        "dealer_a", f"/courses/{scene.course}/one/report", {"text": "第二段的数是去年的"}
    ),
    "learning.open_lesson": _course("one/open"),
    "learning.read": _course("three/read"),
    "learning.renew": lambda scene: Sending("dealer_a", f"/courses/{scene.changed_course()}/renew"),
    "notices.add_endpoint": lambda _scene: Sending(
        "dealer_a",
        "/notices/endpoints/new/wecom",
        {"name": "店里的群", "url": WECOM, "kinds": ["feedback.answered"]},
    ),
    "notices.change_endpoint": lambda scene: Sending(
        "dealer_a", scene.group(), {"name": "新群", "kinds": ["report.ready"]}
    ),
    "notices.follow": lambda scene: Sending("dealer_a", f"/notices/{scene.notice()}/open"),
    "notices.read_all": lambda _scene: Sending("dealer_a", "/notices/read"),
    "notices.remove_endpoint": lambda scene: Sending("dealer_a", scene.group("/remove")),
    "notices.send_again": lambda scene: Sending(
        "operator", f"/notices/deliveries/{scene.failed_mail()}/again"
    ),
    "notices.send_again_to_endpoint": lambda scene: Sending("dealer_a", scene.failed_call()),
    "notices.try_endpoint": lambda scene: Sending("dealer_a", scene.group("/try")),
    "notices.turn_endpoint": lambda scene: Sending("dealer_a", scene.group("/off")),
    "team.assign": lambda scene: Sending(
        "dealer_a",
        f"/team/{scene.cast.dealer_clerk.person_id}/assign",
        {"course": scene.course, "due_on": "2026-12-01"},
    ),
    "team.withdraw": lambda scene: Sending(
        "dealer_a", f"/team/assignments/{scene.assignment()}/withdraw"
    ),
    "teaching.answer": lambda scene: Sending(
        "author",
        f"/teaching/reports/{scene.lesson_report()}",
        {"state": "mended", "text": "已经按新规则改好了"},
    ),
    "teaching.publish": lambda scene: Sending(
        "author", "/teaching/publish", {"seen": scene.content_digest()}
    ),
    "notes.change": lambda scene: Sending(
        "dealer_a", f"/courses/notes/{scene.note()}", {"note": "改成周五发"}
    ),
    "notes.delete": lambda scene: Sending("dealer_a", f"/courses/notes/{scene.note()}/delete"),
    "notes.restore": lambda scene: Sending(
        "dealer_a", f"/courses/notes/{scene.note(deleted=True)}/restore"
    ),
    "notes.write": lambda scene: Sending(
        "dealer_a", f"/courses/notes/of-lesson/{scene.course}/one", {"note": "先给老客发券"}
    ),
    "answering.answer": lambda scene: Sending(
        "author",
        f"/teaching/questions/{scene.question()}",
        {"answer": "发三天", "faq": "y", "faq_text": "发几天？"},
    ),
    "answering.change": lambda scene: Sending(
        "author",
        f"/teaching/questions/{scene.question(answered=True)}/change",
        {"answer": "发四天", "faq": "y", "faq_text": "发几天？"},
    ),
    "questions.ask": lambda scene: Sending(
        "dealer_a", f"/courses/questions/of-lesson/{scene.course}/one", {"question": "发几天？"}
    ),
    "questions.withdraw": lambda scene: Sending(
        "dealer_a", f"/courses/questions/{scene.question()}/withdraw"
    ),
    "practice.again": _item("again", done=True),
    "practice.close": _item("close", note="货架上了三种新品"),
    "practice.drop": _item("drop"),
    "practice.take_on": _take_on,
    "practice.undo": _item("undo", done=True),
    "review.answer": _review,
    "privacy.copy_organisation": lambda _scene: Sending(
        "dealer_a", "/account/privacy/copy-organisation"
    ),
    "privacy.copy_own": lambda _scene: Sending("dealer_a", "/account/privacy/copy"),
    "privacy.delete": lambda scene: Sending(
        "dealer_clerk",
        "/account/privacy/delete",
        {"name": scene.cast.dealer_clerk.member.person_name},
    ),
    "privacy.keep": _keep,
    "privacy.requests": lambda scene: Sending(
        "operator", "/privacy", {"whose": scene.cast.dealer_clerk.phone}
    ),
    "reporting.start": _build,
    "sales.confirm": _import("confirm"),
    "sales.create": _upload,
    "sales.discard": _import("discard"),
    "tickets.add_feedback": _add_to_ticket,
    "tickets.create": _open_ticket,
    "tickets.move": _move_ticket,
    "tickets.release_new": _release,
}


def _choose(_scene: Scene) -> Sending:
    wishes = {f"wish_{kind.value.replace('.', '_')}": Wish.NOW.value for kind in NoticeKind}
    data = {"quiet_from": "22:00", "quiet_until": "08:00"} | wishes
    return Sending("dealer_a", "/notices/settings", data)


SIGN_IN = {"identity": "13800000001", "password": PASSWORD}


def _security(path: str, *before: str, **data: str) -> Callable[[Scene], Sending]:
    """By the author, about whom no other sending is: what is typed may well change the password."""
    return lambda _scene: Sending("author", path, data, before=before)


# Routes that may run again under the same key; to what is typed their fields are as open.
UNGUARDED: Mapping[str, Callable[[Scene], Sending]] = {
    "booking.hold": _hold,
    "cohorts.records": lambda _scene: Sending("operator", "/teaching/records"),
    "accounts.act_as": lambda _scene: Sending("dealer_a", "/memberships/1"),
    "accounts.choose_language": lambda _scene: Sending("", "/language/en", {"next": "/"}),
    "learning.watched": lambda scene: Sending(
        "dealer_a", f"/courses/{scene.filmed()}/film/watched", {"seconds": "61"}
    ),
    "notices.choose": _choose,
    "notices.stop_mails": lambda scene: Sending("", scene.unsubscribing()),
    "notices.try_address_again": lambda _scene: Sending("dealer_a", "/notices/settings/address"),
    "security.authenticator": _security(
        "/account/factors/authenticator", "/account/factors/authenticator/start", code="000000"
    ),
    "security.login": lambda _scene: Sending("", "/sign-in", SIGN_IN),
    "security.password": _security("/account/password", present=PASSWORD, new="x"),
    "security.verify": _security("/verify", password=PASSWORD),
}
