"""The demo's own look at a video."""

import pytest

from bot.demo.check_video import DecodedVideo, video_faults

GOOD = DecodedVideo("h264", 1280, 720, 5.0, 120)


def faults(film: DecodedVideo) -> list[str]:
    return list(video_faults(film, seconds=5, size=(1280, 720)))


def test_a_video_as_requested_has_no_fault() -> None:
    assert not faults(GOOD)
    assert not faults(DecodedVideo("h264", 1280, 720, 5.19, 120))


@pytest.mark.parametrize(
    ("film", "word"),
    [
        (DecodedVideo("hevc", 1280, 720, 5.0, 120), "H.264"),
        (DecodedVideo("h264", 720, 1280, 5.0, 120), "1280×720"),
        (DecodedVideo("h264", 1280, 720, 5.3, 120), "5.30 s"),
        (DecodedVideo("h264", 1280, 720, 5.0, 0), "decoded"),
    ],
)
def test_each_fault_is_named(film: DecodedVideo, word: str) -> None:
    (fault,) = faults(film)
    assert word in fault
