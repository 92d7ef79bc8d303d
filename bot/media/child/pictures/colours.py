"""Convert colours to 8-bit grey, sRGB or sRGB with alpha.

Runs in the media process only. Large pictures are converted in strips, so that no second full copy
is ever in memory.
"""

import io
import math
from typing import Any, Final

from PIL import Image

_SIXTEEN_BIT: Final = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N"})
_PLAIN: Final = frozenset({"L", "RGB", "RGBA"})
_BY_PROFILE: Final = frozenset({"CMYK", "LAB"})
"""Modes converted only with their profile."""
_STRIP_PIXELS: Final = 8_000_000
_SAME_WITHIN: Final = 2
"""Tolerated difference from sRGB, in levels of 255."""
_SAMPLES: Final = (0, 64, 128, 192, 255)


def is_srgb(profile: bytes, mode: str) -> bool:
    """Whether a profile is equivalent to sRGB for pixels of this mode.

    A broken profile, or one for another colour model, is ignored, as browsers do.
    """
    if not profile:
        return True
    is_grey = mode in {"1", "L", "LA", *_SIXTEEN_BIT}
    if is_grey:
        sample = Image.new("L", (len(_SAMPLES), 1))
        sample.putdata(_SAMPLES)
    else:
        sample = Image.new("RGB", (len(_SAMPLES) ** 3, 1))
        sample.putdata([(r, g, b) for r in _SAMPLES for g in _SAMPLES for b in _SAMPLES])
    turned = _by_profile(sample, profile)
    if turned is None:
        return True
    pairs = zip(sample.convert("RGB").tobytes(), turned.tobytes(), strict=True)
    return all(abs(one - other) <= _SAME_WITHIN for one, other in pairs)


def to_plain(image: Image.Image, profile: bytes, max_side: int) -> Image.Image:
    """Convert to L, RGB or RGBA without metadata, with a longer side of at most `max_side`."""
    plain = _reduced(image, max_side)
    if plain.mode == "RGBA" and plain.getchannel("A").getextrema() == (255, 255):
        plain = plain.convert("RGB")
    clear = plain.getchannel("A") if plain.mode == "RGBA" else None
    colours = plain.convert("RGB") if clear else plain
    if plain.mode in _BY_PROFILE or not is_srgb(profile, plain.mode):
        turned = _by_profile(colours, profile or _own_profile(plain.mode))
        colours = turned or colours
    if colours.mode not in _PLAIN:
        colours = colours.convert("RGB")
    if clear is not None:
        colours.putalpha(clear)
    colours.info.clear()
    return colours


def _reduced(image: Image.Image, max_side: int) -> Image.Image:
    longer = max(image.size)
    factor = max(1, longer // max_side)
    scaled = _in_strips(image, factor)
    if max(scaled.size) <= max_side:
        return scaled
    share = max_side / longer
    size = tuple(max(1, round(side * share)) for side in image.size)
    return scaled.resize((size[0], size[1]), Image.Resampling.LANCZOS)


def _in_strips(image: Image.Image, factor: int) -> Image.Image:
    width, height = image.size
    rows = max(1, _STRIP_PIXELS // width // factor) * factor
    if height <= rows:
        return _strip(image, factor)
    whole: Image.Image | None = None
    for top in range(0, height, rows):
        part = _strip(image.crop((0, top, width, min(height, top + rows))), factor)
        if whole is None:
            whole = Image.new(part.mode, (part.width, math.ceil(height / factor)))
        whole.paste(part, (0, top // factor))
    return whole or _strip(image, factor)


def _strip(image: Image.Image, factor: int) -> Image.Image:
    plain = _eight_bits(image)
    return plain.reduce(factor) if factor > 1 else plain


def _eight_bits(image: Image.Image) -> Image.Image:
    if image.mode in _SIXTEEN_BIT:
        return image.convert("I").point(lambda level: level * (1 / 256)).convert("L")
    if image.mode in {"P", "PA", "LA", "La", "RGBa", "RGBA"} or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode in {"1", "L"}:
        return image.convert("L")
    return image if image.mode in _BY_PROFILE else image.convert("RGB")


def _own_profile(mode: str) -> Any:
    from PIL import ImageCms  # noqa: PLC0415

    return ImageCms.createProfile("LAB") if mode == "LAB" else b""


def _by_profile(image: Image.Image, profile: Any) -> Image.Image | None:
    """Convert to sRGB; None if the profile does not apply."""
    if not profile:
        return None
    # imported on the first picture with a profile
    from PIL import ImageCms  # noqa: PLC0415

    try:
        source = (
            ImageCms.ImageCmsProfile(io.BytesIO(profile)) if type(profile) is bytes else profile
        )
        return ImageCms.profileToProfile(
            image,
            source,
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
