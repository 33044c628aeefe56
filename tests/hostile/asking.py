"""Asks addresses with a text in each of their parts, or as the answer to all of their questions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from access_matrix import Unknown, sending_of
from flask import Flask
from hostile.typing_in import Cookies, forms_built
from hostile.undoing import undone
from sendings import Scene
from werkzeug.routing import AnyConverter, IntegerConverter, Rule
from werkzeug.urls import iri_to_uri

from portal.access import Role, access_of

ROOT = Path(__file__).resolve().parents[2]
ASKED = re.compile(r"""args\.(?:get|getlist)\(\s*["'](\w+)["']""")
WHO = {
    Role.DEALER: "dealer_a",
    Role.SUPPLIER: "supplier_a",
    Role.CONSULTANT: "consultant",
    Role.OPERATOR: "operator",
    Role.AUTHOR: "author",
}


@cache
def questions() -> tuple[str, ...]:
    """Return every name that some view asks of an address."""
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "portal").rglob("*.py"))
    return tuple(sorted({name for source in sources for name in ASKED.findall(source)} | {"page"}))


def reads(rule: Rule) -> bool:
    """Tell whether it is a page; whether the portal is ready is answered by 503 in a test."""
    return "GET" in rule.methods and rule.endpoint != "health.ready"


def is_number(converter: object) -> bool:
    return isinstance(converter, IntegerConverter)


def word(converter: object, text: str) -> str:
    """Return what stands in an address for a text."""
    return min(converter.items) if isinstance(converter, AnyConverter) else text.replace("/", "|")


def who_may(app: Flask, endpoint: str) -> str:
    """Return one of the cast who may open a route, a dealer where everybody may."""
    return WHO[min(access_of(app, endpoint).roles or {Role.DEALER})]


@dataclass
class Way:
    """One route, and how to ask it."""

    rule: Rule
    scene: Scene
    path: str
    cookie: str
    asked: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.rule.endpoint} {self.rule.rule}"

    def statuses(self, text: str) -> Iterator[int]:
        """Yield what the route answers to a text as its parts, and as what is asked for."""
        if "\0" in text:
            return
        client = self.scene.app.test_client(use_cookies=False)
        with undone(self.scene.app):
            if address := self._with(text):
                for method in sorted(self.rule.methods & {"GET", "POST"}):
                    yield self._status(client, address, method=method)
            if reads(self.rule):
                yield self._status(
                    client,
                    self.path.partition("?")[0],
                    query_string=dict.fromkeys(self.asked, text),
                )

    def _status(self, client, path: str, **given) -> int:
        with client.open(path, headers={"Cookie": self.cookie}, **given) as answer:
            return answer.status_code

    def _with(self, text: str) -> str:
        parts = {
            name: 1 if is_number(converter) else word(converter, text)
            for name, converter in self.rule._converters.items()
        }
        if not any(text == part or "|" in str(part) for part in parts.values()):
            return ""
        with self.scene.app.test_request_context():
            made = self.rule.build(parts, append_unknown=False)
        return iri_to_uri(made[1]) if made and made[1] else ""


def ways(scene: Scene) -> Iterator[Way]:
    """Yield every route, with the names that it asks an address for."""
    cookies = Cookies(scene)
    for rule in sorted(scene.app.url_map.iter_rules(), key=lambda each: each.rule):
        who = who_may(scene.app, rule.endpoint)
        try:
            path = sending_of(rule, scene).path
        except Unknown:
            continue
        with forms_built() as built, undone(scene.app):
            client = scene.app.test_client(use_cookies=False)
            client.get(path, headers={"Cookie": cookies.of(who)}).close()
        fields = {each.name for form in built for each in form}
        yield Way(rule, scene, path, cookies.of(who), tuple({*questions(), *fields}))
