"""Write a course's questions as one GIFT file, a category for each lesson."""

from dataclasses import replace

from courses.course import SOURCE_LANGUAGE
from courses.gift.model import Item
from courses.gift.write import to_gift
from courses.load import Reading


def exported_gift(
    reading: Reading, *, language: str = SOURCE_LANGUAGE, for_moodle: bool = False
) -> str:
    """Return the questions of a course in a language, which read back as the same questions.

    Lessons without a translation are left out. `for_moodle` marks the texts as Markdown, which
    Moodle would otherwise take for its own format; marked so, they read back as Markdown.
    """
    items: list[Item] = []
    for files in reading.source.lessons:
        file = files.by_language.get(language)
        if file is None:
            continue
        category = str(files.source.fields.values.get("id") or files.name)
        items.extend(replace(item, category=category) for item in file.items)
    return to_gift([_marked(item) for item in items] if for_moodle else items)


def _marked(item: Item) -> Item:
    if item.stem.format is not None:
        return item
    return replace(item, stem=replace(item.stem, format="markdown"))
