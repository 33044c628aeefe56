"""Same key, same answer: through the pages of a supplier's inbox, which has no key of its own."""

import threading
from datetime import timedelta

import pytest
from conftest import NOW
from sqlalchemy import func, select

from portal import clock
from portal.db import db, unit_of_work
from portal.feedback.models import FeedbackEvent
from portal.idempotency import actions, guard
from portal.idempotency.models import KeptAnswer

KEY = "key-of-one-form-0001"


@pytest.fixture
def inbox(cast, goods, give):
    """Where supplier A answers a piece of feedback."""
    return f"/feedback/inbox/{give(cast.dealer_a, goods.coins).public_id}/answer"


@pytest.fixture
def supplier(sign_in, cast):
    return sign_in(cast.supplier_a)


@pytest.fixture
def answers(app):
    """Return a function that counts the answers given."""

    def count() -> int:
        with app.app_context():
            wanted = FeedbackEvent.kind == "answered"
            return db.session.scalar(select(func.count(FeedbackEvent.id)).where(wanted))

    return count


def send(client, path, text="已经修好了，明天上线", *, key=KEY, **more):
    return client.post(path, data={"text": text, "idempotency_key": key, **more})


def test_a_form_sent_twice_is_done_once_and_answered_twice_alike(supplier, inbox, answers):
    first, second = send(supplier, inbox), send(supplier, inbox)

    assert answers() == 1
    assert (second.status_code, second.location) == (first.status_code, first.location)
    assert second.data == first.data
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers


def test_without_the_guard_the_form_is_done_twice(app, supplier, inbox, answers, monkeypatch):
    kept = [f for f in app.before_request_funcs[None] if f is not guard._take_key]
    monkeypatch.setitem(app.before_request_funcs, None, kept)

    send(supplier, inbox), send(supplier, inbox)

    assert answers() == 2


def test_a_script_may_send_the_key_in_a_header(supplier, inbox, answers):
    for _ in range(2):
        supplier.post(inbox, data={"text": "已经修好了"}, headers={"Idempotency-Key": KEY})

    assert answers() == 1


def test_another_key_is_another_sending(supplier, inbox, answers):
    send(supplier, inbox), send(supplier, inbox, key="key-of-another-form")

    assert answers() == 2


def test_without_a_key_everything_is_as_before(supplier, inbox, answers):
    for _ in range(2):
        supplier.post(inbox, data={"text": "已经修好了"})

    assert answers() == 2


def test_the_message_is_told_again_for_the_page_that_was_never_seen(supplier, inbox):
    send(supplier, inbox)
    supplier.get("/feedback/inbox")  # the first answer's message is shown here
    again = send(supplier, inbox)

    assert "已经回复" in supplier.get(again.location).text


def test_a_message_that_still_waits_is_not_doubled(supplier, inbox):
    send(supplier, inbox)
    again = send(supplier, inbox)

    assert supplier.get(again.location).text.count('class="note note-good"') == 1


def test_another_body_is_refused_with_what_to_do(supplier, inbox, answers):
    send(supplier, inbox)
    other = send(supplier, inbox, "其实还要等一周 <b>", extra="x")

    assert other.status_code == 422
    assert answers() == 1
    assert "这张表单已经提交过了" in other.text
    assert "其实还要等一周 &lt;b&gt;" in other.text  # offered to be sent as a new one
    assert 'name="extra"' in other.text


def test_what_was_refused_can_be_sent_as_a_new_form(supplier, inbox, answers):
    send(supplier, inbox)
    send(supplier, inbox, "其实还要等一周")

    assert send(supplier, inbox, "其实还要等一周", key="fresh-key-of-that-page").status_code == 302
    assert answers() == 2


def test_a_script_is_told_of_another_body_in_its_own_language(supplier, inbox):
    send(supplier, inbox)
    other = supplier.post(
        inbox,
        data={"text": "其实还要等一周"},
        headers={"Idempotency-Key": KEY, "Accept": "application/json"},
    )

    assert other.status_code == 422
    assert other.json["error"] == "idempotency_key_reused"


def test_a_password_is_never_offered_again(supplier, inbox):
    send(supplier, inbox)
    other = send(supplier, inbox, "其实还要等一周", new_password="secret words")

    assert other.status_code == 422
    assert "secret words" not in other.text


def test_a_refused_form_may_be_corrected_under_the_same_key(supplier, inbox, answers):
    refused = send(supplier, inbox, "")
    corrected = send(supplier, inbox, "已经修好了")

    assert (refused.status_code, corrected.status_code) == (422, 302)
    assert answers() == 1


def test_a_crash_is_not_kept(app, supplier, inbox, answers, monkeypatch):
    view = app.view_functions["feedback.answer"]

    def broken(**_values):
        raise RuntimeError("planted")

    monkeypatch.setitem(app.view_functions, "feedback.answer", broken)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    broken.__access__ = view.__access__
    crashed = send(supplier, inbox)
    monkeypatch.setitem(app.view_functions, "feedback.answer", view)
    retried = send(supplier, inbox)

    assert (crashed.status_code, retried.status_code) == (500, 302)
    assert answers() == 1


def test_another_persons_same_key_is_another_key(sign_in, cast, goods, give, answers):
    one = f"/feedback/inbox/{give(cast.dealer_a, goods.coins).public_id}/answer"
    other = f"/feedback/inbox/{give(cast.dealer_a, goods.films).public_id}/answer"

    assert send(sign_in(cast.supplier_a), one).status_code == 302
    assert send(sign_in(cast.supplier_b), other).status_code == 302
    assert answers() == 2


def test_the_same_key_on_another_address_is_refused(supplier, inbox, cast, goods, give):
    send(supplier, inbox)
    other = f"/feedback/inbox/{give(cast.dealer_a, goods.coins).public_id}/answer"

    assert send(supplier, other).status_code == 422


@pytest.mark.parametrize("key", ["with a blank", "k" * 256, "nul\0nul-nul-nul"])
def test_what_is_no_key_is_refused(supplier, inbox, key):
    assert send(supplier, inbox, key=key).status_code == 400


def test_the_language_is_chosen_each_time(app):
    client = app.test_client()
    for code in ("en", "zh_CN", "en"):
        client.post(f"/language/{code}", data={"idempotency_key": KEY, "next": "/about/help"})

    with client.session_transaction() as session:
        assert session["language"] == "en"


def test_signing_in_is_never_answered_from_memory(app, cast):
    form = {"identity": cast.dealer_a.phone, "password": "correct horse battery"}
    clients = [app.test_client() for _ in range(2)]
    for client in clients:
        client.post("/sign-in", data=form | {"idempotency_key": KEY})

    assert [client.get("/notices").status_code for client in clients] == [200, 200]


def test_of_ten_sendings_at_once_one_is_done_and_all_are_told_the_same(
    app, sign_in, cast, inbox, answers
):
    clients = [sign_in(cast.supplier_a) for _ in range(10)]
    start, told = threading.Barrier(10), []

    def click(client):
        start.wait()
        answer = send(client, inbox)
        told.append((answer.status_code, answer.location))

    threads = [threading.Thread(target=click, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers() == 1
    assert len(told) == 10
    assert set(told) == {(302, inbox.removesuffix("/answer"))}


def kept_keys(app) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(KeptAnswer.key).order_by(KeptAnswer.key)))


def test_an_answer_is_kept_for_a_day_and_then_forgotten(app, supplier, inbox):
    send(supplier, inbox)

    for hours, left in ((23, [KEY]), (25, [])):
        with app.app_context(), unit_of_work():
            actions.purge(at=clock.now() + timedelta(hours=hours))
        assert kept_keys(app) == left


def test_a_view_that_loses_its_key_is_found_out(context, cast):
    with pytest.raises(actions.LostReservation), unit_of_work():
        actions.keep(
            scope="person:1",
            key=KEY,
            answer=guard.queries.Answer(status=200, headers={}, body=b"", flashes=()),
        )


def test_a_reservation_ends_with_its_transaction(context, cast):
    held = {"scope": "person:1", "key": KEY, "fingerprint": "f", "person_id": None, "at": NOW}
    assert actions.reserve(**held)
    db.session.rollback()

    assert actions.reserve(**held)
    assert not actions.reserve(**held)
    db.session.rollback()
