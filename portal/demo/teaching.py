"""Lets the demo's readers point out errors and ask, and an owner ask a clerk to take a course."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from portal.access import Member, Role
from portal.accounts import queries as accounts
from portal.db import db
from portal.demo.cast import World
from portal.demo.learning import pass_lesson
from portal.demo.people import People
from portal.learning import actions as learning
from portal.learning import versions
from portal.learning.models import LessonReport
from portal.learning.rules import ReportState
from portal.questions import actions as questions
from portal.teaching import actions

COURSE = "repurchase-101"
REPORTS = (
    ("layering", 9, "表里说“超过 1.5 倍间隔”，例子里算的却是 2 倍，不知道按哪个。"),
    ("timing", 3, "平台现在一天只能发一条群消息，课里说的早晚各一条发不了了。"),
    ("offer", 1, "券的门槛那一段，数字能不能换成点卡的？视频会员没有这个面额。"),
)
ANSWER = "已经改成 1.5 倍，例子也重新算过了，谢谢指出。"
QUESTIONS = (
    ("layering", 8, "我们店点卡和视频会员都卖，间隔要分开算吗？"),
    ("timing", 2, "群里早上没人说话，能不能改到中午发？"),
)
SAID = "分开算。点卡买得勤，用点卡自己的间隔；视频会员按月算。混在一起，两边都会发错时候。"
COMMON = "卖两种商品的店，复购间隔要分开算吗？"
DUE = timedelta(days=10)


def seed(world: World, people: People, *, at: datetime) -> None:
    """Add three reports, the oldest of them answered, and one course asked of a clerk."""
    members = [people.dealers[one.dealer] for one in world.enrolments if one.course == COURSE]
    reports = [
        _report(member, name, text, at=at - timedelta(days=days))
        for member, (name, days, text) in zip(members, REPORTS, strict=False)
    ]
    operator = next(iter(people.operators.values()))
    for report in reports[:1]:
        actions.answer_report(
            report_id=report.id, state=ReportState.MENDED, text=ANSWER, by=operator, at=at
        )
    _ask_the_author(members, by=people.author, at=at)
    _ask_a_clerk(world, people, at=at)


def _report(member: Member, name: str, text: str, *, at: datetime) -> LessonReport:
    report = LessonReport(
        slug=COURSE,
        lesson_id=f"{COURSE}/{name}",
        course_version_id=versions.current()[COURSE].id,
        organisation_id=member.organisation_id,
        person_id=member.person_id,
        text=text,
        reported_at=at,
    )
    db.session.add(report)
    db.session.flush()
    return report


def _ask_the_author(members: Sequence[Member], *, by: Member, at: datetime) -> None:
    """Add questions, the oldest of them answered for everybody."""
    asked = [
        questions.ask(
            member=member, slug=COURSE, name=name, text=text, at=at - timedelta(days=days)
        )
        for member, (name, days, text) in zip(members, QUESTIONS, strict=False)
    ]
    for question in asked[:1]:
        said = questions.Answer(text=SAID, faq_text=COMMON)
        questions.answer(question_id=question.id, answer=said, by=by, at=at)


def _ask_a_clerk(world: World, people: People, *, at: datetime) -> None:
    owner = people.dealers[world.clerks[0].dealer]
    shop = owner.organisation_id
    staff = [one for one in accounts.persons_of(shop) if one.id != owner.person_id]
    for one in staff[:1]:
        clerk = Member(one.id, one.name, shop, owner.organisation_name, Role.DEALER)
        learning.enrol(member=clerk, slug=COURSE, at=at - timedelta(days=6))
        course = versions.course(versions.current()[COURSE])
        for lesson in course.lessons[:2]:
            pass_lesson(member=clerk, course=course, lesson=lesson, at=at - timedelta(days=4))
        for slug in (COURSE, "after-sales-101"):
            actions.assign(by=owner, person_id=one.id, slug=slug, due_on=(at + DUE).date(), at=at)
