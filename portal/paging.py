"""Pages of a long list: what was asked for, and what came back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request

Row = TypeVar("Row")
DEFAULT_SIZE = 20
LAST_PAGE = 10_000  # beyond it an offset only costs the database time


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is wanted; the first page is 1."""

    number: int = 1
    size: int = DEFAULT_SIZE

    @property
    def offset(self) -> int:
        """Rows to skip."""
        return (self.number - 1) * self.size


@dataclass(frozen=True, slots=True)
class Paged(Generic[Row]):
    """One page of rows and the length of the whole list."""

    rows: Sequence[Row]
    total: int
    page: Page

    @property
    def pages(self) -> int:
        """Number of pages, at least 1."""
        return max(1, -(-self.total // self.page.size))


def requested_page(size: int = DEFAULT_SIZE) -> Page:
    """Return the page that the address names; nonsense means the first."""
    text = request.args.get("page", "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 1
    return Page(number=min(max(number, 1), LAST_PAGE), size=size)
