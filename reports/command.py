"""`build` and `verify` on the command line: arguments in, one summary out."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tqdm import tqdm

from reports.messages import EN, ZH, message
from reports.site.build import BuildSummary, Progress, build
from reports.site.names import read_names
from reports.site.view import current_build
from reports.verify import Problem, verify


def add_parsers(subparsers: Any, *, ui_language: str) -> None:
    """Add the commands `build` and `verify`, with their help in `ui_language`."""
    building = subparsers.add_parser("build", help=message("build.help", ui_language))
    _add(building, ui_language, "--facts", type=Path, required=True, metavar="DIR")
    _add(building, ui_language, "--out", type=Path, required=True, metavar="DIR")
    _add(building, ui_language, "--lang", action="append", choices=(ZH, EN))
    _add(building, ui_language, "--names", type=Path, metavar="FILE.csv")
    _add(building, ui_language, "--workers", type=_positive, metavar="N")
    _add(building, ui_language, "--home-url", metavar="URL")
    building.set_defaults(run=run_build)
    checking = subparsers.add_parser("verify", help=message("verify.help", ui_language))
    checking.add_argument("site", type=Path, help=message("verify.site", ui_language))
    _add(checking, ui_language, "--facts", type=Path, required=True, metavar="DIR")
    checking.set_defaults(run=run_verify)
    for parser in (building, checking):
        parser.add_argument("--ui-lang", choices=(ZH, EN), help=message("ui_lang", ui_language))
        parser.set_defaults(ui_language=ui_language)


def run_build(arguments: argparse.Namespace) -> int:
    """Build the site and print what was done; 1 when a dealer failed."""
    language = arguments.ui_language
    names = read_names(arguments.names) if arguments.names else None
    with _bar(language) as progress:
        summary = build(
            facts_root=arguments.facts,
            out=arguments.out,
            languages=arguments.lang or (ZH,),
            names=names,
            home_url=arguments.home_url,
            workers=arguments.workers,
            progress=progress,
        )
    _say(_lines_of(summary, language))
    return 1 if summary.failed else 0


def run_verify(arguments: argparse.Namespace) -> int:
    """Check the site against the facts and print the result; 1 when anything differs."""
    language = arguments.ui_language
    problems = verify(arguments.site, arguments.facts)
    if problems:
        _say([message("verify.failed", language, count=len(problems))])
        _say(_problem_line(problem, language) for problem in problems)
        return 1
    view = current_build(arguments.site)
    entries = view.manifest.dealers.values()
    months = sum(len(view.report_data(entry.dealer_ref)["months"]) for entry in entries)
    files = len(view.manifest.shared) + sum(len(entry.files) for entry in entries)
    _say([message("verify.passed", language, dealers=len(entries), months=months, files=files)])
    return 0


def _lines_of(summary: BuildSummary, language: str) -> Iterator[str]:
    """Yield what the build's summary says, failures first, the sum last."""
    for ref, reason in summary.failed:
        yield message("build.failed", language, ref=ref, reason=reason)
    if summary.pdf_missing_reason:
        yield message("build.no_pdf", language, reason=summary.pdf_missing_reason)
    yield message(
        "build.done",
        language,
        dealers=summary.dealers,
        seconds=summary.seconds,
        built=summary.built,
        unchanged=summary.unchanged,
        failed=len(summary.failed),
        build_id=summary.build_id,
    )


def _problem_line(problem: Problem, language: str) -> str:
    """Return one difference as a line."""
    return message(
        "verify.problem",
        language,
        page=problem.page,
        month=problem.month or message("verify.whole", language),
        figure=problem.figure,
        expected=problem.expected,
        found=problem.found,
    )


@contextmanager
def _bar(language: str) -> Iterator[Progress]:
    """Yield a progress callback that draws a bar on a terminal, and nothing elsewhere."""
    with tqdm(unit=message("build.unit", language), disable=None, leave=False) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show


def _say(lines: Sequence[str] | Iterator[str]) -> None:
    """Print lines; a name that the terminal cannot show is shown escaped."""
    encoding = sys.stdout.encoding or "utf-8"
    for line in lines:
        sys.stdout.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def _positive(text: str) -> int:
    """Return the number; argparse names the argument when it is not above zero."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} < 1")
    return number


def _add(parser: argparse.ArgumentParser, ui_language: str, name: str, **options: Any) -> None:
    """Add one option of `build` with its help."""
    key = f"build.{name.lstrip('-').replace('-', '_')}"
    parser.add_argument(name, help=message(key, ui_language), **options)
