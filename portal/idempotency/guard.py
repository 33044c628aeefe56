"""The guard at the edge: takes a request's key before its view, keeps the answer after it.

A view that ends the request's transaction by itself calls `claim()` in the one that it commits,
and `settle()` with its answer before it does.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import IO, TypeVar

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    flash,
    g,
    has_request_context,
    jsonify,
    render_template,
    request,
    session,
)
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.db import SAFE_METHODS, unit_of_work
from portal.i18n import gettext as _
from portal.idempotency import actions, queries, rules

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
REPLAYED = "Idempotent-Replayed"
FLASHES = "_flashes"  # Flask's own place for messages to the next page
_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
_CHUNK = 1024 * 1024


class SentTwice(Exception):
    """Another sending of the same request was a moment quicker; the answer is its answer."""


@dataclass(slots=True)
class _Reservation:
    """The key that this request holds."""

    scope: str
    key: str
    fingerprint: str
    person_id: int | None
    flashes_before: int
    stands_alone: bool = False  # committed by the view itself, whatever it answers


def repeatable(why: str) -> Callable[[View], View]:
    """Declare that this view may run again with the same key; `why` is for the reader.

    For what lives in the session only, and for answers that must not be kept.
    """

    def declare(view: View) -> View:
        view.__repeatable__ = why  # type: ignore[attr-defined]  # read back by why_repeatable
        return view

    return declare


def why_repeatable(app: Flask, endpoint: str) -> str | None:
    """Return why the route may run again with the same key, or None when it must not."""
    foreign: Mapping[str, str] = app.extensions["tongtu.idempotency"]
    blueprint = endpoint.rpartition(".")[0]
    if blueprint in foreign:
        return foreign[blueprint]
    why = getattr(app.view_functions[endpoint], "__repeatable__", None)
    return why if isinstance(why, str) else None


def key_of_request() -> str:
    """Return the request's key in 64 characters, a fresh one when it carries none.

    For rows that keep it themselves, to know a sending again after the kept answer is gone.
    """
    return rules.short(_sent_key() or rules.new_key())


def claim() -> None:
    """Take the request's key in the current transaction, which the view commits by itself.

    Raises SentTwice when the same request was done meanwhile; without a key this does nothing.
    """
    held: _Reservation | None = g.get("reservation") if has_request_context() else None
    if held is None:
        return
    taken = actions.reserve(
        scope=held.scope,
        key=held.key,
        fingerprint=held.fingerprint,
        person_id=held.person_id,
        at=clock.now(),
    )
    if not taken:
        raise SentTwice(held.key)
    held.stands_alone = True


def settle(response: Response) -> None:
    """Keep the answer in the transaction that the view commits by itself.

    Kept later, it would be missing when the process is killed in between: the same form sent again
    could only be told that it was done.
    """
    held: _Reservation | None = g.pop("reservation", None)
    if held is not None:
        _write_down(held, response)


def _sent_key() -> str:
    return request.headers.get(rules.HEADER) or request.form.get(rules.FIELD, "")


def _take_key() -> ResponseReturnValue | None:
    """Hold the request's key, or answer as before when it was used."""
    if request.method in SAFE_METHODS or request.endpoint is None:
        return None
    key = _sent_key()
    if not key or why_repeatable(current_app, request.endpoint) is not None:
        return None
    if not rules.is_key(key):
        abort(HTTPStatus.BAD_REQUEST)
    member = access.member_or_none()
    held = _Reservation(
        scope=_scope(member),
        key=key,
        fingerprint=_fingerprint(member),
        person_id=member.person_id if member else None,
        flashes_before=len(session.get(FLASHES, [])),
    )
    taken = actions.reserve(
        scope=held.scope,
        key=key,
        fingerprint=held.fingerprint,
        person_id=held.person_id,
        at=clock.now(),
    )
    if taken:
        g.reservation = held
        return None
    return _answer_again(held)


def _scope(member: access.Member | None) -> str:
    """Return whose key it is: a person's, else a visitor's by the secret of its session."""
    if member is not None:
        return f"person:{member.person_id}"
    visitor = session.get("csrf_token") or f"address:{request.remote_addr}"
    return f"visitor:{_digest_of(visitor)}"


def _fingerprint(member: access.Member | None) -> str:
    asked = [
        request.method,
        request.path,
        request.query_string.decode("latin-1"),
        member.organisation_id if member else None,
    ]
    if request.mimetype not in _FORMS:
        return _digest_of(asked, hashlib.sha256(request.get_data()).hexdigest())
    files = [
        (name, file.filename, _digest(file.stream))
        for name, file in request.files.items(multi=True)
    ]
    return _digest_of(asked, rules.compared(request.form.lists()), files)


def _digest_of(*parts: object) -> str:
    return rules.fingerprint(*parts, secret=current_app.config["SECRET_KEY"])


def _digest(stream: IO[bytes]) -> str:
    """Return the digest of an upload, read in pieces: a large one stays on the disk."""
    digest = hashlib.sha256()
    while piece := stream.read(_CHUNK):
        digest.update(piece)
    stream.seek(0)
    return digest.hexdigest()


def _answer_again(held: _Reservation) -> ResponseReturnValue:
    found = queries.kept(scope=held.scope, key=held.key)
    if found is None:  # purged between the two statements: a day old
        abort(HTTPStatus.CONFLICT)
    if found.fingerprint != held.fingerprint:
        return _refused_other_body(found.answer)
    if found.answer is None:
        return _told_without_answer()
    return _replayed(found.answer)


def _replayed(answer: queries.Answer) -> Response:
    waiting = [tuple(each) for each in session.get(FLASHES, [])]
    for category, message in answer.flashes:
        if (category, message) not in waiting:
            flash(message, category)
    response = current_app.response_class(
        answer.body, status=answer.status, headers=dict(answer.headers)
    )
    response.headers[REPLAYED] = "true"
    return response


def _refused_other_body(answer: queries.Answer | None) -> ResponseReturnValue:
    title = _("这张表单已经提交过了")
    advice = _("这次的内容和上次不一样，所以没有当成同一次提交。上次提交的仍然有效。")
    if _wants_json():
        return jsonify(error="idempotency_key_reused", message=advice), (
            HTTPStatus.UNPROCESSABLE_ENTITY
        )
    page = render_template(
        "errors/already_sent.html",
        title=title,
        advice=advice,
        typed=_typed(),
        done_url=answer.headers.get("Location") if answer else None,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY


def _typed() -> list[tuple[str, str]]:
    """Return what may be offered to be sent as a new form: no files, and never a password."""
    if request.files or any("password" in name for name in request.form):
        return []
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in rules.NOT_COMPARED
    ]


def _told_without_answer() -> ResponseReturnValue:
    title = _("这一次已经处理过了")
    advice = _("没有重复执行。请回到列表看结果。")
    if _wants_json():
        return jsonify(error="already_done", message=title), HTTPStatus.CONFLICT
    page = render_template(
        "errors/error.html", status=HTTPStatus.CONFLICT, title=title, advice=advice, incident=None
    )
    return page, HTTPStatus.CONFLICT


def _wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return request.is_json or best == "application/json"


def _keep_answer(response: Response) -> Response:
    """Write the answer beside the effect; after a refusal there is neither."""
    held: _Reservation | None = g.pop("reservation", None)
    if held is None:
        return response
    if held.stands_alone and response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        with unit_of_work():
            _write_down(held, response)
    elif rules.may_keep(response.status_code):
        _write_down(held, response)
    return response


def _write_down(held: _Reservation, response: Response) -> None:
    if response.direct_passthrough or response.is_streamed:
        return
    body = response.get_data()
    if len(body) > rules.LARGEST_BODY:
        return
    headers = {
        name: value
        for name, value in response.headers.items()
        if name in {"Location", "Content-Type"} or name.startswith("HX-")
    }
    new = session.get(FLASHES, [])[held.flashes_before :]
    answer = queries.Answer(
        status=response.status_code,
        headers=headers,
        body=body,
        flashes=[(category, str(message)) for category, message in new],
    )
    actions.keep(scope=held.scope, key=held.key, answer=answer)


def _on_sent_twice(_error: SentTwice) -> ResponseReturnValue:
    held: _Reservation = g.pop("reservation")
    return _answer_again(held)


def init_app(app: Flask, *, repeatable_blueprints: Mapping[str, str]) -> None:
    """Guard every writing request of `app` that carries a key; call after access.init_app.

    `repeatable_blueprints` are libraries' routes, whose views we cannot decorate: name to reason.
    """
    app.extensions["tongtu.idempotency"] = repeatable_blueprints
    app.before_request(_take_key)
    app.after_request(_keep_answer)
    app.register_error_handler(SentTwice, _on_sent_twice)
    app.jinja_env.globals["new_idempotency_key"] = rules.new_key
