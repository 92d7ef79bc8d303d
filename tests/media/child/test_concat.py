"""Several films in one: packet by packet where they are alike, else in the shape of the first."""

from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest

from bot.media.errors import FileMissing, JoinImpossible
from bot.media.mp4_boxes import walk_video
from bot.media.process import MediaProcess
from tests.media.films import film, turn_clockwise


@pytest.fixture
async def media() -> AsyncIterator[MediaProcess]:
    process = MediaProcess()
    yield process
    await process.close()


def frames_of(path: Path) -> list[Any]:
    with av.open(str(path), "r") as container:
        return list(container.decode(video=0))


def samples_of(path: Path) -> int:
    with av.open(str(path), "r") as container:
        return sum(frame.samples for frame in container.decode(audio=0))


def pixel(frame: Any, across: float, down: float) -> tuple[int, int, int]:
    picture = frame.to_image()
    found: tuple[int, int, int] = picture.getpixel(
        (int(picture.width * across), int(picture.height * down))
    )
    return found


async def test_videos_encoded_alike_are_concatenated_losslessly(
    media: MediaProcess, tmp_path: Path
) -> None:
    parts = [
        film(tmp_path / "a.mp4", seconds=1, look="noise"),
        film(tmp_path / "b.mp4", seconds=2),
        film(tmp_path / "c.mp4", seconds=1, look="noise"),
    ]
    made = await media.join(parts, tmp_path / "out" / "film.mp4")
    assert made.is_lossless
    assert made.duration_s == pytest.approx(4, abs=0.1)
    joined = frames_of(tmp_path / "out" / "film.mp4")
    # every picture is there, bit for bit and in order
    expected = [frame for part in parts for frame in frames_of(part)]
    assert [bytes(frame.planes[0]) for frame in joined] == [
        bytes(frame.planes[0]) for frame in expected
    ]
    assert all(0.03 < after.time - before.time < 0.2 for before, after in pairwise(joined))
    heard = samples_of(tmp_path / "out" / "film.mp4")
    assert heard == pytest.approx(4 * 48_000, abs=3 * 2048)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["film.mp4"]


async def test_other_videos_are_letterboxed_to_the_first_ones_size(
    media: MediaProcess, tmp_path: Path
) -> None:
    parts = [
        film(tmp_path / "a.mp4", seconds=1, sound=False),
        turn_clockwise(film(tmp_path / "b.mp4", seconds=2)),
        film(tmp_path / "c.mp4", seconds=1, width=90, height=90, fps=24, codec="mpeg4"),
    ]
    target = tmp_path / "film.mp4"
    made = await media.join(parts, target)
    walked = walk_video(target)
    assert not made.is_lossless
    assert (walked.width, walked.height, walked.codec) == (160, 90, "h264")
    assert walked.duration_s == pytest.approx(4, abs=0.15)
    joined = frames_of(target)
    assert len(joined) == pytest.approx(4 * 12, abs=1)
    assert samples_of(target) == pytest.approx(4 * 48_000, abs=3 * 1024)
    # the second stands upright in the middle, red above blue, black at its sides
    turned = joined[24]
    assert max(pixel(turned, 0.05, 0.5)) < 40 > max(pixel(turned, 0.95, 0.5))
    assert pixel(turned, 0.5, 0.1)[0] > 200 < pixel(turned, 0.5, 0.9)[2]
    square = joined[-2]
    assert max(pixel(square, 0.05, 0.5)) < 40 > max(pixel(square, 0.95, 0.5))
    assert pixel(square, 0.27, 0.5)[0] > 180 < pixel(square, 0.73, 0.5)[2]


async def test_sound_that_ends_early_is_followed_by_silence_and_not_by_the_next_part(
    media: MediaProcess, tmp_path: Path
) -> None:
    short = tmp_path / "short.mp4"
    whole = film(tmp_path / "whole.mp4", seconds=3)
    with av.open(str(whole)) as reader, av.open(str(short), "w", format="mp4") as writer:
        streams = {s.index: writer.add_stream_from_template(s) for s in reader.streams}
        for packet in reader.demux():
            is_late = packet.stream.type == "audio" and float(packet.pts or 0) > 48_000
            if packet.dts is None or is_late:
                continue
            packet.stream = streams[packet.stream.index]
            writer.mux(packet)
    made = await media.join([short, whole], tmp_path / "film.mp4")
    assert not made.is_lossless
    assert made.duration_s == pytest.approx(6, abs=0.1)
    assert samples_of(tmp_path / "film.mp4") == pytest.approx(6 * 48_000, abs=2048)


async def test_undecodable_files_cannot_be_concatenated(
    media: MediaProcess, tmp_path: Path
) -> None:
    whole = film(tmp_path / "a.mp4")
    broken = tmp_path / "b.mp4"
    broken.write_bytes(whole.read_bytes()[:2000])
    with pytest.raises(JoinImpossible):
        await media.join([whole, broken], tmp_path / "film.mp4")
    with pytest.raises(FileMissing):
        await media.join([whole, tmp_path / "nowhere.mp4"], tmp_path / "film.mp4")
    assert not list(tmp_path.glob("film*"))
