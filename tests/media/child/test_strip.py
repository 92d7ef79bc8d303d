"""The strip of a series: a numbered frame of each shot, in order."""

from pathlib import Path

from PIL import Image

from bot.media.process import MediaProcess
from tests.media.films import film


async def test_each_shot_has_its_place_also_one_that_cannot_be_decoded(tmp_path: Path) -> None:
    made = film(tmp_path / "film.mp4", seconds=1, width=320, height=180)
    (tmp_path / "broken.mp4").write_bytes(b"no film")
    media = MediaProcess()
    try:
        files = [made, tmp_path / "broken.mp4", made, made]
        assert await media.strip(files, tmp_path / "strip.jpg")
        assert not await media.strip([tmp_path / "broken.mp4"], tmp_path / "none.jpg")
    finally:
        await media.close()
    assert not (tmp_path / "none.jpg").exists()
    with Image.open(tmp_path / "strip.jpg") as sheet:
        # three in a row, and a second row for the fourth
        assert 3 * 320 <= sheet.width < 3 * 340
        assert 2 * 180 <= sheet.height < 2 * 200
        middle = sheet.convert("RGB").getpixel((sheet.width // 2, 90))
    # the second place is empty
    assert isinstance(middle, tuple)
    assert max(middle) < 60
