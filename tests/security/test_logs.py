"""The log tells what happened, to whom and when, in a form that machines read."""

import json
from datetime import datetime, timedelta

import pytest


@pytest.fixture
def lines(capsys):
    """Return a function that gives the log lines written since the last call."""
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def answered(lines) -> dict:
    return [line for line in lines() if line["event"] == "request.answered"][-1]


@pytest.mark.asvs("V16.2.1", "V16.2.2", "V16.2.4")
def test_a_line_says_when_in_utc_where_who_and_what(cast, sign_in, lines):
    client = sign_in(cast.dealer_a)
    lines()

    client.get("/notices")

    line = answered(lines)
    when = datetime.fromisoformat(line["timestamp"])
    assert when.utcoffset() == timedelta(0)
    assert line["member"] == cast.dealer_a.person_id
    assert {"endpoint", "method", "path", "status", "duration_ms", "request_id"} <= set(line)


@pytest.mark.asvs("V16.3.2")
def test_a_refusal_is_logged_with_who_was_refused(cast, sign_in, lines):
    client = sign_in(cast.dealer_a)
    lines()

    client.get("/imports")

    line = answered(lines)
    assert (line["status"], line["member"]) == (403, cast.dealer_a.person_id)


@pytest.mark.asvs("V16.3.3")
def test_attempts_to_get_around_a_guard_are_logged(app, cast, sign_in, lines, monkeypatch):
    client = sign_in(cast.dealer_a)
    lines()

    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    client.post("/notices/read")
    forged = answered(lines)
    client.get("/booking/no-such-session")
    foreign = answered(lines)

    assert [forged["status"], foreign["status"]] == [400, 404]
    assert {each["member"] for each in (forged, foreign)} == {cast.dealer_a.person_id}


@pytest.mark.asvs("V16.3.4")
def test_a_crash_is_logged_with_where_it_happened(app, lines, monkeypatch):
    def crash(**_: str) -> str:
        raise RuntimeError("broken")

    crash.__access__ = app.view_functions["home.page"].__access__
    monkeypatch.setitem(app.view_functions, "home.page", crash)

    page = app.test_client().get("/about/help")

    told = {line["event"]: line for line in lines()}
    assert "RuntimeError: broken" in told["request.failed"]["exception"]
    assert told["request.failed"]["request_id"] == page.headers["X-Request-ID"]
