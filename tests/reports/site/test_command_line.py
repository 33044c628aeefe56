"""python -m reports: what it says in both languages, and its exit codes."""

import contextlib
import os
import re
import signal
import time
from pathlib import Path

import pytest

from reports.__main__ import main
from reports.messages import language_of
from reports.site.names import NamesRefused, read_names
from reports.site.view import current_build


def rendering_processes_of(pid):
    """Return the children of the build that render; one other child only tracks resources."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for child in map(int, children.read_text().split()):
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                yield child


def test_build_and_verify_say_what_they_did_in_chinese(alliance, run_reports):
    words = ["--facts", alliance.facts_root, "--out", alliance.out, "--workers", "1"]
    first = run_reports("build", *words)
    again = run_reports("build", *words)
    checked = run_reports("verify", alliance.out, "--facts", alliance.facts_root)

    assert (first.returncode, again.returncode, checked.returncode) == (0, 0, 0)
    assert re.fullmatch(
        r"共 3 家渠道商，用时 [\d.]+ 秒：新生成 3 家，未变化 0 家，失败 0 家。版本 [0-9a-f]{16}\n",
        first.stdout,
    )
    assert "新生成 0 家，未变化 3 家" in again.stdout
    assert checked.stdout.startswith("核对通过：3 家，8 个月份，")
    assert first.stderr + again.stderr + checked.stderr == ""


def test_the_same_in_english_by_option_and_by_environment(alliance, capsys, monkeypatch):
    words = ["--facts", str(alliance.facts_root)]
    main(["build", *words, "--out", str(alliance.out), "--workers", "1", "--ui-lang", "en"])
    assert "3 dealers in " in capsys.readouterr().out
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    assert main(["verify", str(alliance.out), *words]) == 0
    assert capsys.readouterr().out.startswith("Verified: 3 dealers, 8 months, ")


def test_verify_lists_the_differences_and_fails(alliance, capsys, monkeypatch):
    monkeypatch.delenv("LANG", raising=False)
    alliance.build()
    path = current_build(alliance.out).file("d1", "report.json")
    path.write_bytes(path.read_bytes().replace(b"12345", b"12346"))

    code = main(["verify", str(alliance.out), "--facts", str(alliance.facts_root)])

    out = capsys.readouterr().out
    assert code == 1
    assert out.startswith("核对发现 ")
    assert "dealers/d1/report.json，2026-02，gmv_minor：应为 12345，实际为 12346\n" in out


def test_names_from_a_file_are_shown_on_the_pages(alliance, tmp_path, capsys):
    names = tmp_path / "names.csv"
    names.write_text("\ufeffdealer_ref,name\nd1,甲店\nd2,  \n", encoding="utf-8")

    words = ["--facts", str(alliance.facts_root), "--out", str(alliance.out), "--workers", "1"]
    assert main(["build", *words, "--names", str(names)]) == 0

    view = current_build(alliance.out)
    assert view.report_data("d1")["dealer_name"] == "甲店"
    assert view.report_data("d2")["dealer_name"] == "d2"
    assert "甲店" in view.file("d1", "report.zh-CN.html").read_text(encoding="utf-8")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "names_header"),
        (b"ref;name\n", "names_header"),
        (b"dealer_ref,name\nd1\n", "names_row"),
        (b"dealer_ref,name\n,x\n", "names_row"),
        (b"dealer_ref,name\nd1,\xb5\xea\n", "names_encoding"),
        (b'dealer_ref,name\nd1,"x\n', "names_csv"),
    ],
)
def test_a_file_of_names_of_another_shape_is_refused_with_its_reason(
    content, code, tmp_path, alliance, capsys
):
    names = tmp_path / "names.csv"
    names.write_bytes(content)
    with pytest.raises(NamesRefused) as refused:
        read_names(names)
    assert refused.value.code == code

    words = ["--facts", str(alliance.facts_root), "--out", str(alliance.out)]
    assert main(["build", *words, "--names", str(names)]) == 1
    assert str(names) in capsys.readouterr().err


def test_expected_errors_are_one_sentence_and_no_traceback(alliance, tmp_path, run_reports):
    facts, out = alliance.facts_root, alliance.out
    file = tmp_path / "a file"
    file.write_text("x")
    for words, expected in (
        (["build", "--facts", tmp_path / "none", "--out", out], "请先运行 ingest 导入"),
        (["build", "--facts", facts, "--out", file], "无法读写"),
        (["build", "--facts", facts, "--out", out, "--names", tmp_path / "no"], "无法读写"),
        (["verify", tmp_path, "--facts", facts], "请先运行 build"),
    ):
        result = run_reports(*words)
        assert result.returncode == 1, words
        assert expected in result.stderr
        assert len(result.stderr.splitlines()) == 1
        assert result.stdout == ""


def test_damaged_facts_are_said_to_be_damaged(alliance, capsys):
    (manifest,) = alliance.facts_root.glob("versions/*/manifest.json")
    manifest.write_text("{}")
    code = main(["build", "--facts", str(alliance.facts_root), "--out", str(alliance.out)])
    assert code == 1
    assert "订单数据无法读取" in capsys.readouterr().err


def test_wrong_usage_is_code_two(capsys):
    for words in ([], ["build"], ["build", "--facts", "a", "--out", "b", "--workers", "0"]):
        with pytest.raises(SystemExit) as stop:
            main(words)
        assert stop.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_dealers_that_kill_their_process_are_named_and_the_exit_code_is_one(
    alliance, start_reports, capsys, tmp_path
):
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = start_reports(
            *("build", "--facts", alliance.facts_root, "--out", alliance.out, "--workers", "1"),
            stdout=output,
        )
        while process.poll() is None:
            for pid in rendering_processes_of(process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)

    said = log.read_text(encoding="utf-8")
    assert process.returncode == 1
    assert "失败：d1，原因：the rendering process ended unexpectedly" in said
    assert "失败 3 家" in said
    assert current_build(alliance.out).dealers() == ()


@pytest.mark.parametrize(
    ("words", "environ", "language"),
    [
        ([], {}, "zh-CN"),
        ([], {"LANG": "C.UTF-8"}, "zh-CN"),
        ([], {"LANG": "zh_CN.UTF-8"}, "zh-CN"),
        ([], {"LANG": "en_US.UTF-8"}, "en"),
        (["build", "--ui-lang", "zh-CN"], {"LANG": "en_US.UTF-8"}, "zh-CN"),
        (["--ui-lang=en", "build"], {}, "en"),
        (["build", "--ui-lang"], {}, "zh-CN"),
    ],
)
def test_the_language_of_messages(words, environ, language):
    assert language_of(words, environ) == language
