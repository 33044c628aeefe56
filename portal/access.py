"""Who may open what: every route declares it, and a route that does not stops the start.

This module knows no tables: who is asking is told by the loader that the application passes in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.errors import Unstorable

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
FRESH_FOR = timedelta(minutes=10)


class Role(StrEnum):
    """What a person is in an organisation."""

    DEALER = "dealer"
    CONSULTANT = "consultant"
    SUPPLIER = "supplier"
    OPERATOR = "operator"
    AUTHOR = "author"


@dataclass(frozen=True, slots=True)
class Member:
    """The person who asks, in the organisation for which the person asks."""

    person_id: int
    person_name: str
    organisation_id: int
    organisation_name: str
    role: Role
    has_other_memberships: bool = False  # the person could ask for another organisation too
    is_owner: bool = False  # may decide about the organisation itself and who works there
    session_id: int | None = None  # the row of this sign-in; None outside a request
    verified_at: datetime | None = None  # when the password or a factor was last shown
    is_pending: bool = False  # the organisation waits for the operators to let it in
    must_add_factor: bool = False  # the policy asks for a second factor, and there is none yet


@dataclass(frozen=True, slots=True)
class Access:
    """What a route asks of its caller: nothing, a sign-in, or one of some roles."""

    public: bool = False
    roles: frozenset[Role] = frozenset()  # empty and not public: any signed-in member
    owner: bool = False  # only who owns the organisation for which they ask
    fresh: bool = False  # the password or a factor was shown within FRESH_FOR
    while_pending: bool = False  # open to who waits for their organisation to be let in
    before_factor: bool = False  # open to who must still set up a second factor


class UndeclaredRoute(RuntimeError):
    """A route says nothing about who may open it."""


def public(view: View) -> View:
    """Declare that anybody may open this route."""
    return _declare(view, Access(public=True))


def requires(
    *roles: Role,
    owner: bool = False,
    fresh: bool = False,
    while_pending: bool = False,
    before_factor: bool = False,
) -> Callable[[View], View]:
    """Declare which roles may open this route; without roles, any signed-in member.

    With `owner`, only who owns the organisation for which they ask.
    `fresh` asks that the member has shown the password or a second factor within FRESH_FOR, and
    leads through /verify otherwise: for what changes how one signs in, for exports and deletion.
    Declare it on the page with the form too, so that nothing typed is lost on the way.
    `while_pending` opens the route to members of an organisation that waits to be let in.
    `before_factor` opens the route to somebody who must still set up a second factor.
    """

    def declare(view: View) -> View:
        access = Access(
            roles=frozenset(roles),
            owner=owner,
            fresh=fresh,
            while_pending=while_pending,
            before_factor=before_factor,
        )
        return _declare(view, access)

    return declare


def _declare(view: View, access: Access) -> View:
    view.__access__ = access  # type: ignore[attr-defined]  # read back by access_of
    return view


def access_of(app: Flask, endpoint: str) -> Access | None:
    """Return what the route declares, or None."""
    foreign: Mapping[str, Access] = app.extensions["tongtu.access"].foreign
    if endpoint in foreign:
        return foreign[endpoint]
    access = getattr(app.view_functions[endpoint], "__access__", None)
    return access if isinstance(access, Access) else None


def undeclared(app: Flask) -> list[str]:
    """Return the endpoints that declare no access."""
    return sorted(name for name in app.view_functions if access_of(app, name) is None)


def check_declared(app: Flask) -> None:
    """Raise UndeclaredRoute unless every route of `app` declares its access."""
    missing = undeclared(app)
    if missing:
        raise UndeclaredRoute(f"these routes declare no access: {', '.join(missing)}")


@dataclass(frozen=True, slots=True)
class _Extension:
    load_member: Callable[[], Member | None]
    is_signed_in: Callable[[], bool]
    enter: Callable[[Member], None]
    foreign: Mapping[str, Access]  # routes of libraries, whose views we cannot decorate


def init_app(
    app: Flask,
    *,
    load_member: Callable[[], Member | None],
    foreign: Mapping[str, Access],
    is_signed_in: Callable[[], bool] = lambda: False,
    enter: Callable[[Member], None] = lambda _member: None,
) -> None:
    """Guard every request of `app`; `load_member` tells who asks, None for nobody.

    `is_signed_in` tells nobody from somebody who belongs to no organisation (any more); `enter`
    is told who asks as soon as it is known.
    """
    app.extensions["tongtu.access"] = _Extension(
        load_member=load_member, is_signed_in=is_signed_in, foreign=foreign, enter=enter
    )
    app.before_request(_guard)
    app.before_request(_refuse_zero)


def _guard() -> ResponseReturnValue | None:
    if "\0" in request.path:
        raise Unstorable
    if request.endpoint is None:
        return None  # no such route: the 404 page
    access = access_of(current_app, request.endpoint)
    if access is None:
        abort(HTTPStatus.FORBIDDEN)
    if access.public:
        return None
    member = member_or_none()
    if member is None:
        return _ask_to_sign_in()
    if not _may(member, access):
        abort(HTTPStatus.FORBIDDEN)
    return _first(member, access)


def _first(member: Member, access: Access) -> ResponseReturnValue | None:
    """Return the way to what the member has to do before this route, or None."""
    if member.must_add_factor and not access.before_factor:
        return _lead_to(url_for("security.factors"))
    # One's own sign-in can be looked after in any case: those are the routes before a factor.
    if member.is_pending and not (access.while_pending or access.before_factor):
        return _lead_to(url_for("joining.waiting"))
    if access.fresh and not is_fresh(member, at=clock.now()):
        return _lead_to(url_for("security.verify", next=_where_to_return()))
    return None


def _may(member: Member, access: Access) -> bool:
    in_role = not access.roles or member.role in access.roles
    return in_role and (member.is_owner or not access.owner)


def is_fresh(member: Member, *, at: datetime) -> bool:
    """Tell whether the member has shown the password or a factor a short while ago."""
    return member.verified_at is not None and at - member.verified_at < FRESH_FOR


def _lead_to(address: str) -> ResponseReturnValue:
    if request.headers.get("HX-Request"):
        abort(HTTPStatus.FORBIDDEN)  # a whole page must not land in the middle of another
    return redirect(address, HTTPStatus.SEE_OTHER)


def _where_to_return() -> str:
    """Return the page itself, or for a form the page that it was on (of this site only)."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    here = request.host_url
    referrer = request.referrer or ""
    return f"/{referrer.removeprefix(here)}" if referrer.startswith(here) else "/"


def _refuse_zero() -> None:
    """Refuse what holds the character zero: PostgreSQL knows no such text, and nobody types it.

    After the guard, which must not read the body of somebody who may not send one.
    """
    if request.method == "GET" and not request.content_length and not request.query_string:
        return  # nothing was typed
    fields = (*request.args.items(multi=True), *request.form.items(multi=True))
    files = ((name, each.filename or "") for name, each in request.files.items(multi=True))
    texts = (text for pair in (*fields, *files) for text in pair)
    if any("\0" in text for text in texts):
        raise Unstorable


def _ask_to_sign_in() -> ResponseReturnValue:
    if current_app.extensions["tongtu.access"].is_signed_in():
        return _lead_to(url_for("joining.nowhere"))
    if request.method != "GET" or request.headers.get("HX-Request"):
        abort(HTTPStatus.UNAUTHORIZED)
    path = request.full_path.rstrip("?")
    return redirect(url_for("security.login", next=None if path == "/" else path))


def member_or_none() -> Member | None:
    """Return who asks, or None when nobody is signed in."""
    if "member" not in g:
        extension: _Extension = current_app.extensions["tongtu.access"]
        g.member = extension.load_member()
        if g.member is not None:
            extension.enter(g.member)
    member: Member | None = g.member
    return member


def current_member() -> Member:
    """Return who asks; only for routes that are not public."""
    member = member_or_none()
    if member is None:
        abort(HTTPStatus.UNAUTHORIZED)
    return member
