"""Who gets a notice, and who has read it."""

from datetime import timedelta

import pytest

from portal.db import unit_of_work
from portal.notices import actions, queries
from portal.notices.rules import ForeignPath, NoticeKind
from portal.paging import Page


def read(member):
    return queries.of_member(member=member, page=Page()).rows


def test_a_notice_reaches_every_member_of_the_organisation_and_nobody_else(
    context, cast, clerk, tell
):
    tell(title="充值到账慢")

    assert [row.unread for row in read(cast.dealer_a.member)] == [True]
    assert [row.unread for row in read(clerk)] == [True]
    assert read(cast.dealer_b.member) == []


def test_a_notice_to_one_person_reaches_only_that_person(context, cast, clerk, tell):
    tell(person_id=clerk.person_id)

    assert len(read(clerk)) == 1
    assert read(cast.dealer_a.member) == []


def test_what_a_clerk_has_read_stays_unread_for_the_owner(context, cast, clerk, tell, moment):
    tell()

    with unit_of_work():
        actions.mark_all_read(member=clerk, at=moment)

    assert queries.unread_count(clerk) == 0
    assert queries.unread_count(cast.dealer_a.member) == 1


def test_what_came_after_the_look_stays_unread(context, cast, tell, moment):
    tell(title="先来的")
    tell(title="后来的", at=moment + timedelta(minutes=1))

    with unit_of_work():
        actions.mark_all_read(member=cast.dealer_a.member, at=moment)

    newest, oldest = read(cast.dealer_a.member)
    assert ("后来的" in newest.text, newest.unread) == (True, True)
    assert oldest.unread is False


def test_marking_twice_changes_nothing(context, cast, tell, moment):
    tell()

    for _ in range(2):
        with unit_of_work():
            actions.mark_all_read(member=cast.dealer_a.member, at=moment)

    assert queries.unread_count(cast.dealer_a.member) == 0


def test_opening_a_notice_marks_that_one_and_tells_where_it_leads(context, cast, tell, moment):
    tell(path="/feedback/one")
    tell(path="/feedback/two")
    (row,) = [each for each in read(cast.dealer_a.member) if each.path == "/feedback/one"]

    with unit_of_work():
        path = actions.open_notice(notice_id=row.id, member=cast.dealer_a.member, at=moment)

    assert path == "/feedback/one"
    assert {each.path: each.unread for each in read(cast.dealer_a.member)} == {
        "/feedback/one": False,
        "/feedback/two": True,
    }


def test_a_foreign_notice_cannot_be_opened(context, cast, clerk, tell, moment):
    tell(person_id=clerk.person_id)
    (row,) = read(clerk)

    for actor in (cast.dealer_a, cast.dealer_b, cast.operator):
        with pytest.raises(actions.NoSuchNotice):
            actions.open_notice(notice_id=row.id, member=actor.member, at=moment)


@pytest.mark.asvs("V3.7.2")
def test_a_notice_that_leads_out_of_the_portal_is_not_posted(cast, tell):
    with pytest.raises(ForeignPath):
        tell(path="//evil.example/x")


def test_the_newest_unread_notice_of_each_kind_is_found(context, cast, tell, moment):
    tell(NoticeKind.SESSION_NOTE, who="顾思远", at=moment)
    tell(NoticeKind.SESSION_NOTE, who="文静", at=moment + timedelta(hours=1))
    tell(NoticeKind.FEEDBACK_SHIPPED, title="充值")
    tell(NoticeKind.REPORT_READY)
    wanted = {NoticeKind.SESSION_NOTE, NoticeKind.FEEDBACK_SHIPPED, NoticeKind.FEEDBACK_DECLINED}

    found = queries.latest_unread(member=cast.dealer_a.member, kinds=wanted)

    assert set(found) == {NoticeKind.SESSION_NOTE, NoticeKind.FEEDBACK_SHIPPED}
    assert "文静" in found[NoticeKind.SESSION_NOTE].text


def test_a_read_notice_is_not_among_the_unread_ones(context, cast, tell, moment):
    tell(NoticeKind.SESSION_NOTE)
    with unit_of_work():
        actions.mark_all_read(member=cast.dealer_a.member, at=moment)

    found = queries.latest_unread(member=cast.dealer_a.member, kinds={NoticeKind.SESSION_NOTE})

    assert found == {}
