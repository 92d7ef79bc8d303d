"""Frames of a simulated video: slow zoom and pan over the given pictures, or a title card."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont, ImageOps

ZOOM: Final = 0.14
"""Share of a picture cropped at full zoom."""

MAX_TITLE: Final = 160
# by coverage: CJK fonts first, then Latin and Cyrillic
FONTS: Final = (
    "NotoSansCJK-Regular.ttc",
    "NotoSerifCJK-Bold.ttc",
    "SourceHanSansSC-Regular.otf",
    "wqy-microhei.ttc",
    "PingFang.ttc",
    "msyh.ttc",
    "DejaVuSans.ttf",
)

Box = tuple[float, float, float, float]


def shots(
    pictures: Sequence[Image.Image], *, size: tuple[int, int], frames: int, is_pair: bool
) -> Iterator[Image.Image]:
    """Yield `frames` frames of `size`: pan over each picture, or blend the first into the last.

    The first frame shows its picture uncropped, and so does the last of a pair, so that requested
    first and last frames are found in the video.
    """
    stills = [ImageOps.fit(picture, size, Image.Resampling.LANCZOS) for picture in pictures]
    if is_pair and len(stills) == 2:
        yield from _blend(stills[0], stills[1], frames)
        return
    for number, still in enumerate(stills):
        start = frames * number // len(stills)
        count = frames * (number + 1) // len(stills) - start
        for step in range(count):
            yield _view(still, step / max(1, count - 1), drift=1 if number % 2 == 0 else -1)


def _view(still: Image.Image, at: float, *, drift: int) -> Image.Image:
    """Crop of the still at position `at` (0–1) of the pan."""
    if at == 0:
        return still.copy()
    width, height = still.size
    lost = ZOOM * _eased(at)
    # zoom in off-centre, so that the view also pans
    left = width * lost * (0.5 + 0.3 * drift * at)
    top = height * lost * (0.5 - 0.2 * drift * at)
    box: Box = (left, top, left + width * (1 - lost), top + height * (1 - lost))
    return still.resize(still.size, Image.Resampling.BILINEAR, box=box)


def _blend(first: Image.Image, last: Image.Image, frames: int) -> Iterator[Image.Image]:
    for step in range(frames):
        at = step / max(1, frames - 1)
        part = _eased(at)
        if part == 0:
            yield first.copy()
        elif part == 1:
            yield last.copy()
        else:
            yield Image.blend(_view(first, at, drift=1), _view(last, 1 - at, drift=1), part)


def _eased(at: float) -> float:
    return at * at * (3 - 2 * at)


def load_pictures(paths: Sequence[Path], *, limit: tuple[int, int]) -> list[Image.Image]:
    """Load readable pictures, rotated upright and in RGB; JPEGs scaled down to about `limit`."""
    pictures = []
    for path in paths:
        try:
            with Image.open(path) as picture:
                picture.draft("RGB", limit)
                upright = ImageOps.exif_transpose(picture).convert("RGB")
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            continue
        pictures.append(upright)
    return pictures


def title_card(prompt: str, size: tuple[int, int]) -> Image.Image:
    """Draw a title card for a prompt without pictures, in colours derived from it.

    Text without a suitable font is omitted; the colours still distinguish prompts.
    """
    digest = hashlib.sha256(prompt.encode()).digest()
    dark, light = (
        f"hsl({digest[0] * 360 // 256}, 55%, 18%)",
        f"hsl({digest[1] * 360 // 256}, 60%, 46%)",
    )
    gradient = Image.linear_gradient("L").rotate(digest[2] % 4 * 90)
    card = ImageOps.colorize(gradient, dark, light).resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(card, "RGBA")
    short = min(size)
    for number in range(5):
        across, down, radius = (digest[3 + number * 3 + part] / 255 for part in range(3))
        reach = short * (0.08 + 0.22 * radius)
        x, y = size[0] * across, size[1] * down
        draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=(255, 255, 255, 20))
    _write(draw, prompt, size)
    return card


def _write(draw: ImageDraw.ImageDraw, prompt: str, size: tuple[int, int]) -> None:
    text = " ".join(prompt.split())
    if len(text) > MAX_TITLE:
        text = text[: MAX_TITLE - 1] + "…"
    font = _font_for(text, max(8, min(size) // 14))
    if font is None:
        return
    lines = _wrap(text, font, size[0] * 0.68)
    draw.multiline_text(
        (size[0] / 2, size[1] / 2),
        "\n".join(lines),
        fill="white",
        font=font,
        anchor="mm",
        align="center",
    )


def _font_for(text: str, height: int) -> ImageFont.FreeTypeFont | None:
    """The first font with glyphs for the whole text, or None."""
    for name in FONTS:
        try:
            font = ImageFont.truetype(name, height)
        except OSError:
            continue
        if _draws(font, text):
            return font
    built_in = ImageFont.load_default(height)
    if isinstance(built_in, ImageFont.FreeTypeFont) and _draws(built_in, text):
        return built_in
    return None


def _draws(font: ImageFont.FreeTypeFont, text: str) -> bool:
    """Whether no character renders as the missing-glyph box."""
    missing = bytes(font.getmask("\U0010ffff"))
    return all(char.isspace() or bytes(font.getmask(char)) != missing for char in set(text))


def _wrap(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """Wrap to `width`, at spaces or inside words that are too long."""
    lines = [""]
    for word in text.split(" "):
        trial = f"{lines[-1]} {word}".strip()
        if font.getlength(trial) <= width:
            lines[-1] = trial
            continue
        lines.append("")
        for char in word:
            if font.getlength(lines[-1] + char) > width and lines[-1]:
                lines.append("")
            lines[-1] += char
    return [line for line in lines if line]
