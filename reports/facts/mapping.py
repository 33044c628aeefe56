"""A mapping file says how one shop system's export becomes order lines. It is written by users.

A mapping is a TOML file; docs/mapping-files.md explains every key with an example. In short:

    source = "my-shop"              id kept with every line; one per system
    [name]                          zh-CN = "…", en = "…"
    [file]      header = […]        the full header, when the file is to be recognised by it
                encodings = ["utf-8", "gb18030"]   delimiter = ","   quoting = "standard" | "php"
    [money]     currency = "CNY"    exponent = 2
    [time]      zone = "Asia/Shanghai"   formats = ["%Y-%m-%d %H:%M:%S"]
    [columns]   our field = "their column"; `buyer` may be a list, the first filled one counts
    [status]    paid = […]  unpaid = […]  refund = […]
    [refund]    every_row = true | order_prefix = "C" | negative_quantity = true;  signed = true
    [not_goods] codes = […]  pattern = "…"
    [rows]      one_per_order = true
    [categories] "product name" = "category"   for exports that name no category
    drop = […]                      columns that may never be kept (secrets, contacts, addresses)

Columns that `[columns]` does not name are never kept either. Mappings that ship with Tongtu are
in `profiles/`. A wrong mapping raises `MappingError`, which names the key.
"""

import codecs
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from reports.facts.reasons import MAPPING_REASONS

PROFILES = Path(__file__).parent / "profiles"
REQUIRED_FIELDS = ("order_no", "dealer_ref", "product_name", "quantity", "occurred_at")
OPTIONAL_FIELDS = (
    "line_no",
    "product_ref",
    "category",
    "region",
    "unit_price",
    "amount",
    "status",
    "original_order_no",
)
_TABLES: Mapping[str, frozenset[str]] = {
    "name": frozenset({"zh-CN", "en"}),
    "file": frozenset({"header", "encodings", "delimiter", "quoting"}),
    "money": frozenset({"currency", "exponent"}),
    "time": frozenset({"zone", "formats"}),
    "columns": frozenset({*REQUIRED_FIELDS, *OPTIONAL_FIELDS, "buyer"}),
    "status": frozenset({"paid", "unpaid", "refund"}),
    "refund": frozenset({"every_row", "order_prefix", "negative_quantity", "signed"}),
    "not_goods": frozenset({"codes", "pattern"}),
    "rows": frozenset({"one_per_order"}),
}
_SOURCE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_CURRENCY = re.compile(r"[A-Z]{3}")


class MappingError(Exception):
    """A mapping file is wrong; `key` is the dotted key, `code` and `params` say what is wrong."""

    def __init__(self, code: str, *, key: str, file: str = "", **params: object) -> None:
        self.code, self.key, self.file = code, key, file
        self.params = {name: str(value) for name, value in params.items()}
        super().__init__(self.text("en"))

    def text(self, language: str) -> str:
        """Return file, key and problem as one line in `language`."""
        problem = MAPPING_REASONS[self.code][language].format_map(self.params)
        return ": ".join(part for part in (self.file, self.key, problem) if part)

    def in_file(self, name: str) -> "MappingError":
        """Return the same error with the file's name."""
        return MappingError(self.code, key=self.key, file=name, **self.params)


@dataclass(frozen=True, slots=True)
class Refunds:
    """How a refund looks in the file.

    `signed`: a refund's quantity and amount are written as negative numbers.
    """

    every_row: bool
    order_prefix: str  # "" for none
    negative_quantity: bool
    signed: bool


@dataclass(frozen=True, slots=True)
class FileMapping:
    """One shop system's export, column by column."""

    source: str
    name: Mapping[str, str]  # language -> name for people
    header: tuple[str, ...]  # () when the file cannot be recognised by its header
    encodings: tuple[str, ...]
    delimiter: str
    php_quoting: bool
    currency: str  # ISO 4217
    exponent: int  # decimals of the currency's minor unit
    zone: ZoneInfo
    time_formats: tuple[str, ...]
    columns: Mapping[str, str]  # our field -> their column
    buyer_columns: tuple[str, ...]  # the first filled one names the buyer
    paid: frozenset[str]
    unpaid: frozenset[str]
    refunded: frozenset[str]
    refunds: Refunds
    not_goods_codes: frozenset[str]
    not_goods_pattern: re.Pattern[str] | None
    one_row_per_order: bool
    drop: frozenset[str]
    categories: Mapping[str, str]  # product name -> category, for exports that name none

    @property
    def kind_of_file(self) -> str:
        """Return "refunds" for a list of refunds only, else "orders"."""
        return "refunds" if self.refunds.every_row else "orders"

    @property
    def names_refunds(self) -> bool:
        """Return whether the file can say at all that something was refunded."""
        return bool(
            self.refunds.every_row
            or self.refunds.order_prefix
            or self.refunds.negative_quantity
            or self.refunded
        )


class _Reader:
    """Typed access to the keys of one TOML document; every error names its key."""

    def __init__(self, document: Mapping[str, object]) -> None:
        self.document = document
        self._refuse_unknown_keys()

    def _refuse_unknown_keys(self) -> None:
        for key, value in self.document.items():
            if key in ("source", "drop"):
                continue
            if key not in _TABLES and key != "categories":
                raise MappingError("unknown_key", key=key)
            if not isinstance(value, dict):
                raise MappingError("not_a_table", key=key)
            if key == "categories":  # its keys are product names
                continue
            for inner in sorted(set(value) - _TABLES[key]):
                raise MappingError("unknown_key", key=f"{key}.{inner}")

    def get(self, dotted: str) -> object:
        value: object = self.document
        for part in dotted.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        return value

    def text(self, dotted: str, *, default: str | None = None) -> str:
        value = self.get(dotted)
        if value is None and default is not None:
            return default  # may be empty; a key that is there may not
        if not isinstance(value, str) or not value:
            raise MappingError("not_a_text", key=dotted)
        return value

    def texts(self, dotted: str, *, default: Sequence[str] = ()) -> tuple[str, ...]:
        value = self.get(dotted)
        if value is None:
            return tuple(default)
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            raise MappingError("not_a_list", key=dotted)
        return tuple(value)

    def flag(self, dotted: str, *, default: bool = False) -> bool:
        value = self.get(dotted)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise MappingError("not_a_flag", key=dotted)
        return value


def parse_mapping(document: Mapping[str, object]) -> FileMapping:
    """Return the mapping of one TOML document; raise MappingError naming the wrong key."""
    read = _Reader(document)
    columns, buyer_columns = _columns(read)
    mapping = FileMapping(
        source=_matching(read, "source", _SOURCE, "bad_source"),
        name={language: read.text(f"name.{language}") for language in ("zh-CN", "en")},
        header=read.texts("file.header"),
        encodings=_encodings(read),
        delimiter=_delimiter(read),
        php_quoting=_one_of(read, "file.quoting", ("standard", "php")) == "php",
        currency=_matching(read, "money.currency", _CURRENCY, "bad_currency"),
        exponent=_exponent(read),
        zone=_zone(read),
        time_formats=_time_formats(read),
        columns=columns,
        buyer_columns=buyer_columns,
        paid=frozenset(read.texts("status.paid")),
        unpaid=frozenset(read.texts("status.unpaid")),
        refunded=frozenset(read.texts("status.refund")),
        refunds=_refunds(read),
        not_goods_codes=frozenset(read.texts("not_goods.codes")),
        not_goods_pattern=_pattern(read),
        one_row_per_order=read.flag("rows.one_per_order"),
        drop=frozenset(read.texts("drop")),
        categories=_categories(read),
    )
    _check_status(mapping)
    _check_columns(mapping)
    return mapping


def _columns(read: _Reader) -> tuple[dict[str, str], tuple[str, ...]]:
    given = read.get("columns")
    if not isinstance(given, dict):
        raise MappingError("not_a_table", key="columns")
    buyer = given.get("buyer")
    buyers = (buyer,) if isinstance(buyer, str) and buyer else read.texts("columns.buyer")
    columns = {field: read.text(f"columns.{field}") for field in REQUIRED_FIELDS}
    for field in OPTIONAL_FIELDS:
        if field in given:
            columns[field] = read.text(f"columns.{field}")
    if ("amount" in columns) == ("unit_price" in columns):
        raise MappingError("amount_or_price", key="columns.amount")
    return columns, buyers


def _matching(read: _Reader, key: str, pattern: re.Pattern[str], code: str) -> str:
    text = read.text(key)
    if pattern.fullmatch(text) is None:
        raise MappingError(code, key=key, value=text)
    return text


def _one_of(read: _Reader, key: str, choices: Sequence[str]) -> str:
    text = read.text(key, default=choices[0])
    if text not in choices:
        raise MappingError("not_a_choice", key=key, choices=" / ".join(choices))
    return text


def _encodings(read: _Reader) -> tuple[str, ...]:
    names = read.texts("file.encodings", default=("utf-8", "gb18030"))
    for name in names:
        try:
            codecs.lookup(name)
            "".encode(name)
        except LookupError:
            raise MappingError("bad_encoding", key="file.encodings", value=name) from None
    return names


def _delimiter(read: _Reader) -> str:
    text = read.text("file.delimiter", default=",")
    if text not in (",", ";", "\t", "|"):
        raise MappingError("not_a_choice", key="file.delimiter", choices=", ; | \\t")
    return text


def _exponent(read: _Reader) -> int:
    value = read.get("money.exponent")
    # A TOML `true` is an int to Python.
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 4:
        raise MappingError("bad_exponent", key="money.exponent")
    return value


def _zone(read: _Reader) -> ZoneInfo:
    name = read.text("time.zone")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise MappingError("bad_zone", key="time.zone", value=name) from None


def _time_formats(read: _Reader) -> tuple[str, ...]:
    formats = read.texts("time.formats")
    if not formats:
        raise MappingError("no_time_format", key="time.formats")
    for pattern in formats:
        if not _reads_dates(pattern):
            raise MappingError("bad_time_format", key="time.formats", value=pattern)
    return formats


def _reads_dates(pattern: str) -> bool:
    """Try a format on a sample: what it writes it must read back with year, month and day."""
    sample = datetime(2026, 11, 22, 13, 14, 15, tzinfo=UTC)
    try:
        back = datetime.strptime(sample.strftime(pattern), pattern)  # noqa: DTZ007 – a trial run
    except (ValueError, re.error):
        return False
    return back.date() == sample.date()


def _refunds(read: _Reader) -> Refunds:
    every_row = read.flag("refund.every_row")
    negative = read.flag("refund.negative_quantity")
    return Refunds(
        every_row=every_row,
        order_prefix=read.text("refund.order_prefix", default=""),
        negative_quantity=negative,
        signed=read.flag("refund.signed", default=negative),
    )


def _pattern(read: _Reader) -> re.Pattern[str] | None:
    if read.get("not_goods.pattern") is None:
        return None
    text = read.text("not_goods.pattern")
    try:
        return re.compile(text)
    except re.error as error:
        raise MappingError("bad_pattern", key="not_goods.pattern", cause=error) from None


def _categories(read: _Reader) -> dict[str, str]:
    given = read.get("categories")
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise MappingError("not_a_table", key="categories")
    for name, category in given.items():
        if not isinstance(category, str) or not category.strip():
            raise MappingError("not_a_text", key=f"categories.{name}")
    return {name.strip(): category.strip() for name, category in given.items()}


def _check_status(mapping: FileMapping) -> None:
    if "status" in mapping.columns and not mapping.paid:
        raise MappingError("no_paid_status", key="status.paid")
    states = (("paid", mapping.paid), ("unpaid", mapping.unpaid), ("refund", mapping.refunded))
    seen: dict[str, str] = {}
    for name, values in states:
        if values and "status" not in mapping.columns:
            raise MappingError("no_status_column", key=f"status.{name}")
        for value in sorted(values):
            if value in seen:
                raise MappingError(
                    "doubled_status", key=f"status.{name}", value=value, other=seen[value]
                )
            seen[value] = name


def _check_columns(mapping: FileMapping) -> None:
    """A dropped column is kept under no name; only the buyer's hash may come from one."""
    for field, column in mapping.columns.items():
        if column in mapping.drop or column in mapping.buyer_columns:
            raise MappingError("column_dropped", key=f"columns.{field}", value=column)
        if mapping.header and column not in mapping.header:
            raise MappingError("not_in_header", key=f"columns.{field}", value=column)
    for column in mapping.buyer_columns:
        if mapping.header and column not in mapping.header:
            raise MappingError("not_in_header", key="columns.buyer", value=column)


def read_mapping(path: Path) -> FileMapping:
    """Return the mapping in a TOML file; raise MappingError naming file and key."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MappingError("unreadable", key="", file=path.name, cause=error) from error
    try:
        return parse_mapping(document)
    except MappingError as error:
        raise error.in_file(path.name) from error


def shipped() -> tuple[FileMapping, ...]:
    """Return the mappings that come with Tongtu, by file name."""
    return tuple(read_mapping(path) for path in sorted(PROFILES.glob("*.toml")))


def find_mapping(name_or_path: str) -> FileMapping:
    """Return a shipped mapping by its source id, or the one in the file of that path.

    Raises MappingError when there is neither.
    """
    known = {mapping.source: mapping for mapping in shipped()}
    if name_or_path in known:
        return known[name_or_path]
    path = Path(name_or_path)
    if path.is_file():
        return read_mapping(path)
    raise MappingError("not_found", key="", value=name_or_path, known=", ".join(known))


def recognise(header: Sequence[str]) -> FileMapping | None:
    """Return the shipped mapping whose header is this one in any order, None when there is none."""
    found = sorted(header)
    for mapping in shipped():
        if mapping.header and sorted(mapping.header) == found:
            return mapping
    return None


def nearly(header: Sequence[str]) -> tuple[FileMapping, tuple[str, ...]] | None:
    """Return the shipped mapping that this header lacks few columns of, and which; else None.

    Few means at most a quarter: then the file is that system's export with columns taken out,
    and the visitor is helped by their names, not by a list of everything that is there.
    """
    best: tuple[FileMapping, tuple[str, ...]] | None = None
    for mapping in shipped():
        missing = tuple(column for column in mapping.header if column not in header)
        few = mapping.header and len(missing) * 4 <= len(mapping.header)
        if few and (best is None or len(missing) < len(best[1])):
            best = mapping, missing
    return best
