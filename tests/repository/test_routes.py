"""Every route says who may open it, and the start fails when one does not."""

import inspect

import pytest
from flask import Flask

from portal import access
from portal.access import Role, UndeclaredRoute, requires


@pytest.mark.asvs("V8.2.1")
def test_every_route_declares_its_access(app):
    assert access.undeclared(app) == []


def test_a_route_without_a_declaration_stops_the_start():
    app = Flask("planted")
    access.init_app(app, load_member=lambda: None, foreign={"static": access.Access(public=True)})
    app.add_url_rule("/open", "forgotten", lambda: "open")

    with pytest.raises(UndeclaredRoute, match="forgotten"):
        access.check_declared(app)


@pytest.mark.asvs("V8.2.1", "V16.5.3")
def test_a_route_that_slipped_past_the_start_is_refused_all_the_same():
    app = Flask("planted")
    access.init_app(app, load_member=lambda: None, foreign={})
    app.add_url_rule("/open", "forgotten", lambda: "open")

    assert app.test_client().get("/open").status_code == 403


@pytest.mark.asvs("V8.2.1", "V8.3.1")
def test_a_role_opens_only_what_is_declared_for_it(app):
    view = requires(Role.SUPPLIER)(lambda: "inbox")

    assert view.__access__.roles == {Role.SUPPLIER}
    assert not view.__access__.public


def test_nothing_that_flask_calls_is_a_coroutine(app):
    """portal.app.Portal does not look: a coroutine would never run."""
    registered = [
        *app.view_functions.values(),
        *(
            function
            for kind in (
                app.before_request_funcs,
                app.after_request_funcs,
                app.teardown_request_funcs,
                app.url_value_preprocessors,
                app.template_context_processors,
            )
            for functions in kind.values()
            for function in functions
        ),
    ]
    assert len(registered) > 250
    assert [each for each in registered if inspect.iscoroutinefunction(each)] == []
