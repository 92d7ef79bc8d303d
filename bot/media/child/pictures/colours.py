"""Convert colours to 8-bit grey, sRGB or sRGB with alpha.

Runs in the media process only. A large picture is turned strip by strip, so that no second copy of
all its pixels is ever held.
"""

import io
import math
from typing import Any, Final

from PIL import Image

_SIXTEEN_BIT: Final = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N"})
_PLAIN: Final = frozenset({"L", "RGB", "RGBA"})
_BY_PROFILE: Final = frozenset({"CMYK", "LAB"})
"""Modes that are left as they are until their profile is known."""
_STRIP_PIXELS: Final = 8_000_000
_SAME_WITHIN: Final = 2
"""So many of 255 levels a profile may differ from sRGB and still be called that."""
_SAMPLES: Final = (0, 64, 128, 192, 255)


def is_srgb(profile: bytes, mode: str) -> bool:
    """Whether pixels of this mode mean the same with this profile as without it.

    A profile that is broken, or of another colour model than the pixels, says nothing and is
    passed over, as browsers do.
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
    """A picture in L, RGB or RGBA without anything attached, its longer side `max_side` at most."""
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
    """The picture in sRGB; None where its profile cannot be used on it."""
    if not profile:
        return None
    # loaded by the first picture that has a profile
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
