"""The words of every remark about a course file: code -> severity, message and remedy.

Course authors read these, so each says what is there and what to type instead.
"""

from collections.abc import Mapping

from courses.gift_remarks import GIFT_REMARKS
from courses.quality_remarks import QUALITY_REMARKS
from courses.remark import Remark, Severity
from courses.use_remarks import USE_REMARKS

E = Severity.ERROR
W = Severity.WARNING

_FILES = {
    "file-missing": Remark(
        E, "缺少文件 {value}", "{value} is missing", "新建这个文件", "Create the file"
    ),
    "file-too-large": Remark(
        E,
        "文件太大：{value} 字节，上限为 {limit} 字节",
        "The file has {value} bytes, the limit is {limit}",
        "拆成几节课",
        "Split it into several lessons",
    ),
    "folder-too-large": Remark(
        E,
        "文件夹里有 {value} 个文件，上限为 {limit} 个",
        "The folder has {value} files, the limit is {limit}",
        "拆成几门课程",
        "Split it into several courses",
    ),
    "file-not-utf8": Remark(
        E,
        "文件不是 UTF-8 编码",
        "The file is not UTF-8",
        "在编辑器里另存为 UTF-8",
        "Save it as UTF-8",
    ),
    "file-name": Remark(
        E,
        "文件名 {value} 不符合“010-名称.zh-CN.md”的格式",
        "{value} is not named like '010-name.zh-CN.md'",
        "改名，或移到 assets/ 里",
        "Rename it, or move it to assets/",
    ),
    "yaml-invalid": Remark(
        E,
        "YAML 无法读取：{value}",
        "This is no valid YAML: {value}",
        "检查缩进、冒号和引号",
        "Check indentation, colons and quotes",
    ),
    "yaml-duplicate-key": Remark(
        E, "字段 {value} 写了两次", "{value} is given twice", "只保留一个", "Keep one of them"
    ),
    "front-matter-missing": Remark(
        E,
        "文件开头没有用 --- 括起来的课时信息",
        "The file does not begin with front matter between --- lines",
        "在第一行写 ---，写完字段后再写一行 ---",
        "Begin with a line ---, the fields, and another line ---",
    ),
    "field-missing": Remark(
        E, "缺少字段 {value}", "{value} is missing", "补上 {value}", "Add {value}"
    ),
    "field-invalid": Remark(
        E,
        "字段 {value} 的值无效",
        "{value} has no valid value",
        "应为 {expected}",
        "Expected: {expected}",
    ),
    "field-unknown": Remark(
        W,
        "不认识的字段 {value}",
        "Unknown field {value}",
        "检查拼写，或删掉它",
        "Check the spelling, or remove it",
    ),
    "field-not-translated": Remark(
        W,
        "译文里的字段 {value} 不起作用，以 zh-CN 文件为准",
        "{value} has no effect in a translation, the zh-CN file decides",
        "删掉它",
        "Remove it",
    ),
    "course-id-folder": Remark(
        E,
        "课程 id {value} 与文件夹名 {expected} 不一致",
        "The course's id {value} is not the folder's name {expected}",
        "改成一致",
        "Make them the same",
    ),
    "course-without-lessons": Remark(
        E, "课程里没有课时", "The course has no lessons", "至少写一节课", "Write one lesson"
    ),
    "course-without-required": Remark(
        E,
        "所有课时都是选修，无法判断何时完成",
        "Every lesson is optional, so nothing completes the course",
        "至少让一节课 required: true",
        "Mark one lesson required: true",
    ),
    "lesson-id-course": Remark(
        E,
        "课时 id {value} 没有以 {expected} 开头",
        "The lesson's id {value} does not begin with {expected}",
        "写成 {expected}名称",
        "Write {expected}name",
    ),
    "duplicate-id": Remark(
        E,
        "编号 {value} 重复，已用于 {other}",
        "{value} is used already in {other}",
        "换一个没有用过的编号",
        "Choose one that is not used",
    ),
    "duplicate-order": Remark(
        W,
        "序号 {value} 已经用过",
        "The number {value} is used already",
        "换一个序号",
        "Choose another number",
    ),
    "source-language-missing": Remark(
        E,
        "只有译文，没有 zh-CN 原文",
        "There is a translation but no zh-CN source",
        "补上 {value}",
        "Add {value}",
    ),
    "gift-fence-unclosed": Remark(
        E,
        "```gift 没有结束",
        "The ```gift block has no end",
        "在题目后面单独一行写 ```",
        "Put ``` on a line of its own after the questions",
    ),
    "question-without-key": Remark(
        E,
        "题目没有编号",
        "The question has no key",
        "在题干前写“::编号::”",
        "Write '::key::' before the question",
    ),
    "question-key-invalid": Remark(
        E,
        "题目编号“{value}”无效",
        "'{value}' is no valid key",
        "只用小写字母、数字和连字符，最多 80 个字符",
        "Use lower-case letters, digits and hyphens, 80 at most",
    ),
    "pass-rule-impossible": Remark(
        E,
        "通过条件无法满足：m={m}，n={n}，可计分的题有 {count} 道",
        "The pass rule cannot be met: m={m}, n={n}, {count} scored questions",
        "让 1 ≤ m ≤ n ≤ 题目数",
        "Let 1 <= m <= n <= number of questions",
    ),
    "pass-rule-without-quiz": Remark(
        E,
        "写了通过条件，但没有题目",
        "There is a pass rule but no quiz",
        "加上 ```gift 题目，或删掉 pass",
        "Add a ```gift block, or remove pass",
    ),
    "translation-id": Remark(
        E,
        "译文的 id {value} 与原文 {expected} 不同",
        "The translation's id {value} is not the source's {expected}",
        "改成 {expected}",
        "Write {expected}",
    ),
    "translation-quiz": Remark(
        E,
        "译文的题目与原文不一致：{value}",
        "The translation's quiz differs from the source: {value}",
        "让题目编号、题型、选项数和正确答案都与原文相同",
        "Use the same keys, kinds, number of options and right answers",
    ),
}

_QUALITY = {
    "minutes-range": Remark(
        W,
        "时长 {value} 分钟，建议 3–10 分钟",
        "{value} minutes; 3 to 10 are advised",
        "拆课或合并",
        "Split or merge the lesson",
    ),
    "text-length": Remark(
        W,
        "正文 {value} 字，建议 600–1500 字",
        "{value} Chinese characters; 600 to 1500 are advised",
        "补充例子，或拆成两节",
        "Add an example, or split the lesson",
    ),
    "image-without-alt": Remark(
        E,
        "图片没有替代文字",
        "The picture has no alternative text",
        "写成“![图里有什么](…)”",
        "Write '![what it shows](...)'",
    ),
    "dead-link": Remark(
        E,
        "链接 {value} 没有指向任何课时、页面或文件",
        "The link {value} leads to no lesson, page or file",
        "课时写 id 里斜线后面的部分，图片写 assets/ 里的文件名",
        "Write the part of a lesson's id after the slash, or a file in assets/",
    ),
    "question-without-explanation": Remark(
        W,
        "题目 {value} 没有解析",
        "{value} has no explanation",
        "在“}}”前另起一行写“#### 解析”",
        "Write '#### explanation' on a line before '}}'",
    ),
    "option-without-feedback": Remark(
        W,
        "题目 {value} 有答案没有写反馈",
        "An answer of {value} has no feedback",
        "在答案后面写“# 反馈”",
        "Write '# feedback' after the answer",
    ),
    "several-without-penalty": Remark(
        W,
        "多选题 {value} 的错误选项不扣分，全选也能拿到接近满分",
        "{value}: wrong options cost nothing, so ticking everything nearly passes",
        "给错误选项写上负分，例如 ~%-50%",
        "Give wrong options a negative weight such as ~%-50%",
    ),
    "review-overdue": Remark(
        W,
        "复审日期 {value} 已过",
        "The review date {value} has passed",
        "复核内容后更新 review_by",
        "Review the course, then move review_by",
    ),
    "language-missing": Remark(
        W,
        "课程声明有 {value}，但这节课没有这个语言的文件",
        "The course promises {value}, but this lesson has no such file",
        "补上译文，或从 languages 里删掉",
        "Add the translation, or drop it from languages",
    ),
    "zh-space": Remark(
        W,
        "中文与英文或数字之间缺少空格：“{value}”",
        "No space between Chinese and Latin letters or digits: '{value}'",
        "加一个半角空格",
        "Add a space",
    ),
    "zh-punctuation": Remark(
        W,
        "中文句子里用了半角标点：“{value}”",
        "ASCII punctuation in a Chinese sentence: '{value}'",
        "换成全角标点",
        "Use full-width punctuation",
    ),
    "zh-repeated": Remark(
        W,
        "标点重复：“{value}”",
        "Repeated punctuation: '{value}'",
        "只留一个",
        "Keep one",
    ),
    "zh-fullwidth": Remark(
        W,
        "全角的字母或数字：“{value}”",
        "Full-width letters or digits: '{value}'",
        "改成半角",
        "Use ASCII letters and digits",
    ),
    "zh-punctuation-space": Remark(
        W,
        "全角标点旁边有空格：“{value}”",
        "A space beside full-width punctuation: '{value}'",
        "删掉空格",
        "Remove the space",
    ),
}

REMARKS: Mapping[str, Remark] = {
    **GIFT_REMARKS,
    **_FILES,
    **USE_REMARKS,
    **_QUALITY,
    **QUALITY_REMARKS,
}
