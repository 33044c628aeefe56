"""How far a job is: for who caused it and for operators, sent again when it has changed."""

import pytest

from portal import clock
from portal.db import unit_of_work
from portal.outbox import actions, queries

HTMX = {"HX-Request": "true"}


@pytest.fixture
def job(running_job, cast) -> int:
    return running_job(caused_by=cast.dealer_a.person_id)


def advance(app, job_id, *, done) -> None:
    with app.app_context(), unit_of_work():
        actions.report_progress(job_id=job_id, owner="w", done=done, total=40, at=clock.now())


def test_who_caused_a_job_and_operators_see_how_far_it_is(app, cast, sign_in, job):
    advance(app, job, done=10)

    for who in (cast.dealer_a, cast.operator):
        page = sign_in(who).get(f"/jobs/{job}/progress")

        assert page.status_code == 200
        assert "已核对 10 / 40 行。" in page.text
        assert 'value="25"' in page.text


@pytest.mark.parametrize("who", ["dealer_b", "supplier_a", "consultant", "author"])
def test_for_everybody_else_there_is_no_such_job(who, cast, sign_in, job):
    assert sign_in(getattr(cast, who)).get(f"/jobs/{job}/progress").status_code == 404


def test_control_without_the_check_another_dealer_sees_it(cast, sign_in, job, monkeypatch):
    monkeypatch.setattr(queries, "watched", lambda job_id, **_: queries.job(job_id))

    assert sign_in(cast.dealer_b).get(f"/jobs/{job}/progress").status_code == 200


def test_a_job_that_nobody_caused_is_the_operators(cast, sign_in, running_job):
    job_id = running_job()

    assert sign_in(cast.dealer_a).get(f"/jobs/{job_id}/progress").status_code == 404
    assert sign_in(cast.operator).get(f"/jobs/{job_id}/progress").status_code == 200
    assert sign_in(cast.operator).get("/jobs/999999/progress").status_code == 404


def test_the_piece_is_sent_again_only_when_it_has_changed(app, cast, sign_in, job):
    client = sign_in(cast.dealer_a)
    first = client.get(f"/jobs/{job}/progress", headers=HTMX)
    known = {**HTMX, "If-None-Match": first.headers["ETag"]}

    unchanged = client.get(f"/jobs/{job}/progress", headers=known)
    advance(app, job, done=30)
    changed = client.get(f"/jobs/{job}/progress", headers=known)

    assert first.text.lstrip().startswith("<div")
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert changed.status_code == 200
    assert 'value="75"' in changed.text


def test_at_its_end_the_whole_page_is_due(app, cast, sign_in, job):
    with app.app_context(), unit_of_work():
        actions.finish(job_id=job, owner="w", at=clock.now())
    client = sign_in(cast.dealer_a)

    piece = client.get(f"/jobs/{job}/progress", headers=HTMX)
    page = client.get(f"/jobs/{job}/progress")

    assert piece.headers["HX-Refresh"] == "true"
    assert "做完了。" in page.text
    assert "hx-get" not in page.text
