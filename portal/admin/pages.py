"""What operators' pages show: every value a final text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from portal.accounts import queries as accounts
from portal.admin import texts
from portal.i18n import gettext as _
from portal.notices.mail import smtp
from portal.outbox import presenting, queries
from portal.outbox import texts as job_texts
from portal.outbox.presenting import ShownJob
from portal.outbox.queries import JobRow
from portal.outbox.rules import Pile
from portal.paging import Page, Paged


@dataclass(frozen=True, slots=True)
class Place:
    """A page behind the portal; `standing` tells in a few words what is to be seen there."""

    url: str
    label: str
    about: str
    icon: str
    standing: str = ""
    tone: str = ""


def places() -> Sequence[Place]:
    """Return the pages that an operator finds behind the portal, each room's with its words."""
    failed = queries.dead_count()
    return [
        Place(
            url=url_for("admin.jobs"),
            label=str(_("后台任务")),
            about=str(_("导入、报告、通知和定期清理：在做什么，什么没做成。")),
            icon="list-check",
            standing=str(_("%(count)s 个没有做成", count=failed)) if failed else "",
            tone="bad",
        ),
        Place(
            url=url_for("notices.deliveries"),
            label=str(_("邮件和推送")),
            about=str(_("通知发给了谁，发成没有，没发成是为什么。")),
            icon="send",
            standing="" if smtp.is_set_up() else str(_("没有开通邮件")),
            tone="warn",
        ),
        Place(
            url=url_for("evidence.index"),
            label=str(_("操作记录")),
            about=str(_("谁在什么时候对哪条记录做了什么，包括登录。")),
            icon="clipboard-list",
        ),
        Place(
            url=url_for("certificates.issued"),
            label=str(_("证书")),
            about=str(_("签发过的课程证书，找到一张来撤销或换新。")),
            icon="certificate",
        ),
        *_of_sessions(),
        Place(
            url=url_for("doctor.system"),
            label=str(_("系统检查")),
            about=str(_("数据库、备份、邮件、密钥：装好了什么，缺什么，怎么补。")),
            icon="shield-check",
        ),
        Place(
            url=url_for("privacy.requests"),
            label=str(_("个人信息")),
            about=str(_("谁要注销账号，给某人或某个组织导出数据。")),
            icon="user",
        ),
    ]


def _of_sessions() -> Sequence[Place]:
    return [
        Place(
            url=url_for("rounds.manage"),
            label=str(_("顾问名额")),
            about=str(_("顾问的时间不够分时，先收报名，再按预计的帮助分出去。")),
            icon="calendar",
        ),
        Place(
            url=url_for("booking.holiday_plan"),
            label=str(_("节假日和调休")),
            about=str(_("哪些天放假，哪些周末上班，顾问的排班照着走。")),
            icon="calendar-event",
        ),
        Place(
            url=url_for("booking.session_kinds"),
            label=str(_("会谈种类")),
            about=str(_("一场谈多久、怎么谈、哪些店能约、多久能约一次。")),
            icon="message-2",
        ),
    ]


@dataclass(frozen=True, slots=True)
class PileLink:
    """One pile to choose."""

    url: str
    label: str
    count: str
    current: bool


@dataclass(frozen=True, slots=True)
class JobsPage:
    """The list of one pile of jobs."""

    pile: Pile
    piles: Sequence[PileLink]
    kind: str | None
    kinds: Sequence[tuple[str, str]]  # (kind, its words)
    paged: Paged[JobRow]
    rows: Sequence[ShownJob]
    workers: int
    nothing: tuple[str, str]


def first_pile(sizes: Mapping[Pile, int]) -> Pile:
    """Return the pile to look at first: what failed, what runs, else what comes next."""
    return next((each for each in (Pile.FAILED, Pile.RUNNING) if sizes[each]), Pile.WAITING)


def jobs(
    *, pile: Pile, sizes: Mapping[Pile, int], kind: str | None, page: Page, at: datetime
) -> JobsPage:
    """Return the list of a pile of jobs, of one kind or (None) of all."""
    paged = queries.jobs(pile=pile, kind=kind, page=page)
    people = _people(paged.rows)
    return JobsPage(
        pile=pile,
        piles=[
            PileLink(
                url=url_for("admin.jobs", pile=each.value, kind=kind),
                label=texts.pile(each),
                count=f"{count:,}",
                current=each is pile,
            )
            for each, count in sizes.items()
        ],
        kind=kind,
        kinds=[(each, job_texts.kind(each)) for each in queries.kinds()],
        paged=paged,
        rows=[presenting.job(each, people=people, at=at) for each in paged.rows],
        workers=queries.workers(at=at),
        nothing=texts.nothing_there(pile),
    )


def shown_job(of: JobRow, *, at: datetime) -> ShownJob:
    """Return one job by itself."""
    return presenting.job(of, people=_people([of]), at=at)


def _people(rows: Iterable[JobRow]) -> dict[int, str]:
    """Return the names of who caused these jobs or gave them up."""
    ids = {each for row in rows for each in (row.caused_by, row.given_up_by) if each is not None}
    return {each.id: each.name for each in accounts.persons(ids).values()} if ids else {}
