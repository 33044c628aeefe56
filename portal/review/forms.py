"""The form of a review card: its own key, the question, and the question's fields."""

from flask import request
from wtforms import StringField
from wtforms.validators import DataRequired, Regexp

from portal.review.actions import Sent
from portal.typed import Form


class Answer(Form):
    """One answer; the question's fields are read by the course engine."""

    key = StringField(validators=[DataRequired(), Regexp(r"[A-Za-z0-9_-]{16,64}\Z")])
    question = StringField(validators=[DataRequired(), Regexp(r"[a-z0-9][a-z0-9-]{0,79}\Z")])

    def sent(self) -> Sent:
        """Return what was sent."""
        return Sent(
            key=self.key.data or "",
            question_key=self.question.data or "",
            values=request.form.to_dict(flat=False),
        )
