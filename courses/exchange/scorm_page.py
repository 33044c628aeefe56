"""A lesson as one page of a SCORM package: its text, its quiz, and the data that grades it.

In such a package the answers travel with the page, since nobody but the page can grade them.
"""

import json
import re
from collections.abc import Iterator, Mapping
from html import escape

from courses.course import (
    Asked,
    Course,
    Lesson,
    Matching,
    MultipleChoice,
    Numeric,
    Option,
    Question,
    ShortAnswer,
    SingleChoice,
    TrueFalse,
    Video,
    pick,
)

_ELSEWHERE = ("http:", "https:", "mailto:", "tel:", "#", "assets/")
_LINK = re.compile(r'<a href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
WORDS: Mapping[str, Mapping[str, str]] = {
    "zh-CN": {
        "right": "答对了",
        "partly": "部分正确",
        "wrong": "不对，再想想",
        "unanswered": "先作答，再提交",
        "passed": "这一课已通过",
        "standing": "答对 {right} 题，通过需要 {needed} 题",
        "submit": "提交",
        "read": "读完了",
        "quiz": "小测验",
        "action": "这一课要做的事",
        "within": "{days} 天之内",
        "choose": "请选择",
        "true": "对",
        "false": "错",
        "answer": "你的答案",
        "captions": "中文字幕",
    },
    "en": {
        "right": "Right",
        "partly": "Partly right",
        "wrong": "Not quite, try again",
        "unanswered": "Answer first, then submit",
        "passed": "You have passed this lesson",
        "standing": "{right} right, {needed} pass the lesson",
        "submit": "Submit",
        "read": "I have read it",
        "quiz": "Quiz",
        "action": "To do after this lesson",
        "within": "within {days} days",
        "choose": "Choose",
        "true": "True",
        "false": "False",
        "answer": "Your answer",
        "captions": "English captions",
    },
}


def page(course: Course, lesson: Lesson, language: str) -> str:
    """Return the lesson's HTML page, which expects lesson.css, runtime.js and assets/ beside it."""
    words = WORDS[language]
    title = escape(pick(lesson.title, language))
    data = json.dumps(_data(lesson, language), ensure_ascii=False).replace("<", "\\u003c")
    parts = [
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}</title>",
        '<link rel="stylesheet" href="lesson.css">\n</head>\n<body>\n<main>',
        f'<p class="quiet">{escape(pick(course.title, language))}</p>\n<h1>{title}</h1>',
        *(_video(lesson.video, words) if lesson.video else ()),
        f"<article>{_own_links(pick(lesson.html, language))}</article>",
        *_action(lesson, words, language),
        *_quiz(lesson, words, language),
        f'<script type="application/json" id="lesson-data">{data}</script>',
        '<script src="runtime.js"></script>\n</main>\n</body>\n</html>\n',
    ]
    return "\n".join(parts)


def _own_links(html: str) -> str:
    """Keep links to elsewhere and within the page; another page of the portal is not here."""
    return _LINK.sub(
        lambda found: found[0] if found[1].startswith(_ELSEWHERE) else found[2],
        html,
    )


def _video(video: Video, words: Mapping[str, str]) -> Iterator[str]:
    yield f'<video controls preload="metadata" src="{escape(video.src)}">'
    for language, address in video.captions.items():
        label = WORDS[language]["captions"]
        own = " default" if WORDS[language] is words else ""
        yield (
            f'<track kind="captions" srclang="{language}" label="{label}" '
            f'src="{escape(address)}"{own}>'
        )
    yield "</video>"


def _action(lesson: Lesson, words: Mapping[str, str], language: str) -> Iterator[str]:
    if lesson.action is not None:
        within = words["within"].format(days=lesson.action.within_days)
        text = escape(pick(lesson.action.text, language))
        yield f'<aside class="action"><h2>{words["action"]}</h2>'
        yield f'<p>{text}</p><p class="quiet">{within}</p></aside>'


def _quiz(lesson: Lesson, words: Mapping[str, str], language: str) -> Iterator[str]:
    yield f"<section><h2>{words['quiz']}</h2>" if lesson.quiz else "<section>"
    yield '<p data-standing class="quiet" role="status"></p>'
    for question in lesson.quiz.questions if lesson.quiz else ():
        if not question.scored:
            yield f'<div class="question">{pick(question.html, language)}</div>'
            continue
        yield f'<form class="question" id="question-{question.key}">'
        yield f"<fieldset><legend>{pick(question.html, language)}</legend>"
        yield from _fields(question, words, language)
        yield f'</fieldset><button type="submit">{words["submit"]}</button>'
        yield '<div data-outcome role="status"></div></form>'
    if not _scored(lesson):
        yield f'<button type="button" data-read>{words["read"]}</button>'
    yield "</section>"


def _fields(question: Question, words: Mapping[str, str], language: str) -> Iterator[str]:
    match question:
        case SingleChoice(options=options):
            yield from _choices("radio", [pick(o.html, language) for o in options])
        case MultipleChoice(options=options):
            yield from _choices("checkbox", [pick(o.html, language) for o in options])
        case TrueFalse():
            for value in ("true", "false"):
                yield _choice("radio", value, words[value])
        case Matching(pairs=pairs):
            rights = sorted({pick(pair.right, language) for pair in pairs})
            options_html = "".join(f"<option>{escape(right)}</option>" for right in rights)
            for at, pair in enumerate(p for p in pairs if any(p.left.values())):
                yield f'<label>{pick(pair.left, language)}<select name="{at}">'
                yield f'<option value="">{words["choose"]}</option>{options_html}</select></label>'
        case _:
            yield f'<label>{words["answer"]}<input type="text" maxlength="500"></label>'


def _choices(kind: str, texts: list[str]) -> Iterator[str]:
    for at, text in enumerate(texts):
        yield _choice(kind, str(at), text)


def _choice(kind: str, value: str, html: str) -> str:
    field = f'<input type="{kind}" name="answer" value="{value}">'
    return f'<label class="option">{field}<span>{html}</span></label>'


def _scored(lesson: Lesson) -> tuple[Question, ...]:
    return lesson.quiz.scored if lesson.quiz else ()


def _data(lesson: Lesson, language: str) -> dict[str, object]:
    return {
        "needed": lesson.quiz.rule.m if lesson.quiz else 0,
        "words": WORDS[language],
        "questions": [_key(question, language) for question in _scored(lesson)],
    }


def _key(question: Question, language: str) -> dict[str, object]:
    common: dict[str, object] = {
        "key": question.key,
        "kind": question.kind,
        "explanation": _of(question, language),
    }
    match question:
        case SingleChoice(options=options) | MultipleChoice(options=options):
            return {**common, "options": [_option(option, language) for option in options]}
        case TrueFalse():
            right, wrong = question.feedback_right, question.feedback_wrong
            told = {"right": pick(right, language), "wrong": pick(wrong, language)}
            return {**common, "answer": question.answer, **told}
        case Numeric(answers=ranges):
            numbers = [
                {
                    "low": None if answer.low is None else str(answer.low),
                    "high": None if answer.high is None else str(answer.high),
                    "weight": answer.weight_bps,
                    "feedback": pick(answer.feedback, language),
                }
                for answer in ranges
            ]
            return {**common, "answers": numbers}
        case ShortAnswer(answers=answers):
            typed = [
                {
                    "texts": list(answer.text.values()),
                    "weight": answer.weight_bps,
                    "feedback": pick(answer.feedback, language),
                }
                for answer in answers
            ]
            return {**common, "answers": typed}
        case Matching(pairs=pairs):
            lefts = [pair for pair in pairs if any(pair.left.values())]
            return {**common, "rights": [pick(pair.right, language) for pair in lefts]}
        case _:
            return common


def _of(question: Asked, language: str) -> str:
    return pick(question.explanation, language)


def _option(option: Option, language: str) -> dict[str, object]:
    return {"weight": option.weight_bps, "feedback": pick(option.feedback, language)}
