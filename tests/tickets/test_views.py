"""The pages of tickets and releases, on both databases."""

import pytest
from conftest import NOW
from sqlalchemy import event, select

from portal.clock import today
from portal.db import db, unit_of_work
from portal.feedback import actions as feedback_actions
from portal.feedback.models import Feedback
from portal.tickets.models import Release, Ticket


def new_ticket(*given, **changes):
    return {
        "feedback": [each.public_id for each in given],
        "title": "晚高峰到账慢",
        "description": "加通道",
    } | changes


def new_release(app, *tickets, **changes):
    with app.app_context():
        day = today().isoformat()
    return {
        "tickets": [each.public_id for each in tickets],
        "title": "加了一条充值通道",
        "notes": "晚上也**快**了<script>alert(1)</script>",
        "released_on": day,
    } | changes


def ticket_state(ticket):
    return db.session.scalar(select(Ticket.state).where(Ticket.id == ticket.id))


# ---- opening ----


def test_a_ticket_is_opened_from_chosen_feedback_and_dealers_read_its_title(
    cast, goods, give, sign_in
):
    given = give(cast.dealer_a, goods.coins), give(cast.dealer_b, goods.coins)
    client = sign_in(cast.supplier_a)
    query = "&".join(f"feedback={each.public_id}" for each in given)

    page = client.get(f"/tickets/new?{query}")
    answer = client.post("/tickets/new", data=new_ticket(*given))
    dealer = sign_in(cast.dealer_a).get(f"/feedback/{given[0].public_id}")

    assert "选中的 2 条反馈" in page.text
    assert 'value="星海点券 300"' in page.text
    assert answer.status_code == 302
    assert "星海互娱把它放进了改进工单" in dealer.text
    assert "晚高峰到账慢" in dealer.text


def test_the_form_sent_twice_opens_one_ticket(cast, goods, give, sign_in):
    given = give(cast.dealer_a, goods.coins)
    client = sign_in(cast.supplier_a)

    sent = new_ticket(given, idempotency_key="key-of-this-ticket")
    places = {client.post("/tickets/new", data=sent).location for _ in range(2)}

    assert len(places) == 1


def test_a_ticket_on_anothers_feedback_is_not_found(cast, goods, give, sign_in):
    own, foreign = give(cast.dealer_a, goods.coins), give(cast.dealer_a, goods.films)
    client = sign_in(cast.supplier_a)

    assert client.get(f"/tickets/new?feedback={own.public_id}").status_code == 200
    assert client.get(f"/tickets/new?feedback={foreign.public_id}").status_code == 404
    assert client.post("/tickets/new", data=new_ticket(own, foreign)).status_code == 404


def test_mixed_products_are_refused_with_a_way_out(cast, goods, give, sign_in):
    given = give(cast.dealer_a, goods.coins), give(cast.dealer_b, goods.coins_large)
    client = sign_in(cast.supplier_a)
    query = "&".join(f"feedback={each.public_id}" for each in given)

    page, answer = (
        client.get(f"/tickets/new?{query}"),
        client.post("/tickets/new", data=new_ticket(*given)),
    )

    assert "选中的反馈涉及不同商品" in page.text
    assert 'name="title"' not in page.text  # nothing to fill in for nothing
    assert answer.status_code == 422
    assert "选中的反馈涉及不同商品" in answer.text


def test_nothing_chosen_leads_back_to_the_inbox(cast, goods, sign_in):
    page = sign_in(cast.supplier_a).get("/tickets/new")

    assert "还没有选反馈" in page.text
    assert 'href="/feedback/inbox"' in page.text


def test_feedback_that_a_colleague_was_quicker_with_is_a_message(
    cast, goods, give, open_ticket, sign_in
):
    given = give(cast.dealer_a, goods.coins)
    open_ticket(cast.supplier_a, given)

    answer = sign_in(cast.supplier_a).post("/tickets/new", data=new_ticket(given))

    assert answer.status_code == 422
    assert "有反馈刚被放进别的工单" in answer.text
    assert "晚高峰到账慢" in answer.text  # what was typed stays


def test_a_title_is_needed(cast, goods, give, sign_in):
    given = give(cast.dealer_a, goods.coins)

    answer = sign_in(cast.supplier_a).post("/tickets/new", data=new_ticket(given, title=" "))

    assert answer.status_code == 422
    assert "请写标题" in answer.text


# ---- the board and a ticket ----


def test_the_board_puts_first_what_most_dealers_ask_for(cast, goods, give, open_ticket, sign_in):
    wanted = open_ticket(
        cast.supplier_a,
        give(cast.dealer_a, goods.coins),
        give(cast.dealer_b, goods.coins),
        title="两家都在问",
    )
    loud = open_ticket(
        cast.supplier_a,
        *[give(cast.dealer_a, goods.coins) for _ in range(4)],
        title="一家问了四遍",
    )

    page = sign_in(cast.supplier_a).get("/tickets").text

    assert page.index(wanted.public_id) < page.index(loud.public_id)


def test_a_supplier_sees_only_its_own_tickets(cast, goods, give, open_ticket, sign_in):
    ticket = open_ticket(cast.supplier_a, give(cast.dealer_a, goods.coins))
    own, other = sign_in(cast.supplier_a), sign_in(cast.supplier_b)
    path = f"/tickets/{ticket.public_id}"

    assert own.get(path).status_code == 200
    assert ticket.public_id in own.get("/tickets").text
    assert ticket.public_id in own.get("/tickets?state=open").text
    assert other.get(path).status_code == 404
    assert ticket.public_id not in other.get("/tickets").text
    assert ticket.public_id not in other.get("/tickets?state=open").text
    assert other.post(f"{path}/to/declined", data={"text": "不做"}).status_code == 404
    assert other.post(f"{path}/feedback", data={"feedback": []}).status_code == 404


def test_a_ticket_names_a_dealer_only_with_consent(cast, goods, give, open_ticket, sign_in):
    """Dealer A keeps the name, dealer B shares it: B is the control."""
    ticket = open_ticket(
        cast.supplier_a, give(cast.dealer_a, goods.coins), give(cast.dealer_b, goods.coins)
    )
    give(cast.dealer_a, goods.coins, "小鹿点卡铺的客人在催，到账太慢了")  # on offer to be added
    client = sign_in(cast.supplier_a)

    page = client.get(f"/tickets/{ticket.public_id}").text

    assert "小鹿点卡铺" not in page
    assert "林小鹿" not in page
    assert "2 级渠道商 · 浙江 杭州" in page
    assert "阿成游戏屋" in page


def test_from_feedback_one_gets_to_its_ticket(cast, goods, give, open_ticket, sign_in):
    given, free = give(cast.dealer_a, goods.coins), give(cast.dealer_a, goods.coins)
    ticket = open_ticket(cast.supplier_a, given)
    client = sign_in(cast.supplier_a)

    answer = client.get(f"/tickets/of/{given.public_id}")

    assert answer.location == f"/tickets/{ticket.public_id}"
    assert client.get(f"/tickets/of/{free.public_id}").status_code == 404
    assert sign_in(cast.supplier_b).get(f"/tickets/of/{given.public_id}").status_code == 404


def test_accepting_tells_the_dealer_what_will_be_done(cast, goods, give, open_ticket, sign_in):
    given = give(cast.dealer_a, goods.coins)
    ticket = open_ticket(cast.supplier_a, given)

    answer = sign_in(cast.supplier_a).post(
        f"/tickets/{ticket.public_id}/to/accepted", data={"text": "下个月加通道"}
    )

    assert answer.status_code == 302
    assert "下个月加通道" in sign_in(cast.dealer_a).get(f"/feedback/{given.public_id}").text


@pytest.mark.parametrize("target", ["accepted", "declined"])
def test_yes_and_no_without_words_are_refused(
    target, cast, goods, give, open_ticket, sign_in, context
):
    ticket = open_ticket(cast.supplier_a, give(cast.dealer_a, goods.coins))

    answer = sign_in(cast.supplier_a).post(
        f"/tickets/{ticket.public_id}/to/{target}", data={"text": " "}
    )

    assert answer.status_code == 422
    assert "请写一句话" in answer.text
    assert ticket_state(ticket) == "open"


def test_a_step_that_is_too_late_is_a_message(cast, goods, give, open_ticket, sign_in):
    ticket = open_ticket(cast.supplier_a, give(cast.dealer_a, goods.coins))
    client, path = sign_in(cast.supplier_a), f"/tickets/{ticket.public_id}/to/"
    client.post(path + "declined", data={"text": "由发行方定价"})

    answer = client.post(path + "building")

    assert answer.status_code == 422
    assert "这个工单现在是“不做”" in answer.text
    assert client.post(path + "released").status_code == 404  # releasing is announcing


def test_more_feedback_is_added_on_the_tickets_page(cast, goods, give, open_ticket, sign_in):
    ticket = open_ticket(cast.supplier_a, give(cast.dealer_a, goods.coins))
    more, foreign = give(cast.dealer_b, goods.coins_large), give(cast.dealer_b, goods.films)
    client, path = sign_in(cast.supplier_a), f"/tickets/{ticket.public_id}"

    offered = client.get(path).text
    added = client.post(f"{path}/feedback", data={"feedback": [more.public_id]})
    again = client.post(f"{path}/feedback", data={"feedback": [more.public_id]})
    nothing = client.post(f"{path}/feedback")
    stolen = client.post(f"{path}/feedback", data={"feedback": [foreign.public_id]})

    assert more.public_id in offered
    assert foreign.public_id not in offered
    assert added.status_code == 302
    assert "2 条反馈，2 家渠道商" in client.get(path).text
    assert (again.status_code, nothing.status_code) == (422, 422)
    assert stolen.status_code == 404


# ---- releases ----


@pytest.fixture
def ready(cast, goods, give, open_ticket, accept):
    """A ticket of supplier A that waits for its release, with the feedback behind it."""
    given = give(cast.dealer_a, goods.coins)
    ticket = open_ticket(cast.supplier_a, given)
    accept(cast.supplier_a, ticket)
    return ticket, given


def test_a_release_is_seen_before_it_is_announced(app, cast, ready, sign_in, context):
    ticket, _ = ready

    page = sign_in(cast.supplier_a).post("/releases/new", data=new_release(app, ticket))

    assert page.status_code == 200
    assert "<strong>快</strong>" in page.text
    assert "<script>alert" not in page.text
    assert "1 家渠道商会收到通知" in page.text
    assert db.session.scalars(select(Release)).all() == []


def test_announcing_closes_the_loop_once_however_often_it_is_posted(app, cast, ready, sign_in):
    ticket, given = ready
    client = sign_in(cast.supplier_a)
    data = new_release(app, ticket, announce="1", idempotency_key="key-of-this-release")

    answers = [client.post("/releases/new", data=data) for _ in range(2)]
    dealer = sign_in(cast.dealer_a)

    assert [answer.status_code for answer in answers] == [302, 302]
    with app.app_context():
        assert len(db.session.scalars(select(Release)).all()) == 1
        assert ticket_state(ticket) == "released"
    assert "<strong>快</strong>" in dealer.get(f"/feedback/{given.public_id}").text
    assert dealer.get("/notices").text.count("已经改好上线") == 1
    assert "通知了 1 家渠道商" in client.get("/releases").text


def test_a_release_is_another_suppliers_business(app, cast, ready, sign_in):
    ticket, _ = ready
    own, other = sign_in(cast.supplier_a), sign_in(cast.supplier_b)
    data = new_release(app, ticket, announce="1")

    assert ticket.public_id in own.get("/releases/new").text  # the control: it is on offer
    assert ticket.public_id not in other.get("/releases/new").text
    assert other.post("/releases/new", data=data).status_code == 404
    own.post("/releases/new", data=data)
    assert "加了一条充值通道" in own.get("/releases").text
    assert "加了一条充值通道" not in other.get("/releases").text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tickets": []}, "请至少选一个工单"),
        ({"title": ""}, "请写标题"),
        ({"notes": ""}, "请写说明"),
        ({"released_on": "明天"}, "日期请写成"),
        ({"released_on": "2999-01-01"}, "还没到的日期不能发布"),
    ],
)
def test_a_release_that_fails_keeps_what_was_typed(
    changes, message, app, cast, ready, sign_in, context
):
    ticket, _ = ready
    data = new_release(app, ticket, announce="1") | changes

    answer = sign_in(cast.supplier_a).post("/releases/new", data=data)

    assert answer.status_code == 422
    assert message in answer.text
    assert data["notes"].partition("<")[0] in answer.text
    assert ticket_state(ticket) == "accepted"


def test_a_ticket_that_was_closed_meanwhile_is_a_message(app, cast, ready, sign_in, context):
    ticket, given = ready
    client = sign_in(cast.supplier_a)
    client.post(f"/tickets/{ticket.public_id}/to/declined", data={"text": "由发行方定价"})

    answer = client.post("/releases/new", data=new_release(app, ticket, announce="1"))

    state = db.session.scalar(select(Feedback.state).where(Feedback.id == given.id))
    assert answer.status_code == 422
    assert "没有可以发布的工单" in answer.text
    assert state == "declined"
    assert db.session.scalars(select(Release)).all() == []


# ---- roles, and the number of queries ----


@pytest.mark.parametrize("path", ["/tickets", "/tickets/new", "/releases", "/releases/new"])
def test_only_suppliers_open_a_page(path, cast, goods, sign_in):
    for actor in (cast.dealer_a, cast.supplier_a, cast.consultant, cast.operator, cast.author):
        wanted = 200 if actor is cast.supplier_a else 403
        assert sign_in(actor).get(path).status_code == wanted


@pytest.fixture
def queries_of(app):
    """Return a function that counts a page's statements."""

    def count(client, path):
        statements = []

        def listen(_connection, _cursor, statement, *_):
            statements.append(statement)

        with app.app_context():
            event.listen(db.engine, "before_cursor_execute", listen)
            try:
                assert client.get(path).status_code == 200
            finally:
                event.remove(db.engine, "before_cursor_execute", listen)
        return len(statements)

    return count


def test_more_tickets_and_asks_take_no_more_queries(
    cast, goods, give, open_ticket, sign_in, queries_of, context
):
    client = sign_in(cast.supplier_a)
    ticket = open_ticket(cast.supplier_a, give(cast.dealer_a, goods.coins))
    give(cast.dealer_a, goods.coins)
    paths = ["/tickets", f"/tickets/{ticket.public_id}", "/releases"]
    short = [queries_of(client, path) for path in paths]
    for product in (goods.coins, goods.coins_large) * 3:
        open_ticket(cast.supplier_a, give(cast.dealer_a, product), give(cast.dealer_b, product))
        give(cast.dealer_b, product)

    assert [queries_of(client, path) for path in paths] == short


def test_the_board_shows_the_first_of_each_state_and_leads_to_the_rest(
    cast, goods, give, open_ticket, sign_in
):
    tickets = [open_ticket(cast.supplier_a, give(cast.dealer_a, goods.coins)) for _ in range(10)]
    client = sign_in(cast.supplier_a)

    board, rest = client.get("/tickets").text, client.get("/tickets?state=open").text

    assert sum(each.public_id in board for each in tickets) == 8
    assert "看全部 10 个" in board
    assert all(each.public_id in rest for each in tickets)


def test_feedback_answered_on_its_own_can_still_become_a_ticket(
    cast, goods, give, sign_in, context
):
    given = give(cast.dealer_a, goods.coins)
    with unit_of_work():
        feedback_actions.answer(
            feedback_id=given.id,
            supplier_id=cast.supplier_a.organisation_id,
            person_id=None,
            text="先看看",
            at=NOW,
        )

    answer = sign_in(cast.supplier_a).post("/tickets/new", data=new_ticket(given))

    assert answer.status_code == 302
