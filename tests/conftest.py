"""What every test may use: the application on both databases, one cast, a client per person."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import lenient
import postgres
import pytest
import time_machine
from flask import Flask, has_request_context, request
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Connection, event, text
from sqlalchemy.orm import Session

from portal.access import Member, Role
from portal.accounts import actions as accounts
from portal.app import create_app
from portal.db import SAFE_METHODS, Base, db, unit_of_work
from portal.settings import Settings

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # 10:00 on a Sunday in Shanghai
PASSWORD = "correct horse battery"
ON_CI = os.environ.get("CI") == "true"
# The sandbox needs kernel rights that containers lack; the rest keeps the browser off the network.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@event.listens_for(Session, "before_flush")
def _a_get_never_writes(session: Session, *_: object) -> None:
    """Fail any test in which a GET would write."""
    wrote = session.new or session.dirty or session.deleted
    if wrote and has_request_context() and request.method in SAFE_METHODS:
        raise AssertionError(f"{request.method} {request.path} writes {list(wrote)}")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Stop when tests of one group would run apart: each worker would build their world anew."""
    if not session.config.getoption("loadgroup", False):
        return
    marked = (item for item in session.items if item.get_closest_marker("xdist_group"))
    apart = [item.nodeid for item in marked if "@" not in item.nodeid]
    if apart:
        raise pytest.UsageError(
            f"this pytest-xdist does not group tests on this pytest: {apart[0]}"
        )


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Stop when a moment that one file set still holds in the next: its tests would lie."""
    if nextitem is None or nextitem.path != item.path:
        assert not time_machine.escape_hatch.is_travelling(), f"{item.path} left the clock set"


@pytest.fixture
def as_deployed() -> Iterator[None]:
    """Let sessions outside requests and commands work for nobody, as they do in earnest."""
    with lenient.as_deployed():
        yield


def skip_or_fail(reason: str) -> None:
    """Skip with the reason; on CI a missing system package is a failure."""
    if ON_CI:
        pytest.fail(f"{reason} (CI=true: nothing may be missing)", pytrace=False)
    pytest.skip(reason)


def chromium_path() -> str | None:
    names = (os.environ.get("TONGTU_CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium_path()
    if path is None:
        skip_or_fail("no Chromium found: apt-get install chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    reason = postgres.missing_reason()
    if reason:
        skip_or_fail(reason)
    with postgres.cluster() as address:
        yield address


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of an empty database; tests that use it run on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'tongtu.sqlite'}"
    address: str = request.getfixturevalue("postgres_url")
    return address


def make_settings(data_dir: Path, database_url: str) -> Settings:
    return Settings(
        secret_key="test-secret-key-that-is-long-enough-0001",
        password_salt="test-password-salt-that-is-long-enough-1",
        data_dir=data_dir,
        database_url=database_url,
        content_dir=Path(__file__).resolve().parent.parent / "content",
        password_cost="test",
        second_factor="offered",
    )


def make_app(data_dir: Path, database_url: str, **config: object) -> Flask:
    config = {"TESTING": True, "WTF_CSRF_ENABLED": False, **config}
    app = create_app(make_settings(data_dir, database_url), **config)
    app.extensions["tongtu.rates"].enabled = False  # tests send more than people do
    return app


@pytest.fixture(scope="session")
def shared_app(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = make_app(tmp_path_factory.mktemp("data"), database_url)
    with app.app_context():
        db.drop_all()
        db.create_all()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(shared_app: Flask, tmp_path: Path) -> Iterator[Flask]:
    """The application over an empty database and an empty data folder of this test's own."""
    shared_app.extensions["tongtu.settings"] = make_settings(
        tmp_path, shared_app.config["SQLALCHEMY_DATABASE_URI"]
    )
    yield shared_app
    empty(shared_app)


def empty(app: Flask) -> None:
    """Delete every row of every table; only tables that hold rows are touched, for speed."""
    with app.app_context():
        db.session.remove()
        with db.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                # The record of what happened refuses to be emptied; here its triggers stand back.
                connection.execute(text("SET LOCAL session_replication_role = replica"))
                connection.execute(text("SELECT set_config('tongtu.role', 'everyone', true)"))
                deletions = [f'DELETE FROM "{name}"' for name in filled(connection)]
                connection.exec_driver_sql("; ".join([*deletions, RESTART]))
            else:
                names = filled(connection)
                connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
                with without_triggers(connection):
                    for name in names:
                        connection.exec_driver_sql(f'DELETE FROM "{name}"')


def filled(connection: Connection) -> list[str]:
    """Return the tables that hold rows, those that point at others first."""
    names = [table.name for table in reversed(Base.metadata.sorted_tables)]
    asked = " UNION ALL ".join(
        f"SELECT {place} AS place, '{name}' AS name WHERE EXISTS (SELECT 1 FROM \"{name}\")"
        for place, name in enumerate(names)
    )
    return [name for _, name in connection.exec_driver_sql(f"{asked} ORDER BY place")]


def _begin_again(name: str, column: str) -> str:
    return f"setval(pg_get_serial_sequence('{name}', '{column}'), 1, false)"


RESTART = "SELECT " + ", ".join(
    _begin_again(table.name, table.autoincrement_column.name)
    for table in Base.metadata.sorted_tables
    if table.autoincrement_column is not None
)


@contextmanager
def without_triggers(connection: Connection) -> Iterator[None]:
    """Take the record's triggers away on SQLite while the block runs: tests alone may do that."""
    found = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'evidence%'"
    ).all()
    for name, _ in found:
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    yield
    for _, sql in found:
        connection.exec_driver_sql(sql)


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """An application context, for tests that call queries and actions directly.

    Reads run outside a request, so each sees what requests have committed before.
    """
    with app.app_context():
        yield app
        db.session.remove()


@dataclass(frozen=True)
class Actor:
    """One of the cast: who they are, and how they sign in."""

    member: Member
    phone: str

    @property
    def organisation_id(self) -> int:
        return self.member.organisation_id

    @property
    def person_id(self) -> int:
        return self.member.person_id


@dataclass(frozen=True)
class Cast:
    """Two dealers (one with a clerk), two suppliers, two consultants, an operator, an author."""

    dealer_a: Actor
    dealer_clerk: Actor
    dealer_b: Actor
    supplier_a: Actor
    supplier_b: Actor
    consultant: Actor
    consultant_b: Actor
    operator: Actor
    author: Actor


def _actor(
    name: str,
    phone: str,
    organisation: accounts.Organisation,
    role: Role,
    *,
    is_owner: bool = True,
) -> Actor:
    person = accounts.add_person(
        name=name, mail=None, phone=phone, password_hash=accounts.hash_of(PASSWORD), at=NOW
    )
    accounts.join(
        person_id=person.id, organisation_id=organisation.id, role=role, is_owner=is_owner
    )
    return Actor(
        member=Member(
            person_id=person.id,
            person_name=person.name,
            organisation_id=organisation.id,
            organisation_name=organisation.name,
            role=role,
            is_owner=is_owner,
        ),
        phone=phone,
    )


@pytest.fixture
def cast(app: Flask) -> Cast:
    """The cast, committed to the database."""
    return cast_of(app)


def cast_of(app: Flask) -> Cast:
    """Add the cast to the database of `app`."""
    with app.app_context(), unit_of_work():
        alliance = accounts.add_organisation(kind="alliance", name="同途联盟", at=NOW)
        dealers = [
            accounts.add_organisation(
                kind="dealer",
                name=name,
                shop_ref=ref,
                region="浙江 杭州",
                level=2,
                joined_on=date(2025, 3, 1),
                shares_name=shares,
                at=NOW,
            )
            for name, ref, shares in (
                ("小鹿点卡铺", "xiaolu", False),
                ("阿成游戏屋", "acheng", True),
            )
        ]
        suppliers = [
            accounts.add_organisation(kind="supplier", name=name, at=NOW)
            for name in ("星海互娱", "橙光传媒")
        ]
        return Cast(
            dealer_a=_actor("林小鹿", "13800000001", dealers[0], Role.DEALER),
            dealer_b=_actor("陈成", "13800000002", dealers[1], Role.DEALER),
            supplier_a=_actor("周星", "13800000003", suppliers[0], Role.SUPPLIER),
            supplier_b=_actor("程光", "13800000004", suppliers[1], Role.SUPPLIER),
            consultant=_actor("顾思远", "13800000005", alliance, Role.CONSULTANT, is_owner=False),
            consultant_b=_actor("文静", "13800000006", alliance, Role.CONSULTANT, is_owner=False),
            operator=_actor("运营小方", "13800000007", alliance, Role.OPERATOR),
            author=_actor("作者老何", "13800000008", alliance, Role.AUTHOR, is_owner=False),
            dealer_clerk=_actor("店员阿豆", "13800000009", dealers[0], Role.DEALER, is_owner=False),
        )


@pytest.fixture
def sign_in(app: Flask) -> Callable[[Actor], FlaskClient]:
    """Return a function that gives a client with this actor signed in."""

    def as_actor(actor: Actor) -> FlaskClient:
        client = app.test_client()
        answer = client.post("/sign-in", data={"identity": actor.phone, "password": PASSWORD})
        assert answer.status_code == 302, answer.text
        return client

    return as_actor


@pytest.fixture
def count_queries(app: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    """Return a context manager that gives the SELECT statements of its block."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        statements: list[str] = []

        def remember(_connection, _cursor, statement, *_rest) -> None:
            if statement.lstrip().startswith("SELECT"):
                statements.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", remember)
        try:
            yield statements
        finally:
            event.remove(engine, "before_cursor_execute", remember)

    return counting
