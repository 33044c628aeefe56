"""Reads of the catalogue; names come in the language of the request."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import select

from portal import i18n
from portal.accounts import queries as accounts
from portal.catalog.models import Category, Product
from portal.db import db


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product as other modules see it."""

    id: int
    supplier_id: int
    category_id: int
    code: str
    name: str
    active: bool


@dataclass(frozen=True, slots=True)
class CategoryGroup:
    """A category with the products in it that can be chosen."""

    id: int
    code: str
    name: str
    products: Sequence[ProductRow]


def _name(record: Category | Product) -> str:
    return i18n.pick({"zh-CN": record.name_zh, "en": record.name_en})


def _row(product: Product) -> ProductRow:
    return ProductRow(
        id=product.id,
        supplier_id=product.supplier_id,
        category_id=product.category_id,
        code=product.code,
        name=_name(product),
        active=product.active,
    )


def choices() -> Sequence[CategoryGroup]:
    """Return the active products of all suppliers by category, in the order they were listed.

    A category without active products is left out.
    """
    rows = db.session.execute(
        select(Category, Product)
        .join(Product, Product.category_id == Category.id)
        .where(Product.active, Product.supplier_id.not_in(accounts.closed_suppliers()))
        .order_by(Category.id, Product.id)
    ).all()
    return [
        CategoryGroup(
            id=category.id,
            code=category.code,
            name=_name(category),
            products=[_row(product) for _, product in pairs],
        )
        for category, pairs in groupby(rows, key=lambda pair: pair[0])
    ]


def of_supplier(supplier_id: int) -> Sequence[ProductRow]:
    """Return every product of a supplier, withdrawn ones too, in the order they were listed."""
    rows = db.session.scalars(
        select(Product)
        .where(Product.supplier_id == supplier_id)
        .order_by(Product.category_id, Product.id)
    )
    return [_row(row) for row in rows]


def by_ids(product_ids: Collection[int]) -> Mapping[int, ProductRow]:
    """Return the products with these ids by id; absent ones are left out."""
    if not product_ids:
        return {}
    rows = db.session.scalars(select(Product).where(Product.id.in_(product_ids)))
    return {row.id: _row(row) for row in rows}


def product(product_id: int) -> ProductRow | None:
    """Return a product, or None."""
    found = db.session.get(Product, product_id)
    return _row(found) if found else None


def product_of_code(code: str) -> ProductRow | None:
    """Return the product that is offered under a supplier's code, the first listed; or None."""
    found = db.session.scalar(
        select(Product)
        .where(
            Product.code == code,
            Product.active,
            Product.supplier_id.not_in(accounts.closed_suppliers()),
        )
        .order_by(Product.id)
        .limit(1)
    )
    return _row(found) if found else None


def category_by_product() -> Mapping[str, str]:
    """Return each product's category by the product's name, both in the source language.

    Order files name products so, and few of them name categories.
    """
    rows = db.session.execute(
        select(Product.name_zh.label("product"), Category.name_zh.label("category"))
        .join(Category, Category.id == Product.category_id)
        .order_by(Product.id)
    )
    return {row.product: row.category for row in rows}
