"""Jobs as pages show them: every value a final text."""

from dataclasses import dataclass
from datetime import datetime

from portal import i18n
from portal.i18n import gettext as _
from portal.outbox import texts
from portal.outbox.queries import JobRow
from portal.outbox.rules import JobState


@dataclass(frozen=True, slots=True)
class ShownProgress:
    """How far a job is."""

    id: int
    title: str
    text: str
    percent: int
    is_over: bool


def progress(of: JobRow) -> ShownProgress:
    """Return how far a job is, in one sentence and from 0 to 100."""
    return ShownProgress(
        id=of.id,
        title=texts.kind(of.kind),
        text=_sentence(of),
        percent=100 if of.state is JobState.DONE else of.percent,
        is_over=of.is_over,
    )


def _sentence(of: JobRow) -> str:
    if of.state is JobState.DONE:
        return str(_("做完了。"))
    if of.state is JobState.DEAD:
        return str(_("没有做成，平台运营会处理。"))
    if of.state is JobState.RUNNING:
        return texts.progress(of.kind, done=of.progress_done, total=of.progress_total)
    if of.attempt > 0:
        return str(_("上一次没有完成，过几分钟会自动再试。"))
    return str(_("已排队，马上开始。"))


@dataclass(frozen=True, slots=True)
class ShownJob:
    """One job of the operators' list."""

    id: int
    title: str
    facts: str  # when it was begun, is due or ended, how often it was tried, who caused it
    trouble: str  # why it failed, in words; "" when it did not
    line: str  # the technical line behind the trouble
    reason: str  # why it was given up; "" when it was not
    can_decide: bool
    progress: ShownProgress | None  # while it runs


def job(of: JobRow, *, people: dict[int, str], at: datetime) -> ShownJob:
    """Return one job of the list; `people` are names by id."""
    trouble, line = texts.error(of.error if of.state is not JobState.DONE else None)
    who = people.get(of.caused_by) if of.caused_by is not None else None
    facts = [_when(of, at=at), _tries(of), who and str(_("%(name)s 发起", name=who))]
    return ShownJob(
        id=of.id,
        title=texts.kind(of.kind),
        facts=" · ".join(each for each in facts if each),
        trouble=trouble,
        line=line,
        reason=_reason(of, people),
        can_decide=of.state is JobState.DEAD and of.given_up_at is None,
        progress=progress(of) if of.state is JobState.RUNNING else None,
    )


def _when(of: JobRow, *, at: datetime) -> str:
    if of.finished_at is not None and of.state is JobState.DONE:
        return str(_("%(when)s 做完", when=i18n.moment(of.finished_at)))
    if of.finished_at is not None and of.state is JobState.DEAD:
        return str(_("%(when)s 最后一次尝试", when=i18n.moment(of.finished_at)))
    if of.started_at is not None and of.state is JobState.RUNNING:
        return str(_("%(when)s 开始", when=i18n.moment(of.started_at)))
    if of.run_after > at:
        return str(_("%(when)s 运行", when=i18n.moment(of.run_after)))
    return str(_("%(when)s 起排队", when=i18n.moment(of.run_after)))


def _tries(of: JobRow) -> str:
    if of.attempt < 2 and of.state is not JobState.DEAD:
        return ""
    return str(_("试了 %(count)s 次", count=of.attempt))


def _reason(of: JobRow, people: dict[int, str]) -> str:
    if of.given_up_at is None:
        return ""
    return str(
        _(
            "%(name)s 在 %(when)s 放弃：%(reason)s",
            name=people.get(of.given_up_by or 0, ""),
            when=i18n.moment(of.given_up_at),
            reason=of.given_up_reason or "",
        )
    )
