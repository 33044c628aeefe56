"""The pages of feedback on both databases: who may open what, what is kept and never shown."""

import re
from urllib.parse import urlsplit

import pytest
from conftest import NOW
from sqlalchemy import event, select

from portal.access import Role
from portal.db import db, unit_of_work
from portal.feedback import actions, rules
from portal.feedback.models import Feedback

WORDS = "晚上八九点充值，半个小时都不到账"


def form(goods, **changes):
    return {
        "product": str(goods.coins),
        "text": WORDS,
        "impact": "一晚上要回几十条消息",
    } | changes


def stored():
    return db.session.scalars(select(Feedback).order_by(Feedback.id)).all()


# ---- the dealer ----


def test_a_dealer_without_feedback_is_invited_to_give_some(cast, goods, sign_in):
    page = sign_in(cast.dealer_a).get("/feedback")

    assert page.status_code == 200
    assert "还没有提过反馈" in page.text


def test_a_dealer_gives_feedback_in_one_form(cast, goods, sign_in, context):
    client = sign_in(cast.dealer_a)

    answer = client.post("/feedback/new", data=form(goods))
    page = client.get(answer.location)

    assert answer.status_code == 302
    assert WORDS in page.text
    assert 'data-draft-done="feedback"' in page.text
    assert [each.product_id for each in stored()] == [goods.coins]


def test_the_form_sent_twice_gives_one_feedback_and_the_same_page(cast, goods, sign_in, context):
    client = sign_in(cast.dealer_a)

    sent = form(goods, idempotency_key="key-of-this-form")
    places = {client.post("/feedback/new", data=sent).location for _ in range(2)}

    assert len(places) == 1
    assert len(stored()) == 1


def test_the_form_knows_the_product_that_the_address_names(cast, goods, sign_in):
    page = sign_in(cast.dealer_a).get(f"/feedback/new?product={goods.films}")

    assert re.search(rf'<option value="{goods.films}" selected>', page.text)
    assert '<optgroup label="游戏点券">' in page.text
    assert 'data-draft="feedback"' in page.text


def test_a_dealer_who_is_unsure_of_the_product_may_say_so(cast, goods, sign_in, context):
    sign_in(cast.dealer_a).post("/feedback/new", data=form(goods, product="unsure"))

    assert [(each.product_id, each.supplier_id) for each in stored()] == [(None, None)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"text": "太慢"}, "请写 10 到 2000 个字"),
        ({"text": "慢" * 2001}, "请写 10 到 2000 个字"),
        ({"product": ""}, "请选择商品"),
        ({"product": "9999"}, "请选择商品"),
        ({"impact": "亏" * 501}, "最多 500 个字"),
    ],
)
def test_a_form_that_fails_keeps_what_was_typed(changes, message, cast, goods, sign_in, context):
    answer = sign_in(cast.dealer_a).post("/feedback/new", data=form(goods, **changes))

    assert answer.status_code == 422
    assert message in answer.text
    assert (changes.get("text") or WORDS) in answer.text
    assert stored() == []


def test_the_dealer_is_told_what_was_hidden(cast, goods, sign_in):
    client = sign_in(cast.dealer_a)
    said = "客人 13912345678 的卡密 ABCD-1234-EFGH 用不了"

    page = client.get(client.post("/feedback/new", data=form(goods, text=said)).location)

    assert "2 处内容（手机号、卡密）" in page.text
    assert "13912345678" not in page.text
    assert "ABCD-1234-EFGH" not in page.text


def test_line_ends_of_other_systems_do_no_harm(cast, goods, sign_in, context):
    said = " 晚上充值很慢\r\n半小时都不到账\r"

    answer = sign_in(cast.dealer_a).post("/feedback/new", data=form(goods, text=said))

    assert answer.status_code == 302
    assert [each.text for each in stored()] == ["晚上充值很慢\n半小时都不到账"]


def test_the_list_shows_the_reply_and_the_chips_sift_it(cast, goods, give, sign_in, context):
    first, second = give(cast.dealer_a, goods.coins, WORDS), give(cast.dealer_a, goods.films)
    with unit_of_work():
        actions.answer(
            feedback_id=first.id,
            supplier_id=cast.supplier_a.organisation_id,
            person_id=None,
            text="今晚已经加了通道",
            at=NOW,
        )
    client = sign_in(cast.dealer_a)

    everything, answered = client.get("/feedback"), client.get("/feedback?show=answered")

    assert "今晚已经加了通道" in everything.text
    assert second.public_id in everything.text
    assert first.public_id in answered.text
    assert second.public_id not in answered.text


def test_the_notice_leads_to_the_feedback(cast, goods, give, sign_in):
    given = give(cast.dealer_a, goods.coins)

    page = sign_in(cast.dealer_a).get(rules.path_for_dealer(given.public_id))

    assert page.status_code == 200
    assert "提交了反馈" in page.text


@pytest.mark.asvs("V8.2.2")
def test_a_dealer_cannot_read_anothers_feedback(cast, goods, give, sign_in):
    given = give(cast.dealer_a, goods.coins, WORDS)
    own, other = sign_in(cast.dealer_a), sign_in(cast.dealer_b)

    for path in (f"/feedback/{given.public_id}", f"/feedback/{given.public_id}/sent"):
        assert own.get(path).status_code == 200  # the control: it is there
        assert other.get(path).status_code == 404
    assert WORDS not in other.get("/feedback").text


# ---- the supplier ----


def test_the_inbox_holds_the_suppliers_own_products_only(cast, goods, give, sign_in):
    mine, foreign = give(cast.dealer_a, goods.coins), give(cast.dealer_a, goods.films)
    client = sign_in(cast.supplier_a)

    page = client.get("/feedback/inbox").text

    assert mine.public_id in page
    assert foreign.public_id not in page
    assert client.get(f"/feedback/inbox/{mine.public_id}").status_code == 200
    assert client.get(f"/feedback/inbox/{foreign.public_id}").status_code == 404
    for step in ("answer", "decline"):
        path = f"/feedback/inbox/{foreign.public_id}/{step}"
        assert client.post(path, data={"text": "不行"}).status_code == 404


def test_feedback_without_a_product_is_in_no_suppliers_inbox(cast, goods, give, sign_in):
    given = give(cast.dealer_a, None)

    for supplier in (cast.supplier_a, cast.supplier_b):
        client = sign_in(supplier)
        assert given.public_id not in client.get("/feedback/inbox").text
        assert client.get(f"/feedback/inbox/{given.public_id}").status_code == 404


@pytest.mark.asvs("V8.2.3", "V15.3.1")
def test_a_dealers_name_is_shown_only_with_consent(cast, goods, give, sign_in):
    """Dealer A keeps the name, dealer B shares it: B is the control."""
    silent = give(cast.dealer_a, goods.coins, "我是小鹿点卡铺，充值太慢了，林小鹿")
    open_one = give(cast.dealer_b, goods.coins)
    client = sign_in(cast.supplier_a)

    inbox = client.get("/feedback/inbox").text
    pages = inbox + client.get(f"/feedback/inbox/{silent.public_id}").text
    found = client.get("/feedback/inbox?q=小鹿点卡铺").text

    assert "小鹿点卡铺" not in pages
    assert "2 级渠道商 · 浙江 杭州" in pages
    assert silent.public_id not in found  # nor may a search confirm a guess
    assert "阿成游戏屋" in inbox
    assert "阿成游戏屋" in client.get(f"/feedback/inbox/{open_one.public_id}").text


def test_unhandled_feedback_comes_first_then_the_newest(cast, goods, give, sign_in, context):
    old, middle, new = (give(cast.dealer_a, goods.coins) for _ in range(3))
    with unit_of_work():
        actions.answer(
            feedback_id=new.id,
            supplier_id=cast.supplier_a.organisation_id,
            person_id=None,
            text="好",
            at=NOW,
        )

    page = sign_in(cast.supplier_a).get("/feedback/inbox").text

    places = [page.index(f"/inbox/{each.public_id}") for each in (middle, old, new)]
    assert places == sorted(places)


def test_the_inbox_can_put_first_what_most_dealers_wait_for(cast, goods, give, sign_in):
    wanted = give(cast.dealer_a, goods.coins_large)
    give(cast.dealer_b, goods.coins_large)
    for _ in range(3):
        single = give(cast.dealer_a, goods.coins)  # three pieces, but one dealer

    page = sign_in(cast.supplier_a).get("/feedback/inbox?order=asked").text

    assert page.index(wanted.public_id) < page.index(single.public_id)
    assert "2 家在等" in page


def test_the_inbox_is_sifted_by_state_product_and_words(cast, goods, give, sign_in):
    coins = give(cast.dealer_a, goods.coins, "充值慢，等了 100% 的时间")
    large = give(cast.dealer_a, goods.coins_large, "充值的说明看不懂，能改吗")
    client = sign_in(cast.supplier_a)

    def shown(query):
        page = client.get(f"/feedback/inbox?{query}").text
        return [each.public_id in page for each in (coins, large)]

    assert shown(f"product={goods.coins}") == [True, False]
    assert shown("q=看不懂") == [False, True]
    assert shown("q=100%25") == [True, False]
    assert shown("q=%25") == [True, False]  # a percent sign is a percent sign
    assert shown("state=new") == [True, True]
    assert shown("state=shipped") == [False, False]
    assert shown(f"product={goods.films}") == [True, True]  # another's product: no filter


def test_a_supplier_answers_and_the_dealer_reads_it(cast, goods, give, sign_in):
    given = give(cast.dealer_a, goods.coins)

    answer = sign_in(cast.supplier_a).post(
        f"/feedback/inbox/{given.public_id}/answer", data={"text": "今晚加通道"}
    )
    dealer = sign_in(cast.dealer_a)

    assert answer.status_code == 302
    assert "今晚加通道" in dealer.get(f"/feedback/{given.public_id}").text
    assert "供应商回复了你反馈的" in dealer.get("/notices").text


@pytest.mark.parametrize("step", ["answer", "decline"])
def test_nothing_is_sent_without_words(step, cast, goods, give, sign_in, state_of):
    given = give(cast.dealer_a, goods.coins)

    answer = sign_in(cast.supplier_a).post(
        f"/feedback/inbox/{given.public_id}/{step}", data={"text": " "}
    )

    assert answer.status_code == 422
    assert "请写一句话" in answer.text
    assert state_of(given, cast.supplier_a) == "new"


def test_a_supplier_declines_once(cast, goods, give, sign_in):
    given = give(cast.dealer_a, goods.coins)
    client, path = sign_in(cast.supplier_a), f"/feedback/inbox/{given.public_id}/decline"

    first, second = (client.post(path, data={"text": "由发行方定价"}) for _ in range(2))

    assert first.status_code == 302
    assert second.status_code == 422
    assert "不能再单独拒绝" in second.text


# ---- the operator ----


def test_the_operator_finds_the_product_and_its_supplier_gets_the_feedback(
    cast, goods, give, sign_in
):
    given = give(cast.dealer_a, None, WORDS)
    operator, supplier = sign_in(cast.operator), sign_in(cast.supplier_b)
    path = f"/feedback/unassigned/{given.public_id}"

    pile = operator.get("/feedback/unassigned").text
    empty = operator.post(path, data={"product": ""})
    done = operator.post(path, data={"product": str(goods.films)})
    again = operator.post(path, data={"product": str(goods.coins)}, follow_redirects=True)

    assert WORDS in pile
    assert "小鹿点卡铺" in pile  # the operator runs the alliance
    assert empty.status_code == 422
    assert done.status_code == 302
    assert "已经转给供应商了" in again.text
    assert "都确认完了" in again.text
    assert WORDS in supplier.get("/feedback/inbox").text


# ---- roles, and the number of queries ----

PAGES = {
    "/feedback": Role.DEALER,
    "/feedback/new": Role.DEALER,
    "/feedback/inbox": Role.SUPPLIER,
    "/feedback/unassigned": Role.OPERATOR,
}


@pytest.mark.parametrize("path", PAGES)
def test_only_the_right_role_opens_a_page(path, cast, goods, sign_in, app):
    for actor in (cast.dealer_a, cast.supplier_a, cast.consultant, cast.operator, cast.author):
        wanted = 200 if actor.member.role is PAGES[path] else 403
        assert sign_in(actor).get(path).status_code == wanted
    stranger = app.test_client().get(path)
    assert urlsplit(stranger.location).path == "/sign-in"


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


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("dealer_a", "/feedback"),
        ("supplier_a", "/feedback/inbox"),
        ("operator", "/feedback/unassigned"),
    ],
)
def test_a_longer_list_takes_no_more_queries(who, path, cast, goods, give, sign_in, queries_of):
    client = sign_in(getattr(cast, who))
    for product in (goods.coins, None):
        give(cast.dealer_a, product)
    short = queries_of(client, path)
    for product in (goods.coins, goods.coins_large, None) * 4:
        give(cast.dealer_a, product)

    assert queries_of(client, path) == short


def test_a_long_list_is_paged_and_keeps_its_filter(cast, goods, give, sign_in):
    for _ in range(21):
        give(cast.dealer_a, goods.coins)

    page = sign_in(cast.supplier_a).get(f"/feedback/inbox?product={goods.coins}").text

    assert "1 / 2" in page
    assert f"product={goods.coins}" in page[page.index('class="pager"') :]


def test_the_names_of_goods_come_in_the_visitors_language(cast, goods, give, sign_in):
    give(cast.dealer_a, goods.coins)
    client = sign_in(cast.supplier_a)

    client.post("/language/en")

    assert "Xinghai 300" in client.get("/feedback/inbox").text
