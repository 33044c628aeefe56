"""Forms of feedback: shape and length; what the words may hold is decided in rules."""

from collections.abc import Sequence
from typing import Any

from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, Regexp, ValidationError

from portal.catalog import queries as catalog
from portal.catalog.queries import CategoryGroup
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.idempotency.guard import key_of_request
from portal.typed import Form

LESSON_ID = r"[a-z0-9\-]{1,79}/[a-z0-9\-]{1,80}\Z"
VERSION = r"[A-Za-z0-9:_\-]{1,80}\Z"
UNSURE = "unsure"  # "I do not know which product"
MIN_TEXT, MAX_TEXT, MAX_IMPACT, MAX_WORDS = 10, 2000, 500, 2000


class _OfProduct(Form):
    """A form with a product to choose; `groups` is what the template shows."""

    # Its own check below: WTForms' message for a wrong choice is in English.
    product = SelectField(
        _l("哪个商品"),
        choices=[],  # the template groups them by category
        validators=[DataRequired(_l("请选择商品"))],
        validate_choice=False,
    )
    groups: Sequence[CategoryGroup]
    unlisted: frozenset[str] = frozenset()  # values that are no product

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = catalog.choices()
        self._offered = {str(each.id) for group in self.groups for each in group.products}

    def validate_product(self, field: SelectField) -> None:
        """Refuse what is not on the list (WTForms finds the method by its name)."""
        if field.data not in self._offered | self.unlisted:
            raise ValidationError(_("请选择商品"))


class NewFeedback(_OfProduct):
    """What a dealer tells: which product, what happened, what it costs the shop."""

    unlisted = frozenset({UNSURE})
    # Where it is written from, when from a lesson: its id, and the version that was read.
    lesson = HiddenField(validators=[Optional(), Regexp(LESSON_ID)])
    version = HiddenField(validators=[Optional(), Regexp(VERSION)])
    text = TextAreaField(
        _l("遇到了什么"),
        validators=[
            DataRequired(_l("请写下遇到了什么")),
            Length(
                min=MIN_TEXT,
                max=MAX_TEXT,
                message=_l("请写 %(least)s 到 %(most)s 个字", least=MIN_TEXT, most=MAX_TEXT),
            ),
        ],
    )
    impact = TextAreaField(
        _l("对店里有什么影响"),
        validators=[
            Optional(),
            Length(max=MAX_IMPACT, message=_l("最多 %(most)s 个字", most=MAX_IMPACT)),
        ],
    )

    def values(self) -> dict[str, Any]:
        """Return what actions.submit() takes from the form."""
        chosen = self.product.data
        return {
            "product_id": None if chosen == UNSURE else int(chosen),
            "text": self.text.data,
            "impact": self.impact.data or None,
            "submission_key": key_of_request(),
            "lesson_id": self.lesson.data or None,
            "course_version": (self.version.data or None) if self.lesson.data else None,
        }


class AssignProduct(_OfProduct):
    """The operator says which product is meant."""


class Words(Form):
    """A supplier's answer to one dealer, or the reason for saying no."""

    text = TextAreaField(
        _l("写给渠道商的话"),
        validators=[
            DataRequired(_l("请写一句话，渠道商会看到")),
            Length(max=MAX_WORDS, message=_l("最多 %(most)s 个字", most=MAX_WORDS)),
        ],
    )
