"""Read a lesson's video and find its files: they lie under the course's assets/, nowhere else."""

from collections.abc import Iterator
from pathlib import Path

from courses.course import LANGUAGES, SOURCE_LANGUAGE, Video
from courses.fields import Fields

VIDEO_TYPES = (".mp4", ".m4v", ".webm")
CAPTION_TYPES = (".vtt",)
MAX_SECONDS = 3 * 3600


def read_video(fields: Fields, folder: Path) -> Video | None:
    """Return the video of a lesson, None when it has none or after a remark."""
    if "video" not in fields.values:
        return None
    video = fields.inner("video")
    if video is None:
        return None
    video.only("src", "seconds", "captions")
    src = _asset(video, "src", folder, VIDEO_TYPES)
    seconds = video.number("seconds", low=1, high=MAX_SECONDS)
    if "captions" not in video.values:
        video.remark("captions-missing", "src", value=SOURCE_LANGUAGE)
        return None
    captions = video.inner("captions")
    if captions is None:
        return None
    captions.only(*LANGUAGES)
    if SOURCE_LANGUAGE not in captions.values:
        captions.remark("captions-missing", "", value=SOURCE_LANGUAGE)
    given = [language for language in LANGUAGES if language in captions.values]
    files = {language: _asset(captions, language, folder, CAPTION_TYPES) for language in given}
    return Video(src=src, seconds=seconds, captions=files)


def video_files(fields: Fields, folder: Path) -> Iterator[Path]:
    """The files that a lesson's video names and that exist."""
    video = fields.values.get("video")
    if not isinstance(video, dict):
        return
    captions = video.get("captions")
    named = [video.get("src"), *(captions.values() if isinstance(captions, dict) else ())]
    for address in named:
        path = inside(folder, address) if isinstance(address, str) else None
        if path is not None:
            yield path


def inside(folder: Path, address: str) -> Path | None:
    """Return the file at `address` within the course's folder, None when it is not there."""
    root = folder.resolve()
    try:
        path = (root / address).resolve()
        return path if path.is_relative_to(root) and path.is_file() else None
    except (OSError, ValueError):  # a name that no file can have: a null byte, 300 characters
        return None


def _asset(fields: Fields, name: str, folder: Path, types: tuple[str, ...]) -> str:
    """Return the address of a file under assets/, '' after a remark."""
    address = fields.text(name, limit=200)
    if not address:
        return ""
    if not address.startswith("assets/") or not address.lower().endswith(types):
        fields.invalid(name, f"assets/…{' / '.join(types)}")
    elif inside(folder / "assets", address.removeprefix("assets/")) is None:
        fields.remark("asset-missing", name, value=address)
    return address
