"""The look of a picture: like for like, whatever its size, format and compression."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from bot.media.child.inspect import inspect_file
from bot.media.child.pictures.look import look_of
from bot.media.media_info import MediaInfo
from bot.services.moderation.precedents import LOOK_DISTANCE, distance


def scene(width: int = 640, height: int = 360, *, shift: int = 0) -> Image.Image:
    """A picture with something in it."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for number in range(5):
        x, y = (shift + number * 137) % 600, (shift + number * 71) % 320
        box = [x * width // 640, y * height // 360]
        draw.ellipse(
            (*box, box[0] + width // 5, box[1] + height // 3), fill=(40 * number, 200, 255 - x // 3)
        )
    return image


def again(image: Image.Image, form: str, **options: int) -> Image.Image:
    out = io.BytesIO()
    image.save(out, form, **options)
    return Image.open(io.BytesIO(out.getvalue()))


@pytest.mark.parametrize("size", [(640, 360), (320, 180), (1000, 562)])
@pytest.mark.parametrize(("form", "quality"), [("JPEG", 40), ("WEBP", 50), ("PNG", 0)])
def test_scaled_and_compressed_it_is_alike(size: tuple[int, int], form: str, quality: int) -> None:
    options = {"quality": quality} if quality else {}
    changed = again(scene().resize(size), form, **options)
    assert distance(look_of(scene()), look_of(changed)) <= LOOK_DISTANCE


def test_another_picture_is_not() -> None:
    assert distance(look_of(scene()), look_of(scene(shift=211))) > LOOK_DISTANCE


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK"])
def test_a_flat_picture_has_no_look_in_any_mode(mode: str) -> None:
    assert look_of(Image.new(mode, (50, 50))) == ""


def test_an_inspected_picture_has_its_look(tmp_path: Path) -> None:
    path = tmp_path / "a"
    scene().save(path, "PNG")
    found = inspect_file(path)
    assert isinstance(found, MediaInfo)
    assert found.look == look_of(scene())
