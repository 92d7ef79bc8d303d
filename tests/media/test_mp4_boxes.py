import contextlib
import io
import struct
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.media.errors import NotAVideo
from bot.media.mp4_boxes import VideoFacts, walk_boxes, walk_video
from tests.media.films import film, sound, turn_clockwise


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return film(tmp_path_factory.mktemp("film") / "a.mp4", seconds=2).read_bytes()


def walk(data: bytes) -> VideoFacts:
    return walk_boxes(io.BytesIO(data), len(data))


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


@pytest.mark.parametrize("has_sound", [True, False])
@pytest.mark.parametrize("index_in_front", [True, False])
def test_a_film_is_read_from_its_boxes(
    has_sound: bool, index_in_front: bool, tmp_path: Path
) -> None:
    path = film(tmp_path / "a", seconds=1.5, sound=has_sound, index_in_front=index_in_front)
    facts = walk_video(path)
    assert (facts.width, facts.height, facts.codec) == (160, 90, "h264")
    assert facts.has_audio is has_sound
    assert facts.duration_s == pytest.approx(1.5)


def test_a_rotated_video_reports_its_displayed_width(tmp_path: Path) -> None:
    facts = walk_video(turn_clockwise(film(tmp_path / "a")))
    assert (facts.width, facts.height) == (90, 160)


def test_a_box_of_64_bits_and_a_last_box_without_a_size_are_read(whole: bytes) -> None:
    at = whole.index(b"mdat") - 4
    head, body = whole[:at], whole[at + 8 :]
    # eight more bytes of header would move the samples, so a free box in front gives them up
    free = head.index(b"free") - 4
    assert struct.unpack_from(">I", head, free)[0] == 8
    longer = (
        head[:free] + head[free + 8 :] + struct.pack(">I4sQ", 1, b"mdat", 16 + len(body)) + body
    )
    assert walk(longer) == walk(whole)
    assert walk(head + struct.pack(">I4s", 0, b"mdat") + body) == walk(whole)


def test_a_video_padded_with_a_free_box_is_complete(whole: bytes) -> None:
    assert walk(whole + box(b"free", bytes(1000))) == walk(whole)


def test_every_truncated_video_is_refused(whole: bytes) -> None:
    for length in {*range(200), *range(0, len(whole), 97), len(whole) - 1}:
        with pytest.raises(NotAVideo):
            walk(whole[:length])


def test_samples_that_lie_behind_the_end_are_seen(whole: bytes) -> None:
    # the data box is made whole again, and yet the film's second half is not there
    at = whole.index(b"mdat") - 4
    half = whole[at + 8 : at + 8 + (len(whole) - at) // 2]
    with pytest.raises(NotAVideo, match="data ends"):
        walk(whole[:at] + box(b"mdat", half))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"ID3",
        b"<!doctype html><html></html>" * 9,
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        box(b"ftyp", b"isom" + bytes(8)),
        box(b"ftyp", b"isom") + box(b"moov", b"") + box(b"mdat", b"x"),
        box(b"ftyp", b"isom") + box(b"mdat", b"x"),
        box(b"ftyp", b"isom") + struct.pack(">I4s", 7, b"moov"),
        box(b"ftyp", b"isom") + struct.pack(">I4sQ", 1, b"moov", 2**63),
        box(b"free", b"") * 30_000,
    ],
)
def test_a_file_that_is_not_a_video_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(NotAVideo):
        walk_video(tmp_path / "x")


def test_a_sound_alone_is_no_film(tmp_path: Path) -> None:
    with pytest.raises(NotAVideo, match="no video track"):
        walk_video(sound(tmp_path / "a", container="mp4", codec="aac"))


def test_an_oversized_index_is_not_read() -> None:
    head = box(b"ftyp", bytes(8)) + struct.pack(">I4sQ", 1, b"moov", 2**39)
    with pytest.raises(NotAVideo, match="too large"):
        walk_boxes(io.BytesIO(head), 2**40)


def test_tables_with_billions_of_samples_cost_nothing(whole: bytes) -> None:
    for name in (b"stsz", b"stco", b"stsc"):
        at = whole.index(name) + 8 + (4 if name == b"stsz" else 0)
        with pytest.raises(NotAVideo):
            walk(whole[:at] + struct.pack(">I", 2**32 - 1) + whole[at + 4 :])


@given(seed=st.integers(0, 2**32), changes=st.integers(1, 12))
@settings(max_examples=300, deadline=None)
def test_mutated_bytes_give_facts_or_not_a_video(whole: bytes, seed: int, changes: int) -> None:
    random = Random(seed)
    data = bytearray(whole)
    start = whole.index(b"moov")
    end = start + struct.unpack_from(">I", whole, start - 4)[0]
    for _ in range(changes):
        data[random.randrange(start - 4, end)] = random.choice((0, 1, 255, random.randrange(256)))
    with contextlib.suppress(NotAVideo):
        walk(bytes(data))


@given(st.binary(max_size=300))
def test_any_bytes_give_facts_or_not_a_video(data: bytes) -> None:
    for wrapped in (data, box(b"ftyp", b"isom") + box(b"moov", data) + box(b"mdat", b"x")):
        with pytest.raises(NotAVideo):
            walk(wrapped)
