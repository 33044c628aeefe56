"""YAML fields with their places: typed reading that remarks instead of raising.

Only plain data: no tags that build objects, no aliases (a few lines of them can unfold to
gigabytes), no key twice.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

import yaml

from courses.course import LANGUAGES, SOURCE_LANGUAGE
from courses.finding import Finding, finding

_Value = TypeVar("_Value")

MAX_YAML_CHARS = 20_000
CODE = re.compile(r"[a-z][a-z0-9_]{0,59}\Z")
SLUG = re.compile(r"[a-z0-9][a-z0-9\-]{0,59}\Z")


class _PlainLoader(yaml.SafeLoader):
    """The safe loader without aliases and without repeated keys."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Compose a node, refusing an alias."""
        if self.check_event(yaml.AliasEvent):
            mark = self.get_mark()
            raise yaml.composer.ComposerError(None, None, "aliases are not allowed", mark)
        return super().compose_node(parent, index)


@dataclass
class Fields:
    """A mapping read from YAML; each reading method notes what is missing or wrong.

    `line` is where the mapping begins in `file`; places of the keys are in `places`.
    """

    file: str
    line: int
    values: Mapping[str, object]
    places: Mapping[str, tuple[int, int]]
    findings: list[Finding] = field(default_factory=list)
    path: str = ""

    @property
    def remarks(self) -> tuple[Finding, ...]:
        """The findings; where nothing at all could be read, not also each field as missing."""
        kept = (f for f in self.findings if self.values or f.code != "field-missing")
        return tuple(kept)

    def place(self, name: str) -> tuple[int, int]:
        """Return line and column of a field, those of its mapping when it is absent."""
        return self.places.get(self.path + name, self.places.get(self.path[:-1], (self.line, 1)))

    def remark(self, code: str, name: str, **values: object) -> None:
        """Note a finding at a field."""
        line, column = self.place(name)
        self.findings.append(
            finding(code, line=line, column=column, file=self.file, **_texts(values))
        )

    def invalid(self, name: str, expected: str) -> None:
        """Note that a field has no valid value."""
        self.remark("field-invalid", name, value=self.path + name, expected=expected)

    def only(self, *known: str, code: str = "field-unknown") -> None:
        """Note every field that is not among the known ones."""
        for name in self.values:
            if name not in known:
                self.remark(code, name, value=self.path + name)

    def text(self, name: str, *, limit: int = 500) -> str:
        """Return a text of 1 to `limit` characters, '' after a remark."""

        def read(value: object) -> str | None:
            return value.strip() if isinstance(value, str) and 0 < len(value) <= limit else None

        return self._read(name, read, f"1–{limit} 个字符 / characters", missing="")

    def slug(self, name: str) -> str:
        """Return an identifier of small letters, digits and hyphens, '' after a remark."""

        def read(value: object) -> str | None:
            return value if isinstance(value, str) and SLUG.match(value) else None

        return self._read(name, read, "a-z 0-9 -", missing="")

    def code(self, name: str) -> str:
        """Return a code of small letters, digits and underscores, '' after a remark."""

        def read(value: object) -> str | None:
            return value if isinstance(value, str) and CODE.match(value) else None

        return self._read(name, read, "a-z 0-9 _", missing="")

    def number(self, name: str, *, low: int, high: int) -> int:
        """Return a whole number within both bounds, `low` after a remark."""

        def read(value: object) -> int | None:
            whole = isinstance(value, int) and not isinstance(value, bool)
            return value if whole and isinstance(value, int) and low <= value <= high else None

        return self._read(name, read, f"{low}–{high}", missing=low)

    def flag(self, name: str, *, default: bool) -> bool:
        """Return true or false, `default` when the field is absent or after a remark."""

        def read(value: object) -> bool | None:
            return value if isinstance(value, bool) else None

        if name not in self.values:
            return default
        return self._read(name, read, "true / false", missing=default)

    def day(self, name: str) -> date | None:
        """Return a date, None after a remark."""
        value = self.values.get(name)
        # A point in time is a date too, for Python; here it is a mistake.
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        self._missing_or_invalid(name, "YYYY-MM-DD")
        return None

    def codes(self, name: str) -> tuple[str, ...]:
        """Return a list of codes such as KPI names, empty after a remark."""

        def read(value: object) -> tuple[str, ...] | None:
            given = value if isinstance(value, list) else [None]
            found = tuple(item for item in given if isinstance(item, str) and CODE.match(item))
            return found if len(found) == len(given) else None

        return self._read(name, read, "[code, …]", missing=())

    def slugs(self, name: str) -> tuple[str, ...]:
        """Return a list of different identifiers, empty after a remark."""

        def read(value: object) -> tuple[str, ...] | None:
            given = value if isinstance(value, list) else [None]
            found = tuple(item for item in given if isinstance(item, str) and SLUG.match(item))
            return found if len(set(found)) == len(given) else None

        return self._read(name, read, "[slug, …]", missing=())

    def languages(self, name: str) -> tuple[str, ...]:
        """Return the languages listed, in our own order; the source language must be there."""

        def read(value: object) -> tuple[str, ...] | None:
            given = value if isinstance(value, list) else []
            valid = SOURCE_LANGUAGE in given and all(item in LANGUAGES for item in given)
            return tuple(item for item in LANGUAGES if item in given) if valid else None

        return self._read(name, read, "[zh-CN, en]", missing=(SOURCE_LANGUAGE,))

    def texts(self, name: str) -> Mapping[str, str]:
        """Return texts by language; the source language must be there."""
        inner = self.inner(name)
        if inner is None:
            return {}
        inner.only(*LANGUAGES)
        wanted = [n for n in LANGUAGES if n in inner.values or n == SOURCE_LANGUAGE]
        return {language: inner.text(language) for language in wanted}

    def inner(self, name: str) -> "Fields | None":
        """Return the mapping in a field, None after a remark."""
        value = self.values.get(name)
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            self._missing_or_invalid(name, "name: value")
            return None
        return Fields(
            file=self.file,
            line=self.place(name)[0],
            values=value,
            places=self.places,
            findings=self.findings,
            path=f"{self.path}{name}.",
        )

    def _read(
        self, name: str, read: Callable[[object], _Value | None], expected: str, *, missing: _Value
    ) -> _Value:
        found = read(self.values.get(name))
        if found is None:
            self._missing_or_invalid(name, expected)
            return missing
        return found

    def _missing_or_invalid(self, name: str, expected: str) -> None:
        if self.values.get(name) is None:
            self.remark("field-missing", name, value=self.path + name)
        else:
            self.invalid(name, expected)


def read_fields(text: str, *, file: str, line: int = 1) -> Fields:
    """Read a YAML mapping whose first line is `line` of `file`; empty after a remark."""
    empty = Fields(file=file, line=line, values={}, places={})
    if len(text) > MAX_YAML_CHARS:
        empty.remark("file-too-large", "", value=len(text), limit=MAX_YAML_CHARS)
        return empty
    try:
        loader = _PlainLoader(text)
        node = loader.get_single_node()
        values = loader.construct_document(node) if node is not None else {}
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        empty.findings.append(_invalid(problem, file, line))
        return empty
    if (
        not values
        or not isinstance(node, yaml.MappingNode)
        or not all(isinstance(key, str) for key in values)
    ):
        empty.remark("yaml-invalid", "", value="name: value")
        return empty
    read = Fields(file=file, line=line, values=values, places={})
    read.places = _places(node, read, line - 1)
    return read


def _places(node: yaml.MappingNode, fields: Fields, before: int) -> dict[str, tuple[int, int]]:
    """Note where each key stands, by its dotted path, and remark on keys given twice."""
    places: dict[str, tuple[int, int]] = {}
    waiting = [("", node)]
    while waiting:
        path, mapping = waiting.pop()
        for key, value in mapping.value:
            name = f"{path}{key.value}"
            place = (key.start_mark.line + 1 + before, key.start_mark.column + 1)
            if name in places:
                fields.findings.append(
                    finding(
                        "yaml-duplicate-key",
                        line=place[0],
                        column=place[1],
                        file=fields.file,
                        value=name,
                    )
                )
            places[name] = place
            if isinstance(value, yaml.MappingNode):
                waiting.append((f"{name}.", value))
    return places


def _invalid(problem: Exception, file: str, line: int) -> Finding:
    mark = getattr(problem, "problem_mark", None)
    reason = getattr(problem, "problem", None) or str(problem).splitlines()[0][:120]
    return finding(
        "yaml-invalid",
        line=line + (mark.line if mark else 0),
        column=mark.column + 1 if mark else 1,
        file=file,
        value=str(reason),
    )


def _texts(values: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}
