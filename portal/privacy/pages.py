"""What privacy pages show: every value a final text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal import i18n
from portal.i18n import gettext as _
from portal.outbox import presenting
from portal.outbox.presenting import ShownProgress
from portal.outbox.rules import JobState
from portal.privacy import queries, texts
from portal.privacy.queries import DeletionRow, ExportRow
from portal.privacy.rules import ExportState


@dataclass(frozen=True, slots=True)
class ShownExport:
    """A copy in the list. `progress` while it is being made; `state` is empty then."""

    public_id: str
    title: str
    facts: str
    state: str
    tone: str
    is_ready: bool
    progress: ShownProgress | None


@dataclass(frozen=True, slots=True)
class ShownDeletion:
    """A planned deletion in the operators' list."""

    row: DeletionRow
    obstacles: Sequence[str]


def exports(person_id: int) -> list[ShownExport]:
    """Return the copies that a person asked for."""
    return [_export(row) for row in queries.exports_asked_by(person_id)]


def _export(row: ExportRow) -> ShownExport:
    facts = [str(_("申请于 %(when)s", when=i18n.moment(row.asked_at)))]
    if row.state is ExportState.READY and row.expires_at is not None:
        facts.append(texts.size(row.size_bytes or 0))
        facts.append(str(_("%(day)s 前可以下载", day=i18n.local_day(row.expires_at))))
    failed = row.job is not None and row.job.state is JobState.DEAD
    state, tone = _state(row.state, failed=failed)
    return ShownExport(
        public_id=row.public_id,
        title=str(_("%(name)s的数据", name=row.whose)),
        facts=" · ".join(facts),
        state=state,
        tone=tone,
        is_ready=row.state is ExportState.READY,
        progress=presenting.progress(row.job) if row.job is not None and not failed else None,
    )


def _state(state: ExportState, *, failed: bool) -> tuple[str, str]:
    if failed:
        return str(_("没有做成")), "bad"
    words = {
        ExportState.WAITING: (_("正在整理"), "info"),
        ExportState.READY: (_("可以下载"), "good"),
        ExportState.EXPIRED: (_("已过期"), ""),
    }
    text, tone = words[state]
    return str(text), tone


def deletions(*, at: datetime) -> list[ShownDeletion]:
    """Return the planned deletions, each with what stands in its way."""
    return [
        ShownDeletion(row=row, obstacles=texts.obstacles(queries.obstacles(row.person_id, at=at)))
        for row in queries.planned_deletions()
    ]
