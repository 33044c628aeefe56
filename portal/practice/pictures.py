"""Pictures that a shop shows as evidence: made small and anonymous, kept apart by shop.

What is kept is drawn anew from the pixels: no place, no camera, no thumbnail and nothing hidden
behind the picture comes along. Nothing is decoded before its header says that it is not too large.
"""

import os
import secrets
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO

from flask import current_app
from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP")
LONGEST_SIDE = 1600
QUALITY = 80
MAX_BYTES = 20 * 1024 * 1024
# A phone's 50 MP picture is decoded at an eighth to a half of its size; other kinds are not.
MAX_PIXELS = {"JPEG": 52_000_000, "PNG": 26_000_000, "WEBP": 26_000_000}
MIMETYPE = "image/webp"
_FOLDER = "pictures"


class NotAPicture(ValueError):
    """The file is no picture that can be read, or only a part of one."""


class TooLarge(ValueError):
    """The picture has more bytes or pixels than are looked at."""


def made_small(stream: IO[bytes]) -> bytes:
    """Return the picture as WebP of at most LONGEST_SIDE, without anything but its pixels.

    Raises NotAPicture, TooLarge.
    """
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise TooLarge(f"more than {MAX_BYTES} bytes")
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as picture:
            return _drawn_anew(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooLarge(str(error)) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, TooLarge):
            raise
        raise NotAPicture(str(error)) from error


def _drawn_anew(picture: Image.Image) -> bytes:
    kind = picture.format or ""
    # A progressive JPEG is held whole while it is decoded, as the other kinds are.
    whole = kind != "JPEG" or bool(picture.info.get("progressive"))
    limit = MAX_PIXELS["PNG"] if whole else MAX_PIXELS[kind]
    if picture.width * picture.height > limit:
        raise TooLarge(f"{picture.width} × {picture.height} pixels")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    upright = ImageOps.exif_transpose(picture)
    flat = Image.new("RGB", upright.size, "white")
    if upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info:
        coloured = upright.convert("RGBA")
        flat.paste(coloured, mask=coloured.getchannel("A"))
    else:
        flat.paste(upright.convert("RGB"))
    out = BytesIO()
    flat.save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()


def _uploads() -> Path:
    folder: Path = current_app.extensions["tongtu.settings"].uploads_dir
    return folder


def keep(content: bytes, *, organisation_id: int) -> str:
    """Write a small picture into its shop's folder; return its path below the uploads folder."""
    name = f"{_FOLDER}/{organisation_id}/{secrets.token_hex(16)}.webp"
    target = _uploads() / name
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = target.with_name(f".{target.name}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(target)
    except BaseException:
        draft.unlink(missing_ok=True)  # a full disk must not be filled further by half a picture
        raise
    return name


def read(name: str) -> bytes:
    """Return a kept picture; raise FileNotFoundError when it is gone."""
    return (_uploads() / name).read_bytes()


def remove(name: str) -> None:
    """Remove a picture; one that is gone already is no error."""
    with suppress(FileNotFoundError):
        (_uploads() / name).unlink()


def strays(*, known: Collection[str], before: datetime) -> list[str]:
    """Return kept pictures that no item knows and that were written before that instant.

    A request that is cut off between the file and its commit leaves one behind.
    """
    root = _uploads()
    return [
        path.relative_to(root).as_posix()
        for path in sorted((root / _FOLDER).glob("*/*.webp"))
        if path.relative_to(root).as_posix() not in known
        and path.stat().st_mtime < before.timestamp()
    ]
