"""Work on courses from the command line: check, preview, diff, import and export them."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from courses.difference import Difference, begun, difference, ended
from courses.exchange.gift_in import CannotImport, import_gift, read_gift
from courses.exchange.gift_out import exported_gift
from courses.exchange.markdown_in import import_markdown
from courses.exchange.scorm import write_package
from courses.finding import Finding
from courses.gift.write import to_gift
from courses.lint import check, check_content
from courses.load import CourseInvalidError, Reading, load_course, read_course
from courses.preview.server import serve
from courses.revision import NoSuchRevision, folder_at

LANGUAGES = ["zh-CN", "en"]
HOLDS_LEARNERS = 3
"""What `diff` ends with when learners would stay on their version, so that CI can ask a person."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return 0, 1 for errors in courses, 2 for a wrong call, 3 as `diff` says."""
    options = _parser().parse_args(arguments)
    try:
        return _COMMANDS[options.command](options)
    except (CannotImport, CourseInvalidError, NoSuchRevision) as problem:
        return _refuse(str(problem), 1)
    except FileNotFoundError as problem:
        return _refuse(f"没有这个文件或文件夹 / no such file or folder: {problem}", 2)


def _refuse(message: str, code: int) -> int:
    print(message, file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m courses", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    checking = _command(commands, "check", "name every mistake with its place and remedy")
    checking.add_argument("folder", type=Path, help="content, or the folder that holds courses")
    checking.add_argument("--today", type=date.fromisoformat, default=None, metavar="YYYY-MM-DD")
    checking.add_argument("--strict", action="store_true", help="let warnings fail as well")
    showing = _command(commands, "preview", "show courses in a browser and follow every change")
    showing.add_argument("folder", type=Path, help="content, or the folder that holds courses")
    showing.add_argument("--port", type=int, default=8010, help="on this machine only (8010)")
    comparing = _command(commands, "diff", "say what a new version does to learners")
    comparing.add_argument("old", help="a course, or a folder of them, as it was; also REV:path")
    comparing.add_argument("new", help="the same as it is")
    taking = _command(commands, "import", "read a GIFT file and put it into a course")
    taking.add_argument("file", type=Path)
    taking.add_argument("--into", type=Path, help="a course's folder, or one of its zh-CN lessons")
    taking.add_argument("--title", help="of the lesson that is made")
    giving = _command(commands, "export", "write a course for another system")
    giving.add_argument("course", type=Path, help="the course's folder")
    formats = giving.add_mutually_exclusive_group(required=True)
    formats.add_argument("--gift", action="store_true", help="its questions, a category a lesson")
    formats.add_argument("--scorm12", action="store_true", help="a SCORM 1.2 package")
    giving.add_argument("--moodle", action="store_true", help="mark GIFT texts as Markdown")
    giving.add_argument("--output", type=Path, help="where to (GIFT: standard output)")
    adopting = _command(commands, "import-markdown", "make a course of a handbook")
    adopting.add_argument("path", type=Path, help="a Markdown file, or a folder of them")
    adopting.add_argument("--id", required=True, help="the course's id and folder")
    adopting.add_argument("--into", type=Path, default=Path("content/courses"))
    adopting.add_argument("--title")
    adopting.add_argument("--owner", default="-")
    return parser


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, words: str
) -> argparse.ArgumentParser:
    made = commands.add_parser(name, help=words, description=words)
    made.add_argument("--language", default="zh-CN", choices=LANGUAGES)
    return made


def _check(options: argparse.Namespace) -> int:
    # The command line is this package's edge, where the clock may be read once.
    today = options.today or date(*time.localtime()[:3])
    if not options.folder.is_dir():
        raise FileNotFoundError(options.folder)
    whole = (options.folder / "courses").is_dir()
    findings = (check_content if whole else check)(options.folder, today=today)
    _print(findings, options.language)
    errors = sum(found.is_error for found in findings)
    print(f"{errors} errors, {len(findings) - errors} warnings", file=sys.stderr)
    return 1 if errors or (options.strict and findings) else 0


def _print(findings: Sequence[Finding], language: str) -> None:
    for found in findings:
        place = f"{found.file}:{found.line}:{found.column}"
        head = f"{place} {found.severity} {found.code}"
        print(f"{head} {found.message(language)} -> {found.fix(language)}")


def _preview(options: argparse.Namespace) -> int:
    if not options.folder.is_dir():
        raise FileNotFoundError(options.folder)
    with serve(options.folder, port=options.port) as server:
        print(f"http://127.0.0.1:{server.port}/  (Ctrl+C)")
        try:
            server.wait()
        except KeyboardInterrupt:
            return 0
    return 0


def _diff(options: argparse.Namespace) -> int:
    with folder_at(options.old) as old, folder_at(options.new) as new:
        found = list(_differences(old, new))
    for each in found:
        print(f"{each.course} {each.kind}")
        for note in each.notes:
            print(f"  {note.text(options.language)}")
    return HOLDS_LEARNERS if any(each.holds_learners for each in found) else 0


def _differences(old: Path, new: Path) -> Iterator[Difference]:
    """Compare two courses, or two folders of them course by course."""
    if (old / "course.yaml").is_file() or (new / "course.yaml").is_file():
        yield difference(load_course(old), load_course(new))
        return
    before, after = _folders(old), _folders(new)
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            yield begun(load_course(after[name]))
        elif name not in after:
            yield ended(load_course(before[name]))
        else:
            yield difference(load_course(before[name]), load_course(after[name]))


def _folders(folder: Path) -> Mapping[str, Path]:
    root = folder / "courses" if (folder / "courses").is_dir() else folder
    return {path.parent.name: path.parent for path in root.glob("*/course.yaml")}


def _import(options: argparse.Namespace) -> int:
    if not options.file.is_file():
        raise FileNotFoundError(options.file)
    target = None
    if options.into is None:
        imported = read_gift(options.file)
        print(to_gift(imported.items), end="")
    else:
        imported, target = import_gift(options.file, into=options.into, title=options.title)
    _print(imported.findings, options.language)
    for title, key in imported.renamed:
        print(f"::{key}:: <- {title}", file=sys.stderr)
    if target is not None:
        print(f"{len(imported.items)} -> {target}", file=sys.stderr)
    return 1 if imported.has_errors else 0


def _export(options: argparse.Namespace) -> int:
    reading = _read(options.course)
    if options.gift:
        text = exported_gift(reading, language=options.language, for_moodle=options.moodle)
        if options.output is None:
            print(text, end="")
        else:
            options.output.write_text(text, encoding="utf-8")
        return 0
    course = load_course(options.course)
    target = options.output or Path(f"{course.id}.{options.language}.zip")
    write_package(course, reading.source, target, language=options.language)
    print(target)
    return 0


def _read(folder: Path) -> Reading:
    if not (folder / "course.yaml").is_file():
        raise FileNotFoundError(folder / "course.yaml")
    reading = read_course(folder)
    if reading.course is None:
        raise CourseInvalidError(folder=folder, findings=reading.findings)
    return reading


def _import_markdown(options: argparse.Namespace) -> int:
    if not options.path.exists():
        raise FileNotFoundError(options.path)
    made = import_markdown(
        options.path,
        course_id=options.id,
        into=options.into,
        title=options.title,
        owner=options.owner,
    )
    for changed in made.changed:
        print(changed, file=sys.stderr)
    print(f"{len(made.lessons)} -> {made.folder}")
    return 0


_COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "check": _check,
    "preview": _preview,
    "diff": _diff,
    "import": _import,
    "export": _export,
    "import-markdown": _import_markdown,
}


if __name__ == "__main__":
    sys.exit(main())
