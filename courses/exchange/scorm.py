"""A course as a SCORM 1.2 package, one learning object for each lesson.

For operators who teach in a system of their own. The same course gives the same bytes.
"""

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from courses.course import Course, Lesson, pick
from courses.exchange.scorm_page import page
from courses.load import linked_files
from courses.media import inside
from courses.source import CourseFolder

_STATIC = Path(__file__).parent / "static"
_SHARED = ("lesson.css", "runtime.js")
_CP = "http://www.imsproject.org/xsd/imscp_rootv1p1p2"
_ADL = "http://www.adlnet.org/xsd/adlcp_rootv1p2"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
# The oldest date that a ZIP file can hold: a package is told by its content, not by the hour.
_DATE = (1980, 1, 1, 0, 0, 0)


def write_package(course: Course, source: CourseFolder, target: Path, *, language: str) -> None:
    """Write the package of a course in a language; what is not translated is in Chinese."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in package_files(course, source, language=language).items():
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)


def package_files(course: Course, source: CourseFolder, *, language: str) -> Mapping[str, bytes]:
    """Return the files of the package by name, the manifest first."""
    pages = {_file(lesson): page(course, lesson, language).encode() for lesson in course.lessons}
    used = {lesson.id: sorted(_assets(lesson, source)) for lesson in course.lessons}
    assets = {name for names in used.values() for name in names}
    return {
        "imsmanifest.xml": _manifest(course, used, language),
        **pages,
        **{name: (_STATIC / name).read_bytes() for name in _SHARED},
        **{name: (source.folder / name).read_bytes() for name in sorted(assets)},
    }


def _file(lesson: Lesson) -> str:
    return f"{lesson.id.rpartition('/')[2]}.html"


def _assets(lesson: Lesson, source: CourseFolder) -> Iterator[str]:
    """The files that a lesson shows, as addresses from the course's folder."""
    files = next(f for f in source.lessons if f.source.fields.values.get("id") == lesson.id)
    root = source.folder.resolve()
    for file in files.by_language.values():
        for path in linked_files(file.text, source.folder):
            if path.is_relative_to(root / "assets"):
                yield path.relative_to(root).as_posix()
    if lesson.video is not None:
        for address in (lesson.video.src, *lesson.video.captions.values()):
            if inside(source.folder, address) is not None:
                yield address


def _manifest(course: Course, used: Mapping[str, list[str]], language: str) -> bytes:
    register_namespace("", _CP)
    register_namespace("adlcp", _ADL)
    register_namespace("xsi", _XSI)
    root = Element(f"{{{_CP}}}manifest", identifier=f"tongtu-{course.id}", version="1.0")
    root.set(f"{{{_XSI}}}schemaLocation", f"{_CP} imscp_rootv1p1p2.xsd {_ADL} adlcp_rootv1p2.xsd")
    about = _under(root, "metadata")
    _under(about, "schema").text = "ADL SCORM"
    _under(about, "schemaversion").text = "1.2"
    organizations = _under(root, "organizations", default="course")
    organization = _under(organizations, "organization", identifier="course")
    _under(organization, "title").text = pick(course.title, language)
    resources = _under(root, "resources")
    for number, lesson in enumerate(course.lessons, 1):
        _item(organization, number, lesson, language)
        _resource(resources, number, lesson, used[lesson.id])
    shared = _under(resources, "resource", identifier="shared", type="webcontent")
    shared.set(f"{{{_ADL}}}scormtype", "asset")
    for name in _SHARED:
        _under(shared, "file", href=name)
    text: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    return text


def _item(organization: Element, number: int, lesson: Lesson, language: str) -> None:
    item = _under(organization, "item", identifier=f"item-{number}", identifierref=f"sco-{number}")
    item.set("isvisible", "true")
    _under(item, "title").text = pick(lesson.title, language)
    if lesson.quiz is not None:
        # The page reports the share of what passes; see report() in runtime.js.
        SubElement(item, f"{{{_ADL}}}masteryscore").text = "100"


def _resource(resources: Element, number: int, lesson: Lesson, assets: list[str]) -> None:
    resource = _under(resources, "resource", identifier=f"sco-{number}", type="webcontent")
    resource.set(f"{{{_ADL}}}scormtype", "sco")
    resource.set("href", _file(lesson))
    for name in (_file(lesson), *assets):
        _under(resource, "file", href=name)
    _under(resource, "dependency", identifierref="shared")


def _under(parent: Element, name: str, **attributes: str) -> Element:
    return SubElement(parent, f"{{{_CP}}}{name}", attributes)
