"""Pages of order imports: the whole way, wrong files in both languages, who may see them."""

import csv
import gzip
import io
import re
import threading
import zipfile

import pytest
from sqlalchemy import event
from structlog.testing import capture_logs

from portal import jobs, tenancy
from portal.db import db


def upload(client, content: bytes, *, name: str = "orders.csv", mapping: str = "", **headers):
    # Written by hand: the test client would leave a large body's temporary file to the collector.
    parts = [
        b'--b\r\nContent-Disposition: form-data; name="mapping"\r\n\r\n' + mapping.encode(),
        b'\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="',
        name.encode() + b'"\r\nContent-Type: text/csv\r\n\r\n' + content,
        b"\r\n--b--\r\n",
    ]
    return client.post(
        "/imports/new",
        data=b"".join(parts),
        headers=headers,
        content_type="multipart/form-data; boundary=b",
    )


def upload_and_open(client, content: bytes, **options):
    answer = upload(client, content, **options)
    assert answer.status_code == 303, answer.text
    return answer.location, client.get(answer.location)


@pytest.fixture
def operator(sign_in, cast):
    return sign_in(cast.operator)


def test_a_file_is_shown_in_full_before_anything_is_imported(operator, mixed, lines_in_force):
    _, page = upload_and_open(operator, mixed)

    text = re.sub(r"<[^>]+>|\s+", " ", page.text)
    text = re.sub(r"\s+", " ", text)
    assert "读入 6 行" in text
    assert "成交 3 退款 0 非商品（运费、调整等） 0 未支付（不计入） 1 未采用 2 合计 6" in text
    assert "第 6 行 「金额」的值「十九」不是数字" in text
    assert "第 7 行 没有写明渠道商" in text
    assert "1 个单元格像是表格公式" in text
    assert "¥39.80" in text  # October: A1 and A4
    assert "确认导入" in text
    assert lines_in_force() == []


def test_what_the_mapping_drops_is_on_no_page(operator, mixed):
    where, page = upload_and_open(operator, mixed)

    table = operator.get(f"{where}/rejected.csv").text
    assert "13912345678" not in page.text + table
    assert "203.0.113.7" not in page.text + table


@pytest.mark.asvs("V15.2.2")
def test_confirming_posts_a_job_and_the_job_imports(app, operator, mixed, lines_in_force, uploads):
    where, _ = upload_and_open(operator, mixed)

    assert operator.post(f"{where}/confirm").status_code == 303
    waiting = operator.get(where)
    jobs.run_all(app)
    done = operator.get(where)

    assert "已排队" in waiting.text
    assert "已写入订单数据" in done.text
    assert [line[0] for line in lines_in_force()] == ["A1", "A2", "A4"]
    assert uploads() == []


def test_progress_is_a_piece_of_the_page_until_the_import_ended(app, operator, mixed):
    where, _ = upload_and_open(operator, mixed)
    operator.post(f"{where}/confirm")
    watched = re.search(r'hx-get="([^"]+)"', operator.get(where).text)[1]
    htmx = {"HX-Request": "true"}

    running = operator.get(watched, headers=htmx)
    jobs.run_all(app)
    ended = operator.get(watched, headers=htmx)

    assert "<html" not in running.text
    assert "已排队" in running.text
    assert 'hx-trigger="every 1s"' in running.text
    assert ended.headers["HX-Refresh"] == "true"


def test_discarding_imports_nothing_and_removes_the_upload(
    app, operator, mixed, lines_in_force, uploads
):
    where, _ = upload_and_open(operator, mixed)
    assert len(uploads()) == 1

    answer = operator.post(f"{where}/discard", follow_redirects=True)
    jobs.run_all(app)

    assert "已放弃" in answer.text
    assert lines_in_force() == []
    assert uploads() == []


def test_a_discarded_file_cannot_be_confirmed_and_an_imported_one_not_discarded(
    app, operator, mixed, lines_in_force
):
    gone, _ = upload_and_open(operator, mixed)
    operator.post(f"{gone}/discard")
    taken, _ = upload_and_open(operator, mixed)
    operator.post(f"{taken}/confirm")
    jobs.run_all(app)

    confirmed = operator.post(f"{gone}/confirm", follow_redirects=True)
    discarded = operator.post(f"{taken}/discard", follow_redirects=True)

    assert "不能导入：这个文件现在是“已放弃”" in confirmed.text
    assert "不能放弃：这个文件现在是“已入库”" in discarded.text
    assert len(lines_in_force()) == 3


def test_the_same_file_again_is_warned_of_and_changes_nothing(
    app, operator, mixed, bring_in, lines_in_force
):
    bring_in(mixed)
    before = lines_in_force()

    where, page = upload_and_open(operator, mixed)
    operator.post(f"{where}/confirm")
    jobs.run_all(app)

    assert "同一个文件在" in page.text
    assert "已经入库；再导入一次不会重复计算" in page.text
    assert "内容与已有数据完全相同" in operator.get(where).text
    assert lines_in_force() == before


def test_orders_that_will_be_replaced_are_announced(operator, bring_in, make_csv, row):
    bring_in(make_csv([row("A1"), row("A2")]))

    _, page = upload_and_open(operator, make_csv([row("A1", 金额="29.90"), row("A3")]))

    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))
    assert "有 1 笔订单已经在库里，内容不同" in text
    assert "新增 1 替换 1 内容未变 0" in text


def xlsx() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return content.getvalue()


def zipped() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("orders.csv", "a,b\n1,2\n")
    return content.getvalue()


WRONG = {
    "empty": (b"", "", "文件是空的", "The file is empty"),
    "header only": (b"HEADER", "", "文件只有表头", "a header and no rows"),
    "not csv": (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "", "PNG 图片", "a PNG image"),
    "xlsx": (xlsx(), "", "Excel 工作簿", "an Excel workbook"),
    "zip": (zipped(), "", "ZIP 压缩包", "a ZIP archive"),
    "a column taken out": (
        b"HEADER WITHOUT STATUS",
        "",
        "这像是“acg-faka”，但缺少列：订单状态",
        "This looks like “acg-faka” without these columns: 订单状态",
    ),
    "unknown header": (b"a,b\n1,2\n", "", "认不出这是哪个系统的导出", "no known shop system"),
    "missing column": (b"a,b\n1,2\n", "acg-faka", "缺少列「订单号」", "“订单号” is missing"),
    "one endless line": (b"x" * 5 * 1024**2, "", "第 1 行过长", "Row 1 is too long"),
    "torn gzip": (
        gzip.compress(b"a,b\n" * 9999)[:-9],
        "",
        "压缩文件不完整",
        "incomplete or damaged",
    ),
    "gzip bomb": (
        gzip.compress(b"0" * 64 * 1024**2),
        "",
        "不像订单数据",
        "not order data",
    ),
    "no encoding": (b"\xff\x81\x20\xfe,\n" * 20, "", "文字编码无法识别", "encoding is not known"),
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_wrong_file_is_explained_on_the_form_and_stays_in_the_list(
    case, language, operator, make_csv, lines_in_force, uploads
):
    content, mapping, chinese, english = WRONG[case]
    if content.startswith(b"HEADER"):
        taken_out = "订单状态," if content.endswith(b"WITHOUT STATUS") else ""
        content = make_csv([]).replace(taken_out.encode(), b"")
    headers = {"Accept-Language": language}

    name = "十月 orders.csv.gz" if content.startswith(b"\x1f\x8b") else "十月 orders.csv"
    answer = upload(operator, content, name=name, mapping=mapping, **headers)
    listed = operator.get("/imports", headers=headers)

    expected = chinese if language == "zh-CN" else english
    assert answer.status_code == 422
    assert expected in answer.text
    assert "十月 orders.csv" in answer.text
    assert expected in listed.text
    assert "十月 orders.csv" in listed.text
    assert lines_in_force() == []
    assert uploads() == []


def test_a_file_in_gbk_is_read(operator, make_csv, row):
    _, page = upload_and_open(operator, make_csv([row("A1")], encoding="gbk"))

    assert "GB18030" in page.text
    assert "视频会员" not in page.text  # nothing is wrong with the row, so nothing of it is shown


@pytest.mark.asvs("V5.2.1")
def test_an_upload_over_the_limit_is_explained_on_the_form(app, operator, mixed):
    limit = app.config["MAX_CONTENT_LENGTH"]
    app.config["MAX_CONTENT_LENGTH"] = 1024**2
    try:
        answer = upload(operator, mixed + b"\n" * 2 * 1024**2)
    finally:
        app.config["MAX_CONTENT_LENGTH"] = limit

    assert answer.status_code == 413
    assert "文件超过 1 MB" in answer.text
    assert 'action="/imports/new"' in answer.text


def test_sending_the_form_without_a_file_says_so(operator):
    answer = operator.post("/imports/new", data={"mapping": ""})

    assert answer.status_code == 422
    assert "请选择一个文件" in answer.text


def test_a_file_name_is_shown_as_plain_text(operator, mixed):
    _, page = upload_and_open(operator, mixed, name="../../<b>a\u202egpj.csv")

    assert "&lt;b&gt;agpj.csv" in page.text
    assert "<b>a" not in page.text


@pytest.mark.asvs("V1.3.3")
def test_the_rejected_rows_download_defuses_formulas(operator, make_csv, row):
    where, _ = upload_and_open(
        operator, make_csv([row("A1", 商品名称="=HYPERLINK(1)", 金额="x"), row("A2")])
    )

    with capture_logs() as lines:
        answer = operator.get(f"{where}/rejected.csv")

    assert "rejected_rows.taken" in [line.get("action") for line in lines]
    table = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    cells = dict(zip(table[0], table[1], strict=True))
    assert len(table) == 2
    assert cells["行号"] == "2"
    assert cells["商品名称"] == "'=HYPERLINK(1)"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]


def test_many_problems_come_in_pages(operator, make_csv, row):
    where, first = upload_and_open(
        operator, make_csv([row(f"A{number}", 金额="x") for number in range(120)])
    )

    last = operator.get(f"{where}?page=3")

    assert "第 2 行" in first.text
    assert "第 121 行" not in first.text
    assert "第 121 行" in last.text


@pytest.mark.parametrize("who", ["dealer_a", "supplier_a", "consultant", "author"])
def test_imports_are_for_operators_only(who, cast, sign_in, receive, mixed):
    public_id = receive(mixed)
    client = sign_in(getattr(cast, who))

    opened = [
        client.get(path).status_code
        for path in (
            "/imports",
            "/imports/new",
            f"/imports/{public_id}",
            f"/imports/{public_id}/rejected.csv",
        )
    ]
    sent = [
        client.post(path).status_code
        for path in (
            "/imports/new",
            f"/imports/{public_id}/confirm",
            f"/imports/{public_id}/discard",
        )
    ]

    assert opened == [403] * 4
    assert sent == [403] * 3


def test_a_visitor_is_asked_to_sign_in(app):
    assert "/sign-in" in app.test_client().get("/imports").location


@pytest.mark.parametrize("path", ["", "/rejected.csv"])
def test_an_unknown_import_is_not_found(path, operator):
    assert operator.get(f"/imports/{'0' * 32}{path}").status_code == 404


@pytest.mark.parametrize("step", ["confirm", "discard"])
def test_an_unknown_import_cannot_be_decided_on(step, operator):
    assert operator.post(f"/imports/{'0' * 32}/{step}").status_code == 404


def test_the_pages_ask_the_database_a_fixed_number_of_times(context, operator, receive, mixed):
    def questions(path: str) -> int:
        asked = []
        with context.app_context():
            engine = db.engine

        def note(*args: object) -> None:
            asked.append(args[2])

        event.listen(engine, "before_cursor_execute", note)
        try:
            assert operator.get(path).status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(asked)

    first = receive(mixed)
    questions("/imports")  # the first request of a process asks for more
    few = questions("/imports")
    for _ in range(5):
        receive(mixed)

    assert questions("/imports") == few
    assert few <= 7
    assert questions(f"/imports/{first}") <= 9


def test_a_file_sent_twice_under_one_key_is_received_once(operator, mixed, uploads):
    key = {"Idempotency-Key": "one-form-of-uploads"}
    first, second = upload(operator, mixed, **key), upload(operator, mixed, **key)

    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert len(uploads()) == 1
    assert upload(operator, mixed + b"\n", **key).status_code == 422


def test_a_refused_file_sent_twice_under_one_key_is_listed_once(operator):
    key = {"Idempotency-Key": "one-form-of-uploads"}
    first, second = (upload(operator, b"no,orders\n1,2\n", **key) for _ in range(2))

    assert (first.status_code, second.status_code) == (422, 422)
    assert first.data == second.data
    assert operator.get("/imports").text.count("orders.csv") == 1


def test_without_the_key_the_file_is_received_twice(operator, mixed, uploads):
    upload(operator, mixed), upload(operator, mixed)

    assert len(uploads()) == 2


def test_a_file_sent_by_five_clicks_at_once_is_received_once(sign_in, cast, mixed, uploads):
    clients = [sign_in(cast.operator) for _ in range(5)]
    told = []

    def click(client):
        answer = upload(client, mixed, **{"Idempotency-Key": "one-form-of-uploads"})
        told.append((answer.status_code, answer.location))

    threads = [threading.Thread(target=click, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(uploads()) == 1
    # A click that comes between the file's commit and its answer is told that it was done.
    done = {each for each in told if each[0] == 303}
    assert len(done) == 1
    assert {status for status, _ in told} <= {303, 409}


def test_the_answer_to_an_upload_is_kept_in_the_transaction_of_the_import(app, operator, mixed):
    """A worker that is killed right after the commit must leave no key without its answer."""
    seen = []

    def look(_session) -> None:
        with db.engine.connect() as other:
            tenancy.see_everything(other)
            imports = other.exec_driver_sql("SELECT count(*) FROM order_import").scalar()
            kept = other.exec_driver_sql("SELECT status FROM kept_answer").scalars().all()
        seen.append((imports, kept))

    event.listen(db.session, "after_commit", look)
    try:
        upload(operator, mixed, **{"Idempotency-Key": "k" * 32})
    finally:
        event.remove(db.session, "after_commit", look)

    assert next(kept for imports, kept in seen if imports) == [303]


@pytest.mark.asvs("V5.2.2")
@pytest.mark.parametrize(
    ("name", "packed", "why"),
    [
        ("orders.exe", False, "文件名要以 .csv"),
        ("orders.csv.gz", False, "内容却没有压缩"),
        ("orders.csv", True, "文件名要以 .gz 结尾"),
    ],
)
def test_a_name_that_says_something_else_than_the_content_is_refused(
    operator, mixed, uploads, name, packed, why
):
    answer = upload(operator, gzip.compress(mixed) if packed else mixed, name=name)

    assert answer.status_code == 422
    assert why in answer.text
    assert uploads() == []
