"""The application factory: wires the edge together and lists the blueprints."""

import logging
import sys
from collections.abc import Callable
from typing import Any

import structlog
from flask import Flask
from flask_compress import Compress
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import access, cli, db, errors, i18n, observing, security, settings, tenancy
from portal.accounts import names, recipients
from portal.accounts import queries as accounts
from portal.accounts import security as accounts_security
from portal.accounts import views as accounts_views
from portal.accounts.membership.views import pages as membership_views
from portal.accounts.sign_in import cookie, rates
from portal.accounts.sign_in import rules as sign_in_rules
from portal.accounts.sign_in.views import pages as sign_in_views
from portal.admin import views as admin_views
from portal.booking.views import pages as booking_views
from portal.calendars.views import pages as calendars_views
from portal.certificates.views import pages as certificates_views
from portal.coaching import views as coaching_views
from portal.doctor import views as doctor_views
from portal.evidence import collecting as evidence
from portal.evidence import directory as evidence_directory
from portal.evidence import views as evidence_views
from portal.feedback import views as feedback_views
from portal.health import views as health_views
from portal.home import shell
from portal.home import views as home_views
from portal.idempotency import guard as idempotency
from portal.learning import views as learning_views
from portal.notes import views as notes_views
from portal.notices import directory
from portal.notices.views import pages as notices_views
from portal.outbox import views as outbox_views
from portal.practice import views as practice_views
from portal.privacy import views as privacy_views
from portal.questions.views import answering, asking
from portal.reporting import views as reporting_views
from portal.review import views as review_views
from portal.rounds.views import pages as rounds_views
from portal.sales import views as sales_views
from portal.schema import accounts as _tables  # noqa: F401 – registers every table
from portal.settings import Settings
from portal.teaching.views import authors as teaching_views
from portal.teaching.views import cohorts as cohorts_views
from portal.teaching.views import team as team_views
from portal.tickets import views as tickets_views
from portal.typed import RowNumber

BLUEPRINTS = (
    accounts_views.bp,
    admin_views.bp,
    *membership_views.BLUEPRINTS,
    booking_views.bp,
    calendars_views.bp,
    certificates_views.bp,
    coaching_views.bp,
    doctor_views.bp,
    evidence_views.bp,
    feedback_views.bp,
    health_views.bp,
    home_views.bp,
    learning_views.bp,
    notes_views.bp,
    notices_views.bp,
    outbox_views.bp,
    practice_views.bp,
    privacy_views.bp,
    answering.bp,
    asking.bp,
    reporting_views.bp,
    review_views.bp,
    rounds_views.bp,
    sales_views.bp,
    sign_in_views.bp,
    teaching_views.bp,
    cohorts_views.bp,
    team_views.bp,
    tickets_views.bp,
)


def _config(values: Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": values.secret_key,
        "SECURITY_PASSWORD_SALT": values.password_salt,
        "SQLALCHEMY_DATABASE_URI": values.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": db.engine_options(values.database_url),
        "TIMEZONE": values.timezone,
        "MAX_CONTENT_LENGTH": values.upload_limit_mb * 1024 * 1024,
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_BR_LEVEL": 5,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "SESSION_COOKIE_NAME": "__Host-tongtu" if values.https else "tongtu",
        "SESSION_COOKIE_SECURE": values.https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": sign_in_rules.KEPT.absolute,
        "PREFERRED_URL_SCHEME": "https" if values.https else "http",
        "WTF_CSRF_TIME_LIMIT": None,  # a lesson may stay open for hours; the session ends it
        "WTF_I18N_ENABLED": False,  # the words of forms are ours (portal/form_words.py)
        **accounts_security.config(password_cost=values.password_cost),
    }


class Portal(Flask):
    """A Flask application in which everything is a plain function."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is: looking whether it is a coroutine, Flask does 22 times."""
        return func


def create_app(values: Settings | None = None, **overrides: Any) -> Flask:
    """Return the portal; `overrides` are configuration keys for tests.

    Raises BadSetting when a setting is missing, UndeclaredRoute when a route declares no access.
    """
    values = values or settings.from_environment()
    values.data_dir.mkdir(parents=True, exist_ok=True)
    app = Portal(__name__)
    app.url_map.converters["int"] = RowNumber
    app.config.update(_config(values))
    app.config.update(overrides)
    app.extensions["tongtu.settings"] = values
    app.extensions["tongtu.create_app"] = create_app  # a restored portal is started beside this one
    if values.trusted_proxies:
        count = values.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]  # Flask documents this way
    _log_from(values.log_level)
    _extend(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    rates.check_routes(app)
    cli.init_app(app)
    access.check_declared(app)
    return app


def _log_from(level: str) -> None:
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        # Asked at each line, not once: who replaces the stream (a supervisor, a test) gets it all.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def _extend(app: Flask) -> None:
    evidence.init_app(app)  # before the database: what a refused request leaves comes after it
    db.init_app(app)
    observing.init_app(app)
    Migrate(app, db.db, directory="portal/migrations", compare_type=True, render_as_batch=False)
    security.init_app(app)
    Compress(app)
    i18n.init_app(app)
    errors.init_app(app)
    accounts_security.init_app(app)
    cookie.init_app(app)
    rates.init_app(app)  # before the guard, which is the first to ask the database
    access.init_app(
        app,
        load_member=accounts.member_of_session,
        is_signed_in=lambda: cookie.live_session() is not None,
        foreign=accounts_security.FOREIGN_ROUTES,
        enter=tenancy.enter,
    )
    idempotency.init_app(app, repeatable_blueprints=accounts_security.REPEATABLE)
    directory.init_app(app, directory=recipients)
    evidence_directory.init_app(app, names.NAMES)
    shell.init_app(app)
