"""Contact sheets: what a moderator looks at instead of the film."""

from pathlib import Path

from PIL import Image

from bot.media.process import MediaProcess
from tests.media.films import film


async def test_a_video_becomes_nine_frames_from_first_to_last(tmp_path: Path) -> None:
    made = film(tmp_path / "film.mp4", seconds=2, width=320, height=180)
    target = tmp_path / "sheet.jpg"
    media = MediaProcess()
    try:
        assert await media.contact_sheet([made], target)
    finally:
        await media.close()
    with Image.open(target) as sheet:
        # three by three tiles of at most 480 pixels
        assert sheet.width > sheet.height
        assert sheet.width >= 3 * 320


async def test_pictures_stand_side_by_side_and_a_lone_one_is_larger(tmp_path: Path) -> None:
    for name, colour in (("a.png", "red"), ("b.jpg", "blue")):
        Image.new("RGB", (4000, 1000), colour).save(tmp_path / name)
    media = MediaProcess()
    try:
        both = [tmp_path / "a.png", tmp_path / "b.jpg"]
        assert await media.contact_sheet(both, tmp_path / "two.jpg", frames=1)
        assert await media.contact_sheet(both[:1], tmp_path / "one.jpg", frames=1)
    finally:
        await media.close()
    with Image.open(tmp_path / "two.jpg") as sheet:
        assert 2 * 480 <= sheet.width < 1000
        red = sheet.convert("RGB").getchannel("R").crop((90, 50, 110, 60)).histogram()
        assert sum(red[201:]) == sum(red)
    with Image.open(tmp_path / "one.jpg") as sheet:
        assert 1600 <= sheet.width < 1620


async def test_undecodable_files_have_no_contact_sheet(tmp_path: Path) -> None:
    (tmp_path / "no.mp4").write_bytes(b"\0\0\0\x18ftypisom" + b"\0" * 200)
    media = MediaProcess()
    try:
        assert not await media.contact_sheet([tmp_path / "no.mp4"], tmp_path / "no.jpg")
    finally:
        await media.close()
    assert not (tmp_path / "no.jpg").exists()
