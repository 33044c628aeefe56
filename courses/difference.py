"""What a new version of a course does to those who are learning, in an author's words.

`version.diff` decides whether learners move; this says why, lesson by lesson and question by
question, so that an author can tell before publishing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from courses.course import FULL_BPS, SOURCE_LANGUAGE, Course, Lesson, Question, pick
from courses.version import Kind, diff


@dataclass(frozen=True, kw_only=True)
class Note:
    """One effect, in both languages; `about` is the id of a lesson or question, or the course."""

    about: str
    zh: str
    en: str

    def text(self, language: str) -> str:
        """Return the effect in Chinese or English."""
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, kw_only=True)
class Difference:
    """All effects of one course's new version; the first is what happens to learners."""

    course: str
    kind: Kind
    notes: tuple[Note, ...]

    @property
    def holds_learners(self) -> bool:
        """Whether learners stay on their version until they choose the new one."""
        return self.kind is Kind.RULES


_VERDICTS = {
    Kind.NONE: ("没有变化。", "Nothing changes."),
    Kind.TEXT_ONLY: (
        "所有学员自动换到新版本，进度不变。",
        "Everyone moves to the new version; nobody's progress changes.",
    ),
    Kind.OPTIONAL_ADDED: (
        "所有学员自动换到新版本，进度不变；多了可以选学的课时。",
        "Everyone moves to the new version; nobody's progress changes, and there is more to read.",
    ),
    Kind.RULES: (
        (
            "已报名的学员留在原来的版本，看到“有新版本”后自己决定换不换；新报名的直接学新版本。"
            "已经完成的仍是完成，证书不受影响。"
        ),
        (
            "Learners stay on their version, are told of the new one and choose; newcomers get the "
            "new one. Whoever has completed the course stays so, certificates are not touched."
        ),
    ),
}


def difference(old: Course, new: Course) -> Difference:
    """Return what publishing `new` after `old` does to learners."""
    change = diff(old, new)
    zh, en = _VERDICTS[change.kind]
    notes = [Note(about=new.id, zh=zh, en=en), *_course(old, new), *_lessons(old, new)]
    return Difference(course=new.id, kind=change.kind, notes=(*notes, *_questions(old, new)))


def begun(new: Course) -> Difference:
    """Return what publishing a course for the first time does: nothing to anyone yet."""
    note = Note(
        about=new.id,
        zh=f"新课程，{len(new.lessons)} 节课，还没有学员。",
        en=f"A new course of {len(new.lessons)} lessons; nobody is learning it yet.",
    )
    return Difference(course=new.id, kind=Kind.OPTIONAL_ADDED, notes=(note,))


def ended(old: Course) -> Difference:
    """Return what taking a course away does."""
    note = Note(
        about=old.id,
        zh="课程下架：不能再报名，已报名的学员可以学完，证书仍然有效。",
        en="Withdrawn: nobody can begin it, learners can finish it, certificates stay valid.",
    )
    return Difference(course=old.id, kind=Kind.RULES, notes=(note,))


def _course(old: Course, new: Course) -> Iterator[Note]:
    if old.pass_bps != new.pass_bps:
        before, after = (f"{c.pass_bps * 100 // FULL_BPS} %" for c in (old, new))
        yield Note(
            about=new.id,
            zh=f"完成课程要学完的必修课时：{before} → {after}。",
            en=f"The share of required lessons that completes the course: {before} → {after}.",
        )
    if old.certificate != new.certificate:
        yield Note(
            about=new.id,
            zh="完成后开始发证书。" if new.certificate else "完成后不再发证书，已发的仍然有效。",
            en="Completing it now earns a certificate."
            if new.certificate
            else "It earns no certificate any more; those issued stay valid.",
        )
    if old.after != new.after:
        names = "、".join(new.after) or "无"
        yield Note(
            about=new.id,
            zh=f"先修课程改为：{names}。已报名的学员不受影响。",
            en=f"To be completed before: {', '.join(new.after) or 'nothing'}. "
            "Those enrolled already are not affected.",
        )
    if (old.title, old.summary) != (new.title, new.summary):
        yield Note(about=new.id, zh="课程名称或简介有改动。", en="Its title or summary changes.")


def _lessons(old: Course, new: Course) -> Iterator[Note]:
    for lesson in new.lessons:
        before = old.lesson(lesson.id)
        if before is None:
            yield _added(lesson)
        else:
            yield from _edited(before, lesson)
    for lesson in old.lessons:
        if new.lesson(lesson.id) is None:
            yield Note(
                about=lesson.id,
                zh=f"删除课时“{_title(lesson)}”：换到新版本的学员不再看到它，学过的记录保留。",
                en=f"Lesson '{_title(lesson, 'en')}' goes: those who move no longer see it; "
                "what they did there is kept.",
            )
    kept = [lesson.id for lesson in new.lessons if old.lesson(lesson.id)]
    if kept != [lesson.id for lesson in old.lessons if new.lesson(lesson.id)]:
        yield Note(
            about=new.id, zh="课时的先后次序变了，进度不变。", en="The lessons' order changes."
        )


def _added(lesson: Lesson) -> Note:
    if lesson.required:
        zh = f"新增必修课时“{_title(lesson)}”（{lesson.minutes} 分钟）：换到新版本的学员还要学它。"
        en = (
            f"A required lesson is new, '{_title(lesson, 'en')}' ({lesson.minutes} minutes): "
            "those who move have it still to do."
        )
    else:
        zh = f"新增选修课时“{_title(lesson)}”：不影响任何人的进度。"
        en = f"An optional lesson is new, '{_title(lesson, 'en')}': nobody's progress changes."
    return Note(about=lesson.id, zh=zh, en=en)


def _edited(old: Lesson, new: Lesson) -> Iterator[Note]:
    name, english = _title(new), _title(new, "en")
    if old.required != new.required:
        yield Note(
            about=new.id,
            zh=f"课时“{name}”改为{'必修' if new.required else '选修'}。",
            en=f"Lesson '{english}' is now {'required' if new.required else 'optional'}.",
        )
    before, after = (lesson.quiz.rule if lesson.quiz else None for lesson in (old, new))
    if before != after:
        was, now = (f"{rule.m}/{rule.n}" if rule else "–" for rule in (before, after))
        yield Note(
            about=new.id,
            zh=f"课时“{name}”的通过条件（答对/出题）：{was} → {now}。",
            en=f"What passes lesson '{english}' (right/asked): {was} → {now}.",
        )
    if old.action != new.action:
        yield Note(
            about=new.id,
            zh=f"课时“{name}”要做的事有改动，已经领取的行动项按原来的要求。",
            en=f"What lesson '{english}' asks to do changes; action items taken on keep theirs.",
        )
    if new.languages != old.languages:
        spoken, spoken_now = (", ".join(lesson.languages) for lesson in (old, new))
        yield Note(
            about=new.id,
            zh=f"课时“{name}”的语言：{spoken} → {spoken_now}。",
            en=f"Languages of '{english}': {spoken} → {spoken_now}.",
        )
    if old.source_hash != new.source_hash and (old.html, old.title) != (new.html, new.title):
        yield Note(
            about=new.id,
            zh=f"课时“{name}”的正文有改动：读过的不用重读。",
            en=f"The text of lesson '{english}' changes: who has read it need not again.",
        )


def _questions(old: Course, new: Course) -> Iterator[Note]:
    for lesson, question in new.asked():
        before = old.question(question.key)
        if before is None:
            yield _question(question, "新增题目", "is a new question", lesson)
        elif before[1].hash != question.hash:
            zh = "题干、选项或答案改了，原先答对的仍算答对"
            en = "asks something else now; whoever had it right keeps that"
            yield _question(question, zh, en, lesson)
        elif before[0].id != lesson.id:
            zh = f"从课时“{_title(before[0])}”移到“{_title(lesson)}”"
            en = f"moves here from '{_title(before[0], 'en')}'"
            yield _question(question, zh, en, lesson)
        elif before[1] != question:
            yield _question(
                question,
                "只改了反馈、解析或译文",
                "changes in feedback or translation only",
                lesson,
            )
    for lesson, question in old.asked():
        if new.question(question.key) is None:
            zh = "删除：新版本不再问，也不再计入答对的题数"
            yield _question(question, zh, "goes: it is asked and counted no more", lesson)


def _question(question: Question, zh: str, en: str, lesson: Lesson) -> Note:
    return Note(
        about=question.key,
        zh=f"题目 {question.key}（{_title(lesson)}）{zh}。",
        en=f"Question {question.key} ({_title(lesson, 'en')}) {en}.",
    )


def _title(lesson: Lesson, language: str = SOURCE_LANGUAGE) -> str:
    return pick(lesson.title, language) or lesson.id
