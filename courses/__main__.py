"""Check courses from the command line: `python -m courses check content`."""

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from courses.finding import Finding
from courses.lint import check
from courses.load import CourseInvalidError, load_course
from courses.version import Change, diff


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code: 0, 1 for errors in courses, 2 for a wrong call."""
    options = _parser().parse_args(arguments)
    if options.command == "diff":
        return _diff(options.old, options.new)
    return _check(options.folder, today=options.today, language=options.language)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m courses", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    checking = commands.add_parser("check", help="name every mistake with its place and remedy")
    checking.add_argument("folder", type=Path, help="content, or the folder that holds courses")
    checking.add_argument("--language", default="zh-CN", choices=["zh-CN", "en"])
    checking.add_argument("--today", type=date.fromisoformat, default=None, metavar="YYYY-MM-DD")
    comparing = commands.add_parser("diff", help="say whether a change moves learners")
    comparing.add_argument("old", type=Path, help="a course's folder as it was")
    comparing.add_argument("new", type=Path, help="the same course's folder as it is")
    return parser


def _check(folder: Path, *, today: date | None, language: str) -> int:
    inner = folder / "courses"
    root = inner if inner.is_dir() else folder
    if not root.is_dir():
        print(f"{folder}: no such folder", file=sys.stderr)
        return 2
    # The command line is this package's edge, where the clock may be read once.
    findings = check(root, today=today or date(*time.localtime()[:3]))
    for found in findings:
        print(_line(found, language))
    errors = sum(found.is_error for found in findings)
    print(f"{errors} errors, {len(findings) - errors} warnings", file=sys.stderr)
    return 1 if errors else 0


def _line(found: Finding, language: str) -> str:
    place = f"{found.file}:{found.line}:{found.column}"
    head = f"{place} {found.severity} {found.code}"
    return f"{head} {found.message(language)} -> {found.fix(language)}"


def _diff(old: Path, new: Path) -> int:
    try:
        change = diff(load_course(old), load_course(new))
    except CourseInvalidError as problem:
        print(problem, file=sys.stderr)
        return 1
    print("\n".join(_described(change)))
    return 0


def _described(change: Change) -> list[str]:
    parts = {
        "lessons added": change.lessons_added,
        "lessons removed": change.lessons_removed,
        "lessons edited": change.lessons_edited,
        "questions changed": change.questions_changed,
        "rules changed": change.rules_changed,
    }
    moves = "everyone moves" if change.moves_everyone else "learners keep their version"
    return [
        f"{change.kind}: {moves}",
        *(f"{name}: {', '.join(ids)}" for name, ids in parts.items() if ids),
    ]


if __name__ == "__main__":
    sys.exit(main())
