"""`ingest` on the command line: what it prints, what it leaves behind, how it fails."""

import argparse
import re

import pytest

from reports.facts import command, store
from reports.facts.buyers import KEY_FILE, KEY_VARIABLE


@pytest.fixture
def ingest(monkeypatch, facts, capsys):
    """Run the command and return (exit code, stdout, stderr)."""
    monkeypatch.delenv(KEY_VARIABLE, raising=False)

    def run(*arguments: object):
        parser = argparse.ArgumentParser()
        command.add_parser(parser.add_subparsers(required=True))
        args = parser.parse_args(["ingest", "--facts", str(facts), *map(str, arguments)])
        code = args.run(args)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


@pytest.fixture
def acg_file(write_acg, make_acg_row):
    return write_acg(
        make_acg_row(),
        make_acg_row(订单号="2", 订单状态="未支付", 支付时间=""),
        make_acg_row(订单号="3", 分站=""),
        make_acg_row(订单号="4", 金额="1234.5"),
    )


def test_an_import_says_in_chinese_what_became_of_every_row(ingest, acg_file, facts):
    code, out, err = ingest(acg_file)

    assert (code, err) == (0, "")
    assert "读入 4 行" in out
    assert "没有渠道商：1" in out
    assert "合计 2 + 0 + 0 + 1 + 1 = 读入 4" in out
    assert "成交额（GMV）CNY 1,254.40，净成交额 CNY 1,254.40" in out
    assert "不含退款" in out
    assert store.open_current(facts).version in out
    assert "rejected" in out


def test_the_same_in_english_has_no_chinese_but_the_files_own_words(ingest, acg_file):
    code, out, _ = ingest(acg_file, "--lang", "en")

    assert code == 0
    assert "Sum 2 + 0 + 0 + 1 + 1 = 4 read" in out
    assert re.search(r"[\u4e00-\u9fff]", out) is None


def test_a_dry_run_stores_nothing_at_all(ingest, acg_file, facts):
    code, out, _ = ingest(acg_file, "--dry-run")

    assert code == 0
    assert "只检查，未入库" in out
    assert not facts.exists()


def test_importing_again_says_that_nothing_changed(ingest, acg_file):
    ingest(acg_file)

    code, out, _ = ingest(acg_file)

    assert code == 0
    assert "内容没有变化" in out
    assert "未变 2" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--mapping", "uci-online-retail"], "缺少列「order_id」"),
        (["--mapping", "no-such-shop"], "既不是文件，也不是自带的映射"),
        (["--buyer-key-file", "/nonexistent/key"], "无法读写"),
    ],
)
def test_a_refusal_is_one_line_on_stderr_and_exit_code_1(ingest, acg_file, arguments, message):
    code, out, err = ingest(acg_file, *arguments)

    assert (code, out) == (1, "")
    assert message in err
    assert err.count("\n") == 1


def test_a_picture_is_refused_in_the_readers_language(ingest, tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")

    assert "PNG 图片" in ingest(path)[2]
    assert "a PNG image" in ingest(path, "--lang", "en")[2]


def test_a_short_a_lost_and_a_right_buyer_key(ingest, acg_file, facts, monkeypatch):
    assert ingest(acg_file)[0] == 0
    assert (facts / KEY_FILE).exists()

    monkeypatch.setenv(KEY_VARIABLE, "short")
    assert "太短" in ingest(acg_file)[2]
    monkeypatch.setenv(KEY_VARIABLE, "a long enough but different key")
    assert "买家密钥与库中的不同" in ingest(acg_file)[2]
    monkeypatch.delenv(KEY_VARIABLE)
    assert ingest(acg_file)[0] == 0


def test_a_damaged_facts_folder_is_named(ingest, acg_file, facts):
    ingest(acg_file)
    (facts / "CURRENT").write_text("0000000000000000\n")

    code, _, err = ingest(acg_file)

    assert code == 1
    assert "订单数据目录已损坏" in err


def test_both_languages_say_the_same_things():
    assert set(command.TEXTS["zh-CN"]) == set(command.TEXTS["en"])
    assert set(command.CLASS_NAMES["zh-CN"]) == set(command.CLASS_NAMES["en"])
