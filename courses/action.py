"""Read what a lesson asks to do in the shop, and the figure that shows it as done."""

from courses.course import SOURCE_LANGUAGE, Action, Check
from courses.fields import Fields
from courses.measure import MEASURES
from courses.source import LessonFiles

_BOUNDS = ("at_least", "at_most")


def read_action(files: LessonFiles) -> Action | None:
    """Return the action of a lesson, None when it has none or it cannot be read."""
    if "action" not in files.source.fields.values:
        return None
    source = files.source.fields.inner("action")
    if source is None:
        return None
    source.only("code", "text", "within_days", "check")
    texts = {SOURCE_LANGUAGE: source.text("text")}
    for translation in files.translations:
        fields = translation.fields.inner("action")
        if fields is not None:
            fields.only("text", code="field-not-translated")
            texts[translation.language] = fields.text("text")
    days = source.number("within_days", low=1, high=365)
    return Action(code=source.code("code"), text=texts, within_days=days, check=_check(source))


def _check(action: Fields) -> Check | None:
    """Return the check of an action, None when it has none or after a remark."""
    if "check" not in action.values:
        return None
    fields = action.inner("check")
    if fields is None:
        return None
    fields.only("measure", *_BOUNDS)
    name = fields.code("measure")
    measure = MEASURES.get(name)
    if measure is None:
        if name:
            fields.remark(
                "check-measure-unknown", "measure", value=name, expected=", ".join(MEASURES)
            )
        return None
    given = [bound for bound in _BOUNDS if bound in fields.values]
    if given != [measure.bound]:
        fields.remark("check-bound", "measure", value=name, expected=measure.bound)
        return None
    target = fields.number(measure.bound, low=measure.low, high=measure.high)
    most = measure.bound == "at_most"
    return Check(measure=name, at_least=None if most else target, at_most=target if most else None)
