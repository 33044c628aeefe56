"""Types a text into a field of a form as a browser or a script would, and says what went wrong.

The fields are not listed anywhere: they are those of the forms that a sending's view builds
(tests/sendings.py), and those that the sending itself carries.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from html.parser import HTMLParser
from typing import Any

import time_machine
from conftest import NOW, PASSWORD, Actor
from hostile.undoing import undone
from sendings import SENDINGS, UNGUARDED, Scene, Sending
from sqlalchemy import JSON, String, event, select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse
from wtforms import Field, HiddenField, PasswordField, StringField, TextAreaField
from wtforms.form import BaseForm

from portal import i18n
from portal.accounts.membership.actions import phones
from portal.db import Base, db
from portal.feedback.rules import mask
from portal.typed import many_lines, one_line

WRITES = re.compile(r'\s*(?:INSERT INTO|UPDATE)\s+"?(\w+)')
OURS = frozenset({"csrf_token", "idempotency_key"})
# Text fields whose words are not for keeping: a code is shown to nobody, a start is on a list.
NEVER_SHOWN = frozenset({"code", "credential", "starts"})
# Text fields that are read and not stored as they are: a phone number or an address in one form
# for all, a name that is compared with the one it must be, a text that is searched for.
READ = frozenset({"identity", "phone", "mail", "whose"})
COMPARED = frozenset(
    {
        *(f"evidence.export.{name}" for name in ("person", "organisation", "record", "subject")),
        "calendars.add_source, account.user",  # kept sealed
        "home.close_organisation.name",
        "home.close_own.name",
        # Made by the page, typed by nobody: an attempt's own key, the question that was shown.
        *("learning.answer.key", "review.answer.question"),
        "organisation.hand_over.name",
        "privacy.delete.name",
        "security.add_passkey.name",  # kept with what a browser has signed, and that is not typed
    }
)
SHOP = "小鹿点卡铺"


def _phone_code(scene: Scene) -> Sending:
    phone = SENDINGS["account.phone"](scene).data["phone"]
    with scene.work(), i18n.speaking("zh_CN"):
        phones.ask(person_id=scene.cast.dealer_a.person_id, phone=str(phone), at=NOW)
    return Sending("dealer_a", "/account/phone/code", {"code": "000000"})


# Writing routes with fields that may run again, and so have no sending of their own.
MORE: Mapping[str, Callable[[Scene], Sending]] = {
    "account.phone_code": _phone_code,
    "calendars.add_source, account": lambda scene: Sending(
        "consultant",
        "/calendars/outside/new/caldav",
        {
            "name": f"日历 {scene.consultant_id}",
            "url": "https://calendar.example.com/dav/",
            "user": "gu",
            "password": "a pony under seven stars",
        },
    ),
    "evidence.export": lambda _scene: Sending("operator", "/audit/export", {"record": "1"}),
    "home.close_own": lambda _scene: Sending("dealer_a", "/organisation/close", {"name": SHOP}),
    "joining.apply, again": lambda _scene: Sending(
        "dealer_b", "/join", {"shop_name": "巷口点卡", "region": "四川 成都"}
    ),
    "links.join": lambda scene: Sending(
        "",
        f"/link/{scene.invitation()[1]}/join",
        {"person_name": "唐圆", "password": "a pony under seven stars"},
    ),
    "organisation.hand_over": lambda scene: Sending(
        "dealer_a", f"/organisation/people/{scene.membership()}/hand-over", {"name": SHOP}
    ),
    "security.add_passkey": lambda _scene: Sending(
        "author", "/account/passkeys", {"name": "手机", "credential": "{}"}
    ),
    "security.passkey_sign_in": lambda _scene: Sending(
        "", "/sign-in/passkey", {"credential": "{}", "remember": "y"}
    ),
    "security.passkey_verify": lambda _scene: Sending(
        "author", "/verify/passkey", {"credential": "{}"}
    ),
}
DOORS: Mapping[str, Callable[[Scene], Sending]] = {**SENDINGS, **UNGUARDED, **MORE}
# A little before: a cookie from the future, by whichever clock, is nobody's.
SIGNED_IN = NOW - timedelta(minutes=1)


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
    """Give the names of the tables that the block writes to."""
    tables: set[str] = set()

    def remember(_connection, _cursor, statement, *_rest) -> None:
        if found := WRITES.match(statement):
            tables.add(found[1])

    with scene.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", remember)
    try:
        yield tables
    finally:
        event.remove(engine, "before_cursor_execute", remember)


def stored(scene: Scene, tables: Iterable[str]) -> set[str]:
    """Return every text that now stands in these tables."""
    texts: set[str] = set()
    with scene.app.app_context():
        for table in (Base.metadata.tables[name] for name in sorted(tables)):
            columns = [each for each in table.c if isinstance(each.type, String | JSON)]
            for row in db.session.execute(select(*columns)) if columns else ():
                texts.update(words for value in row for words in _words(value))
        db.session.remove()
    return texts


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (words for each in value.values() for words in _words(each))
    elif isinstance(value, list):
        yield from (words for each in value for words in _words(each))


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


def takes_words(kind: type[Field] | None) -> bool:
    """Tell whether somebody types words here that are shown again: no password, nothing hidden."""
    unseen = (PasswordField, HiddenField)
    return kind is not None and issubclass(kind, StringField) and not issubclass(kind, unseen)


@dataclass
class Cookies:
    """The sign-ins of the cast, each made once."""

    scene: Scene
    _kept: dict[str, str] = field(default_factory=dict)

    def of(self, who: str) -> str:
        """Return what the browser of one of the cast sends; nothing for nobody."""
        if who and who not in self._kept:
            with time_machine.travel(SIGNED_IN, tick=False):
                self._kept[who] = self._sign_in(getattr(self.scene.cast, who))
        return self._kept.get(who, "")

    def _sign_in(self, actor: Actor) -> str:
        form = {"identity": actor.phone, "password": PASSWORD}
        answer = self.scene.app.test_client().post("/sign-in", data=form)
        assert answer.status_code == 302, answer.text
        given = [each.partition(";")[0] for each in answer.headers.getlist("Set-Cookie")]
        return "; ".join(each for each in given if each.partition("=")[2])


@dataclass
class Door:
    """One writing route, and who goes through it; whatever they do there is undone."""

    endpoint: str
    make: Callable[[Scene], Sending]
    scene: Scene
    cookies: Cookies
    fields: dict[str, type[Field] | None] = field(default_factory=dict)
    forms: set[type[BaseForm]] = field(default_factory=set)

    @cached_property
    def sending(self) -> Sending:
        """What is well posted here, about something of this door's own."""
        return self.make(self.scene)

    @property
    def cookie(self) -> str:
        return self.cookies.of(self.sending.who)

    def look(self) -> int:
        """Go through and find the fields and forms behind this door; return the answer's status."""
        cookie = self.cookie
        with forms_built() as built, undone(self.scene.app):
            answer = self._post(self.sending.form(), cookie)
        self.forms = {type(form) for form in built}
        self.fields = dict.fromkeys(self.sending.data)
        for form in built:
            self.fields |= {each.name: type(each) for each in form}
        for name in OURS & set(self.fields):
            del self.fields[name]
        return answer.status_code

    def words(self) -> list[str]:
        """Return the fields that take words."""
        return [name for name, kind in self.fields.items() if takes_words(kind)]

    def _post(self, form: MultiDict[str, Any], cookie: str) -> TestResponse:
        client = self.scene.app.test_client(use_cookies=False)
        headers = {"Cookie": cookie}
        for path in self.sending.before:
            client.post(path, headers=headers)
        return client.post(self.sending.path, data=form, headers=headers)

    def _filled(self, name: str, text: str) -> MultiDict[str, Any]:
        """Return the good form with `text` in a field, or as the name of the file."""
        sending, form = self.sending, self.sending.form()
        if sending.file and sending.file[0] == name:
            form.setlist(name, [(io.BytesIO(sending.file[2]), text)])
        else:
            form.setlist(name, [text])
        return form

    def send_all(self, text: str) -> TestResponse:
        """Send the form with `text` in every field that takes words."""
        form, cookie = self.sending.form(), self.cookie
        for name in self.words():
            form.setlist(name, [text])
        with undone(self.scene.app):
            return self._post(form, cookie)

    def type_in(self, name: str, text: str) -> str:
        """Send the form with `text` in the field `name`; return what is wrong, "" when nothing."""
        form, cookie = self._filled(name, text), self.cookie
        with undone(self.scene.app):
            with written(self.scene) as tables:
                answer = self._post(form, cookie)
            if answer.status_code >= 500:
                return f"answered {answer.status_code}"
            return self._what_is_lost(name, text, answer, tables)

    def _what_is_lost(self, name: str, text: str, answer: TestResponse, tables: set[str]) -> str:
        kind = self.fields[name]
        if not takes_words(kind) or name in NEVER_SHOWN:
            return ""
        kept = many_lines(text) if issubclass(kind, TextAreaField) else one_line(text)
        if not kept:
            return ""
        if answer.status_code == 422:
            back = [value.replace("\r\n", "\n") for value in shown(answer.text, name)]
            return "" if kept in back else f"came back as {back!r}"
        if answer.status_code >= 400 or name in READ or f"{self.endpoint}.{name}" in COMPARED:
            return ""
        # Card numbers and passwords in feedback are masked on purpose (portal/feedback/rules.py).
        masked = mask(kept, shop_name=self.scene.cast.dealer_a.member.organisation_name).text
        found = stored(self.scene, tables)
        return "" if {kept, masked} & found else "was not stored as it was typed"


def doors(scene: Scene) -> Iterator[Door]:
    """Yield every writing route, looked at."""
    cookies = Cookies(scene)
    for endpoint, make in DOORS.items():
        door = Door(endpoint, make, scene, cookies)
        door.look()
        yield door
