"""The sizes of a lesson's pictures, so that a page does not jump when they come."""

import re
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from courses.media import inside

# As the renderer writes it: a value holds no plain quotation mark, so this is a tag and no text.
_PICTURE = re.compile(r'<img((?: [a-z]+="[^"]*")*?) src="(assets/[^"]+)"')


def with_sizes(html: str, folder: Path) -> str:
    """Return rendered `html` with the width and height of its pictures under `folder`/assets.

    A picture that is missing, or that has no size of its own (SVG), stays as it is.
    """
    return _PICTURE.sub(lambda found: found.group(0) + _size(folder, found.group(2)), html)


def _size(folder: Path, address: str) -> str:
    path = inside(folder, address)
    if path is None:
        return ""
    try:
        with Image.open(path) as picture:
            return f' width="{picture.width}" height="{picture.height}"'
    except (UnidentifiedImageError, OSError):
        return ""
