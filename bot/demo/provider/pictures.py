"""Two sample pictures, drawn in code so that the demo ships no image files."""

import io
import math
import random
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
SIZE: Final = (1280, 720)
HORIZON: Final = 430


def _sky(top: Colour, middle: Colour, sea: Colour) -> Image.Image:
    """A sky gradient above the sea."""
    width, height = SIZE
    column = Image.new("RGB", (1, height))
    for y in range(height):
        if y < HORIZON:
            pair, share = (top, middle), y / HORIZON
        else:
            pair, share = (middle, sea), min(1.0, 0.35 + (y - HORIZON) / (height - HORIZON))
        column.putpixel((0, y), _mix(*pair, share))
    return column.resize((width, height))


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    mixed = [round(a + (b - a) * share) for a, b in zip(one, other, strict=True)]
    return mixed[0], mixed[1], mixed[2]


def _glow(picture: Image.Image, at: tuple[int, int], radius: int, colour: Colour) -> Image.Image:
    """Draw a disc with a soft halo."""
    x, y = at
    light = Image.new("L", SIZE, 0)
    draw = ImageDraw.Draw(light)
    draw.ellipse((x - 2 * radius, y - 2 * radius, x + 2 * radius, y + 2 * radius), fill=110)
    light = light.filter(ImageFilter.GaussianBlur(radius))
    ImageDraw.Draw(light).ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return Image.composite(Image.new("RGB", SIZE, colour), picture, light)


def _waves(draw: ImageDraw.ImageDraw, colour: Colour, chance: random.Random) -> None:
    for _ in range(120):
        depth = chance.random() ** 1.5
        y = HORIZON + 8 + round(depth * (SIZE[1] - HORIZON))
        x = chance.randrange(SIZE[0])
        length = 20 + round(120 * depth)
        draw.line((x, y, x + length, y), fill=colour, width=1 + round(2 * depth))


def _hills(draw: ImageDraw.ImageDraw, base: int, height: int, colour: Colour) -> None:
    width = SIZE[0]
    ridge = [
        (x, base - height * (0.55 + 0.3 * math.sin(x / 170) + 0.15 * math.sin(x / 61 + 2)))
        for x in range(0, width + 8, 8)
    ]
    draw.polygon([(0, base), *ridge, (width, base)], fill=colour)


def _lighthouse() -> Image.Image:
    """A lighthouse on a rock at sunset."""
    picture = _sky((38, 46, 92), (250, 168, 104), (32, 58, 98))
    picture = _glow(picture, (420, 395), 56, (255, 226, 160))
    draw = ImageDraw.Draw(picture)
    _waves(draw, (224, 160, 130), random.Random(4))
    draw.polygon([(780, 560), (850, 470), (960, 440), (1090, 480), (1200, 560)], fill=(44, 38, 52))
    draw.polygon([(930, 450), (948, 200), (1002, 200), (1020, 450)], fill=(240, 234, 226))
    for top in (260, 350):
        draw.polygon(
            [(943, top), (1007, top), (1012, top + 45), (938, top + 45)], fill=(196, 62, 56)
        )
    draw.rectangle((940, 186, 1010, 202), fill=(52, 46, 60))
    draw.rectangle((954, 150, 996, 186), fill=(255, 240, 180))
    draw.polygon([(946, 150), (1004, 150), (975, 118)], fill=(150, 44, 46))
    return picture


def _bay() -> Image.Image:
    """A bay with hills and a sailing boat by moonlight."""
    picture = _sky((10, 16, 44), (62, 92, 148), (12, 26, 60))
    chance = random.Random(9)
    draw = ImageDraw.Draw(picture)
    for _ in range(140):
        x, y = chance.randrange(SIZE[0]), chance.randrange(HORIZON - 120)
        draw.point((x, y), fill=(226, 232, 255))
    picture = _glow(picture, (930, 130), 46, (246, 240, 214))
    draw = ImageDraw.Draw(picture)
    _hills(draw, HORIZON + 2, 130, (28, 44, 86))
    _hills(draw, HORIZON + 6, 70, (18, 30, 62))
    _waves(draw, (120, 146, 196), chance)
    draw.polygon([(470, 540), (690, 540), (650, 580), (510, 580)], fill=(58, 34, 34))
    draw.line((575, 540, 575, 330), fill=(90, 70, 62), width=6)
    draw.polygon([(584, 340), (584, 526), (690, 526)], fill=(240, 236, 226))
    draw.polygon([(566, 370), (566, 526), (490, 526)], fill=(210, 204, 198))
    return picture


def _as_jpeg(draw: Callable[[], Image.Image]) -> Callable[[], bytes]:
    def drawn() -> bytes:
        file = io.BytesIO()
        draw().save(file, "JPEG", quality=88)
        return file.getvalue()

    return drawn


SAMPLES: Final[Mapping[str, Callable[[], bytes]]] = MappingProxyType(
    {"lighthouse.jpg": _as_jpeg(_lighthouse), "bay.jpg": _as_jpeg(_bay)}
)
"""File name → function that returns the JPEG."""
