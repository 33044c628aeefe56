"""What the report engine's command line says, in both languages of the product."""

from collections.abc import Mapping

ZH, EN = "zh-CN", "en"

_TEXTS: Mapping[str, tuple[str, str]] = {
    "about": (
        "渠道商增长报告：导入订单、生成报告、核对数字。",
        "Growth reports of dealers: import orders, build reports, check figures.",
    ),
    "build.help": ("生成全部渠道商的报告", "build the reports of all dealers"),
    "build.facts": ("订单事实所在的文件夹", "folder of the order facts"),
    "build.out": ("报告站点的文件夹", "folder of the report site"),
    "build.lang": (
        "报告语言，可重复指定；默认 zh-CN",
        "language of the reports, may be repeated; default zh-CN",
    ),
    "build.names": (
        "渠道商名称表：CSV，列为 dealer_ref,name",
        "names of the dealers: CSV with the columns dealer_ref,name",
    ),
    "build.workers": ("并行进程数，默认每个核心一个", "worker processes, default one per core"),
    "build.home_url": ("报告里返回门户的链接", "link from the report back to the portal"),
    "verify.help": ("用另一套算法核对已生成的报告", "check built reports by a second computation"),
    "verify.site": ("报告站点的文件夹", "folder of the report site"),
    "ui_lang": ("提示信息的语言", "language of these messages"),
    "build.unit": ("家", "dealers"),
    "build.done": (
        (
            "共 {dealers} 家渠道商，用时 {seconds:.1f} 秒：新生成 {built} 家，"
            "未变化 {unchanged} 家，失败 {failed} 家。版本 {build_id}"
        ),
        (
            "{dealers} dealers in {seconds:.1f} s: {built} built, {unchanged} unchanged, "
            "{failed} failed. Build {build_id}"
        ),
    ),
    "build.failed": ("失败：{ref}，原因：{reason}", "Failed: {ref}: {reason}"),
    "build.no_pdf": (
        "本次没有生成 PDF，网页报告不受影响；补齐后再运行一次即可。原因：{reason}",
        "No PDFs were made, the pages are complete; once mended, run again. Reason: {reason}",
    ),
    "error.no_facts": (
        "{path} 里还没有订单数据，请先运行 ingest 导入",
        "there are no order facts in {path} yet; import some with ingest first",
    ),
    "error.facts_damaged": (
        "订单数据无法读取：{detail}",
        "the order facts cannot be read: {detail}",
    ),
    "error.no_build": (
        "{path} 里还没有生成过报告，请先运行 build",
        "there are no built reports in {path} yet; run build first",
    ),
    "error.file": ("无法读写 {path}：{detail}", "cannot read or write {path}: {detail}"),
    "error.names_header": (
        "{path}：第一行应为 dealer_ref,name，实际为 {found}",
        "{path}: the first line must be dealer_ref,name, but is {found}",
    ),
    "error.names_row": (
        "{path} 第 {line} 行：应有两列，且编号不为空",
        "{path} line {line}: two columns are needed, and the reference must not be empty",
    ),
    "error.names_csv": ("{path} 不是正确的 CSV：{detail}", "{path} is not correct CSV: {detail}"),
    "error.names_encoding": ("{path} 不是 UTF-8 编码", "{path} is not encoded in UTF-8"),
    "error.interrupted": ("已中断，原有报告保持不变", "interrupted; the reports stay as they were"),
    "verify.passed": (
        "核对通过：{dealers} 家，{months} 个月份，{files} 个文件，数字与订单数据一致",
        "Verified: {dealers} dealers, {months} months, {files} files agree with the order facts",
    ),
    "verify.failed": ("核对发现 {count} 处不一致：", "{count} differences found:"),
    "verify.problem": (
        "{page}，{month}，{figure}：应为 {expected}，实际为 {found}",
        "{page} | {month} | {figure}: expected {expected}, found {found}",
    ),
    "verify.whole": ("全部月份", "all months"),
}


def message(key: str, language: str, **values: object) -> str:
    """Return the text of `key` in `language`, filled with `values`; KeyError for unknown keys."""
    chinese, english = _TEXTS[key]
    return (english if language == EN else chinese).format(**values)


def language_of(argv: list[str], environ: Mapping[str, str]) -> str:
    """Return the language of messages: --ui-lang if given, else by LANG, else Chinese."""
    for position, word in enumerate(argv):
        name, _, value = word.partition("=")
        if name == "--ui-lang":
            value = value or (argv[position + 1] if position + 1 < len(argv) else "")
            return EN if value == EN else ZH
    return EN if environ.get("LANG", "").startswith("en") else ZH
