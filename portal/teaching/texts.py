"""The words of figures about learning: what a version changed, what to do about a question."""

from collections.abc import Iterable, Mapping

from courses.course import Course, Lesson, Question, pick
from courses.path import LearningPath
from courses.version import Change, Kind
from portal.i18n import gettext as _
from portal.learning.paths import PathRow
from portal.teaching.rules import Grouping, Verdict

NAMED = 6  # lessons or questions in one line; more are counted


def changes(change: Change, *, old: Course, new: Course, language: str) -> tuple[str, ...]:
    """Return what a version changes, a sentence each."""
    lines = [
        (_("新增课时："), _lessons(change.lessons_added, new, language)),
        (_("去掉课时："), _lessons(change.lessons_removed, old, language)),
        (_("改写课时："), _lessons(change.lessons_edited, new, language)),
        (_("改动题目："), list(change.questions_changed)),
        (_("改动规则："), _ruled(change.rules_changed, new, language)),
    ]
    told = tuple(f"{label}{_listed(names)}" for label, names in lines if names)
    if told:
        return told
    return (
        (_("内容没有变"),) if change.kind is Kind.NONE else (_("改了课程的标题、简介或其他说明"),)
    )


def _lessons(ids: Iterable[str], course: Course, language: str) -> list[str]:
    lessons: Mapping[str, Lesson] = {lesson.id: lesson for lesson in course.lessons}
    return [str(_("《%(title)s》", title=pick(lessons[each].title, language))) for each in ids]


def _ruled(ids: Iterable[str], course: Course, language: str) -> list[str]:
    names = []
    for each in ids:
        known = course.lesson(each)
        names += _lessons([each], course, language) if known else [str(_("整门课的完成条件"))]
    return names


def _listed(names: list[str]) -> str:
    shown = str(_("、")).join(names[:NAMED])
    more = len(names) - NAMED
    return str(_("%(names)s 等 %(count)s 项", names=shown, count=len(names))) if more > 0 else shown


def effect(change: Change) -> str:
    """Return what a version does to those who are learning in the one before."""
    words = {
        Kind.NONE: _("对在学的人没有影响。"),
        Kind.TEXT_ONLY: _("只改了文字：在学的人自动换到新版本，进度不变。"),
        Kind.OPTIONAL_ADDED: _("只加了选学的课：在学的人自动换到新版本，进度不变。"),
        Kind.RULES: _("改了题目、必修课或通过条件：在学的人留在原来的版本，可以自己换过来。"),
    }
    return str(words[change.kind])


def new_path(path: LearningPath, *, courses: Mapping[str, str]) -> tuple[str, ...]:
    """Return what a new path says; `courses` are titles by slug."""
    return (_way(path.courses, courses), _order(ordered=path.ordered))


def path_changes(
    before: PathRow, after: LearningPath, *, courses: Mapping[str, str]
) -> tuple[str, ...]:
    """Return what a path says otherwise than before, a sentence each; `courses` as above."""
    lines = [
        (dict(before.title) != dict(after.title), _("改了名称")),
        (dict(before.summary) != dict(after.summary), _("改了简介")),
        (tuple(before.courses) != after.courses, _way(after.courses, courses)),
        (before.ordered != after.ordered, _order(ordered=after.ordered)),
    ]
    return tuple(str(line) for differs, line in lines if differs)


def _way(slugs: Iterable[str], courses: Mapping[str, str]) -> str:
    way = " → ".join(str(_("《%(title)s》", title=courses.get(slug, slug))) for slug in slugs)
    return str(_("课程：%(way)s", way=way))


def _order(*, ordered: bool) -> str:
    return str(_("建议按顺序学") if ordered else _("先学哪门都行"))


def verdict(value: Verdict) -> tuple[str, str]:
    """Return what to make of a question, short, and what to do about it."""
    words = {
        Verdict.TOO_FEW: (_("作答不足 30 次"), _("人再多一些，才看得出这道题好不好。")),
        Verdict.MISLEADS: (
            _("区分度为负"),
            _(
                "别的题答得好的人，这道题反而错得多。先核对标准答案有没有标错，"
                "再看题干有没有歧义、错误选项是不是也说得通。"
            ),
        ),
        Verdict.TOO_HARD: (
            _("太难"),
            _("十个人里对不到三个。看看课文有没有讲到，题干是不是绕。"),
        ),
        Verdict.TOO_EASY: (
            _("太容易"),
            _("几乎人人都对，看不出谁学会了。换一个更像店里真会犯的错的选项。"),
        ),
        Verdict.WEAK: (
            _("区分度低"),
            _("会的和不会的答得差不多。把题问得更具体，或者换掉没人选的选项。"),
        ),
        Verdict.GOOD: (_("正常"), ""),
    }
    short, advice = words[value]
    return str(short), str(advice)


VERDICT_TONES: Mapping[Verdict, str] = {
    Verdict.TOO_FEW: "",
    Verdict.MISLEADS: "bad",
    Verdict.TOO_HARD: "warn",
    Verdict.TOO_EASY: "warn",
    Verdict.WEAK: "warn",
    Verdict.GOOD: "good",
}


def kind(question: Question) -> str:
    """Return what kind of question it is, in an author's words."""
    words = {
        "single": _("单选"),
        "multiple": _("多选"),
        "true_false": _("判断"),
        "numeric": _("填数字"),
        "short_answer": _("填空"),
        "matching": _("连线"),
    }
    return str(words.get(question.kind, ""))


def grouping(value: Grouping) -> str:
    """Return by what dealers are put together."""
    words = {
        Grouping.MONTH: _("加入月份"),
        Grouping.REGION: _("地区"),
        Grouping.LEVEL: _("等级"),
    }
    return str(words[value])


def withdrawn() -> str:
    """Return what happens to a course that the content folder no longer has."""
    return str(_("内容目录里没有这门课了：在学的人可以学完，新的人不能再报名。"))
