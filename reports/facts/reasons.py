"""Why a row or a whole file was not taken, in the reader's language.

A reason is a code with parameters, never a sentence: the code is stored and counted, the
sentence is made when somebody reads it. `ROW_REASONS` are about one row, `FILE_REASONS` about
a file as a whole, `MAPPING_REASONS` about a mapping file; `FILE_KINDS` name what a file is when
it is no table.
"""

from collections.abc import Mapping

LANGUAGES = ("zh-CN", "en")
_SEPARATORS = {"zh-CN": "、", "en": ", "}

Texts = Mapping[str, str]

ROW_REASONS: Mapping[str, Texts] = {
    "wrong_column_count": {
        "zh-CN": "这一行有 {found} 列，表头有 {expected} 列",
        "en": "The row has {found} columns, the header has {expected}",
    },
    "bad_status": {
        "zh-CN": "「{field}」的值「{value}」不在映射文件列出的订单状态里",
        "en": "“{value}” in “{field}” is not one of the order states the mapping lists",
    },
    "missing_dealer": {
        "zh-CN": "没有写明渠道商（「{field}」为空）",
        "en": "No dealer is named (“{field}” is empty)",
    },
    "missing_value": {"zh-CN": "「{field}」为空", "en": "“{field}” is empty"},
    "too_long": {
        "zh-CN": "「{field}」超过 {limit} 个字符",
        "en": "“{field}” is longer than {limit} characters",
    },
    "bad_time": {
        "zh-CN": "「{field}」的值「{value}」不是映射文件约定的时间格式",
        "en": "“{value}” in “{field}” is not a time in any format the mapping lists",
    },
    "implausible_time": {
        "zh-CN": "「{field}」的时间「{value}」不在 1990 至 2100 年之间",
        "en": "The time “{value}” in “{field}” is not between 1990 and 2100",
    },
    "bad_number": {
        "zh-CN": "「{field}」的值「{value}」不是数字",
        "en": "“{value}” in “{field}” is not a number",
    },
    "not_whole": {
        "zh-CN": "「{field}」应为整数，文件里是「{value}」",
        "en": "“{field}” must be a whole number, the file has “{value}”",
    },
    "number_too_large": {
        "zh-CN": "「{field}」的值「{value}」大得不合理",
        "en": "“{value}” in “{field}” is too large to be true",
    },
    "zero_price": {
        "zh-CN": "金额为 0，既不算成交也不算退款",
        "en": "The amount is 0: neither a sale nor a refund",
    },
    "zero_quantity": {
        "zh-CN": "「{field}」为 0",
        "en": "“{field}” is 0",
    },
    "negative_sale": {
        "zh-CN": "成交行的「{field}」是负数（{value}）",
        "en": "A sale has a negative “{field}” ({value})",
    },
    "positive_refund": {
        "zh-CN": "退款行的「{field}」应为负数，文件里是 {value}",
        "en": "A refund must have a negative “{field}”, the file has {value}",
    },
    "negative_refund": {
        "zh-CN": "退款行的「{field}」应为正数，文件里是 {value}",
        "en": "A refund must have a positive “{field}”, the file has {value}",
    },
    "duplicate_line": {
        "zh-CN": "同一订单行「{value}」在文件里出现不止一次，只取第一次",
        "en": "The order line “{value}” is in the file more than once; the first one counts",
    },
    "currency_mismatch": {
        "zh-CN": "渠道商「{value}」已有 {expected} 的订单，本文件是 {found}",
        "en": "Dealer “{value}” already has orders in {expected}, this file is in {found}",
    },
}

# What a reason is called in a list of counts, without a row's particulars.
ROW_NAMES: Mapping[str, Texts] = {
    "wrong_column_count": {"zh-CN": "列数不对", "en": "wrong number of columns"},
    "bad_status": {"zh-CN": "订单状态不明", "en": "unknown order state"},
    "missing_dealer": {"zh-CN": "没有渠道商", "en": "no dealer named"},
    "missing_value": {"zh-CN": "必填项为空", "en": "required value missing"},
    "too_long": {"zh-CN": "文字过长", "en": "text too long"},
    "bad_time": {"zh-CN": "时间格式不对", "en": "not a time"},
    "implausible_time": {"zh-CN": "时间不合理", "en": "implausible time"},
    "bad_number": {"zh-CN": "不是数字", "en": "not a number"},
    "not_whole": {"zh-CN": "不是整数", "en": "not a whole number"},
    "number_too_large": {"zh-CN": "数字过大", "en": "number too large"},
    "zero_price": {"zh-CN": "金额为 0", "en": "amount of 0"},
    "zero_quantity": {"zh-CN": "数量为 0", "en": "quantity of 0"},
    "negative_sale": {"zh-CN": "成交为负数", "en": "negative sale"},
    "positive_refund": {"zh-CN": "退款不是负数", "en": "refund not negative"},
    "negative_refund": {"zh-CN": "退款是负数", "en": "refund negative"},
    "duplicate_line": {"zh-CN": "订单行重复", "en": "doubled order line"},
    "currency_mismatch": {"zh-CN": "币种与已有订单不同", "en": "another currency than before"},
}

FILE_REASONS: Mapping[str, Texts] = {
    "empty": {"zh-CN": "文件是空的", "en": "The file is empty"},
    "header_only": {
        "zh-CN": "文件只有表头，没有数据行",
        "en": "The file has a header and no rows",
    },
    "not_a_table": {
        "zh-CN": "这不是 CSV 文件，而是{kind}。请在店铺后台导出 CSV 后再上传",
        "en": "This is not a CSV file but {kind}. Export the orders as CSV and try again",
    },
    "nul_bytes": {
        "zh-CN": "文件里有空字节（NUL），可能已经损坏，请重新导出",
        "en": "The file contains NUL bytes and may be damaged; export it again",
    },
    "undecodable": {
        "zh-CN": "文件的文字编码无法识别（试过 {tried}），请另存为 UTF-8",
        "en": "The text encoding is not known (tried {tried}); save the file as UTF-8",
    },
    "columns_taken_out": {
        "zh-CN": "这像是“{source}”，但缺少列：{columns}。文件里的列有：{found}",
        "en": "This looks like “{source}” without these columns: {columns}. "
        "Columns in the file: {found}",
    },
    "missing_column": {
        "zh-CN": "缺少列「{column}」。文件里的列有：{found}",
        "en": "The column “{column}” is missing. Columns in the file: {found}",
    },
    "doubled_column": {
        "zh-CN": "列「{column}」在表头里出现不止一次",
        "en": "The column “{column}” is in the header more than once",
    },
    "unknown_header": {
        "zh-CN": "认不出这是哪个系统的导出，请指定映射文件。文件里的列有：{found}",
        "en": "The header matches no known shop system; name a mapping. Columns found: {found}",
    },
    "row_too_long": {
        "zh-CN": "第 {row} 行过长（超过 {limit} 个字符），文件可能缺少换行或引号",
        "en": "Row {row} is too long (over {limit} characters); "
        "a line break or a quote may be missing",
    },
    "bad_gzip": {
        "zh-CN": "压缩文件不完整或已损坏，请重新下载或重新压缩",
        "en": "The compressed file is incomplete or damaged",
    },
    "gzip_bomb": {
        "zh-CN": "压缩文件解开后是原来的 {limit} 倍以上，不像订单数据，已拒绝",
        "en": "Unpacked, the file is over {limit} times its size: not order data, refused",
    },
    "too_large": {
        "zh-CN": "文件超过 {limit} MB，请按月份拆开导入",
        "en": "The file is over {limit} MB; split it by month",
    },
    "unreadable": {
        "zh-CN": "打不开文件：{cause}",
        "en": "The file cannot be opened: {cause}",
    },
}

FILE_KINDS: Mapping[str, Texts] = {
    "xlsx": {"zh-CN": " Excel 工作簿（xlsx）", "en": "an Excel workbook (xlsx)"},
    "xls": {"zh-CN": "旧版 Office 文件（如 xls）", "en": "an old Office file (such as xls)"},
    "zip": {"zh-CN": " ZIP 压缩包", "en": "a ZIP archive"},
    "rar": {"zh-CN": " RAR 压缩包", "en": "a RAR archive"},
    "7z": {"zh-CN": " 7z 压缩包", "en": "a 7z archive"},
    "gzip": {"zh-CN": "重复压缩的 gzip 文件", "en": "a file compressed twice with gzip"},
    "png": {"zh-CN": " PNG 图片", "en": "a PNG image"},
    "jpeg": {"zh-CN": " JPEG 图片", "en": "a JPEG image"},
    "gif": {"zh-CN": " GIF 图片", "en": "a GIF image"},
    "webp": {"zh-CN": " WebP 图片", "en": "a WebP image"},
    "pdf": {"zh-CN": " PDF 文件", "en": "a PDF file"},
    "html": {"zh-CN": "网页（HTML）", "en": "a web page (HTML)"},
    "sqlite": {"zh-CN": " SQLite 数据库", "en": "an SQLite database"},
    "parquet": {"zh-CN": " Parquet 文件", "en": "a Parquet file"},
    "utf-16": {"zh-CN": " UTF-16 文本", "en": "UTF-16 text"},
    "binary": {"zh-CN": "二进制文件", "en": "a binary file"},
}


MAPPING_REASONS: Mapping[str, Texts] = {
    "unknown_key": {"zh-CN": "没有这个配置项", "en": "unknown key"},
    "not_a_table": {"zh-CN": "应为一个 [表]", "en": "must be a [table]"},
    "not_a_text": {"zh-CN": "应为文字，且不能为空", "en": "must be a text that is not empty"},
    "not_a_list": {"zh-CN": "应为文字列表", "en": "must be a list of texts"},
    "not_a_flag": {"zh-CN": "应为 true 或 false", "en": "must be true or false"},
    "not_a_choice": {"zh-CN": "只能是 {choices}", "en": "must be one of {choices}"},
    "bad_source": {
        "zh-CN": "「{value}」只能用小写字母、数字和连字符，最多 40 个",
        "en": "“{value}” must be lower-case letters, digits and hyphens, 40 at most",
    },
    "bad_currency": {
        "zh-CN": "「{value}」应为三个大写字母的币种代码，如 CNY",
        "en": "“{value}” must be a currency code of three capital letters, such as CNY",
    },
    "bad_exponent": {"zh-CN": "应为 0 至 4 的整数", "en": "must be a whole number from 0 to 4"},
    "bad_encoding": {
        "zh-CN": "「{value}」不是文字编码",
        "en": "“{value}” is no text encoding",
    },
    "bad_zone": {
        "zh-CN": "「{value}」不是 IANA 时区，例如 Asia/Shanghai",
        "en": "“{value}” is no IANA time zone such as Asia/Shanghai",
    },
    "no_time_format": {"zh-CN": "至少要写一种时间格式", "en": "must list at least one format"},
    "bad_time_format": {
        "zh-CN": "「{value}」无法同时读出年、月、日",
        "en": "“{value}” does not give year, month and day",
    },
    "bad_pattern": {
        "zh-CN": "正则表达式有误：{cause}",
        "en": "the regular expression is wrong: {cause}",
    },
    "amount_or_price": {
        "zh-CN": "amount 和 unit_price 必须且只能写一个",
        "en": "name either amount or unit_price, not both",
    },
    "no_paid_status": {
        "zh-CN": "写了状态列，就要列出哪些状态算已支付",
        "en": "must list what the status column calls paid",
    },
    "no_status_column": {
        "zh-CN": "没有指定 columns.status",
        "en": "columns.status is not named",
    },
    "doubled_status": {
        "zh-CN": "「{value}」同时写在 status.{other} 里",
        "en": "“{value}” is in status.{other} too",
    },
    "column_dropped": {
        "zh-CN": "「{value}」是买家列或丢弃列，不能保存",
        "en": "“{value}” is a buyer's or a dropped column and cannot be kept",
    },
    "not_in_header": {
        "zh-CN": "「{value}」不在 file.header 里",
        "en": "“{value}” is not in file.header",
    },
    "unreadable": {"zh-CN": "读不出来：{cause}", "en": "cannot be read: {cause}"},
    "not_found": {
        "zh-CN": "「{value}」既不是文件，也不是自带的映射（{known}）",
        "en": "“{value}” is no file and none of the mappings shipped ({known})",
    },
}


def row_reason(code: str, params: Mapping[str, str], *, language: str) -> str:
    """Return the sentence for a row's reason; an unknown code or language raises KeyError."""
    return ROW_REASONS[code][language].format_map(params)


def file_reason(code: str, params: Mapping[str, str], *, language: str) -> str:
    """Return the sentence for a refused file.

    `kind` is translated, `found` and `columns` (column names, one a line) become lists, the rest
    is shown as it is.
    Raises KeyError for an unknown code or language.
    """
    shown = dict(params)
    if "kind" in shown:
        shown["kind"] = FILE_KINDS[shown["kind"]][language]
    for key in ("found", "columns"):
        if key in shown:
            shown[key] = _SEPARATORS[language].join(shown[key].split("\n"))
    return FILE_REASONS[code][language].format_map(shown)


class FileRefused(Exception):
    """A file as a whole cannot be read as orders; `code` and `params` say why."""

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = {name: str(value) for name, value in params.items()}
        super().__init__(self.text("en"))

    def text(self, language: str) -> str:
        """Return the reason as a sentence in `language` ("zh-CN" or "en")."""
        return file_reason(self.code, self.params, language=language)
