"""A small course on disk, in two languages, that tests may change before they load it."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from courses.course import Course
from courses.load import Reading, read_course

# Time limits per example measure the neighbours on a shared machine, not our code.
settings.register_profile("courses", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("courses")

COURSE_YAML = """\
id: shop-101
title: {zh-CN: 开店第一课, en: First steps}
summary: {zh-CN: 两节短课。, en: Two short lessons.}
level: 1
kpi: [repurchase_rate]
order: 10
pass: {rule: all_required}
certificate: true
owner: 联盟运营部
review_by: 2027-06-30
languages: [zh-CN, en]
"""
FIRST_ZH = """\
---
id: shop-101/first
title: 先看人
minutes: 5
kpi: [repurchase_rate]
action: {code: tag_customers, text: 给 20 位老客打标签, within_days: 7}
pass: {rule: m_of_n, m: 2, n: 3}
---
正文 **第一段**。

```gift
::shop-01:: 先做什么？{
=分层#对。
~群发#会打扰人。
####先看人。
}

::shop-02:: 27 ÷ 60 是百分之几？{#=45:0.5#对。
####数人头。
}

::shop-03:: 哪些合适？{
~%50%记人数#对。
~%50%看三个月#对。
~%-100%照抄#不对。
####看趋势。
}
```
"""
FIRST_EN = """\
---
id: shop-101/first
title: People first
action: {text: Tag 20 customers}
---
Body **one**.

```gift
::shop-01:: What first?{
=Layers#Right.
~Everyone#Annoying.
####People first.
}

::shop-02:: 27 of 60 in percent?{#=45:0.5#Right.
####Count heads.
}

::shop-03:: Which fit?{
~%50%Count#Right.
~%50%Three months#Right.
~%-100%Copy#Wrong.
####Trends.
}
```
"""
SECOND_ZH = """\
---
id: shop-101/second
title: 再开口
minutes: 4
kpi: [active_buyers]
required: false
---
第二节正文。
"""
FILES = {
    "course.yaml": COURSE_YAML,
    "010-first.zh-CN.md": FIRST_ZH,
    "010-first.en.md": FIRST_EN,
    "020-second.zh-CN.md": SECOND_ZH,
}

Read = Callable[..., Reading]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read the small course after changes: `read({"file": ("old", "new")})`, None deletes."""

    def reader(changes: Mapping[str, tuple[str, str] | str | None] | None = None) -> Reading:
        folder = tmp_path / "shop-101"
        folder.mkdir(exist_ok=True)
        files: dict[str, str | None] = dict(FILES)
        for name, change in (changes or {}).items():
            if isinstance(change, tuple):
                original = FILES[name]
                assert change[0] in original, change[0]
                files[name] = original.replace(*change, 1)
            else:
                files[name] = change
        for name, text in files.items():
            path = folder / name
            path.unlink(missing_ok=True)
            if text is not None:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")
        return read_course(folder)

    return reader


@pytest.fixture
def course(read: Read) -> Course:
    """The small course: one required lesson with a quiz, one optional lesson without."""
    reading = read()
    assert reading.course is not None, reading.findings
    return reading.course
