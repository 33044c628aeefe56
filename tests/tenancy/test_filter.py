"""Whatever a session asks, and in whatever way: it gets the rows of whom it works for."""

import pytest
from conftest import NOW
from sqlalchemy import delete, exists, func, literal, select, text, union, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased, joinedload, selectinload, subqueryload

from portal import tenancy
from portal.accounts.models import Organisation
from portal.catalog.models import Product
from portal.db import db
from portal.feedback.models import Feedback, FeedbackEvent
from portal.notices.models import Notice, NoticeRead
from portal.tenancy import ForeignRow, NoTenant, NotFiltered, ScopeChanged


def counted(statement):
    return select(func.count()).select_from(statement.subquery())


def loaded(option):
    found = db.session.scalars(
        select(Product).options(option(Product.wishes)).order_by(Product.id)
    ).unique()
    return sum(len(each.wishes) for each in found)


other = aliased(Feedback)
words = select(Feedback.id).cte()
per_product = (
    select(Feedback.product_id, func.count().label("pieces")).group_by(Feedback.product_id)
).subquery()

# Each gives how many pieces of feedback it reaches: one of one's own, two in all.
READS = {
    "entities": lambda: len(db.session.scalars(select(Feedback)).all()),
    "columns": lambda: len(db.session.scalars(select(Feedback.text)).all()),
    "alias": lambda: len(db.session.scalars(select(other)).all()),
    "count": lambda: db.session.scalar(select(func.count()).select_from(Feedback)),
    "count of a column": lambda: db.session.scalar(select(func.count(Feedback.id))),
    "only in the condition": lambda: db.session.scalar(
        select(func.count()).where(Feedback.text != "")
    ),
    "count of a subquery": lambda: db.session.scalar(counted(select(Feedback))),
    "common table expression": lambda: len(db.session.scalars(select(words.c.id)).all()),
    "scalar subquery": lambda: db.session.scalar(
        select(select(func.count(Feedback.id)).scalar_subquery())
    ),
    "correlated subquery": lambda: db.session.scalar(
        select(
            select(func.count(Feedback.id))
            .where(Feedback.product_id == Product.id)
            .scalar_subquery()
        )
        .select_from(Product)
        .order_by(Product.id)
    ),
    "in a subquery": lambda: len(
        db.session.scalars(
            select(Organisation.id).where(Organisation.id.in_(select(Feedback.dealer_id)))
        ).all()
    ),
    "exists": lambda: len(
        db.session.scalars(
            select(Organisation.id).where(exists().where(Feedback.dealer_id == Organisation.id))
        ).all()
    ),
    "join": lambda: len(
        db.session.scalars(
            select(Organisation.id).join(Feedback, Feedback.dealer_id == Organisation.id)
        ).all()
    ),
    "join of an alias": lambda: len(
        db.session.scalars(
            select(Organisation.id).join(other, other.dealer_id == Organisation.id)
        ).all()
    ),
    "outer join": lambda: sum(
        each is not None
        for each in db.session.scalars(
            select(Feedback.id)
            .select_from(Organisation)
            .outerjoin(Feedback, Feedback.dealer_id == Organisation.id)
        )
    ),
    "join of a subquery": lambda: db.session.scalar(
        select(per_product.c.pieces).join(Product, Product.id == per_product.c.product_id)
    ),
    "no join at all": lambda: len(
        db.session.scalars(
            select(Organisation.id).where(Feedback.dealer_id == Organisation.id)
        ).all()
    ),
    "union": lambda: len(db.session.scalars(union(select(Feedback.id), select(Feedback.id))).all()),
    "window": lambda: len(
        db.session.execute(select(Feedback.id, func.row_number().over(order_by=Feedback.id))).all()
    ),
    "legacy query": lambda: db.session.query(Feedback).count(),
    "child of what is owned": lambda: len(db.session.scalars(select(FeedbackEvent)).all()),
    "child, joined": lambda: len(
        db.session.scalars(
            select(FeedbackEvent.id).join(Feedback, Feedback.id == FeedbackEvent.feedback_id)
        ).all()
    ),
    "lazy load": lambda: sum(len(each.wishes) for each in db.session.scalars(select(Product))),
    "joined load": lambda: loaded(joinedload),
    "selectin load": lambda: loaded(selectinload),
    "subquery load": lambda: loaded(subqueryload),
    "update": lambda: len(
        db.session.scalars(update(Feedback).values(impact="x").returning(Feedback.id)).all()
    ),
    "update of children": lambda: (
        db.session.execute(update(FeedbackEvent).values(actor_person_id=None)).rowcount
    ),
}


@pytest.mark.asvs("V8.4.1")
@pytest.mark.parametrize("way", READS)
def test_a_session_reaches_the_rows_of_whom_it_works_for(way, deployed, cast):
    tenancy.enter(cast.dealer_a.member)

    assert READS[way]() == 1


@pytest.mark.parametrize("way", READS)
def test_control_without_the_filter_it_reaches_the_others_too(way, deployed):
    with tenancy.for_everyone(reason="the filter taken away"):
        assert READS[way]() == 2


@pytest.mark.parametrize("way", READS)
def test_a_session_that_works_for_nobody_reaches_nothing(way, deployed):
    with pytest.raises(NoTenant):
        READS[way]()


def test_one_asked_for_by_its_key_is_found_only_when_it_is_ones_own(deployed, cast):
    tenancy.enter(cast.dealer_a.member)

    assert db.session.get(Feedback, deployed.said_by_a) is not None
    assert db.session.get(Feedback, deployed.said_by_b) is None


def test_whether_there_is_one_is_told_of_ones_own_alone(deployed, cast):
    tenancy.enter(cast.dealer_a.member)

    def is_there(feedback_id):
        return db.session.scalar(select(exists().where(Feedback.id == feedback_id)))

    assert (is_there(deployed.said_by_a), is_there(deployed.said_by_b)) == (True, False)


def test_a_delete_takes_ones_own_rows_alone(deployed, cast):
    with tenancy.for_everyone(reason="a test arranges"):
        db.session.add_all([notice_for(cast.dealer_a), notice_for(cast.dealer_b)])
    tenancy.enter(cast.dealer_a.member)

    assert db.session.execute(delete(Notice)).rowcount == 1


def test_a_supplier_sees_what_is_said_about_its_products_and_nothing_else(deployed, cast):
    tenancy.enter(cast.supplier_a.member)
    assert READS["entities"]() == 2

    db.session.remove()
    tenancy.enter(cast.supplier_b.member)
    assert READS["entities"]() == 0


@pytest.mark.parametrize(("who", "pieces"), [("operator", 2), ("consultant", 0), ("author", 0)])
def test_of_the_alliance_only_who_needs_it_sees_it(deployed, cast, who, pieces):
    tenancy.enter(getattr(cast, who).member)

    assert READS["entities"]() == pieces


def test_who_may_only_look_changes_nothing(deployed, cast):
    tenancy.enter(cast.dealer_a.member)
    product = db.session.get(Product, deployed.product_of_a)

    assert db.session.execute(update(Product).values(code="x")).rowcount == 0
    product.code = "x"
    with pytest.raises(ForeignRow, match="product"):
        db.session.flush()


# The ways around the filter, each shut


def test_a_session_that_holds_rows_of_one_does_not_go_on_for_another(deployed, cast):
    tenancy.enter(cast.dealer_b.member)
    held = db.session.get(Feedback, deployed.said_by_b)

    with pytest.raises(ScopeChanged):
        tenancy.enter(cast.dealer_a.member)
    assert held.dealer_id == cast.dealer_b.organisation_id


def test_what_was_loaded_for_everyone_is_not_found_by_its_key_afterwards(deployed, cast):
    tenancy.enter(cast.dealer_a.member)

    with tenancy.for_everyone(reason="a narrow look"):
        held = db.session.get(Feedback, deployed.said_by_b)

    assert held is not None
    assert db.session.get(Feedback, deployed.said_by_b) is None
    assert db.session.scalars(select(Feedback.id)).all() == [deployed.said_by_a]


def test_what_was_loaded_before_a_look_for_everyone_stays(deployed, cast):
    tenancy.enter(cast.dealer_a.member)
    own = db.session.get(Feedback, deployed.said_by_a)

    with tenancy.for_everyone(reason="a narrow look"):
        db.session.get(Feedback, deployed.said_by_b)

    assert own in db.session


def test_after_a_failure_inside_a_look_for_everyone_the_session_is_held_again(deployed, cast):
    tenancy.enter(cast.dealer_a.member)

    with pytest.raises(ZeroDivisionError), tenancy.for_everyone(reason="a narrow look"):
        raise ZeroDivisionError

    assert tenancy.scope().organisation_id == cast.dealer_a.organisation_id
    assert READS["entities"]() == 1


BARE = Feedback.__table__
HIDDEN = {
    "table": lambda: select(BARE),
    "column of a table": lambda: select(BARE.c.id),
    "alias of a table": lambda: select(BARE.alias()),
    "joined table": lambda: select(Organisation.id).join(BARE, BARE.c.dealer_id == Organisation.id),
    "table in a subquery": lambda: select(Organisation.id).where(
        Organisation.id.in_(select(BARE.c.dealer_id))
    ),
    "text": lambda: text("SELECT * FROM feedback"),
    "only in a window": lambda: select(func.row_number().over(order_by=Feedback.id)),
    "rows of a query": lambda: (
        dialect().insert(NoticeRead).from_select(["notice_id"], select(Notice.id))
    ),
    "several rows at once": lambda: dialect().insert(Feedback).values([{"id": 1}, {"id": 2}]),
    "update joined to another table": lambda: (
        update(Organisation).where(Organisation.id == Feedback.dealer_id).values(name="x")
    ),
}


def dialect():
    return postgresql if db.engine.dialect.name == "postgresql" else sqlite


@pytest.mark.parametrize("way", HIDDEN)
def test_a_statement_that_the_filter_cannot_hold_is_refused(way, deployed, cast):
    tenancy.enter(cast.dealer_a.member)

    with pytest.raises(NotFiltered):
        db.session.execute(HIDDEN[way]())


def test_rows_named_by_their_keys_alone_are_refused(deployed, cast):
    tenancy.enter(cast.dealer_a.member)

    with pytest.raises(NotFiltered, match="keys"):
        db.session.execute(update(Feedback), [{"id": deployed.said_by_b, "text": "x"}])


def test_text_that_names_no_table_of_a_tenant_passes(deployed):
    assert db.session.scalar(text("SELECT 1")) == 1
    assert db.session.scalar(select(literal(1))) == 1


# Writing


def notice_for(actor) -> Notice:
    return Notice(
        organisation_id=actor.organisation_id, kind="x", params={}, path="/", created_at=NOW
    )


def test_a_row_for_another_is_not_written(deployed, cast):
    tenancy.enter(cast.dealer_a.member)
    db.session.add(notice_for(cast.dealer_b))

    with pytest.raises(ForeignRow, match="notice"):
        db.session.flush()


def test_a_row_of_ones_own_is_written(deployed, cast):
    tenancy.enter(cast.dealer_a.member)
    db.session.add(notice_for(cast.dealer_a))
    db.session.flush()

    assert db.session.scalar(select(func.count(Notice.id))) == 1


def test_nobody_writes_nothing(deployed, cast):
    db.session.add(notice_for(cast.dealer_a))

    with pytest.raises(NoTenant):
        db.session.flush()


INSERTS = {
    "values": lambda row: (dialect().insert(Notice).values(**row),),
    "parameters": lambda row: (dialect().insert(Notice), [row]),
}


@pytest.mark.parametrize("way", INSERTS)
def test_an_insert_statement_for_another_is_refused(way, deployed, cast):
    tenancy.enter(cast.dealer_a.member)
    row = {"kind": "x", "params": {}, "path": "/", "created_at": NOW}
    theirs = row | {"organisation_id": cast.dealer_b.organisation_id}

    with pytest.raises(ForeignRow):
        db.session.execute(*INSERTS[way](theirs))
    db.session.execute(*INSERTS[way](row | {"organisation_id": cast.dealer_a.organisation_id}))


def test_a_row_does_not_change_hands(deployed, cast):
    tenancy.enter(cast.supplier_a.member)
    db.session.get(Feedback, deployed.said_by_a).dealer_id = cast.dealer_b.organisation_id

    with pytest.raises(ForeignRow, match="changes its dealer_id"):
        db.session.flush()


def test_rows_do_not_change_hands_by_a_statement(deployed, cast):
    tenancy.enter(cast.dealer_a.member)

    with pytest.raises(ForeignRow, match="changes its dealer_id"):
        db.session.execute(update(Feedback).values(dealer_id=cast.dealer_b.organisation_id))


def step_of(feedback_id) -> FeedbackEvent:
    return FeedbackEvent(feedback_id=feedback_id, kind="answered", text="", at=NOW)


def test_a_child_is_written_under_ones_own_parent_alone(deployed, cast):
    tenancy.enter(cast.dealer_a.member)
    db.session.add(step_of(deployed.said_by_a))
    db.session.flush()

    db.session.add(step_of(deployed.said_by_b))
    with pytest.raises(ForeignRow, match="feedback_event"):
        db.session.flush()


def test_merging_a_row_of_anothers_is_refused(deployed, cast):
    tenancy.enter(cast.dealer_a.member)
    with tenancy.for_everyone(reason="a narrow look"):
        theirs = db.session.get(Feedback, deployed.said_by_b)
    theirs.text = "改过的话"

    db.session.merge(theirs)
    with pytest.raises(ForeignRow):
        db.session.flush()
