"""Images: a small copy for the page and the model.  Runs in the child."""

from __future__ import annotations

import io
import warnings
from typing import BinaryIO

from PIL import Image, ImageOps

from chatplatform.lib.files.problems import Mismatch, Unreadable

#: An image with more pixels is a bomb, or a poster.
MAX_PIXELS = 50_000_000
#: The longer side of the copy, in pixels.
PREVIEW_SIDE = 1024
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")


def preview_of(file: BinaryIO, mime: str) -> bytes:
    """A JPEG of at most `PREVIEW_SIDE` pixels, upright, on white, and without what a camera notes (place, owner).

    Raises:
        Mismatch: it is another kind of file.
        Unreadable: it is too large or broken.
    """
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        image: Image.Image = Image.open(file, formats=_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unreadable from error
    except OSError as error:  # none of the formats
        raise Mismatch from error
    if Image.MIME.get(image.format or "") != mime:
        raise Mismatch
    if image.width * image.height > MAX_PIXELS:
        raise Unreadable
    try:
        image.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
        upright = ImageOps.exif_transpose(image).convert("RGBA")
    except Exception as error:
        raise Unreadable from error
    white = Image.new("RGBA", upright.size, "white")
    white.alpha_composite(upright)
    made = io.BytesIO()
    white.convert("RGB").save(made, "JPEG", quality=85, optimize=True)
    return made.getvalue()
