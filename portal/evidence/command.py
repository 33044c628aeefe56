"""flask --app wsgi evidence verify | export: for whoever does not want to believe the portal."""

import re

import click
from flask.cli import AppGroup

from portal.db import db
from portal.evidence import queries, rules, verifying
from portal.evidence.verifying import Fault, Problem, Verdict

evidence = AppGroup("evidence", help="Check and export the record of what happened.")

_ANCHOR = re.compile(r"(\d{1,18}):([0-9a-f]{64})")
_TEXTS = {
    Fault.ALTERED: ("这一条被改过", "was altered"),
    Fault.UNLINKED: ("和前一条接不上", "does not follow the entry before it"),
    Fault.MISSING: ("这一条不见了", "is missing"),
    Fault.BEYOND_HEAD: ("和链头不一致", "disagrees with the head"),
    Fault.DETAILS_ALTERED: ("明细被改过", "has altered details"),
    Fault.DETAILS_MISSING: ("明细没有了，也没有清除记录", "lost its details without an erasure"),
    Fault.DETAILS_BACK: ("明细清除以后又出现了", "has details again after their erasure"),
    Fault.OTHER_ANCHOR: ("和锚点不一致", "disagrees with the anchor"),
}


def _anchor(text: str) -> tuple[int, str]:
    found = _ANCHOR.fullmatch(text)
    if found is None:
        raise click.BadParameter(f"SEQ:HASH, not {text!r}", param_hint="--anchor")
    return int(found[1]), found[2]


@evidence.command("verify")
@click.option("--anchor", "anchors", multiple=True, metavar="SEQ:HASH")
def verify(anchors: tuple[str, ...]) -> None:
    """Check every entry; --anchor compares with a head that was noted elsewhere."""
    verdict = verifying.verify(anchors=dict(map(_anchor, anchors)))
    click.echo(_told(verdict))
    for problem in verdict.problems:
        click.echo(_described(problem), err=True)
    if not verdict.is_sound:
        raise click.ClickException("操作记录不完整 / the record is broken")


def _told(verdict: Verdict) -> str:
    seq, digest = verdict.head
    return (
        f"检查了 {verdict.checked} 条，其中 {verdict.erased} 条的明细已按记录清除 / "
        f"checked {verdict.checked} entries, {verdict.erased} with erased details\n"
        f"链头 / head {seq}:{digest}"
    )


def _described(problem: Problem) -> str:
    chinese, english = _TEXTS[problem.fault]
    return f"第 {problem.seq} 条：{chinese} / entry {problem.seq} {english}"


@evidence.command("export")
def export() -> None:
    """Write every entry as a line of JSON, ready to be checked without this program."""
    seq = 0
    while links := queries.links_after(seq, limit=verifying.CHUNK):
        for link in links:
            click.echo(rules.canonical({**rules.plain(link.entry), "hash": link.hash}))
        seq = links[-1].entry.seq
        db.session.rollback()
