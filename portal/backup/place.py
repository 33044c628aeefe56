"""Where a portal lives: its database, its data folder, its secrets."""

import hashlib
import hmac
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from flask import Flask
from sqlalchemy import make_url

from portal.backup import folder
from portal.backup.database import Database
from portal.backup.manifest import Manifest
from portal.backup.postgresql import Postgresql
from portal.backup.sqlite import Sqlite
from portal.backup.words import Refused, Words
from portal.settings import PREFIX, Settings
from reports.facts.buyers import KEY_VARIABLE

Factory = Callable[[Settings], Flask]
_SECRET_WORDS = ("secret", "salt", "password", "token", "key")
_NOT_SECRET = frozenset({"password_cost"})


@dataclass(frozen=True, slots=True)
class Place:
    """A portal's place: what its settings say, and how to start it there."""

    settings: Settings
    start: Factory

    @property
    def database(self) -> Database:
        """Return the database that the settings name."""
        return database_of(self.settings.database_url)

    def secrets(self) -> dict[str, str]:
        """Return every secret by the name of its variable, the buyers' key among them."""
        named = {
            PREFIX + each.name.upper(): str(getattr(self.settings, each.name))
            for each in fields(Settings)
            if each.name not in _NOT_SECRET and any(word in each.name for word in _SECRET_WORDS)
        }
        named[KEY_VARIABLE] = os.environ.get(KEY_VARIABLE, "") or self._kept_buyer_key()
        return {name: value for name, value in sorted(named.items()) if value}

    def _kept_buyer_key(self) -> str:
        file = folder.buyer_key_file(self.settings)
        return file.read_text(encoding="ascii").strip() if file.exists() else ""

    def strange_secrets(self, manifest: Manifest) -> list[Words]:
        """Return which secrets are not the backup's, and what that means."""
        marks = marks_of(self.secrets())
        return [
            words
            for name, words in _WITHOUT.items()
            if name in manifest.secret_marks and marks.get(name) != manifest.secret_marks[name]
        ]


_WITHOUT: Mapping[str, Words] = {
    PREFIX + "PASSWORD_SALT": Words(
        "TONGTU_PASSWORD_SALT 和备份时不同：所有人的密码都会失效，请先放回原来的值",
        "TONGTU_PASSWORD_SALT is not the backup's: nobody's password will work; put it back first",
    ),
    PREFIX + "SECRET_KEY": Words(
        "TONGTU_SECRET_KEY 和备份时不同：所有人都要重新登录，二次验证可能失效",
        "TONGTU_SECRET_KEY is not the backup's: everybody signs in again, second factors may fail",
    ),
    KEY_VARIABLE: Words(
        "买家密钥和备份时不同：新导入的订单会被拒绝，请先放回 TONGTU_BUYER_KEY 或 facts/buyer.key",
        "the buyers' key is not the backup's: new order files will be refused; put back "
        "TONGTU_BUYER_KEY or facts/buyer.key first",
    ),
}


def marks_of(secrets: Mapping[str, str]) -> dict[str, str]:
    """Return hex digits that tell one value of a secret from another and say nothing about it."""
    return {
        name: hmac.new(
            value.encode(), b"tongtu backup " + name.encode(), hashlib.sha256
        ).hexdigest()[:16]
        for name, value in secrets.items()
    }


def database_of(address: str) -> Database:
    """Return the database with this address of SQLAlchemy's; raise Refused for another kind."""
    url = make_url(address)
    kind = url.get_backend_name()
    if kind == "postgresql":
        return Postgresql(url)
    if kind == "sqlite" and url.database and url.database != ":memory:":
        return Sqlite(Path(url.database))
    raise Refused(
        f"不支持备份这种数据库：{kind}", f"this kind of database cannot be backed up: {kind}"
    )
