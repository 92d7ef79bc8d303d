"""Charts come out of a process of their own, in Discord's dark, and never take the bot down."""

import asyncio
import fcntl
import io
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from PIL import Image

from bot.media.chart_spec import ChartSpec, Panel, Rows, Series
from bot.media.charts import KEPT, MAX_WAITING, Charts
from bot.media.child.chart import BACKGROUND, STYLES, draw
from bot.media.errors import MediaUnavailable

SPEC = ChartSpec(
    title="The last 3 days $x_1$",
    steps=("11-20", "11-21", "11-22"),
    panels=(
        Panel(
            "Requests a day",
            (
                Series("posted", "good", (3.0, 0.0, 5.0)),
                Series("failed", "bad", (1.0, 0.0, 2.0)),
                Series("other", "other", (0.0, 0.0, 1.0)),
            ),
        ),
        Panel("Cost a day in $", (Series("", "plain", (1.5, 0.0, 2.5)),)),
        Panel("Minutes", (Series("9 of 10", "more", (1.5, 0.0, 2.5)),)),
        Rows("By model", (("seedance2.0-fast-i2v", 12_000), ("$other_models$", 0))),
    ),
)


async def test_a_chart_is_a_picture_a_phone_can_show() -> None:
    charts = Charts()
    try:
        picture = Image.open(io.BytesIO(await charts.draw(SPEC)))
    finally:
        await charts.close()
    assert picture.format == "PNG"
    assert (picture.width, picture.height > 700) == (1000, True)
    corner = picture.convert("RGB").getpixel((3, 3))
    assert corner == tuple(bytes.fromhex(BACKGROUND.lstrip("#")))
    colours = {colour for _, colour in picture.convert("RGB").getcolors(1 << 24) or ()}
    for tone in STYLES:
        assert tuple(bytes.fromhex(STYLES[tone]["color"].lstrip("#"))) in colours, tone


def test_matplotlib_never_loads_into_the_bot() -> None:
    code = "import sys, bot.app; sys.exit('matplotlib' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "spec",
    [
        ChartSpec("", ("11-22",), (Panel("", (Series("", "plain", (0.0,)),)),)),
        ChartSpec(
            "最近 366 天 🎬",
            tuple(f"{number}" for number in range(366)),
            (Panel("每日视频", (Series("已发布", "good", tuple(float(n) for n in range(366))),)),),
        ),
        ChartSpec("", (), (Rows("", ()), Rows("猫" * 300, (("名" * 300, 0), ("", 10**12))))),
        ChartSpec("x" * 300, ("a",), (Panel("y" * 300, (Series("z" * 300, "bad", (1e9,)),)),)),
    ],
)
def test_no_data_breaks_a_chart(spec: ChartSpec) -> None:
    assert draw(asdict(spec))


async def test_a_crash_of_the_chart_process_fails_one_chart_only() -> None:
    charts = Charts(command=(sys.executable, "-c", "print('{}'); raise SystemExit"))
    try:
        with pytest.raises(MediaUnavailable):
            await charts.draw(SPEC)
    finally:
        await charts.close()
    with pytest.raises(MediaUnavailable):
        await charts.draw(SPEC)


async def test_what_cannot_be_drawn_is_told_and_not_raised_as_it_is() -> None:
    charts = Charts()
    wrong = ChartSpec("x", ("a", "b"), (Panel("y", (Series("z", "good", (1.0,)),)),))
    try:
        with pytest.raises(MediaUnavailable):
            await charts.draw(wrong)
    finally:
        await charts.close()


def fake_ip(lock: Path, drawn: Path) -> tuple[str, ...]:
    """A quick process that draws a chart's title while nobody holds the lock, and notes it."""
    program = f"""
import base64, fcntl, json, sys
print("{{}}", flush=True)
for line in sys.stdin:
    title = json.loads(line)["chart"]["title"]
    with open({str(lock)!r}, "a") as held, open({str(drawn)!r}, "a") as notes:
        fcntl.flock(held, fcntl.LOCK_SH)
        print(title, file=notes)
    print(json.dumps({{"png": base64.b64encode(title.encode()).decode()}}), flush=True)
"""
    return (sys.executable, "-S", "-c", program)


async def test_charts_are_cached_up_to_a_limit(tmp_path: Path) -> None:
    notes = tmp_path / "drawn"
    charts = Charts(command=fake_ip(tmp_path / "lock", notes))
    specs = [ChartSpec(str(number), (), ()) for number in range(KEPT + 1)]
    assert await charts.draw(specs[0]) == await charts.draw(specs[0]) == b"0"
    assert notes.read_text().split() == ["0"]
    for spec in specs[1:]:
        await charts.draw(spec)
    await charts.draw(specs[0])
    assert notes.read_text().split().count("0") == 2
    await charts.close()


async def test_charts_over_the_queue_limit_are_refused_at_once(tmp_path: Path) -> None:
    charts = Charts(command=fake_ip(tmp_path / "lock", tmp_path / "drawn"))
    specs = [ChartSpec(str(number), (), ()) for number in range(MAX_WAITING + 1)]
    with (tmp_path / "lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        tasks = [asyncio.create_task(charts.draw(spec)) for spec in specs]
        done, _ = await asyncio.wait(tasks, timeout=5, return_when=asyncio.FIRST_COMPLETED)
        assert [isinstance(task.exception(), MediaUnavailable) for task in done] == [True]
    drawn = await asyncio.gather(*tasks[:MAX_WAITING])
    assert drawn == [spec.title.encode() for spec in specs[:MAX_WAITING]]
    assert await charts.draw(specs[-1]) == specs[-1].title.encode()
    await charts.close()
