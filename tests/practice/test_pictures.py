"""A shop's picture is drawn anew, small and without its place; nothing huge is decoded."""

import io
import struct
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from practice.conftest import photo

from portal.practice import pictures
from portal.sales import filing, places


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_a_photo_becomes_a_small_webp_without_camera_and_place():
    sent = photo()
    assert b"Phone 9" in sent

    kept = pictures.made_small(io.BytesIO(sent))

    picture = opened(kept)
    assert (picture.format, picture.size) == ("WEBP", (1600, 1067))
    assert not picture.getexif()
    assert not {"exif", "xmp", "icc_profile"} & set(picture.info)
    assert b"Phone 9" not in kept
    assert len(kept) < len(sent)


def test_a_photo_that_was_held_upright_stays_upright():
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    Image.new("RGB", (400, 200), "teal").save(out, "JPEG", exif=exif)

    assert opened(pictures.made_small(io.BytesIO(out.getvalue()))).size == (200, 400)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", "RGBA"), ("PNG", "P"), ("PNG", "1"), ("WEBP", "RGB"), ("JPEG", "CMYK")],
)
def test_every_kind_that_phones_and_screens_make_is_taken(kind, mode):
    out = io.BytesIO()
    Image.new(mode, (30, 20)).save(out, kind)

    assert opened(pictures.made_small(io.BytesIO(out.getvalue()))).size == (30, 20)


def header_of_a_huge_png() -> bytes:
    """A picture of 60,000 × 60,000 pixels in a few hundred bytes: 10 GB when it is decoded."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    size = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_a_picture_that_would_fill_the_memory_is_refused_by_its_header():
    with pytest.raises(pictures.TooLarge):
        pictures.made_small(io.BytesIO(header_of_a_huge_png()))


def test_more_pixels_than_a_phone_makes_are_refused(monkeypatch):
    sent = photo(size=(120, 100))
    monkeypatch.setitem(pictures.MAX_PIXELS, "JPEG", 11_999)

    with pytest.raises(pictures.TooLarge):
        pictures.made_small(io.BytesIO(sent))
    monkeypatch.setitem(pictures.MAX_PIXELS, "JPEG", 12_000)
    assert pictures.made_small(io.BytesIO(sent))


def test_more_bytes_than_are_looked_at_are_refused(monkeypatch):
    monkeypatch.setattr(pictures, "MAX_BYTES", 100)

    with pytest.raises(pictures.TooLarge):
        pictures.made_small(io.BytesIO(photo()))


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + b"\0" * 40,
        photo(size=(300, 200))[:400],
        b"\xff\xd8\xff\xe0" + b"A" * 500,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
    ],
    ids=["nothing", "svg", "gif", "cut off", "no jpeg", "no png"],
)
def test_what_is_no_whole_picture_is_refused(sent):
    with pytest.raises(pictures.NotAPicture):
        pictures.made_small(io.BytesIO(sent))


def test_pictures_lie_apart_by_shop_and_only_forgotten_ones_are_swept_up(context):
    known = pictures.keep(b"a", organisation_id=1)
    stray = pictures.keep(b"b", organisation_id=2)
    assert known.startswith("pictures/1/")
    assert stray.startswith("pictures/2/")
    # The disk's own clock stamps files, whatever the test's clock says.
    written = (places.uploads_dir() / stray).stat().st_mtime
    later = datetime.fromtimestamp(written, UTC) + timedelta(days=1)

    assert pictures.strays(known={known}, before=later) == [stray]
    assert pictures.strays(known={known}, before=later - timedelta(days=2)) == []
    # Order files lie in the same folder; what sweeps those leaves pictures alone.
    assert filing.strays(places.uploads_dir(), known=(), before=later) == []
    pictures.remove(stray)
    pictures.remove(stray)
    assert pictures.read(known) == b"a"
