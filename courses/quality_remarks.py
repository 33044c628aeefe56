"""The words of the remarks about quality that go beyond a lesson's text: links, films, answers."""

from collections.abc import Mapping

from courses.remark import Remark, Severity

E = Severity.ERROR
W = Severity.WARNING

QUALITY_REMARKS: Mapping[str, Remark] = {
    "dead-anchor": Remark(
        E,
        "页面上没有 #{value} 这个位置",
        "There is no #{value} on that page",
        "标题“怎么退”的位置写成 #s-怎么退",
        "The place of a heading 'How to refund' is #s-how-to-refund",
    ),
    "link-to-file": Remark(
        E,
        "链接写成了文件名 {value}，在网站上打不开",
        "{value} is a file's name and does not open on the site",
        "写课时 id 里斜线后面的部分，例如 layering；别的课程写 ../课程/课时",
        "Write the part of the lesson's id after the slash, as in layering, or ../course/lesson",
    ),
    "link-insecure": Remark(
        W,
        "链接没有加密：{value}",
        "The link is not encrypted: {value}",
        "改成 https://",
        "Write https://",
    ),
    "link-says-nothing": Remark(
        W,
        "链接文字“{value}”没有说明去哪里",
        "The link's text '{value}' does not say where it leads",
        "写出目标，例如“增长报告”",
        "Name the target, such as 'growth report'",
    ),
    "list-joined": Remark(
        W,
        "列表前面没有空行，会和上一段连成一段",
        "No blank line before the list, so it joins the paragraph above",
        "在这一行前面加一个空行",
        "Put a blank line before this line",
    ),
    "list-indent": Remark(
        W,
        "下级列表只缩进了 {value} 个空格，会变成同级",
        "The inner list is indented by {value}, so it becomes part of the outer one",
        "缩进 4 个空格",
        "Indent it by 4 spaces",
    ),
    "heading-level": Remark(
        W,
        "标题级别不合适：{value}",
        "The heading's level does not fit: {value}",
        "正文从 ## 开始，每次只深一级；页面标题已经是一级",
        "Begin with ## and go one level deeper at a time; the page's title is the first level",
    ),
    "en-fullwidth": Remark(
        W,
        "英文里用了中文标点：“{value}”",
        "Chinese punctuation in English: '{value}'",
        "换成英文标点",
        "Use English punctuation",
    ),
    "film-longer": Remark(
        W,
        "视频约 {value} 分钟，比课时标的 {limit} 分钟长",
        "The film takes {value} minutes, the lesson says {limit}",
        "剪短视频，或改 minutes",
        "Cut the film, or change minutes",
    ),
    "captions-language": Remark(
        W,
        "课程有 {value}，视频没有这个语言的字幕",
        "The course is in {value}, the film has no captions in it",
        "在 captions 里补上 {value}",
        "Add {value} to captions",
    ),
    "captions-invalid": Remark(
        E,
        "字幕文件无法读取：“{value}”",
        "These are no WebVTT captions: '{value}'",
        "第一行写 WEBVTT，时间写成 00:01.000 --> 00:04.000",
        "Begin with WEBVTT, and write times as 00:01.000 --> 00:04.000",
    ),
    "captions-beyond": Remark(
        W,
        "字幕到第 {value} 秒，视频只有 {limit} 秒",
        "The captions end at second {value}, the film has {limit}",
        "核对 seconds，或换成这段视频的字幕",
        "Check seconds, or use the captions of this film",
    ),
    "asset-unused": Remark(
        W,
        "没有课时用到 {value}",
        "No lesson uses {value}",
        "删掉它，或在课时里引用",
        "Remove it, or refer to it in a lesson",
    ),
    "asset-heavy": Remark(
        W,
        "文件有 {value} KB，手机上打开慢，建议不超过 {limit} KB",
        "The file has {value} KB, which is slow on a phone; {limit} are advised",
        "缩小尺寸或提高压缩",
        "Make it smaller or compress it more",
    ),
    "check-plenty": Remark(
        W,
        "目标 {value} 超出小店能做到的范围（参考值 {limit}）",
        "A target of {value} is beyond a small shop ({limit} is a lot already)",
        "定一个大多数店在期限内做得到的数",
        "Set what most shops can do in time",
    ),
    "check-window": Remark(
        W,
        "期限只有 {value} 天，很多店凑不够 {limit} 单，这个指标算不出来",
        "In {value} days many shops will not have the {limit} orders that this figure needs",
        "把 within_days 改成 7 天以上，或换一个计数的指标",
        "Give it 7 days or more, or use a plain count",
    ),
    "course-without-check": Remark(
        W,
        "整门课没有一件能用订单核对的事",
        "Nothing in this course is checked against orders",
        "给至少一节课的 action 加上 check，例如 check: {{measure: new_products, at_least: 3}}",
        "Give one action a check, such as check: {{measure: new_products, at_least: 3}}",
    ),
    "lesson-without-quiz": Remark(
        W,
        "这节必修课没有题目，读完就算完成",
        "This required lesson has no quiz, so reading completes it",
        "加上三四道题，或标为 required: false",
        "Add three or four questions, or mark it required: false",
    ),
    "right-is-longest": Remark(
        W,
        "{limit} 道单选题里，有 {value} 道的正确答案明显最长，不看题也能猜",
        "In {value} of {limit} single choices the right option is clearly the longest",
        "把正确答案写短，或把错误选项写得一样具体",
        "Shorten the right options, or make the wrong ones as specific",
    ),
    "truth-always-same": Remark(
        W,
        "{limit} 道判断题里有 {value} 道答案相同，容易猜",
        "{value} of {limit} statements have the same answer",
        "改写几道，让对错大致各半",
        "Rewrite some, so that half of them hold",
    ),
    "option-all-of-them": Remark(
        W,
        "选项“{value}”往往就是答案，也读不出学员不懂哪一点",
        "'{value}' tends to be the answer and does not show what is not understood",
        "改成多选题，或换一个具体的选项",
        "Let several be chosen, or write a specific option",
    ),
}
