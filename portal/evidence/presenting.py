"""Entries as the operators' pages and files show them: in words, with names."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from portal import i18n
from portal.evidence import rules, texts
from portal.evidence.directory import Directory
from portal.evidence.queries import EntryRow
from portal.i18n import gettext as _
from reports.facts.quality import safe_cell


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry in words. `organisation` and `record` are empty where there is none."""

    row: EntryRow
    who: str
    organisation: str
    sentence: str
    record: str

    @property
    def facts(self) -> str:
        """What the record was, for which organisation, from where, as far as it is known."""
        address = self.row.address
        origin = _("来自 %(address)s", address=address) if address else _("来源不详")
        return " · ".join(filter(None, (self.record, self.organisation, str(origin))))

    @property
    def seq(self) -> int:
        """The entry's number."""
        return self.row.entry.seq


@dataclass(frozen=True, slots=True)
class ShownChange:
    """What happened to rows of one table, in words."""

    what: str  # 新增, 修改 or 删除
    table: str
    which: str
    columns: str


def shown(rows: Sequence[EntryRow], directory: Directory) -> list[ShownEntry]:
    """Return entries with names and words; names are looked up for all of them at once."""
    entries = [row.entry for row in rows]
    people = directory.people({e.person_id for e in entries if e.person_id is not None})
    organisations = directory.organisations(
        {e.organisation_id for e in entries if e.organisation_id is not None}
    )
    return [_shown(row, people, organisations) for row in rows]


def _shown(
    row: EntryRow, people: Mapping[int, str], organisations: Mapping[int, str]
) -> ShownEntry:
    entry = row.entry
    who = texts.actor(
        name=None
        if entry.person_id is None
        else people.get(entry.person_id, f"#{entry.person_id}"),
        role=entry.role,
    )
    organisation = (
        ""
        if entry.organisation_id is None
        else organisations.get(entry.organisation_id, f"#{entry.organisation_id}")
    )
    return ShownEntry(
        row=row,
        who=who,
        organisation=organisation,
        sentence=texts.sentence(who=who, action=entry.action),
        record=texts.subject(entry.subject, entry.subject_id),
    )


def changes(row: EntryRow) -> list[ShownChange]:
    """Return which rows an entry says were changed."""
    return [
        ShownChange(
            what=texts.change(each.change),
            table=each.table,
            which=_which(each),
            columns=", ".join(each.columns),
        )
        for each in rules.changes_of(row.entry.changes)
    ]


def _which(change: rules.Change) -> str:
    if change.key is not None:
        return ", ".join(change.key)
    if change.rows is None:
        return str(_("若干行"))
    return str(_("%(count)s 行", count=f"{change.rows:,}"))


def details(row: EntryRow) -> list[tuple[str, str]]:
    """Return what else an entry tells, as name and value."""
    return [
        (name, value if isinstance(value, str) else rules.canonical(value))
        for name, value in sorted(row.details.items())
    ]


def as_csv(entries: Iterable[ShownEntry]) -> bytes:
    """Return entries as CSV in UTF-8 with a byte order mark, by which spreadsheets know it.

    What a spreadsheet would run as a formula is defused.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_head())
    for each in entries:
        writer.writerow([safe_cell(cell) for cell in _cells(each)])
    return text.getvalue().encode("utf-8-sig")


def _head() -> Sequence[str]:
    heads = (
        _("编号"),
        _("时间"),
        _("谁"),
        _("组织"),
        _("角色"),
        _("做了什么"),
        _("操作代码"),
        _("记录"),
        _("来源地址"),
        _("请求编号"),
        _("改动"),
        _("校验值"),
    )
    return [str(each) for each in heads]


def _cells(each: ShownEntry) -> Sequence[str]:
    entry = each.row.entry
    return (
        str(entry.seq),
        i18n.local(entry.at).isoformat(timespec="seconds"),
        each.who,
        each.organisation,
        entry.role or "",
        texts.done(entry.action),
        entry.action,
        each.record,
        each.row.address or "",
        entry.request_id or "",
        entry.changes,
        each.row.hash,
    )
