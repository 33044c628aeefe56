"""One row of cells becomes an order line, an unpaid order, or a rejection with its reason.

Nothing is dropped in silence: every row is exactly one of sale, refund, not_goods, unpaid,
rejected. Pure: knows no file and no store.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from reports.facts import values
from reports.facts.buyers import buyer_hash
from reports.facts.mapping import FileMapping
from reports.facts.quality import is_formula
from reports.facts.reasons import FileRefused
from reports.facts.values import BadCell

MAX_REFERENCE_CHARS = 128
MAX_NAME_CHARS = 500
_LIMITS = {"product_name": MAX_NAME_CHARS}
_EXCERPT_CHARS = 200
_Value = TypeVar("_Value")


class RowClass(StrEnum):
    """What a row of a file turned out to be."""

    SALE = "sale"
    REFUND = "refund"
    NOT_GOODS = "not_goods"
    UNPAID = "unpaid"
    REJECTED = "rejected"


class Rejected(Exception):
    """A row cannot be taken: reason code, the column's own name and its value ("" for none)."""

    def __init__(self, code: str, *, field: str = "", value: str = "", **params: str) -> None:
        super().__init__(code)
        self.code, self.field, self.value = code, field, value[:_EXCERPT_CHARS]
        self.params = {"field": field, "value": self.value, **params}


@dataclass(frozen=True, slots=True)
class Line:
    """An accepted order line. Quantity and amount are signed alike: a refund's are negative."""

    kind: RowClass
    order_no: str
    line_no: int | None  # None: the file does not number lines
    dealer_ref: str
    occurred_at: datetime  # naive, the shop's local time
    product_ref: str
    product_name: str
    category: str | None
    region: str | None
    quantity: int
    amount_minor: int
    buyer_key: str | None
    original_order_no: str | None


@dataclass(frozen=True, slots=True)
class Unpaid:
    """An order that was not paid; `order_no` is "" when the row does not say which."""

    order_no: str


class Classifier:
    """Classifies rows of one file by its mapping; made once per file from the file's header."""

    def __init__(self, mapping: FileMapping, header: Sequence[str], *, buyer_key: bytes) -> None:
        """Find every mapped column in `header`; raise FileRefused for a missing one."""
        self._mapping = mapping
        self._key = buyer_key
        self._width = len(header)
        self._at = {field: _position(header, column) for field, column in mapping.columns.items()}
        self._buyers = [_position(header, column) for column in mapping.buyer_columns]
        self._time: Callable[[str], datetime] = values.time_reader(
            formats=mapping.time_formats, zone=mapping.zone
        )
        # A column may serve two fields (name and reference); an excerpt shows it once.
        self._shown = {column: self._at[field] for field, column in mapping.columns.items()}

    @property
    def excerpt_columns(self) -> tuple[str, ...]:
        """Return the columns, by their own names, that an excerpt of a row may show."""
        return tuple(self._shown)

    def excerpt(self, cells: Sequence[str]) -> dict[str, str]:
        """Return the row's mapped columns, never a buyer's or a dropped one.

        {} when the row has another width than the header: then no cell is surely in its place,
        and a contact could stand under another column's name.
        """
        if len(cells) != self._width:
            return {}
        return {column: cells[at][:_EXCERPT_CHARS] for column, at in self._shown.items()}

    def has_formula(self, cells: Sequence[str]) -> int:
        """Return how many of the row's mapped cells a spreadsheet might run."""
        if len(cells) != self._width:
            return 0
        return sum(is_formula(cells[at]) for at in self._shown.values())

    def classify(self, cells: Sequence[str]) -> Line | Unpaid:
        """Return the row as a line or an unpaid order; raise Rejected."""
        if len(cells) != self._width:
            raise Rejected("wrong_column_count", expected=str(self._width), found=str(len(cells)))
        state = self._state(cells)
        if state is RowClass.UNPAID:
            return Unpaid(cells[self._at["order_no"]].strip()[:MAX_REFERENCE_CHARS])
        return self._line(cells, marked_refund=state is RowClass.REFUND)

    def _state(self, cells: Sequence[str]) -> RowClass:
        if "status" not in self._at:
            return RowClass.SALE
        status = cells[self._at["status"]].strip()
        if status in self._mapping.paid:
            return RowClass.SALE
        if status in self._mapping.unpaid:
            return RowClass.UNPAID
        if status in self._mapping.refunded:
            return RowClass.REFUND
        raise self._rejected("bad_status", "status", status)

    def _line(self, cells: Sequence[str], *, marked_refund: bool) -> Line:
        order_no = self._required(cells, "order_no")
        dealer_ref = self._required(cells, "dealer_ref", empty="missing_dealer")
        product_name = self._required(cells, "product_name")
        product_ref = self._optional(cells, "product_ref") or product_name[:MAX_REFERENCE_CHARS]
        quantity = self._read(cells, "quantity", values.whole_number)
        refund = marked_refund or self._looks_refunded(order_no, quantity)
        goods = not self._is_not_goods(product_ref)
        quantity, amount_minor = self._figures(cells, quantity, refund=refund, goods=goods)
        kind = RowClass.REFUND if refund else RowClass.SALE
        return Line(
            kind=kind if goods else RowClass.NOT_GOODS,
            order_no=order_no,
            line_no=self._line_no(cells),
            dealer_ref=dealer_ref,
            occurred_at=self._read(cells, "occurred_at", self._stripped_time),
            product_ref=product_ref,
            product_name=product_name,
            category=self._optional(cells, "category")
            or self._mapping.categories.get(product_name),
            region=self._optional(cells, "region"),
            quantity=quantity,
            amount_minor=amount_minor,
            buyer_key=self._buyer(cells),
            original_order_no=self._optional(cells, "original_order_no"),
        )

    def _figures(
        self, cells: Sequence[str], quantity: int, *, refund: bool, goods: bool
    ) -> tuple[int, int]:
        """Return signed quantity and amount in minor units; raise Rejected for a wrong sign.

        What is no goods keeps the sign that the file gives it: a discount is a negative sale.
        """
        field = "amount" if "amount" in self._at else "unit_price"
        stated = self._read(cells, field, values.number)
        amount = stated if field == "amount" else values.product(quantity, stated)
        if goods:
            self._check_signs(quantity, stated, amount, refund=refund, field=field)
        if refund and not self._mapping.refunds.signed:
            quantity, amount = -quantity, -amount
        try:
            return quantity, values.to_minor(amount, exponent=self._mapping.exponent)
        except BadCell as bad:
            raise self._rejected(bad.code, field, str(stated)) from bad

    def _check_signs(
        self, quantity: int, stated: Decimal, amount: Decimal, *, refund: bool, field: str
    ) -> None:
        if quantity == 0:
            raise self._rejected("zero_quantity", "quantity", "0")
        if amount == 0:
            raise self._rejected("zero_price", field, str(stated))
        negative_wanted = refund and self._mapping.refunds.signed
        if (amount < 0) == negative_wanted and (quantity < 0) == negative_wanted:
            return
        wrong = "quantity" if (quantity < 0) != negative_wanted else field
        code = "negative_sale"
        if refund:
            code = "positive_refund" if negative_wanted else "negative_refund"
        raise self._rejected(code, wrong, str(quantity if wrong == "quantity" else stated))

    def _looks_refunded(self, order_no: str, quantity: int) -> bool:
        rule = self._mapping.refunds
        return (
            rule.every_row
            or bool(rule.order_prefix and order_no.startswith(rule.order_prefix))
            or (rule.negative_quantity and quantity < 0)
        )

    def _is_not_goods(self, product_ref: str) -> bool:
        pattern = self._mapping.not_goods_pattern
        return product_ref in self._mapping.not_goods_codes or (
            pattern is not None and pattern.fullmatch(product_ref) is not None
        )

    def _line_no(self, cells: Sequence[str]) -> int | None:
        if "line_no" not in self._at:
            return None
        return self._read(cells, "line_no", values.whole_number)

    def _buyer(self, cells: Sequence[str]) -> str | None:
        for at in self._buyers:
            found = buyer_hash(cells[at], key=self._key)
            if found is not None:
                return found
        return None

    def _stripped_time(self, cell: str) -> datetime:
        return self._time(cell.strip())

    def _read(self, cells: Sequence[str], field: str, reader: Callable[[str], _Value]) -> _Value:
        cell = cells[self._at[field]]
        if not cell.strip():
            raise self._rejected("missing_value", field, "")
        try:
            return reader(cell)
        except BadCell as bad:
            raise self._rejected(bad.code, field, cell, **bad.params) from bad

    def _required(self, cells: Sequence[str], field: str, *, empty: str = "missing_value") -> str:
        text = self._optional(cells, field)
        if text is None:
            raise self._rejected(empty, field, "")
        return text

    def _optional(self, cells: Sequence[str], field: str) -> str | None:
        if field not in self._at:
            return None
        cell = cells[self._at[field]]
        try:
            limit = _LIMITS.get(field, MAX_REFERENCE_CHARS)
            return values.plain_text(cell, limit=limit) or None
        except BadCell as bad:
            raise self._rejected(bad.code, field, cell, **bad.params) from bad

    def _rejected(self, code: str, field: str, value: str, **params: str) -> Rejected:
        return Rejected(code, field=self._mapping.columns[field], value=value, **params)


def shown_columns(header: Sequence[str]) -> str:
    """Return column names for a refusal, one a line; a wrong file's first row may be anything."""
    return "\n".join(values.plain_text(name[:40], limit=40) for name in header[:40])


def _position(header: Sequence[str], column: str) -> int:
    count = header.count(column)
    if count == 0:
        raise FileRefused("missing_column", column=column, found=shown_columns(header))
    if count > 1:
        raise FileRefused("doubled_column", column=column)
    return header.index(column)
