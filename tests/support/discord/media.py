"""What Discord finds out about a file by itself: its type, and a picture's size."""

import mimetypes

from PIL import Image, UnidentifiedImageError

from tests.support.discord.records import Attachment


def describe(attachment: Attachment) -> None:
    """Fill in what was not given: the type by the name, width and height of a picture."""
    if attachment.content_type is None:
        attachment.content_type = mimetypes.guess_type(attachment.filename)[0]
    is_picture = (attachment.content_type or "").startswith("image/")
    if attachment.path is None or not is_picture or attachment.width is not None:
        return
    try:
        with Image.open(attachment.path) as picture:
            attachment.width, attachment.height = picture.size
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError, ValueError):
        return  # Discord leaves the size out of what it cannot read
