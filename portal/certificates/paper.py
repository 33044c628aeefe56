"""A certificate on paper: one A4 page in landscape as a tagged PDF, to be printed and hung up.

Made when somebody asks, since few ever do; the last ones are kept in memory, nothing on disk.
"""

import hashlib
import io
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import qrcode
from flask import current_app
from qrcode.image.svg import SvgPathImage

from courses.certificate import written
from courses.course import Course, pick
from portal import i18n
from portal.certificates import addresses, ornaments
from portal.certificates.queries import CertificateRow
from portal.i18n import gettext as _
from reports.render import font_metrics
from reports.render.pdf import document_writer

STYLESHEET = Path(__file__).parent / "templates" / "certificates" / "paper.css"
KEPT = 24  # of some 150 KB each
LESSON_PT, LESSONS_ROOM_PT = 8.2, 1080  # two lines; a course of more is told by their number
LONG_NAME_EM = 14
_TITLE_SIZES = ((14, "short"), (24, "middle"))


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed, ready to show; every text in one language."""

    language: str
    name: str
    name_size: str  # "" or "long"
    organisation: str
    title: str
    title_size: str  # "short", "middle" or "long"
    facts: str
    lessons: tuple[str, ...]
    date: str
    issuer: str
    number: str
    version: str
    address: str
    shown_address: str  # without https://


class _Press:
    """The process's writer of PDFs and what it wrote last; one document at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._writer: Any = None
        self._kept: OrderedDict[Sheet, bytes] = OrderedDict()

    def print(self, sheet: Sheet, html: str) -> bytes:
        with self._lock:
            made = self._kept.pop(sheet, None) or self._write(sheet, html)
            self._kept[sheet] = made
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return made

    def _write(self, sheet: Sheet, html: str) -> bytes:
        if self._writer is None:
            self._writer = document_writer(STYLESHEET.read_text(encoding="utf-8"))
        pictures = {
            "own:frame": ornaments.frame(),
            "own:seal": ornaments.seal(),
            "own:logo": ornaments.logo(),
            "own:qr": qr(sheet.address),
        }
        ident = hashlib.sha256(html.encode()).digest()[:16]
        made: bytes = self._writer.write(html, charts=pictures, images={}, ident=ident)
        return made


_press = _Press()


def pdf(row: CertificateRow, *, language: str, issuer: str) -> bytes:
    """Return a certificate as PDF/UA-1 in "zh_CN" or "en"; the same one gives the same bytes.

    Raises reports.render.pdf.PdfUnavailable where PDFs cannot be made.
    """
    with i18n.speaking(language):
        sheet = _sheet(row, issuer=issuer)
        # Without the frame of a page, which asks who is signed in: commands print too.
        template = current_app.jinja_env.get_template("certificates/paper.html")
        html = template.render(sheet=sheet, dated=row.issued_at.date().isoformat())
    return _press.print(sheet, html)


def _sheet(row: CertificateRow, *, issuer: str) -> Sheet:
    tag = i18n.language_tag()
    title = font_metrics.printable(pick(row.course.title, tag))
    name = font_metrics.printable(row.name)
    address = addresses.check(written(row.number))
    return Sheet(
        language=tag,
        name=name,
        name_size="long" if font_metrics.width(name, size=1) > LONG_NAME_EM else "",
        organisation=font_metrics.printable(row.organisation_name),
        title=title,
        title_size=_size(title),
        facts=facts(row.course),
        lessons=_lessons(row.course, tag),
        date=i18n.local_day(row.completed_at),
        issuer=font_metrics.printable(issuer),
        number=written(row.number),
        version=row.course.version[:8],
        address=address,
        shown_address=address.partition("://")[2],
    )


def _size(title: str) -> str:
    width = font_metrics.width(title, size=1)
    return next((name for limit, name in _TITLE_SIZES if width <= limit), "long")


def _lessons(course: Course, tag: str) -> tuple[str, ...]:
    titles = tuple(font_metrics.printable(pick(each.title, tag)) for each in course.lessons)
    gaps = 1.5 * LESSON_PT * len(titles)
    taken = gaps + sum(font_metrics.width(each, size=LESSON_PT) for each in titles)
    return titles if taken <= LESSONS_ROOM_PT else ()


def facts(course: Course) -> str:
    """Return what stands behind a certificate in one line: lessons, time, quizzes."""
    tested = sum(lesson.quiz is not None for lesson in course.required_lessons)
    parts = [
        _("%(count)s 课", count=len(course.lessons)),
        _("%(minutes)s 分钟", minutes=course.minutes),
    ]
    if tested:
        parts.append(_("通过 %(count)s 次测验", count=tested))
    return " · ".join(map(str, parts))


def qr(address: str) -> bytes:
    """Return an address as a QR code in SVG, without the quiet zone around it."""
    code = qrcode.QRCode(border=0, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(address)
    out = io.BytesIO()
    code.make_image(image_factory=SvgPathImage).save(out)
    return out.getvalue()


def file_name(row: CertificateRow, *, language: str) -> str:
    """Return what the file is called when it is saved."""
    with i18n.speaking(language):
        title = pick(row.course.title, i18n.language_tag())
        return str(_("%(title)s 结业证书.pdf", title=title))
