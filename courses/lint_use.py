"""What a course uses: films and captions, assets, figures to reach; each as an author can do it."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from courses.captions import CaptionsInvalid, read_captions
from courses.course import Check, Course, Lesson, Video
from courses.fields import Fields
from courses.finding import Finding, finding
from courses.load import Reading, linked_files
from courses.measure import MEASURES
from courses.media import inside, video_files
from courses.source import LessonFile

PICTURE_BYTES = 200_000
FILM_BYTES = 60_000_000
FILM_TYPES = (".mp4", ".m4v", ".webm")
_SLACK_SECONDS = 2
_WEEK = 7


def use_findings(reading: Reading) -> Iterator[Finding]:
    """Check what the lessons of a course without errors use."""
    if reading.course is None:
        return
    sources = {str(f.source.fields.values.get("id")): f.source for f in reading.source.lessons}
    for lesson in reading.course.lessons:
        file = sources[lesson.id]
        if lesson.video is not None:
            yield from _film(lesson, lesson.video, file, reading)
        if lesson.action is not None and lesson.action.check is not None:
            yield from _check(lesson.action.check, lesson.action.within_days, file.fields)
    yield from _nothing_measured(reading.course, reading.source.fields)
    yield from _assets(reading)


def _film(lesson: Lesson, video: Video, file: LessonFile, reading: Reading) -> Iterator[Finding]:
    line, column = file.fields.place("video")
    place = {"line": line, "column": column}
    if video.seconds > lesson.minutes * 60:
        minutes = -(-video.seconds // 60)
        yield finding("film-longer", file=file.file, value=minutes, limit=lesson.minutes, **place)
    for language in reading.course.languages if reading.course else ():
        if language not in video.captions:
            yield finding("captions-language", file=file.file, value=language, **place)
    for address in video.captions.values():
        path = inside(reading.source.folder, address)
        if path is not None:
            yield from _captions(path, video.seconds)


def _captions(path: Path, seconds: int) -> Iterator[Finding]:
    try:
        cues = read_captions(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        yield finding("file-not-utf8", line=1, file=str(path))
        return
    except CaptionsInvalid as problem:
        yield finding("captions-invalid", line=problem.line, file=str(path), value=str(problem))
        return
    last = max(cues, key=lambda cue: cue.end)
    if last.end > seconds + _SLACK_SECONDS:
        value = f"{last.end:.0f}"
        yield finding("captions-beyond", line=last.line, file=str(path), value=value, limit=seconds)


def _check(check: Check, within_days: int, fields: Fields) -> Iterator[Finding]:
    measure = MEASURES[check.measure]
    action = fields.inner("action")
    line, column = (action or fields).place("check")
    place = {"line": line, "column": column}
    target = check.at_most if check.at_least is None else check.at_least
    if target is not None and (
        target > measure.plenty if check.at_least is not None else target < measure.plenty
    ):
        yield finding("check-plenty", file=fields.file, value=target, limit=measure.plenty, **place)
    if measure.needs_orders and within_days < _WEEK:
        needed = measure.needs_orders
        yield finding("check-window", file=fields.file, value=within_days, limit=needed, **place)


def _nothing_measured(course: Course, fields: Fields) -> Iterator[Finding]:
    if not any(lesson.action and lesson.action.check for lesson in course.lessons):
        line, column = fields.place("id")
        yield finding("course-without-check", line=line, column=column, file=fields.file)


def _assets(reading: Reading) -> Iterator[Finding]:
    """Remark on assets that nobody uses, and on those too heavy for a phone."""
    folder = reading.source.folder
    files = [file for each in reading.source.lessons for file in each.by_language.values()]
    used = set(
        chain.from_iterable(
            (*linked_files(file.text, folder), *video_files(file.fields, folder)) for file in files
        )
    )
    assets = folder.resolve() / "assets"
    for path in sorted(assets.rglob("*")) if assets.is_dir() else ():
        if not path.is_file() or path.name.startswith("."):
            continue
        file = str(folder / path.relative_to(folder.resolve()))
        if path not in used:
            yield finding("asset-unused", line=1, file=file, value=path.name)
        limit = FILM_BYTES if path.suffix.lower() in FILM_TYPES else PICTURE_BYTES
        if path.stat().st_size > limit:
            size = path.stat().st_size // 1000
            yield finding("asset-heavy", line=1, file=file, value=size, limit=limit // 1000)
