"""A photo drawn anew, so that nothing else in the file survives.

No place or camera (EXIF), no second file behind the picture.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from flask_babel import gettext
from PIL import Image, ImageOps, UnidentifiedImageError

from webapp.core.errors import Invalid

LONGEST_SIDE = 4096  # pixels; larger photos are scaled down
THUMB_SIDE = 480
# What may be decoded. A JPEG is decoded at a fraction of its size, so that it may be larger.
MOST_PIXELS = {"JPEG": 200_000_000, "MPO": 200_000_000}
MOST_PIXELS_OTHERWISE = 50_000_000

_READ_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
# Our own check of the size, before anything is decoded, stands in for Pillow's warning.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True)
class Photo:
    full: bytes
    thumb: bytes
    content_type: str
    ending: str


def clean(name: str, content: bytes) -> Photo:
    """Raises Invalid with a sentence for the person."""
    try:
        with Image.open(io.BytesIO(content), formats=_READ_FORMATS) as photo:
            _check_size(photo, name)
            photo.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            picture = ImageOps.exif_transpose(photo)
            picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            full, content_type, ending = _drawn(picture)
            picture.thumbnail((THUMB_SIDE, THUMB_SIDE))
            thumb, _, _ = _drawn(picture)
    except UnidentifiedImageError:
        raise Invalid(
            gettext(
                "“%(name)s” is no photo (JPEG, PNG, WebP, GIF) and no PDF, whatever its name says.",
                name=name,
            )
        ) from None
    except (OSError, SyntaxError, ValueError, EOFError):
        raise Invalid(
            gettext("The photo “%(name)s” is damaged. Please choose another.", name=name)
        ) from None
    return Photo(full, thumb, content_type, ending)


def _check_size(photo: Image.Image, name: str) -> None:
    most = MOST_PIXELS.get(photo.format or "", MOST_PIXELS_OTHERWISE)
    if photo.width * photo.height > most:
        raise Invalid(
            gettext(
                "“%(name)s” is too large: %(width)s × %(height)s pixels. Please choose a smaller one.",
                name=name,
                width=photo.width,
                height=photo.height,
            )
        )


def _drawn(picture: Image.Image) -> tuple[bytes, str, str]:
    """The picture as a new file: PNG where something shines through, JPEG otherwise."""
    out = io.BytesIO()
    see_through = picture.has_transparency_data
    bare = picture.convert("RGBA" if see_through else "RGB")
    bare.info = {}  # comments and profiles, which Pillow would write out again
    if see_through:
        bare.save(out, "PNG")
        return out.getvalue(), "image/png", "png"
    bare.save(out, "JPEG", quality=88)
    return out.getvalue(), "image/jpeg", "jpg"
