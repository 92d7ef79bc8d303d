"""The demo's own look at a video."""

import pytest

from bot.demo.check_video import Film, faults_of_film

GOOD = Film("h264", 1280, 720, 5.0, 120)


def faults(film: Film) -> list[str]:
    return list(faults_of_film(film, seconds=5, size=(1280, 720)))


def test_a_film_as_asked_for_has_no_fault() -> None:
    assert not faults(GOOD)
    assert not faults(Film("h264", 1280, 720, 5.19, 120))


@pytest.mark.parametrize(
    ("film", "word"),
    [
        (Film("hevc", 1280, 720, 5.0, 120), "H.264"),
        (Film("h264", 720, 1280, 5.0, 120), "1280×720"),
        (Film("h264", 1280, 720, 5.3, 120), "5.30 s"),
        (Film("h264", 1280, 720, 5.0, 0), "decoded"),
    ],
)
def test_each_fault_is_named(film: Film, word: str) -> None:
    (fault,) = faults(film)
    assert word in fault
