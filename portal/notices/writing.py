"""What a delivery says as a mail, decided at the moment of sending: in the receiver's language,
and not any more when the receiver has left or has read it in the portal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from typing import Any

from portal import i18n
from portal.db import db
from portal.i18n import gettext as _
from portal.i18n import ngettext
from portal.notices import digest, directory, queries, rules, telling, texts, unsubscribing
from portal.notices.directory import Recipient
from portal.notices.mail import invitations
from portal.notices.mail.letters import Button, Item, Letter, Section, absolute
from portal.notices.models import Delivery, Notice
from portal.notices.rules import Channel, NoticeKind, Skipped, Wish

MOST_OF_A_KIND = 20  # in one digest; the rest is behind its link


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that is ready to be handed over."""

    to: str
    key: str
    language: str
    letter: Letter
    at: datetime


def mail_of(delivery: Delivery, *, at: datetime) -> Mail | Skipped:
    """Return the mail of a delivery, or why it is not sent any more."""
    if delivery.content is not None:
        return _own_words(delivery, delivery.content)
    person = directory.person(delivery.person_id) if delivery.person_id else None
    if person is None:
        return Skipped.GONE
    if person.mail is None:
        return Skipped.NO_ADDRESS
    if queries.bounce_of(person.mail) is not None:
        return Skipped.BOUNCED
    with i18n.speaking(person.language):
        letter = _letter(delivery, person, at=at)
    if isinstance(letter, Skipped):
        return letter
    return Mail(person.mail, delivery.key, person.language, letter, delivery.created_at)


def _letter(delivery: Delivery, person: Recipient, *, at: datetime) -> Letter | Skipped:
    if delivery.channel == Channel.DIGEST.value:
        if not queries.timing_of([person.person_id])[person.person_id].wants_digest:
            return Skipped.NOT_WANTED
        notices = digest.fill(delivery, at=at)
        return _digest_letter(notices, person) if notices else Skipped.NOTHING_NEW
    notice = db.session.get(Notice, delivery.notice_id) if delivery.notice_id else None
    if notice is None or person not in telling.receivers_of(notice):
        return Skipped.GONE
    if rules.is_stale(notice.stale_from, at=at):
        return Skipped.STALE
    kind = NoticeKind(notice.kind)
    urgent = rules.is_urgent(kind, notice.params, at=notice.created_at)
    no_more = None if urgent else _no_more(notice, kind, person)
    return no_more or _notice_letter(notice, kind, person, silenceable=not urgent)


def _no_more(notice: Notice, kind: NoticeKind, person: Recipient) -> Skipped | None:
    """Return why a mail that waited, for quiet hours to end or a server to answer, is not sent."""
    wish = queries.wishes_of([person.person_id], [kind])[person.person_id][kind]
    if wish is Wish.NEVER:
        return Skipped.NOT_WANTED
    if notice.invitation is not None:
        return None  # who has read it in the portal still has the old hour in the calendar
    return Skipped.READ_BEFORE if digest.was_read(notice.id, person.person_id) else None


def _notice_letter(
    notice: Notice, kind: NoticeKind, person: Recipient, *, silenceable: bool
) -> Letter:
    end = unsubscribing.link_for(person_id=person.person_id, kind=kind) if silenceable else ""
    return Letter(
        subject=texts.text(kind, notice.params),
        paragraphs=[each for each in (texts.place(notice.params), texts.advice(kind)) if each],
        button=Button(_("打开查看"), absolute(notice.path)),
        settings_url=absolute(rules.SETTINGS_PATH),
        unsubscribe_url=end,
        calendar=invitations.for_receiver(
            notice.invitation,
            name=person.name,
            mail=person.mail or "",
            language=person.language,
        ),
    )


def _digest_letter(notices: Sequence[Notice], person: Recipient) -> Letter:
    order = list(rules.URGENCY)
    by_use = sorted(notices, key=lambda each: order.index(NoticeKind(each.kind)))
    sections = [
        Section(texts.name(kind), [_item(kind, each) for each in islice(group, MOST_OF_A_KIND)])
        for kind, group in groupby(by_use, key=lambda each: NoticeKind(each.kind))
    ]
    count = len(notices)
    return Letter(
        subject=ngettext("今天有 %(num)s 件事等你看", "今天有 %(num)s 件事等你看", count),
        paragraphs=[_("%(name)s，你好。下面是还没看过的消息，最该看的在前。", name=person.name)],
        sections=sections,
        button=Button(_("打开通知"), absolute("/notices")),
        settings_url=absolute(rules.SETTINGS_PATH),
        unsubscribe_url=unsubscribing.link_for(person_id=person.person_id, kind=None),
    )


def _item(kind: NoticeKind, notice: Notice) -> Item:
    return Item(
        text=texts.text(kind, notice.params),
        url=absolute(notice.path),
        when=i18n.short_day(i18n.local(notice.created_at).date()),
    )


def _own_words(delivery: Delivery, content: dict[str, Any]) -> Mail:
    button = content["button"]
    letter = Letter(
        subject=content["subject"],
        paragraphs=content["paragraphs"],
        button=Button(*button) if button else None,
    )
    return Mail(
        delivery.address or "", delivery.key, content["language"], letter, delivery.created_at
    )
