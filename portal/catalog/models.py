"""Tables of categories and of the products in them."""

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.access import Role
from portal.db import Base
from portal.ownership import owned, unowned


@unowned("the same for all suppliers, seen by everybody")
class Category(Base):
    """A kind of goods, the same for all suppliers."""

    __tablename__ = "category"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(120))


@owned(supplier="supplier_id", staff=[Role.OPERATOR], readers=Role)
class Product(Base):
    """One thing that a supplier offers."""

    __tablename__ = "product"

    id: Mapped[int] = mapped_column(primary_key=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"), index=True)
    code: Mapped[str] = mapped_column(String(60))
    name_zh: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)  # False: no longer offered

    __table_args__ = (
        UniqueConstraint("supplier_id", "code"),
        # For the rooms that hold product and supplier together: the pair cannot disagree.
        UniqueConstraint("id", "supplier_id"),
    )
