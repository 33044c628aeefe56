"""An operator's start page: what is stuck, late or failing, and how fresh the figures are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import url_for

from portal import i18n
from portal.access import Role
from portal.accounts import queries as accounts
from portal.accounts.membership.queries import directory
from portal.booking.queries import holidays
from portal.feedback import queries as feedback
from portal.home import rules
from portal.i18n import gettext as _
from portal.outbox import queries as outbox
from portal.outbox import texts as job_texts
from portal.paging import Page
from portal.practice import queries as practice
from portal.reporting import presenting as report_texts
from portal.reporting import queries as reporting
from portal.reporting.presenting import ShownBuild
from portal.reporting.queries import BuildRow
from portal.reporting.rules import BuildState
from portal.sales import queries as sales
from portal.sales.queries import FactsStanding
from portal.sales.rules import State
from portal.teaching.queries import reports


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that waits for a person; `url` leads to where it is dealt with."""

    text: str
    advice: str
    tone: str  # "bad": failing; "warn": waits
    url: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are of something."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class OperatorPage:
    """What an operator sees first. `last_build` is None before the first build."""

    troubles: Sequence[Trouble]
    facts: str
    site: str
    last_build: ShownBuild | None
    members: Sequence[Count]


def page(*, today: date) -> OperatorPage:
    """Return the operators' start page on the local date `today`."""
    facts = sales.facts_standing()
    builds = reporting.builds(page=Page(size=1)).rows
    last = builds[0] if builds else None
    imports = sales.counts_by_state()
    return OperatorPage(
        troubles=[
            *_failing(last, imports),
            *_late(facts, today=today),
            *_waiting(imports),
            *_unplanned(today),
        ],
        facts=_facts_line(facts),
        site=report_texts.site_line(reporting.site_standing(), facts),
        last_build=report_texts.build(last) if last else None,
        members=[*_members(), *_practice(today)],
    )


def _failing(last: BuildRow | None, imports: Mapping[State, int]) -> Iterator[Trouble]:
    if imports[State.FAILED]:
        yield Trouble(
            text=str(_("%(count)s 个订单文件导入失败", count=imports[State.FAILED])),
            advice=str(_("看原因，修好后再导入")),
            tone="bad",
            url=url_for("sales.index"),
        )
    yield from _jobs(outbox.dead_by_kind())
    if last is not None and last.state is BuildState.DONE and last.failed:
        yield Trouble(
            text=str(_("%(count)s 家的报告没有生成出来", count=len(last.failed))),
            advice=str(_("看每一家的原因")),
            tone="bad",
            url=url_for("reporting.builds"),
        )


def _jobs(dead: Mapping[str, int]) -> Iterator[Trouble]:
    for kind, count in dead.items():
        yield Trouble(
            text=str(_("%(what)s：%(count)s 次没有做成", what=job_texts.kind(kind), count=count)),
            advice=str(_("系统已经重试过几次，要你看一下")),
            tone="bad",
            url=url_for("admin.jobs", pile="failed", kind=kind),
        )


def _late(facts: FactsStanding, *, today: date) -> Iterator[Trouble]:
    if facts.damaged:
        text, advice, tone = _("订单数据读不出来"), _("请从备份恢复"), "bad"
    elif facts.until is None:
        text, advice, tone = _("还没有订单数据"), _("导入第一个订单文件"), "warn"
    elif rules.facts_are_late(until=facts.until, today=today):
        text = _("上个月的订单还没导全，数据只到 %(day)s", day=i18n.day(facts.until))
        advice, tone = _("导入订单文件"), "warn"
    else:
        return
    yield Trouble(text=str(text), advice=str(advice), tone=tone, url=url_for("sales.index"))


def _unplanned(today: date) -> Iterator[Trouble]:
    year = holidays.missing_year(today=today)
    if year is not None:
        yield Trouble(
            text=str(_("%(year)s 年的节假日没有填全", year=year)),
            advice=str(_("不填的话，放假的日子也会被约")),
            tone="warn",
            url=url_for("booking.holiday_plan", year=year),
        )


def _waiting(imports: Mapping[State, int]) -> Iterator[Trouble]:
    if imports[State.CHECKED]:
        yield Trouble(
            text=str(_("%(count)s 个订单文件等你确认", count=imports[State.CHECKED])),
            advice=str(_("核对后导入，或者丢弃")),
            tone="warn",
            url=url_for("sales.index"),
        )
    yield from _people()
    yield from _lessons()
    unassigned = feedback.unassigned_count()
    if unassigned:
        yield Trouble(
            text=str(_("%(count)s 条反馈还没确定是哪个商品", count=unassigned)),
            advice=str(_("确定以后，供应商才看得到")),
            tone="warn",
            url=url_for("feedback.unassigned"),
        )


def _lessons() -> Iterator[Trouble]:
    waiting = reports.open_count()
    if waiting:
        yield Trouble(
            text=str(_("%(count)s 条读者指出的课程错误没有回复", count=waiting)),
            advice=str(_("改课程，或者说明为什么不改")),
            tone="warn",
            url=url_for("teaching.all_reports"),
        )


def _people() -> Iterator[Trouble]:
    waiting = directory.waiting()
    if waiting.applications:
        yield Trouble(
            text=str(_("%(count)s 家店申请入驻", count=waiting.applications)),
            advice=str(_("核对后通过，或者说明原因婉拒")),
            tone="warn",
            url=url_for("members.waiting_applications"),
        )
    if waiting.resets:
        yield Trouble(
            text=str(_("%(count)s 个人忘了密码，等你给链接", count=waiting.resets)),
            advice=str(_("先打电话核对是本人")),
            tone="warn",
            url=url_for("members.waiting_resets"),
        )


def _facts_line(facts: FactsStanding) -> str:
    if facts.until is None:
        return str(_("还没有订单数据。"))
    return str(_("订单数据到 %(day)s。", day=i18n.day(facts.until)))


def _practice(today: date) -> Sequence[Count]:
    found = practice.counts(since=today - timedelta(days=30))
    return [
        Count(str(_("在做的行动项（件）")), f"{found.open:,}"),
        Count(str(_("30 天内完成（件）")), f"{found.done:,}"),
    ]


def _members() -> Sequence[Count]:
    organisations, people = accounts.organisations_by_kind(), accounts.members_by_role()
    return [
        Count(str(_("渠道商（家）")), f"{organisations.get('dealer', 0):,}"),
        Count(str(_("供应商（家）")), f"{organisations.get('supplier', 0):,}"),
        Count(str(_("运营顾问（人）")), f"{people[Role.CONSULTANT]:,}"),
        Count(str(_("能登录的账号（个）")), f"{accounts.person_count():,}"),
    ]
