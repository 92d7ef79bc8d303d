"""The last frame of a film, made in the media process."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image, ImageChops

from bot.media.errors import FileMissing, NotAVideo
from bot.media.process import MediaProcess
from tests.media.films import film


@pytest.fixture
async def media() -> AsyncIterator[MediaProcess]:
    process = MediaProcess()
    yield process
    await process.close()


def last_of(path: Path) -> Image.Image:
    with av.open(str(path), "r") as container:
        *_, frame = container.decode(video=0)
        shown: Any = frame
        picture: Image.Image = shown.to_image()
        return picture


async def test_the_last_frame_is_written_and_no_other_file_remains(
    media: MediaProcess, tmp_path: Path
) -> None:
    target = tmp_path / "out" / "0"
    target.parent.mkdir()
    for seconds in (0.5, 5):
        source = film(tmp_path / f"{seconds}.mp4", seconds=seconds, look="noise")
        await media.last_frame(source, target)
        with Image.open(target) as found:
            assert found.format == "PNG"
            difference = ImageChops.difference(found.convert("RGB"), last_of(source))
        assert difference.getbbox() is None
        assert list(target.parent.iterdir()) == [target]


async def test_a_file_without_a_frame_is_not_a_video(media: MediaProcess, tmp_path: Path) -> None:
    whole = film(tmp_path / "whole.mp4").read_bytes()
    for name, content in (
        ("text", b"just words" * 100),
        ("cut", whole[: len(whole) // 3]),
        ("empty", b""),
    ):
        broken = tmp_path / name
        broken.write_bytes(content)
        with pytest.raises(NotAVideo):
            await media.last_frame(broken, tmp_path / "out.png")
        assert not (tmp_path / "out.png").exists()
    with pytest.raises(FileMissing):
        await media.last_frame(tmp_path / "nowhere.mp4", tmp_path / "out.png")
