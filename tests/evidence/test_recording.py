"""What a request, a job or a call of `record` leaves behind, and in which transaction."""

import json

import pytest
from conftest import NOW
from flask import Response
from sqlalchemy import update

from portal.accounts.models import Organisation
from portal.db import Conflict, db, refuse_conflicts, unit_of_work
from portal.evidence import actions, collecting
from portal.notices import actions as notices
from portal.notices.models import MailBounce, Notice
from portal.notices.rules import NoticeKind


def notify(cast, **more) -> None:
    notices.post(
        organisation_id=cast.dealer_a.organisation_id,
        kind=NoticeKind.REPORT_READY,
        path="/reports",
        at=NOW,
        **more,
    )


@pytest.fixture
def notice_id(cast, context) -> int:
    with unit_of_work():
        notify(cast)
    notice = db.session.query(Notice).one()
    db.session.rollback()
    return notice.id


def test_a_writing_request_is_recorded_of_its_own_accord(
    cast, sign_in, notice_id, entries, details
):
    client = sign_in(cast.dealer_a)

    client.post(f"/notices/{notice_id}/open", headers={"User-Agent": "Shop/1.0"})

    entry = entries()[-1]
    assert (entry.action, entry.subject, entry.subject_id) == (
        "notices.follow",
        "notice",
        str(notice_id),
    )
    assert (entry.person_id, entry.organisation_id, entry.role) == (
        cast.dealer_a.person_id,
        cast.dealer_a.organisation_id,
        "dealer",
    )
    assert json.loads(entry.changes)[0]["table"] == "notice_read"
    detail = details(entry.seq)
    assert (detail.address, detail.user_agent) == ("127.0.0.1", "Shop/1.0")


def test_a_request_that_changes_nothing_and_says_nothing_leaves_no_entry(
    cast, app, sign_in, entries
):
    client = sign_in(cast.dealer_a)
    before = len(entries())

    app.test_client().post("/language/en")
    client.get("/notices")

    assert len(entries()) == before


def test_an_update_tells_its_columns_and_never_their_values(cast, context, entries):
    with collecting.acting("command", "test.rename"), unit_of_work():
        db.session.get(Organisation, cast.dealer_a.organisation_id).name = "新的店名"

    entry = entries()[-1]
    assert json.loads(entry.changes) == [
        {
            "change": "update",
            "columns": ["name"],
            "key": [str(cast.dealer_a.organisation_id)],
            "table": "organisation",
        }
    ]
    assert (entry.role, entry.action) == ("command", "test.rename")
    assert "新的店名" not in entry.changes


def test_a_key_that_is_a_text_is_not_told_since_it_may_be_an_address(context, entries):
    with collecting.acting("system", "test.bounced"), unit_of_work():
        db.session.add(MailBounce(address="xiaolu@shop.example", answer="550", at=NOW))

    assert json.loads(entries()[-1].changes) == [
        {"change": "insert", "rows": 1, "table": "mail_bounce"}
    ]


def test_a_statement_over_many_rows_is_counted(cast, context, entries):
    with collecting.acting("system", "test.levels"), unit_of_work():
        db.session.execute(
            update(Organisation).where(Organisation.kind == "dealer").values(level=3)
        )

    assert json.loads(entries()[-1].changes) == [
        {"change": "update", "columns": ["level"], "rows": 2, "table": "organisation"}
    ]


def test_what_a_savepoint_took_back_is_not_told(cast, context, entries):
    def taken_back():
        with refuse_conflicts():
            actions.record(action="test.lost", at=NOW)
            notify(cast)
            notify(cast, person_id=999_999)

    with collecting.acting("system", "test.kept"), unit_of_work():
        with pytest.raises(Conflict):
            taken_back()
        db.session.get(Organisation, cast.dealer_a.organisation_id).level = 5

    entry = entries()[-1]
    assert entry.action == "test.kept"
    assert [each["table"] for each in json.loads(entry.changes)] == ["organisation"]
    assert "test.lost" not in [each.action for each in entries()]


def test_what_is_rolled_back_leaves_no_entry(cast, context, entries):
    def fail():
        with unit_of_work():
            actions.record(action="test.never", at=NOW)
            notify(cast)
            raise RuntimeError("after recording")

    with pytest.raises(RuntimeError, match="after recording"):
        fail()
    with unit_of_work():
        notify(cast)

    assert entries() == []


def answer(app, status: int) -> None:
    """End a request as the application does: everything that comes after the view."""
    app.process_response(Response(status=status))


def test_a_refused_request_keeps_only_what_was_to_stay(cast, app, entries):
    with app.test_request_context("/sign-in", method="POST"):
        actions.record(action="test.lost", at=NOW)
        actions.record(action="test.failed", at=NOW, even_if_refused=True)
        notify(cast)
        answer(app, 422)

    assert [(each.action, each.changes) for each in entries()] == [("test.failed", "[]")]


def test_what_was_to_stay_stays_once_when_the_request_succeeds(cast, app, entries):
    with app.test_request_context("/sign-in", method="POST"):
        actions.record(action="test.failed", at=NOW, even_if_refused=True)
        notify(cast)
        answer(app, 302)

    assert [each.action for each in entries()] == ["test.failed"]
    assert json.loads(entries()[0].changes)[0]["table"] == "notice"


def test_a_get_records_nothing_and_says_so(app):
    with app.test_request_context("/reports"), pytest.raises(actions.ReadsAreLogged):
        actions.record(action="test.read", at=NOW)


def test_an_entry_says_more_when_it_is_asked_to(cast, context, entries, details):
    with unit_of_work():
        actions.record(
            action="test.said",
            at=NOW,
            subject="person",
            subject_id="7",
            details={"原因": "测试"},
            person_id=cast.operator.person_id,
        )

    entry = entries()[-1]
    assert (entry.at, entry.subject, entry.subject_id) == (NOW, "person", "7")
    assert json.loads(details(entry.seq).details) == {"原因": "测试"}


def test_the_chain_is_locked_after_everything_else(context):
    listeners = [each.__module__ for each in db.session().dispatch.before_commit]

    assert listeners[-1] == collecting.__name__
    assert len(listeners) > 1  # the lease of a job is checked, and its row locked, before
    assert listeners.count(collecting.__name__) == 1
