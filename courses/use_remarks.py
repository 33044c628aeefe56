"""The words of the remarks about what a course uses: films, figures, other courses, paths."""

from collections.abc import Mapping

from courses.remark import Remark, Severity

E = Severity.ERROR
W = Severity.WARNING

USE_REMARKS: Mapping[str, Remark] = {
    "asset-missing": Remark(
        E,
        "文件 {value} 不存在",
        "{value} does not exist",
        "把文件放进课程的 assets/，或改正文件名",
        "Put the file into the course's assets/, or correct its name",
    ),
    "captions-missing": Remark(
        E,
        "视频没有 {value} 字幕",
        "The video has no captions in {value}",
        "写成 captions: {{{value}: assets/….{value}.vtt}}",
        "Write captions: {{{value}: assets/….{value}.vtt}}",
    ),
    "check-measure-unknown": Remark(
        E,
        "不认识的指标 {value}",
        "Unknown measure {value}",
        "可用的指标：{expected}",
        "Use one of: {expected}",
    ),
    "check-bound": Remark(
        E,
        "指标 {value} 的目标写法不对",
        "{value} does not take this kind of target",
        "只写一个 {expected}: 数字",
        "Give it one target, {expected}: a number",
    ),
    "after-unknown": Remark(
        E,
        "先修课程 {value} 不存在",
        "The course {value} that should come before does not exist",
        "改成已有课程的 id，或删掉",
        "Name the id of a course that exists, or remove it",
    ),
    "after-cycle": Remark(
        E,
        "先修课程绕成了圈，谁也无法开始：{value}",
        "The courses wait for each other, so none can begin: {value}",
        "删掉其中一个 after",
        "Remove one of these after entries",
    ),
    "path-file-name": Remark(
        E,
        "文件名 {value} 不符合“路径编号.yaml”的格式",
        "{value} is not named like 'path-id.yaml'",
        "只用小写字母、数字和连字符，以 .yaml 结尾",
        "Use lower-case letters, digits and hyphens, and end it with .yaml",
    ),
    "path-id-file": Remark(
        E,
        "学习路径的 id {value} 与文件名 {expected} 不一致",
        "The path's id {value} is not the file's name {expected}",
        "改成一致",
        "Make them the same",
    ),
    "path-course-unknown": Remark(
        E,
        "学习路径里的课程 {value} 不存在，或有错误",
        "The path's course {value} does not exist or has errors",
        "改成已有课程的 id，或从 courses 里删掉",
        "Name the id of a course that exists, or remove it from courses",
    ),
    "path-course-twice": Remark(
        E,
        "课程 {value} 在路径里出现了两次",
        "The path names {value} twice",
        "只保留一个",
        "Keep one of them",
    ),
    "path-order": Remark(
        W,
        "路径把 {value} 排在它的先修课程 {expected} 前面",
        "The path puts {value} before {expected}, which has to be completed first",
        "把 {expected} 移到前面",
        "Move {expected} to the front",
    ),
}
