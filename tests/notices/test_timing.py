"""Quiet hours: in which minutes nobody is disturbed, and when they end."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from portal import i18n
from portal.notices import rules, texts
from portal.notices.rules import NoticeKind, Urgency, Wish
from portal.notices.timing import USUAL, Timing, is_quiet, when_allowed

SHANGHAI = ZoneInfo("Asia/Shanghai")
NAP = Timing(quiet_from_minute=12 * 60, quiet_until_minute=14 * 60, wants_digest=True)
NONE = Timing(quiet_from_minute=0, quiet_until_minute=0, wants_digest=True)


@pytest.mark.parametrize(
    ("timing", "hour", "minute", "quiet"),
    [
        (USUAL, 21, 59, False),
        (USUAL, 22, 0, True),
        (USUAL, 0, 0, True),
        (USUAL, 7, 59, True),
        (USUAL, 8, 0, False),
        (NAP, 11, 59, False),
        (NAP, 12, 0, True),
        (NAP, 14, 0, False),
        (NONE, 0, 0, False),
        (NONE, 3, 0, False),
    ],
)
def test_quiet_hours_begin_with_their_first_minute_and_end_before_their_last(
    timing, hour, minute, quiet
):
    assert is_quiet(timing, minute=hour * 60 + minute) is quiet


@pytest.mark.parametrize(
    ("local", "allowed"),
    [
        ("2026-03-01T21:59:59+08:00", "2026-03-01T21:59:59+08:00"),
        ("2026-03-01T22:00:00+08:00", "2026-03-02T08:00:00+08:00"),
        ("2026-03-01T23:30:00+08:00", "2026-03-02T08:00:00+08:00"),
        ("2026-03-02T00:10:00+08:00", "2026-03-02T08:00:00+08:00"),
        ("2026-03-02T08:00:00+08:00", "2026-03-02T08:00:00+08:00"),
    ],
)
def test_what_falls_into_quiet_hours_waits_for_their_end(local, allowed):
    at = datetime.fromisoformat(local).astimezone(UTC)

    assert when_allowed(USUAL, at=at, zone=SHANGHAI) == datetime.fromisoformat(allowed)


# --- urgency ------------------------------------------------------------------------------------

AT = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)


def test_every_kind_says_how_urgent_it_is():
    assert set(rules.URGENCY) == set(NoticeKind)


@pytest.mark.parametrize(
    ("starts_at", "urgent"),
    [
        ("2026-03-01T03:00:00Z", True),
        ("2026-03-02T01:59:00Z", True),
        ("2026-03-02T02:00:00Z", False),
        ("2026-03-01T01:00:00Z", False),  # over already
    ],
)
def test_a_session_that_changes_within_a_day_is_urgent(starts_at, urgent):
    found = rules.is_urgent(NoticeKind.BOOKING_CANCELLED, {"starts_at": starts_at}, at=AT)

    assert found is urgent


def test_what_is_calm_goes_into_the_digest_and_the_rest_out_at_once():
    assert rules.usual_wish(NoticeKind.REPORT_READY) is Wish.DIGEST
    assert rules.usual_wish(NoticeKind.BOOKING_CANCELLED) is Wish.NOW
    assert rules.URGENCY[NoticeKind.REPORT_READY] is Urgency.CALM


# --- words --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("kind", list(NoticeKind))
def test_every_kind_has_a_title_a_subject_and_a_body_in_both_languages(context, kind, language):
    params = {"title": "T", "who": "W", "starts_at": "2026-03-02T02:00:00Z"}
    with i18n.speaking(language):
        said = [texts.name(kind), texts.text(kind, params), texts.advice(kind)]

    assert all(said)
    assert len(set(said)) == 3
