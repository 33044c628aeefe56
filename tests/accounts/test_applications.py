"""A shop asks to be let in; nobody learns who has an account; an operator decides."""

import pytest

from portal.accounts.membership.models import Application, OneTimeLink
from portal.accounts.models import Organisation, Person
from portal.db import db
from portal.notices import queries as notices
from portal.notices.models import Notice
from portal.paging import Page

PASSWORD = "a pony under seven stars"
FORM = {
    "shop_name": "巷口点卡",
    "region": "四川 成都",
    "person_name": "唐圆",
    "identity": "139 0000 0001",
    "password": PASSWORD,
}


def apply(app, **changes):
    return app.test_client().post("/join", data={**FORM, **changes})


@pytest.fixture
def applicant(app, cast):
    """A client of somebody whose shop waits."""
    apply(app)
    client = app.test_client()
    client.post("/sign-in", data={"identity": FORM["identity"], "password": PASSWORD})
    return client


def the_application(app) -> int:
    with app.app_context():
        return db.session.scalars(db.select(Application.id)).one()


def told(app, actor) -> list[str]:
    with app.app_context():
        rows = notices.of_member(member=actor.member, page=Page()).rows
        return [row.kind.value for row in rows]


def test_a_shop_applies_and_its_owner_sees_that_it_waits(app, cast, applicant):
    start = applicant.get("/")
    page = applicant.get("/waiting").text

    assert start.headers["Location"] == "/waiting"
    assert "正在审核" in page
    assert "巷口点卡" in page
    assert told(app, cast.operator) == ["application.received"]
    assert told(app, cast.consultant) == []


@pytest.mark.parametrize("path", ["/courses", "/feedback/new", "/booking", "/organisation/invite"])
def test_who_waits_is_led_back_to_the_page_that_says_so(applicant, path):
    answer = applicant.get(path)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/waiting")


@pytest.mark.parametrize("path", ["/account", "/organisation", "/notices", "/account/security"])
def test_who_waits_can_look_after_the_own_account(applicant, path):
    assert applicant.get(path).status_code == 200


def test_a_known_identity_gets_the_same_answer_and_its_owner_is_told(app, cast):
    unknown = apply(app)
    known = apply(app, identity="+86 13800000001", shop_name="别人的店")

    assert known.status_code == unknown.status_code == 303
    assert known.headers["Location"] == unknown.headers["Location"]
    assert known.data == unknown.data
    assert told(app, cast.dealer_a) == ["identity.used_again"]
    with app.app_context():
        assert db.session.scalars(
            db.select(Organisation.name).filter_by(state="pending")
        ).all() == ["巷口点卡"]
        person = db.session.get(Person, cast.dealer_a.person_id)
        assert person.name == "林小鹿"


def test_the_same_number_typed_differently_is_one_identity(app, cast):
    for typed in ("13900000001", "139 0000 0001", "+86 139-0000-0001"):
        apply(app, identity=typed)

    with app.app_context():
        assert db.session.query(Application).count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("shop_name", " "),
        ("person_name", ""),
        ("identity", "12345"),
        ("identity", "林@例子.公司"),
        ("password", "1234567"),
        ("password", "13900000001"),
    ],
)
def test_a_bad_form_comes_back_with_what_was_typed(app, cast, field, value):
    answer = apply(app, **{field: value})

    assert answer.status_code == 422
    assert 'value="四川 成都"' in answer.text
    assert PASSWORD not in answer.text
    with app.app_context():
        assert db.session.query(Application).count() == 0


def test_an_operator_lets_a_shop_in_and_it_is_led_to_the_first_lesson(
    app, cast, applicant, sign_in
):
    operator = sign_in(cast.operator)
    page = f"/members/applications/{the_application(app)}"

    shown = operator.get(page).text
    answer = operator.post(f"{page}/approve", data={"shop_ref": "xiangkou", "level": "2"})
    again = operator.post(f"{page}/approve", data={"shop_ref": "xiangkou", "level": "2"})

    assert "139 0000 0001" in shown
    assert answer.status_code == 303
    assert again.headers["Location"] == page
    assert applicant.get("/").status_code == 200
    assert applicant.get("/waiting").headers["Location"] == "/"
    assert applicant.get("/first-steps").status_code == 200
    with app.app_context():
        shop = db.session.scalars(db.select(Organisation).filter_by(name="巷口点卡")).one()
        assert (shop.state, shop.shop_ref, shop.level) == ("active", "xiangkou", 2)
        kinds = db.session.scalars(db.select(Notice.kind).filter_by(organisation_id=shop.id)).all()
        assert kinds == ["application.approved"]


def test_a_shop_reference_that_another_shop_has_is_refused(app, cast, applicant, sign_in):
    page = f"/members/applications/{the_application(app)}"
    form = {"shop_ref": "xiaolu", "level": "2"}

    answer = sign_in(cast.operator).post(f"{page}/approve", data=form)

    assert answer.status_code == 422
    assert "别的店已经用了这个编号" in answer.text
    assert applicant.get("/").headers["Location"] == "/waiting"


def test_a_refused_applicant_reads_why_and_may_apply_again(app, cast, applicant, sign_in):
    page = f"/members/applications/{the_application(app)}"
    operator = sign_in(cast.operator)

    without = operator.post(f"{page}/decline", data={"reason": " "})
    operator.post(f"{page}/decline", data={"reason": "营业执照没看清"})
    nowhere = applicant.get("/", follow_redirects=True).text
    applicant.post("/join", data={"shop_name": "巷口点卡二店", "region": ""})

    assert without.status_code == 422
    assert "营业执照没看清" in nowhere
    assert applicant.get("/").headers["Location"] == "/waiting"


def test_one_person_has_one_application_waiting(applicant):
    again = applicant.post("/join", data={"shop_name": "巷尾点卡"})

    assert again.status_code == 422
    assert 'value="巷尾点卡"' in again.text


def test_like_names_and_numbers_one_digit_apart_are_pointed_out(app, cast, sign_in):
    apply(app, shop_name="小鹿点卡旗舰店", identity="13800000011")

    page = sign_in(cast.operator).get(f"/members/applications/{the_application(app)}").text

    assert "小鹿点卡铺" in page
    assert "138 0000 0001" in page
    assert "阿成游戏屋" not in page


def test_applying_by_mail_asks_to_confirm_the_address(app, cast):
    apply(app, identity="Tang@Example.com")

    with app.app_context():
        link = db.session.scalars(db.select(OneTimeLink)).one()
        person = db.session.scalars(db.select(Person).filter_by(email="tang@example.com")).one()
        assert (link.purpose, link.identity) == ("confirm", "tang@example.com")
        assert person.mail_confirmed_at is None


@pytest.mark.parametrize("who", ["dealer_a", "consultant", "author", "supplier_a"])
def test_only_operators_see_applications(app, cast, applicant, sign_in, who):
    page = f"/members/applications/{the_application(app)}"
    client = sign_in(getattr(cast, who))

    assert client.get(page).status_code == 403
    assert client.post(f"{page}/approve", data={"level": "1"}).status_code == 403
