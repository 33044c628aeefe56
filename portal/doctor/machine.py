"""The machine: Python, time zones, disk, and whether PDFs can be made."""

import re
import shutil
import stat
import subprocess
import sys
import zlib
from contextlib import suppress
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import TZPATH

from flask import current_app

from portal.doctor.findings import Finding, Level, good
from portal.i18n import lazy_gettext as _l
from portal.settings import Settings

PYTHONS = ((3, 11), (3, 13))  # from, to
LITTLE_ROOM, NO_ROOM = 2 * 1024**3, 300 * 1024**2  # bytes
OLD_ZONES_YEARS = 2
PDF_PATIENCE_S = 60
_ROOT = Path(__file__).resolve().parents[2]
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_TRIAL = """
import sys
from reports.render.pdf import PdfRenderer, PdfUnavailable
try:
    sys.stdout.buffer.write(PdfRenderer().trial())
except PdfUnavailable as missing:
    sys.exit(missing.reason)
"""


def settings() -> Settings:
    """Return the settings of the portal that is looked at."""
    found: Settings = current_app.extensions["tongtu.settings"]
    return found


def python(_at: datetime) -> Finding:
    """Return whether this Python is one that the portal is tested on."""
    here = sys.version_info[:3]
    words = ".".join(map(str, here))
    if PYTHONS[0] <= here[:2] <= PYTHONS[1]:
        return good("python", "Python", words)
    return Finding(
        name="python",
        level=Level.WARN,
        title="Python",
        found=_l("%(version)s，没有在这个版本上测试过", version=words),
        todo=_l("换用 Python 3.11、3.12 或 3.13。"),
    )


def time_zones(at: datetime) -> Finding:
    """Return which time zone data is used, and whether it is years old."""
    title, release = _l("时区数据"), _zone_release()
    if release is None:
        return Finding(
            name="time_zones",
            level=Level.WARN,
            title=title,
            found=_l("不知道是哪一版"),
            todo=_l("安装系统的 tzdata 包。"),
        )
    if at.year - int(release[:4]) < OLD_ZONES_YEARS:
        return good("time_zones", title, release)
    return Finding(
        name="time_zones",
        level=Level.WARN,
        title=title,
        found=_l("%(release)s，已经旧了", release=release),
        todo=_l("更新系统的 tzdata 包：各地会改夏令时。"),
    )


def _zone_release() -> str | None:
    """Return the release of the data that ZoneInfo reads: the system's, else the package's."""
    for folder in map(Path, TZPATH):
        for name in ("tzdata.zi", "+VERSION"):
            file = folder / name
            if file.is_file():
                with file.open(encoding="ascii") as opened:
                    return opened.readline().replace("# version", "").strip() or None
    try:
        return version("tzdata")
    except PackageNotFoundError:
        return None


def pdf(_at: datetime) -> Finding:
    """Make a small Chinese PDF, in a process of its own as the reports do."""
    title = _l("PDF 与中文字体")
    try:
        made = subprocess.run(  # noqa: S603 – our own program, no input
            [sys.executable, "-c", _TRIAL],
            cwd=_ROOT,
            capture_output=True,
            timeout=PDF_PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _no_pdf(title, _l("一分钟还没有生成"))
    if made.returncode != 0:
        said = made.stderr.decode("utf-8", "replace").strip().splitlines()
        return _no_pdf(title, said[-1][:300] if said else str(made.returncode))
    if not made.stdout.startswith(b"%PDF") or not _has_our_font(made.stdout):
        return _no_pdf(title, _l("生成了，但没有嵌入中文字体"))
    return good("pdf", title, _l("试着生成了一份中文 PDF，%(count)s 字节", count=len(made.stdout)))


def _has_our_font(document: bytes) -> bool:
    """Return whether the shipped Chinese face is embedded; its name lies in a packed stream."""
    for packed in _STREAM.findall(document):
        with suppress(zlib.error):
            if b"Noto-Sans-SC" in zlib.decompress(packed):
                return True
    return False


def _no_pdf(title: object, found: object) -> Finding:
    return Finding(
        name="pdf",
        level=Level.BAD,
        title=title,
        found=found,
        todo=_l("安装 Pango：apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"),
    )


def data_folder(_at: datetime) -> Finding:
    """Return whether the data folder can be written, and is closed to others."""
    title, folder = _l("数据目录"), settings().data_dir
    probe = folder / ".doctor"
    try:
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        return Finding(
            name="data_folder",
            level=Level.BAD,
            title=title,
            found=_l("%(folder)s 写不进去：%(error)s", folder=folder, error=error.strerror),
            todo=_l("让运行门户的用户拥有这个目录。"),
        )
    if folder.stat().st_mode & (stat.S_IROTH | stat.S_IXOTH):
        return Finding(
            name="data_folder",
            level=Level.WARN,
            title=title,
            found=_l("%(folder)s 对本机其他用户开放", folder=folder),
            todo=_l("chmod 700 %(folder)s", folder=folder),
        )
    return good("data_folder", title, str(folder))


def room(_at: datetime) -> Finding:
    """Return how much room is left for data."""
    title, folder = _l("磁盘空间"), settings().data_dir
    free = shutil.disk_usage(folder).free
    words = _l("%(folder)s 还剩 %(size)s GB", folder=folder, size=f"{free / 1024**3:.1f}")
    if free >= LITTLE_ROOM:
        return good("room", title, words)
    return Finding(
        name="room",
        level=Level.BAD if free < NO_ROOM else Level.WARN,
        title=title,
        found=words,
        todo=_l("清理磁盘或扩容；写满以后门户会拒绝保存。"),
    )
