"""The form of a quiz: its own key, and fields that depend on the questions asked."""

from flask import request
from wtforms import StringField
from wtforms.validators import DataRequired, Regexp

from portal.learning.actions import Answers
from portal.typed import Form

MAX_QUESTIONS = 100


class Attempt(Form):
    """One attempt at a quiz; the questions' fields are read by the course engine."""

    key = StringField(validators=[DataRequired(), Regexp(r"[A-Za-z0-9_-]{16,64}\Z")])

    def answers(self) -> Answers:
        """Return what was sent."""
        return Answers(
            key=self.key.data or "",
            asked=tuple(request.form.getlist("asked")[:MAX_QUESTIONS]),
            values=request.form.to_dict(flat=False),
        )
