import asyncio
import json
import sys
from pathlib import Path

import av
import pytest
from PIL import Image, ImageChops, ImageStat

from bot.demo.provider.camera import load_pictures, shots, title_card
from bot.demo.provider.render import Order, RenderJob, pad_video, render
from bot.demo.provider.render_pool import SMALL, RenderFailed, RenderOptions, RenderPool, job_of
from bot.demo.provider.shapes import SHORT_SIDES, frame_size
from tests.support.patience import PATIENCE_S


def picture(folder: Path, name: str, colour: str, size: tuple[int, int] = (400, 300)) -> Path:
    path = folder / name
    Image.new("RGB", size, colour).save(path)
    return path


def frames_of(path: Path) -> list[Image.Image]:
    with av.open(str(path), format="mp4") as container:
        return [
            frame.to_image()  # type: ignore[no-untyped-call]
            for frame in container.decode(video=0)
        ]


def distance(one: Image.Image, other: Image.Image) -> float:
    difference = ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
    return max(ImageStat.Stat(difference).mean)


@pytest.mark.parametrize("seconds", [1, 4])
@pytest.mark.parametrize(
    ("ratio", "size"), [("16:9", (160, 90)), ("9:16", (90, 160)), ("21:9", (210, 90))]
)
def test_a_video_is_h264_of_the_asked_length_and_shape(
    tmp_path: Path, seconds: int, ratio: str, size: tuple[int, int]
) -> None:
    target = tmp_path / "video.mp4"
    render(RenderJob(prompt="a fox", seconds=seconds, ratio=ratio, short_side=90, fps=12), target)
    with av.open(str(target), format="mp4") as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert video.codec_context.name == "h264"
        assert video.codec_context.pix_fmt == "yuv420p"
        assert (video.width, video.height) == size
        assert video.frames == seconds * 12
        assert audio.codec_context.name == "aac"
        assert container.duration is not None
        assert container.duration / av.time_base == pytest.approx(seconds, abs=0.05)
    head = target.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")


def test_a_video_may_be_silent(tmp_path: Path) -> None:
    target = tmp_path / "video.mp4"
    render(RenderJob(prompt="p", seconds=1, short_side=90, fps=6, tone=False), target)
    with av.open(str(target), format="mp4") as container:
        assert not container.streams.audio


def test_a_pair_begins_with_the_first_picture_and_ends_with_the_last(tmp_path: Path) -> None:
    first, last = picture(tmp_path, "a.png", "red"), picture(tmp_path, "b.jpg", "blue")
    target = tmp_path / "video.mp4"
    job = RenderJob(
        prompt="p", seconds=1, pictures=(first, last), is_pair=True, short_side=90, fps=12
    )
    render(job, target)
    frames = frames_of(target)
    assert distance(frames[0], Image.new("RGB", (160, 90), "red")) < 12
    assert distance(frames[-1], Image.new("RGB", (160, 90), "blue")) < 12


def test_several_pictures_come_in_turn(tmp_path: Path) -> None:
    colours = ["red", "lime", "blue"]
    paths = tuple(picture(tmp_path, f"{colour}.png", colour) for colour in colours)
    target = tmp_path / "video.mp4"
    render(RenderJob(prompt="p", seconds=3, pictures=paths, short_side=90, fps=4), target)
    frames = frames_of(target)
    for colour, frame in zip(colours, frames[1::4], strict=True):
        assert distance(frame, Image.new("RGB", (160, 90), colour)) < 12


def test_the_camera_starts_at_the_whole_picture_and_then_moves() -> None:
    still = Image.linear_gradient("L").resize((64, 36)).convert("RGB")
    frames = list(shots([still], size=(64, 36), frames=10, is_pair=False))
    assert len(frames) == 10
    assert frames[0].tobytes() == still.tobytes()
    assert len({frame.tobytes() for frame in frames}) > 5


def test_pictures_that_cannot_be_read_are_left_out(tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG nonsense")
    good = picture(tmp_path, "good.png", "red")
    paths = (broken, tmp_path / "gone.png", good)
    assert len(load_pictures(paths, limit=(100, 100))) == 1


@pytest.mark.parametrize(
    "prompt", ["a fox in the snow", "一只狐狸在雪地里", "🦊" * 30, "x" * 5000, "\x00\x01", "مرحبا"]
)
def test_a_title_card_can_be_drawn_of_any_prompt(prompt: str) -> None:
    assert title_card(prompt, (160, 90)).size == (160, 90)


def test_different_prompts_have_different_cards() -> None:
    cards = {title_card(prompt, (64, 36)).tobytes() for prompt in ("a fox", "a dog", "a cow")}
    assert len(cards) == 3


@pytest.mark.parametrize("resolution", SHORT_SIDES)
@pytest.mark.parametrize("ratio", ["16:9", "9:16", "1:1", "4:3", "3:4", "21:9", "Adaptive"])
def test_every_size_is_even_and_of_the_ratio(resolution: str, ratio: str) -> None:
    width, height = frame_size(resolution, ratio, picture=(300, 400))
    assert width % 2 == height % 2 == 0
    assert min(width, height) == SHORT_SIDES[resolution]
    across, down = (3, 4) if ratio == "Adaptive" else (int(part) for part in ratio.split(":"))
    assert width / height == pytest.approx(across / down, rel=0.01)


def test_an_adaptive_video_without_a_picture_is_landscape() -> None:
    assert frame_size("720p", "Adaptive") == (1280, 720)


def test_padding_changes_the_size_and_nothing_else(tmp_path: Path) -> None:
    small, padded = tmp_path / "small.mp4", tmp_path / "padded.mp4"
    render(RenderJob(prompt="p", seconds=1, short_side=90, fps=4), small)
    pad_video(small, padded, 1_000_000)
    assert padded.stat().st_size == 1_000_000
    assert len(frames_of(padded)) == len(frames_of(small)) == 4
    with pytest.raises(ValueError, match="padded"):
        pad_video(small, padded, small.stat().st_size + 7)


async def test_the_render_pool_renders_equal_jobs_once(tmp_path: Path) -> None:
    pool = RenderPool(tmp_path, SMALL)
    try:
        job = RenderJob(prompt="a fox", seconds=1)
        one, same = pool.order(job), pool.order(job.model_copy())
        assert one is same
        path = await one
        assert len(frames_of(path)) == 12
    finally:
        await pool.close()


async def test_a_failed_render_is_reported_and_retried(tmp_path: Path) -> None:
    pool = RenderPool(tmp_path / "not-there", RenderOptions(short_side=90, fps=4))
    try:
        job = RenderJob(prompt="a fox", seconds=1)
        failed = pool.order(job)
        with pytest.raises(RenderFailed):
            await failed
        again = pool.order(job)
        assert again is not failed
    finally:
        await pool.close()


async def test_closing_the_render_pool_stops_its_children(tmp_path: Path) -> None:
    pool = RenderPool(tmp_path, RenderOptions())
    making = pool.order(RenderJob(prompt="a long one", seconds=15, resolution="4k"))
    # the child starts, and draws its title, at a low priority
    async with asyncio.timeout(PATIENCE_S):
        while not list(tmp_path.iterdir()):
            await asyncio.sleep(0.02)
    async with asyncio.timeout(10):
        await pool.close()
    assert making.cancelled()


async def test_the_child_reads_its_order_from_stdin(tmp_path: Path) -> None:
    order = Order(
        job=RenderJob(prompt="p", seconds=1, short_side=90, fps=4), target=tmp_path / "v.mp4"
    )
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.demo.provider.render", stdin=asyncio.subprocess.PIPE
    )
    await child.communicate(json.dumps(order.model_dump(mode="json")).encode())
    assert child.returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["v.mp4"]


@pytest.mark.parametrize(
    ("body", "resolution", "ratio"),
    [
        ({"model": "sd2_mx_video_4k"}, "4k", "16:9"),
        ({"model": "sd2_mx_fast_1080p", "ratio": "Adaptive"}, "1080p", "Adaptive"),
        ({"model": "seedance2.0-sp", "resolution": "480p"}, "480p", "16:9"),
        ({"model": "seedance2.0-std", "orientation": "portrait"}, "720p", "9:16"),
        ({"model": "seedance2.0-std", "orientation": "portrait", "ratio": "1:1"}, "720p", "1:1"),
    ],
)
def test_a_create_body_determines_the_render_job(
    body: dict[str, object], resolution: str, ratio: str
) -> None:
    job = job_of({"prompt": "p", "duration": 5, **body}, ())
    assert (job.resolution, job.ratio, job.seconds) == (resolution, ratio, 5)
