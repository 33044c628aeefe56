"""What machines see: alive, ready, counted; and every answer carries its request's id."""

import json
import re
from dataclasses import replace

import pytest
from conftest import NOW, make_app, make_settings
from flask_migrate import stamp, upgrade

from portal.db import db, unit_of_work
from portal.outbox import actions as outbox
from portal.outbox.rules import MAX_ATTEMPTS

NOW_TOKEN = "metrics-token-that-is-long-enough-00001"


@pytest.fixture
def migrated(tmp_path):
    """A portal over a database made by the migrations, as an installation has it."""
    application = make_app(tmp_path, f"sqlite:///{tmp_path / 'tongtu.sqlite'}")
    with application.app_context():
        upgrade()
    yield application
    with application.app_context():
        db.session.remove()
        db.engine.dispose()


def test_a_running_process_says_that_it_is_alive_without_asking_the_database(app, count_queries):
    with count_queries() as queries:
        answer = app.test_client().get("/healthz")

    assert answer.json == {"status": "ok"}
    assert queries == []


def test_a_portal_with_its_migrations_done_is_ready(migrated):
    assert migrated.test_client().get("/readyz").json == {"status": "ready"}


def test_a_portal_with_a_migration_to_do_is_not_ready(migrated):
    with migrated.app_context():
        stamp(revision="base")

    answer = migrated.test_client().get("/readyz")

    assert answer.status_code == 503
    assert answer.json == {"status": "not ready", "failing": ["migrations"]}


def test_a_data_folder_that_cannot_be_written_is_named(migrated, tmp_path):
    gone = tmp_path / "gone"
    settings = make_settings(gone, migrated.config["SQLALCHEMY_DATABASE_URI"])
    migrated.extensions["tongtu.settings"] = settings

    answer = migrated.test_client().get("/readyz")

    assert answer.json["failing"] == ["data_folder"]


def test_readiness_leaves_nothing_in_the_data_folder(migrated, tmp_path):
    before = sorted(tmp_path.iterdir())

    migrated.test_client().get("/readyz")

    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.asvs("V13.4.5")
def test_without_a_token_set_there_is_no_metrics_page(app):
    assert app.test_client().get("/metrics").status_code == 404


@pytest.fixture
def counted(app):
    """The application with a token for its metrics."""
    settings = app.extensions["tongtu.settings"]
    app.extensions["tongtu.settings"] = replace(settings, metrics_token=NOW_TOKEN)
    return app


@pytest.mark.asvs("V13.2.1")
@pytest.mark.parametrize("given", ["", "Bearer wrong", "Bearer ü", f"Basic {NOW_TOKEN}"])
def test_the_metrics_ask_for_their_token(counted, given):
    answer = counted.test_client().get("/metrics", headers={"Authorization": given})

    assert answer.status_code == 401


def test_the_metrics_count_requests_and_jobs_that_were_given_up(counted, context, cast):
    with unit_of_work():
        job = outbox.post(kind="reports.build", args={}, at=NOW)
        job.state, job.attempt = "dead", MAX_ATTEMPTS
    counted.test_client().get("/about/help")

    page = counted.test_client().get("/metrics", headers={"Authorization": f"Bearer {NOW_TOKEN}"})

    assert page.content_type.startswith("text/plain")
    assert re.search(
        r'tongtu_requests_total\{endpoint="home.page",method="GET",status="200"\} [1-9]', page.text
    )
    assert 'tongtu_jobs_dead{kind="reports.build"} 1.0' in page.text


def test_every_answer_names_its_request(app):
    first, second = (app.test_client().get("/sign-in").headers["X-Request-ID"] for _ in range(2))

    assert re.fullmatch(r"[0-9a-f]{16}", first)
    assert first != second


def test_the_id_that_a_proxy_gave_is_kept(app):
    answer = app.test_client().get("/sign-in", headers={"X-Request-ID": "proxy-0123456789"})

    assert answer.headers["X-Request-ID"] == "proxy-0123456789"


@pytest.mark.parametrize("odd", ["short", 'x" onload="1"', "a" * 65, "行行行行行行行行"])
def test_an_id_that_looks_odd_is_replaced(app, odd):
    answer = app.test_client().get(
        "/sign-in", headers={"X-Request-ID": odd.encode().decode("latin-1")}
    )

    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["X-Request-ID"])


@pytest.fixture
def lines(capsys):
    """Return a function that gives the log lines written since the last call."""
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


@pytest.mark.asvs("V16.2.4")
def test_an_error_page_shows_the_id_that_the_log_carries(app, lines):
    page = app.test_client().get("/no/such/page")

    name = page.headers["X-Request-ID"]
    assert name in page.text
    told = [line for line in lines() if line["request_id"] == name]
    assert [(line["event"], line["status"]) for line in told] == [("request.answered", 404)]


@pytest.mark.asvs("V14.2.1", "V16.2.5")
@pytest.mark.parametrize("more", ["", "/", "/x/y"])
def test_a_log_line_never_carries_what_opens_a_one_time_link(app, lines, more):
    token = "Zx9" * 15

    app.test_client().get(f"/notices/unsubscribe/{token}{more}")

    (line,) = [each for each in lines() if each["event"] == "request.answered"]
    assert token not in json.dumps(line)
    assert line["path"].startswith("/notices/unsubscribe/…")


@pytest.mark.asvs("V16.2.5", "V16.4.1")
def test_a_log_line_never_carries_the_query_nor_more_than_one_line(app, lines):
    app.test_client().get("/no/such%0Aforged?phone=13800138000")

    (line,) = lines()
    assert "13800138000" not in json.dumps(line)
    assert line["path"] == "/no/such\nforged"
