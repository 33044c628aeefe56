"""flask --app wsgi doctor: what is set up, what is missing, and what to do."""

import json
from collections.abc import Sequence

import click
from flask.cli import with_appcontext
from flask_babel import force_locale

from portal import clock
from portal.doctor import examination
from portal.doctor.findings import Finding, Level

_LOCALES = {"zh": "zh_CN", "en": "en"}
_MARKS = {Level.GOOD: "✓", Level.INFO: "·", Level.WARN: "!", Level.BAD: "✗"}
_COLOURS = {Level.GOOD: "green", Level.INFO: None, Level.WARN: "yellow", Level.BAD: "red"}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for machines.")
@click.option(
    "--language",
    type=click.Choice([*_LOCALES, "both"]),
    default="both",
    show_default=True,
    help="Language of the sentences.",
)
@click.option("--quick", is_flag=True, help="Leave out what takes seconds: mail and PDF.")
@click.pass_context
@with_appcontext
def doctor(context: click.Context, as_json: bool, language: str, quick: bool) -> None:
    """Look at the whole set-up; end with status 1 when something is broken."""
    findings = examination.examine(at=clock.now(), thorough=not quick)
    languages = tuple(_LOCALES) if language == "both" else (language,)
    if as_json:
        click.echo(json.dumps([_plain(each) for each in findings], ensure_ascii=False, indent=1))
    else:
        _tell(findings, languages)
    context.exit(0 if examination.is_well(findings) else 1)


def _said(text: object, language: str) -> str:
    with force_locale(_LOCALES[language]):
        return str(text)


def _plain(finding: Finding) -> dict[str, object]:
    texts = {"title": finding.title, "found": finding.found, "todo": finding.todo}
    return {
        "name": finding.name,
        "level": finding.level.value,
        **{
            name: None if text is None else {code: _said(text, code) for code in _LOCALES}
            for name, text in texts.items()
        },
    }


def _tell(findings: Sequence[Finding], languages: Sequence[str]) -> None:
    for each in findings:
        mark = click.style(_MARKS[each.level], fg=_COLOURS[each.level])
        for number, language in enumerate(languages):
            title, found = _said(each.title, language), _said(each.found, language)
            click.echo(f"{mark if number == 0 else ' '} {title}: {found}")
            if each.level is not Level.GOOD and each.todo is not None:
                click.echo(f"    → {_said(each.todo, language)}")
    counts = {level: sum(each.level is level for each in findings) for level in Level}
    click.echo(
        f"\n{counts[Level.GOOD]} 项正常 good · {counts[Level.WARN]} 项要留意 to look at · "
        f"{counts[Level.BAD]} 项有问题 broken"
    )
