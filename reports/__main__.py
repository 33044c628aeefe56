"""python -m reports ingest | build | verify: order files to facts, to reports, and the check."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from reports import command as site_command
from reports.facts import command as facts_command
from reports.facts.versions import FactsDamaged, NoFacts
from reports.messages import EN, ZH, language_of, message
from reports.site.manifest import NoBuild
from reports.site.names import NamesRefused


def main(argv: list[str] | None = None) -> int:
    """Run one command; return 0 when all is well, 1 when something is not, 2 for wrong usage."""
    words = sys.argv[1:] if argv is None else argv
    language = language_of(words, os.environ)
    arguments = _parser(language).parse_args(words)
    command: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return command(arguments)
    except KeyboardInterrupt:
        print(message("error.interrupted", language), file=sys.stderr)
        return 130
    except (NoFacts, FactsDamaged, NoBuild, NamesRefused, OSError) as error:
        print(_explained(error, arguments, language), file=sys.stderr)
        return 1


def _parser(language: str) -> argparse.ArgumentParser:
    """Return the parser of all commands, with help in `language`."""
    parser = argparse.ArgumentParser(
        prog="python -m reports", description=message("about", language)
    )
    parser.add_argument("--ui-lang", choices=(ZH, EN), help=message("ui_lang", language))
    subparsers = parser.add_subparsers(required=True, metavar="ingest | build | verify")
    facts_command.add_parser(subparsers)
    site_command.add_parsers(subparsers, ui_language=language)
    return parser


def _explained(error: Exception, arguments: argparse.Namespace, language: str) -> str:
    """Return an expected error as a sentence that says what to do."""
    facts: Path | None = getattr(arguments, "facts", None)
    if isinstance(error, NoFacts):
        return message("error.no_facts", language, path=facts)
    if isinstance(error, FactsDamaged):
        return message("error.facts_damaged", language, detail=error)
    if isinstance(error, NoBuild):
        return message("error.no_build", language, path=error.out)
    if isinstance(error, NamesRefused):
        return message(f"error.{error.code}", language, **error.values)
    if isinstance(error, OSError):
        return message("error.file", language, path=error.filename, detail=error.strerror)
    raise error


if __name__ == "__main__":
    sys.exit(main())
