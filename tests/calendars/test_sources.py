"""A consultant's own calendars: read in the background, and kept busy when they fail."""

from datetime import timedelta

import pytest
from booking.conftest import HOUR, MONDAY_10, NOW
from caldav.davclient import DAVClient
from calendars import dav_servers
from calendars.ics_server import calendar
from rows import all_of

from portal.booking.actions import bookings
from portal.booking.models.outside import OutsideBusy
from portal.booking.queries import consultants
from portal.booking.rules import slots
from portal.calendars import actions, caldav_source, importing, reading
from portal.calendars.caldav_source import Account
from portal.calendars.models import CalendarSource
from portal.calendars.reading import Reader
from portal.calendars.rules import Fault, SourceFault, SourceKind
from portal.db import unit_of_work
from portal.notices.models import Notice
from portal.outbox.models import Job

READER = Reader(starts_at=NOW, ends_at=NOW + timedelta(days=30), zone="Asia/Shanghai")
MEETING = "DTSTART:20261123T020000Z\nDTEND:20261123T030000Z"  # MONDAY_10, an hour
LATER = "DTSTART:20261124T020000Z\nDTEND:20261124T030000Z"


def read(app, source_id, *, at=NOW):
    with app.app_context():
        return importing.import_source(source_id=source_id, now=lambda: at)


def free(app, cast, open_doors):
    with app.app_context():
        return consultants.free_starts(
            consultant_ids=[open_doors.consultant_id],
            dealer_id=cast.dealer_a.organisation_id,
            at=NOW,
        )[open_doors.consultant_id]


def busy():
    return sorted((row.starts_minute, row.ends_minute) for row in all_of(OutsideBusy))


def hour_at(moment):
    return slots.to_minute(moment), slots.to_minute(moment + HOUR)


def test_a_meeting_elsewhere_takes_the_hour(app, cast, open_doors, connect, ics_server):
    ics_server.body = calendar(MEETING)
    assert MONDAY_10 in free(app, cast, open_doors)

    assert read(app, connect(ics_server.url)) is None

    assert MONDAY_10 not in free(app, cast, open_doors)
    assert MONDAY_10 + timedelta(days=7) in free(app, cast, open_doors)


def test_an_hour_that_is_taken_elsewhere_cannot_be_booked_past_the_picker(
    app, connect, ics_server, book
):
    ics_server.body = calendar(MEETING)
    read(app, connect(ics_server.url))

    with pytest.raises(bookings.NotOffered):
        book()


def test_a_source_that_fails_keeps_what_it_gave_and_is_asked_again(
    app, connect, ics_server, context
):
    ics_server.body = calendar(MEETING)
    source_id = connect(ics_server.url)
    read(app, source_id)
    ics_server.status, ics_server.etag = 500, '"two"'

    fault = read(app, source_id, at=NOW + HOUR)

    (source,) = all_of(CalendarSource)
    assert fault is Fault.ANSWERED
    assert (source.fault, source.answer, source.failures) == ("answered", "HTTP 500", 1)
    assert source.good_at == NOW
    assert source.due_at > NOW + HOUR
    assert busy() == [hour_at(MONDAY_10)]


def test_a_consultant_is_told_once_when_a_calendar_goes_on_failing(
    app, cast, connect, ics_server, context
):
    source_id = connect(ics_server.url)
    ics_server.status = 404

    told = []
    for hours in range(6):
        read(app, source_id, at=NOW + hours * HOUR)
        told.append([each.kind for each in all_of(Notice)])

    assert told == [[], [], [], *[["calendar.unread"]] * 3]
    (notice,) = all_of(Notice)
    assert notice.person_id == cast.consultant.person_id
    assert notice.path == f"/calendars/outside/{source_id}"


def test_a_changed_calendar_takes_the_place_of_what_was_there(app, connect, ics_server, context):
    ics_server.body = calendar(MEETING, LATER)
    source_id = connect(ics_server.url)
    read(app, source_id)
    ics_server.body, ics_server.etag = calendar(LATER), '"two"'

    read(app, source_id, at=NOW + HOUR)

    assert busy() == [hour_at(MONDAY_10 + timedelta(days=1))]


def test_a_calendar_that_has_not_changed_is_not_sent_again(app, connect, ics_server, context):
    ics_server.body = calendar(MEETING)
    source_id = connect(ics_server.url)
    read(app, source_id)

    read(app, source_id, at=NOW + HOUR)

    assert [each.get("if-none-match") for each in ics_server.asked] == [None, '"one"']
    (source,) = all_of(CalendarSource)
    assert (source.good_at, source.fault) == (NOW + HOUR, None)
    assert busy() == [hour_at(MONDAY_10)]


def test_a_new_day_reads_the_whole_calendar_since_the_window_has_moved(app, connect, ics_server):
    source_id = connect(ics_server.url)
    read(app, source_id)

    read(app, source_id, at=NOW + timedelta(days=1))

    assert [each.get("if-none-match") for each in ics_server.asked] == [None, None]


@pytest.mark.parametrize(
    ("steer", "fault"),
    [
        ({"status": 401}, Fault.REFUSED),
        ({"status": 410}, Fault.GONE),
        ({"body": b"<html>Sign in</html>"}, Fault.NO_CALENDAR),
        ({"body": b"BEGIN:VCALENDAR\r\n" + b" " * 5 * 1024 * 1024}, Fault.TOO_BIG),
        ({"status": 302, "location": "http://192.168.1.1/a.ics"}, Fault.FORBIDDEN),
        ({"status": 302, "location": "file:///etc/passwd"}, Fault.FORBIDDEN),
        ({"status": 302, "location": "/private/a.ics"}, Fault.ANSWERED),
    ],
)
def test_what_is_wrong_with_a_source_is_said(app, connect, ics_server, steer, fault):
    source_id = connect(ics_server.url)
    for name, value in steer.items():
        setattr(ics_server, name, value)

    assert read(app, source_id) is fault


def test_a_redirect_within_the_public_net_is_followed(app, connect, ics_server):
    source_id = connect(ics_server.url)
    ics_server.status, ics_server.location = 302, ics_server.url + "?moved"

    assert read(app, source_id) is Fault.ANSWERED  # round and round: given up after a few
    assert len(ics_server.asked) == 4


def test_without_the_setting_this_machine_is_not_asked(app, connect, ics_server, set_up):
    source_id = connect(ics_server.url)
    set_up(webhook_loopback=False)

    assert read(app, source_id) is Fault.FORBIDDEN
    assert ics_server.asked == []


def test_due_sources_are_read_by_the_worker_each_by_itself(
    app, connect, ics_server, run_jobs, context
):
    ics_server.body = calendar(MEETING)
    for name in ("公司日历", "家里的日历"):
        connect(ics_server.url, name=name)
    run_jobs(NOW)
    with unit_of_work():
        actions.post_due(at=NOW + HOUR)

    run_jobs(NOW + HOUR)

    assert {each.good_at for each in all_of(CalendarSource)} == {NOW + HOUR}
    assert {each.state for each in all_of(Job)} == {"done"}
    assert len(all_of(OutsideBusy)) == 2


def test_addresses_and_passwords_lie_sealed(app, connect, context):
    connect(
        "https://dav.example.com/gu/",
        kind=SourceKind.CALDAV,
        user="gu@tongtu.example",
        password="app-specific",
    )

    (source,) = all_of(CalendarSource)

    for word in ("/gu/", "gu@tongtu.example", "app-specific"):
        assert word not in str(vars(source))
    assert source.host == "dav.example.com"


# --- the pages ----------------------------------------------------------------------------------


def test_a_consultant_connects_a_calendar_sees_what_was_not_read_and_removes_it(
    app, cast, open_doors, sign_in, ics_server, run_jobs, at_now
):
    client = sign_in(cast.consultant)
    ics_server.body = calendar(MEETING, "SUMMARY:私事")
    assert "还没有连日历" in client.get("/calendars/outside").text

    added = client.post(
        "/calendars/outside/new/ics", data={"name": "公司日历", "url": ics_server.url}
    )
    run_jobs()
    page = client.get(added.location).text

    assert "第 2 个事件：没有开始时间" in page
    assert "私事" not in page
    assert "1 个没读懂" in client.get("/calendars/outside").text
    client.post(f"{added.location}/remove")
    with app.app_context():
        assert all_of(OutsideBusy) == []


def test_the_page_says_since_when_a_failing_calendar_is_stale(
    app, cast, sign_in, connect, ics_server, at_now
):
    source_id = connect(ics_server.url)
    read(app, source_id)
    ics_server.status, ics_server.etag = 503, ""
    read(app, source_id, at=NOW + HOUR)

    page = sign_in(cast.consultant).get(f"/calendars/outside/{source_id}").text

    assert "先按 2026年11月22日 10:00 读到的忙碌时段来排" in page
    assert "HTTP 503" in page


@pytest.mark.parametrize(
    "url", ["http://calendar.example.com/a.ics", "https://10.0.0.8/a.ics", "ftp://x.example/a.ics"]
)
def test_an_address_that_must_not_be_called_is_refused_and_stays_typed(
    cast, open_doors, sign_in, url
):
    answer = sign_in(cast.consultant).post(
        "/calendars/outside/new/ics", data={"name": "公司日历", "url": url}
    )

    assert answer.status_code == 422
    assert "地址不对" in answer.text
    assert url in answer.text


def test_what_programs_call_webcal_is_taken(cast, open_doors, sign_in):
    answer = sign_in(cast.consultant).post(
        "/calendars/outside/new/ics",
        data={"name": "iCloud", "url": "webcal://p01.example.com/published/2/abc"},
    )

    assert answer.status_code == 303


def test_only_so_many_calendars_are_connected(cast, connect, sign_in):
    for number in range(5):
        connect(f"https://calendar.example.com/{number}.ics")

    answer = sign_in(cast.consultant).post(
        "/calendars/outside/new/ics",
        data={"name": "第六个", "url": "https://calendar.example.com/6.ics"},
    )

    assert answer.status_code == 422
    assert "最多连 5 个" in answer.text


# --- CalDAV, against two servers that others wrote -----------------------------------------------


@pytest.mark.parametrize("kind", dav_servers.KINDS)
def test_a_caldav_account_is_read_from_a_real_server(tmp_path, kind):
    with dav_servers.running(kind, tmp_path) as url:
        account = Account(url, dav_servers.USER, dav_servers.PASSWORD)
        fill(account)

        found = reading.read(ask(account), reader=READER)

        assert found.troubles == []
        assert found.busy == [hour_at(MONDAY_10 + week * timedelta(days=7)) for week in range(3)]
        if kind == "radicale":  # Xandikos, as started here, lets everybody in
            with pytest.raises(SourceFault) as refused:
                ask(Account(url, account.user, "wrong"))
            assert refused.value.fault is Fault.REFUSED
        with pytest.raises(SourceFault) as forbidden:
            ask(account, loopback=False)
        assert forbidden.value.fault is Fault.FORBIDDEN


def test_a_caldav_account_goes_the_way_of_every_source(app, connect, set_up, context, tmp_path):
    set_up(webhook_loopback=True)
    with dav_servers.running("radicale", tmp_path) as url:
        account = Account(url, dav_servers.USER, dav_servers.PASSWORD)
        fill(account)
        source_id = connect(
            url, kind=SourceKind.CALDAV, user=account.user, password=account.password
        )

        assert read(app, source_id) is None

    assert busy()[0] == hour_at(MONDAY_10)


def ask(account: Account, *, loopback: bool = True) -> list[bytes]:
    return caldav_source.fetch(
        account, starts_at=NOW, ends_at=NOW + timedelta(days=30), loopback=loopback
    )


def fill(account: Account) -> None:
    client = DAVClient(account.url, username=account.user, password=account.password)
    principal = client.get_principal()
    calendars = principal.get_calendars()
    work = calendars[0] if calendars else principal.make_calendar(name="Work")
    work.add_event(calendar(f"{MEETING}\nUID:weekly\nRRULE:FREQ=WEEKLY;COUNT=3").decode())
    client.close()
