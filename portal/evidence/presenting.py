"""Entries as the operators' pages and files show them: in words, with names."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from portal import i18n
from portal.evidence import rules, texts
from portal.evidence.directory import Directory
from portal.evidence.queries import EntryRow
from portal.i18n import gettext as _
from reports.facts.quality import safe_table


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
        origin = str(_("来自 %(address)s", address=address)) if address else ""
        return " · ".join(filter(None, (self.record, self.organisation, origin)))

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


@dataclass(frozen=True, slots=True)
class _Names:
    """Names by number; one that is gone is told by its number."""

    people: Mapping[int, str]
    organisations: Mapping[int, str]

    def person(self, number: int) -> str:
        return self.people.get(number, f"#{number}")

    def organisation(self, number: int) -> str:
        return self.organisations.get(number, f"#{number}")


def shown(rows: Sequence[EntryRow], directory: Directory) -> list[ShownEntry]:
    """Return entries with names and words; names are looked up for all of them at once."""
    entries = [row.entry for row in rows]
    names = _Names(
        people=directory.people(
            {e.person_id for e in entries if e.person_id is not None} | _numbers(entries, "person")
        ),
        organisations=directory.organisations(
            {e.organisation_id for e in entries if e.organisation_id is not None}
            | _numbers(entries, "organisation")
        ),
    )
    return [_shown(row, names) for row in rows]


def _numbers(entries: Iterable[rules.Entry], subject: str) -> set[int]:
    """Return whom or what entries are about, where they are about a person or organisation."""
    found = (each.subject_id or "" for each in entries if each.subject == subject)
    return {int(each) for each in found if each.isascii() and each.isdigit()}


def _shown(row: EntryRow, names: _Names) -> ShownEntry:
    entry = row.entry
    name = None if entry.person_id is None else names.person(entry.person_id)
    who = texts.actor(name=name, role=entry.role)
    of = entry.organisation_id
    return ShownEntry(
        row=row,
        who=who,
        organisation="" if of is None else names.organisation(of),
        sentence=texts.sentence(who=who, action=entry.action),
        record=_record(entry, names),
    )


def _record(entry: rules.Entry, names: _Names) -> str:
    about = entry.subject_id
    if entry.subject == "person" and about == str(entry.person_id):
        return ""  # whoever changes their own account is named already
    if about is not None and about.isascii() and about.isdigit():
        by_name = {"person": names.person, "organisation": names.organisation}
        if entry.subject in by_name:
            about = by_name[entry.subject](int(about))
    return texts.subject(entry.subject, about)


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
    add = safe_table(text)
    add(_head())
    for each in entries:
        add(_cells(each))
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
