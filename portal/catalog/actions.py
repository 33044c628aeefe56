"""Writes of the catalogue."""

from portal.catalog.models import Category, Product
from portal.db import db


def add_category(*, code: str, name_zh: str, name_en: str) -> Category:
    """Add a kind of goods; `code` is unique among all categories."""
    category = Category(code=code, name_zh=name_zh, name_en=name_en)
    db.session.add(category)
    db.session.flush()
    return category


def add_product(
    *,
    supplier_id: int,
    category_id: int,
    code: str,
    name_zh: str,
    name_en: str,
    active: bool = True,
) -> Product:
    """Add something that a supplier offers; `code` is unique among the supplier's products."""
    product = Product(
        supplier_id=supplier_id,
        category_id=category_id,
        code=code,
        name_zh=name_zh,
        name_en=name_en,
        active=active,
    )
    db.session.add(product)
    db.session.flush()
    return product
