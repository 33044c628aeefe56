"""What an archive says about itself: where it comes from, what every table and file must be."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from portal.backup.words import Refused

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A table's rows, and a digest of them that does not depend on their order."""

    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry of the record of what happened: its number and its hash."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database holds."""

    kind: str  # "sqlite" | "postgresql"
    version: str  # of the database's software
    revision: str | None  # of the migrations
    tables: Mapping[str, Table]
    head: Head | None  # None: nothing has been recorded yet
    uploads: Sequence[str]  # files that rows speak of, below the uploads folder


@dataclass(frozen=True, slots=True)
class Sum:
    """The order lines of one currency and kind: how many, and their amount in minor units."""

    lines: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class File:
    """A file's content and size."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that a restored portal is compared with."""

    portal: str  # release that took the backup
    made_at: str  # ISO, UTC
    contents: Contents
    facts_version: str | None
    site_build: str | None
    money: Mapping[str, Sum]  # "CNY sale" -> sum
    # Name of a secret -> hex digits that tell one value from another and say nothing about it.
    secret_marks: Mapping[str, str]
    has_secrets: bool
    files: Mapping[str, File]  # by name in the archive

    def to_bytes(self) -> bytes:
        """Return the manifest as JSON."""
        values = {"format": FORMAT, **asdict(self)}
        return (json.dumps(values, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> "Manifest":
        """Return the manifest of `to_bytes`; raise Refused when it is none that we can read."""
        try:
            values = json.loads(content)
            found = values.pop("format")
            if found == FORMAT:
                return cls(**_typed(values))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Refused(
                f"归档的清单读不懂：{error}", f"the archive's manifest cannot be read: {error}"
            ) from error
        raise Refused(
            f"归档格式是 {found}，这个版本只认 {FORMAT}；请换用对应版本的同途",
            f"the archive has format {found}, this release reads {FORMAT}; use a matching release",
        )


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    contents = values.pop("contents")
    tables = {name: Table(**entry) for name, entry in contents.pop("tables").items()}
    head = contents.pop("head")
    return {
        **values,
        "contents": Contents(tables=tables, head=Head(**head) if head else None, **contents),
        "money": {name: Sum(**entry) for name, entry in values["money"].items()},
        "files": {name: File(**entry) for name, entry in values["files"].items()},
    }
