"""What a dealer should do next: gathers the facts for the rules, and puts their answer in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for

from courses import course as courses
from portal import i18n
from portal.access import Member
from portal.accounts import queries as accounts
from portal.booking.queries.sessions import SessionRow
from portal.home import rules, texts
from portal.home.rules import Kind, Lesson, MonthFacts, Reading, Step
from portal.home.texts import Words
from portal.learning import paths, standing
from portal.learning import rules as learning
from portal.learning.standing import Standing
from portal.notices import queries as notices
from portal.notices.queries import NoticeRow
from portal.notices.rules import NoticeKind
from portal.reporting import places, reading
from reports.metrics.dealer import DealerReport, MonthFigures
from reports.render.headline import focus_index
from reports.site.view import NoReport

_ANSWERS = (
    NoticeKind.FEEDBACK_SHIPPED,
    NoticeKind.FEEDBACK_ANSWERED,
    NoticeKind.FEEDBACK_DECLINED,
)


@dataclass(frozen=True, slots=True)
class StepCard:
    """One thing to do next; `notice_id` names the notice that following it marks as read."""

    kind: Kind
    words: Words
    url: str
    notice_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Offer:
    """A lesson with what its words need; `percent` is the progress in its course."""

    lesson: Lesson
    title: str
    minutes: int
    course: str
    percent: int


@dataclass(frozen=True, slots=True)
class _Figures:
    """The report's last complete month against the one before."""

    month: date
    currency: str
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class _Around:
    """All that the rules and the words are made of; lessons by (course, name)."""

    at: datetime
    session: SessionRow | None
    figures: _Figures | None
    offers: dict[tuple[str, str], _Offer]
    at_hand: Standing | None  # the course to go on with, or to begin
    note: NoticeRow | None
    answer: NoticeRow | None


def cards(*, member: Member, session: SessionRow | None, at: datetime) -> Sequence[StepCard]:
    """Return what a dealer should do next, most important first, never empty.

    `session` is the dealer's next session, one that is going on included.
    """
    unread = notices.latest_unread(member=member, kinds={NoticeKind.SESSION_NOTE, *_ANSWERS})
    answers = [unread[kind] for kind in _ANSWERS if kind in unread]
    standings = standing.of_member(member)
    around = _Around(
        at=at,
        session=session,
        figures=_figures(member.organisation_id),
        offers={_key(each.lesson): each for each in _offers(standings)},
        at_hand=paths.at_hand(standings),
        note=unread.get(NoticeKind.SESSION_NOTE),
        answer=max(answers, key=lambda each: (each.created_at, each.id), default=None),
    )
    return [_card(step, around) for step in rules.next_steps(_facts(around))]


# What the rules are told


def _key(lesson: Lesson) -> tuple[str, str]:
    return lesson.slug, lesson.name


def _facts(around: _Around) -> rules.Facts:
    return rules.Facts(
        at=around.at,
        session_starts_at=around.session.starts_at if around.session else None,
        note_unread=around.note is not None,
        answer_unread=around.answer is not None,
        readings=around.figures.readings if around.figures else (),
        lessons=[each.lesson for each in around.offers.values()],
        next_lesson=_next_lesson(around),
        course_begun=around.at_hand is not None and around.at_hand.enrolment is not None,
    )


def _next_lesson(around: _Around) -> Lesson | None:
    following = around.at_hand.progress.next_lesson if around.at_hand else None
    if around.at_hand is None or following is None:
        return None
    return around.offers[around.at_hand.slug, learning.lesson_name(following)].lesson


def _offers(standings: Sequence[Standing]) -> Iterator[_Offer]:
    language = i18n.language_tag()
    for found in standings:
        complete = {each.lesson_id for each in found.progress.completions}
        for lesson in found.course.lessons:
            yield _Offer(
                lesson=Lesson(
                    slug=found.slug,
                    name=learning.lesson_name(lesson.id),
                    figures=lesson.kpi or found.course.kpi,
                    complete=lesson.id in complete,
                ),
                title=courses.pick(lesson.title, language),
                minutes=lesson.minutes,
                course=courses.pick(found.course.title, language),
                percent=found.progress.percent,
            )


def _figures(dealer_id: int) -> _Figures | None:
    report = _report(dealer_id)
    index = focus_index(report.months) if report else None
    # A month that is not over looks like a slump, and a first month has nothing to compare with.
    if report is None or not index or not report.months[index].complete:
        return None
    now, before = report.months[index], report.months[index - 1]
    return _Figures(
        month=now.month,
        currency=report.currency,
        readings=rules.readings(
            now=_month_facts(now, has_refunds=report.has_refunds),
            before=_month_facts(before, has_refunds=report.has_refunds),
        ),
    )


def _report(dealer_id: int) -> DealerReport | None:
    dealer, site = accounts.organisation(dealer_id), places.site()
    if dealer is None or dealer.shop_ref is None or site is None:
        return None
    try:
        return reading.report_in(site, dealer.shop_ref)
    except NoReport:
        return None


def _month_facts(month: MonthFigures, *, has_refunds: bool) -> MonthFacts:
    return MonthFacts(
        gmv_minor=month.gmv_minor,
        refund_minor=month.refund_minor if has_refunds else None,
        orders=month.orders,
        active_buyers=month.active_buyers,
        repurchase_bps=month.repurchase_bps,
    )


# What the rules answered


def _card(step: Step, around: _Around) -> StepCard:
    if step.lesson is not None:
        return _lesson_card(step, around.offers[_key(step.lesson)], around)
    if step.kind is Kind.PREPARE and around.session is not None:
        return _session_card(around.session, at=around.at)
    if step.kind is Kind.READ_NOTE and around.note is not None:
        words = texts.read_note(notice=around.note.text)
        return StepCard(step.kind, words, around.note.path, around.note.id)
    if step.kind is Kind.READ_ANSWER and around.answer is not None:
        words = texts.read_answer(notice=around.answer.text)
        return StepCard(step.kind, words, around.answer.path, around.answer.id)
    if step.kind is Kind.ASK:
        return StepCard(
            step.kind, texts.ask(because=_because(step, around)), url_for("booking.index")
        )
    return StepCard(Kind.NOTHING, texts.nothing(), url_for("feedback.create"))


def _lesson_card(step: Step, offer: _Offer, around: _Around) -> StepCard:
    if step.kind is Kind.LEARN:
        words = texts.learn(
            title=offer.title, minutes=offer.minutes, because=_because(step, around)
        )
    elif step.kind is Kind.GO_ON:
        words = texts.go_on(
            title=offer.title, course=offer.course, percent=offer.percent, minutes=offer.minutes
        )
    else:
        words = texts.begin(title=offer.title, course=offer.course, minutes=offer.minutes)
    url = url_for("learning.lesson", slug=offer.lesson.slug, name=offer.lesson.name)
    return StepCard(step.kind, words, url)


def _session_card(session: SessionRow, *, at: datetime) -> StepCard:
    words = texts.prepare(
        consultant=session.consultant.name,
        when=f"{i18n.short_day(session.on)} {i18n.time_of_day(session.starts_at)}",
        going_on=session.starts_at <= at,
    )
    return StepCard(Kind.PREPARE, words, url_for("booking.show", public_id=session.public_id))


def _because(step: Step, around: _Around) -> str:
    if step.reading is None or around.figures is None:
        return ""
    figures = around.figures
    return texts.reading(step.reading, month=figures.month, currency=figures.currency)
