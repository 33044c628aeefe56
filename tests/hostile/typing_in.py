"""Types a text into a field of a form as a browser or a script would, and says what went wrong.

The fields are not listed anywhere: they are those of the forms that a sending's view builds
(tests/sendings.py), and those that the sending itself carries.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from conftest import Actor
from flask.testing import FlaskClient
from sendings import Scene, Sending
from sqlalchemy import delete, event
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse
from wtforms import Field, StringField, TextAreaField
from wtforms.form import BaseForm

from portal.db import Base, db, unit_of_work
from portal.feedback.rules import mask
from portal.typed import many_lines, one_line

# Not yet doors: what they do ends sessions, or closes the shop that the other doors belong to.
# Naughty strings are typed into their addresses (test_addresses.py), not into their fields.
ROOMS_APART = ("account.", "home.", "joining.", "links.", "members.", "organisation.")
OURS = frozenset({"csrf_token", "idempotency_key"})
# Text fields whose words are not for keeping: a code is shown to nobody, a start is on a list.
NOT_KEPT = frozenset({"code", "starts"})


@contextmanager
def forms_built() -> Iterator[list[BaseForm]]:
    """Give the forms that are built while the block runs."""
    built: list[BaseForm] = []
    process = BaseForm.process

    def remembering(form: BaseForm, *args, **kwargs) -> None:
        built.append(form)
        process(form, *args, **kwargs)

    BaseForm.process = remembering
    try:
        yield built
    finally:
        BaseForm.process = process


@contextmanager
def written(scene: Scene) -> Iterator[set[str]]:
    """Give the texts that the block writes to the database."""
    texts: set[str] = set()

    def remember(_connection, _cursor, statement, parameters, *_rest) -> None:
        if statement.lstrip()[:6].upper() in {"INSERT", "UPDATE"}:
            rows = parameters if isinstance(parameters, list) else [parameters]
            for row in rows:
                values = row.values() if isinstance(row, dict) else row or ()
                texts.update(value for value in values if isinstance(value, str))

    with scene.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", remember)
    try:
        yield texts
    finally:
        event.remove(engine, "before_cursor_execute", remember)


class _Controls(HTMLParser):
    """The values of the named controls of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.values: dict[str, list[str]] = {}
        self._open: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name = found.get("name")
        if name and tag == "input":
            self.values.setdefault(name, []).append(found.get("value") or "")
        elif name and tag == "textarea":
            self.values.setdefault(name, []).append("")
            self._open = name

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._open:
            self.values[self._open][-1] += data


def shown(page: str, name: str) -> list[str]:
    """Return the values of the control `name`; a text area's first line end is the page's own."""
    parser = _Controls()
    parser.feed(page)
    parser.close()
    return [value.removeprefix("\r\n").removeprefix("\n") for value in parser.values.get(name, [])]


@dataclass
class Door:
    """One writing route, and who goes through it."""

    endpoint: str
    make: Callable[[Scene], Sending]
    scene: Scene
    sign_in: Callable[[Actor], FlaskClient]
    clients: dict[str, FlaskClient]
    fields: dict[str, type[Field] | None] = field(default_factory=dict)
    forms: set[type[BaseForm]] = field(default_factory=set)
    _ready: Sending | None = None

    def client(self, sending: Sending) -> FlaskClient:
        if not sending.who:
            return self.scene.app.test_client()
        known = self.clients.get(sending.who)
        # Some sendings end sessions: who was signed out comes in again.
        if known is None or known.get("/notices").status_code != 200:
            self.clients[sending.who] = self.sign_in(getattr(self.scene.cast, sending.who))
        return self.clients[sending.who]

    def _post(self, sending: Sending, form: MultiDict[str, Any]) -> TestResponse:
        client = self.client(sending)
        # More is typed here in a minute than anybody may.
        with self.scene.app.app_context(), unit_of_work():
            for name in ("request_count", "sign_in_attempts"):
                db.session.execute(delete(Base.metadata.tables[name]))
        for path in sending.before:
            client.post(path)
        return client.post(sending.path, data=form)

    def look(self) -> None:
        """Go through once and find the fields and forms behind this door."""
        sending = self.make(self.scene)
        self.client(sending)  # signing in has a form too
        with forms_built() as built:
            self._post(sending, sending.form())
        self.forms = {type(form) for form in built}
        self.fields = dict.fromkeys(sending.data)
        for form in built:
            self.fields |= {each.name: type(each) for each in form}
        for name in OURS & set(self.fields):
            del self.fields[name]

    def send(self, name: str, text: str) -> TestResponse:
        """Send the form with `text` in the field `name`."""
        sending = self.make(self.scene)
        form = sending.form()
        form.setlist(name, [text])
        return self._post(sending, form)

    def type_in(self, name: str, text: str) -> str:
        """Send the form with `text` in the field `name`; return what is wrong, "" when nothing."""
        sending = self._ready or self.make(self.scene)
        self._ready = None
        self.client(sending)
        form = sending.form()
        form.setlist(name, [text])
        with written(self.scene) as texts:
            answer = self._post(sending, form)
        if answer.status_code >= 500:
            return f"answered {answer.status_code}"
        if answer.status_code >= 400:
            self._ready = sending  # nothing was done, so it may be sent again
        return self._what_is_lost(name, text, answer.status_code, answer.text, texts)

    def _what_is_lost(self, name: str, text: str, status: int, page: str, texts: set[str]) -> str:
        kind = self.fields[name]
        if kind not in {StringField, TextAreaField} or name in NOT_KEPT:
            return ""
        kept = many_lines(text) if issubclass(kind, TextAreaField) else one_line(text)
        if not kept:
            return ""
        if status == 422:
            back = [value.replace("\r\n", "\n") for value in shown(page, name)]
            return "" if kept in back else f"came back as {back!r}"
        if status < 400:
            masked = mask(kept, shop_name=self.scene.cast.dealer_a.member.organisation_name).text
            return "" if {kept, masked} & texts else "was not stored as it was typed"
        return ""
