"""The words of jobs: every kind has its own, and every failure is told in a sentence."""

import pytest

from portal.jobs import HANDLERS
from portal.outbox import rules, texts


def test_a_kind_without_words_is_shown_as_it_is_named(context):
    assert texts.kind("orders.import") == "导入订单"
    assert texts.kind("something.new") == "something.new"


def test_every_kind_of_job_that_the_worker_knows_has_its_words(context):
    assert [kind for kind in HANDLERS if texts.kind(kind) == kind] == []


@pytest.mark.parametrize(
    ("written", "words", "line"),
    [
        (rules.WORKER_LOST, "处理它的进程每次都中途退出", ""),
        ("OSError: [Errno 28] No space left on device", "磁盘满了", "OSError"),
        ("KeyError: 'build_id'", "发给技术人员", "KeyError: 'build_id'"),
        (None, "", ""),
    ],
)
def test_a_failure_is_told_in_words_and_its_technical_line_is_kept(context, written, words, line):
    told, behind = texts.error(written)

    assert told.startswith(words) or words in told
    assert behind.startswith(line)
    assert bool(behind) == bool(line)


def test_progress_is_told_in_the_unit_of_the_kind(context):
    assert texts.progress("reports.build", done=1_200, total=5_000) == "已完成 1,200 / 5,000 家。"
    assert texts.progress("orders.import", done=3, total=4) == "已核对 3 / 4 行。"
    assert texts.progress("something.new", done=3, total=4) == "已完成 3 / 4。"
    assert texts.progress("orders.import", done=4, total=4) == "4 行都核对过了，正在写入。"
    assert texts.progress("reports.build", done=0, total=0) == "正在计算各家的数字。"
    assert texts.progress("something.new", done=0, total=0) == "正在处理。"
