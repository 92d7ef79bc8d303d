from pathlib import Path

import av
import pytest

from bot.media.child.shrink import fit
from bot.media.errors import FitImpossible
from bot.media.mp4_boxes import walk_video
from tests.media.films import film, sound, turn_clockwise


@pytest.fixture(scope="module")
def noisy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds that no encoder likes."""
    path = tmp_path_factory.mktemp("noisy") / "a.mp4"
    return film(path, width=320, height=180, seconds=2, look="noise")


@pytest.mark.parametrize("share", [0.5, 0.15, 0.03])
def test_a_complex_video_fits_the_limit_with_its_aspect_ratio_and_sound(
    share: float, noisy: Path, tmp_path: Path
) -> None:
    limit = int(noisy.stat().st_size * share)
    result = fit(noisy, tmp_path / "out.mp4", limit)
    made = walk_video(tmp_path / "out.mp4")
    assert result.size_bytes == (tmp_path / "out.mp4").stat().st_size <= limit
    assert (result.width, result.height) == (made.width, made.height)
    assert made.height <= 180
    assert made.width / made.height == pytest.approx(320 / 180, rel=0.03)
    assert (made.codec, made.has_audio) == ("h264", True)
    assert made.duration_s == pytest.approx(2, abs=0.2)
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]


def test_the_index_of_a_fitted_film_stands_in_front(noisy: Path, tmp_path: Path) -> None:
    fit(noisy, tmp_path / "out.mp4", noisy.stat().st_size // 4)
    data = (tmp_path / "out.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_a_simple_video_keeps_its_resolution(tmp_path: Path) -> None:
    source = film(tmp_path / "in.mp4", sound=False)
    result = fit(source, tmp_path / "out.mp4", 10**6)
    assert (result.width, result.height) == (160, 90)
    assert not walk_video(tmp_path / "out.mp4").has_audio


def test_every_picture_of_a_film_is_still_there(noisy: Path, tmp_path: Path) -> None:
    fit(noisy, tmp_path / "out.mp4", noisy.stat().st_size // 3)
    times = []
    for path in (noisy, tmp_path / "out.mp4"):
        with av.open(str(path)) as container:
            times.append([frame.time for frame in container.decode(video=0)])
    assert times[0] == pytest.approx(times[1], abs=0.001)


def test_a_rotated_video_is_set_upright(tmp_path: Path) -> None:
    source = turn_clockwise(film(tmp_path / "in.mp4"))
    result = fit(source, tmp_path / "out.mp4", 10**6)
    assert (result.width, result.height) == (90, 160)
    with av.open(str(tmp_path / "out.mp4")) as container:
        image = next(container.decode(video=0)).to_image()  # type: ignore[no-untyped-call]
    # the left half was red, and a quarter turn clockwise brings the left side up
    red_above, blue_below = image.getpixel((45, 20)), image.getpixel((45, 140))
    assert isinstance(red_above, tuple)
    assert isinstance(blue_below, tuple)
    assert red_above[0] > 200 > blue_below[0]
    assert blue_below[2] > 200 > red_above[2]


def test_sound_that_takes_too_much_room_is_encoded_again(tmp_path: Path) -> None:
    source = film(tmp_path / "in.mov", container="mov", seconds=2)
    result = fit(source, tmp_path / "out.mp4", 20_000)
    assert walk_video(tmp_path / "out.mp4").has_audio
    assert result.size_bytes <= 20_000


def test_odd_sides_become_even(tmp_path: Path) -> None:
    source = film(tmp_path / "in.mkv", codec="mpeg4", width=101, height=75, sound=False)
    result = fit(source, tmp_path / "out.mp4", 10**6)
    assert (result.width, result.height) == (100, 74)


def test_a_limit_that_nothing_meets_leaves_nothing(noisy: Path, tmp_path: Path) -> None:
    with pytest.raises(FitImpossible):
        fit(noisy, tmp_path / "out.mp4", 3000)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_a_video_cannot_be_encoded(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"nothing")
    with pytest.raises(FitImpossible):
        fit(tmp_path / "in", tmp_path / "out.mp4", 10**6)
    with pytest.raises(FitImpossible):
        fit(sound(tmp_path / "a", container="mp4", codec="aac"), tmp_path / "out.mp4", 10**6)
    assert not (tmp_path / "out.mp4").exists()


def test_a_missing_video_has_its_own_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        fit(tmp_path / "gone", tmp_path / "out.mp4", 10**6)
