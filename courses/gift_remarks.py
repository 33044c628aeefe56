"""The words of the remarks about GIFT, in the form that remarks.py describes."""

from collections.abc import Mapping

from courses.remark import Remark, Severity

E = Severity.ERROR
W = Severity.WARNING

GIFT_REMARKS: Mapping[str, Remark] = {
    "gift-unclosed-brace": Remark(
        E,
        "答案区没有结束：缺少“}}”",
        "The answers have no end: '}}' is missing",
        "在最后一个答案后面加上“}}”",
        "Put '}}' after the last answer",
    ),
    "gift-blank-line-in-answers": Remark(
        E,
        "答案区中间有空行，题目会在这里断开",
        "A blank line inside the answers ends the question here",
        "删掉“{{”和“}}”之间的空行",
        "Remove the blank line between '{{' and '}}'",
    ),
    "gift-missing-blank-line": Remark(
        E,
        "两道题之间缺少空行",
        "There is no blank line between two questions",
        "在这一行前面加一个空行",
        "Put a blank line before this line",
    ),
    "gift-stray-brace": Remark(
        E,
        "多出一个“}}”，前面没有对应的“{{”",
        "'}}' without a '{{' before it",
        "删掉它；如果要显示花括号，写成“\\}}”",
        "Remove it, or write '\\}}' to show a brace",
    ),
    "gift-fullwidth-brace": Remark(
        E,
        "全角花括号“{sign}”不会被当作答案区的括号",
        "The full-width brace '{sign}' does not enclose answers",
        "改成半角的“{ascii}”",
        "Type the ASCII '{ascii}'",
    ),
    "gift-fullwidth-sign": Remark(
        E,
        "全角符号“{sign}”在这里不起作用",
        "The full-width '{sign}' has no effect here",
        "改成半角的“{ascii}”；如果要显示它，写成“\\{sign}”",
        "Type the ASCII '{ascii}', or '\\{sign}' to show the character",
    ),
    "gift-unknown-escape": Remark(
        W,
        "“\\{sign}”不是有效的转义，会原样显示反斜杠",
        "'\\{sign}' is no escape, the backslash is shown",
        "要显示反斜杠请写“\\\\”；可转义的只有 \\~ \\= \\# \\{{ \\}} \\: \\n",
        "Write '\\\\' to show a backslash; escapes are \\~ \\= \\# \\{{ \\}} \\: \\n",
    ),
    "gift-inner-sign": Remark(
        W,
        "文字中间的“{sign}”会开始一个新答案",
        "'{sign}' in the middle of a text starts a new answer",
        "写成“\\{sign}”；如果确实是新答案，请另起一行",
        "Write '\\{sign}', or begin the new answer on its own line",
    ),
    "gift-unclosed-title": Remark(
        E,
        "题目编号没有结束：缺少第二个“::”",
        "The question's key has no end: the second '::' is missing",
        "写成“::编号:: 题干”",
        "Write '::key:: question'",
    ),
    "gift-empty-answer": Remark(
        E,
        "这个答案是空的",
        "This answer is empty",
        "在“{sign}”后面写上答案，或删掉这一行",
        "Write the answer after '{sign}', or remove the line",
    ),
    "gift-text-outside-answers": Remark(
        E,
        "这段文字前面没有“=”或“~”，不属于任何答案",
        "This text belongs to no answer: no '=' or '~' before it",
        "正确答案前加“=”，错误答案前加“~”",
        "Put '=' before a right answer and '~' before a wrong one",
    ),
    "gift-bad-weight": Remark(
        E,
        "分值“{value}”无效",
        "'{value}' is no weight",
        "写成 %50% 这样的百分数，范围为 -100 到 100",
        "Write a percentage such as %50%, from -100 to 100",
    ),
    "gift-bad-number": Remark(
        E,
        "“{value}”不是数值答案",
        "'{value}' is no numerical answer",
        "写成 3、3:0.1（误差）或 1..5（区间）",
        "Write 3, 3:0.1 (tolerance) or 1..5 (range)",
    ),
    "gift-range-reversed": Remark(
        E,
        "区间“{value}”的起点比终点大，没有数能落在里面",
        "The range '{value}' begins above its end, so no number lies in it",
        "把小的数写在前面",
        "Put the smaller number first",
    ),
    "gift-same-answer": Remark(
        W,
        "答案“{value}”写了两次，学员会看到两个一样的选项",
        "The answer '{value}' is given twice, so learners see it twice",
        "删掉一个，或改成不同的内容",
        "Remove one of them, or make them differ",
    ),
    "gift-no-right-answer": Remark(
        E,
        "没有任何答案能得满分",
        "No answer earns the full score",
        "用“=”标出正确答案，或让各项分值之和为 100",
        "Mark a right answer with '=', or let the weights add up to 100",
    ),
    "gift-few-answers": Remark(
        W,
        "选择题只有一个选项",
        "A choice with one option only",
        "至少写两个选项",
        "Give two options at least",
    ),
    "gift-half-matching": Remark(
        W,
        "有的答案带“->”，有的没有，因此不会当作配对题",
        "Some answers have '->' and some do not, so this is no matching question",
        "配对题的每个答案都写成“=左 -> 右”",
        "Write every answer of a matching question as '=left -> right'",
    ),
    "gift-too-large": Remark(
        E,
        "题目文件过大：{value}，上限为 {limit}",
        "Too large: {value}, the limit is {limit}",
        "拆成几节课",
        "Split it into several lessons",
    ),
}
