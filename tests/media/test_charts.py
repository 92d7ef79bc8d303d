"""Charts come out of a process of their own, in Discord's dark, and never take the bot down."""

import io
import subprocess
import sys
from dataclasses import asdict

import pytest
from PIL import Image

from bot.media.chart import BACKGROUND, STYLES, draw
from bot.media.chart_spec import ChartSpec, Panel, Series
from bot.media.charts import Charts
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
    for tone in ("good", "bad", "plain", "other"):
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
        ChartSpec("x" * 300, ("a",), (Panel("y" * 300, (Series("z" * 300, "bad", (1e9,)),)),)),
    ],
)
def test_no_data_breaks_a_chart(spec: ChartSpec) -> None:
    assert draw(asdict(spec))


async def test_a_chart_process_that_dies_costs_that_chart_alone() -> None:
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
