"""Draw charts with matplotlib; runs in the media process only.

Designed for phones in dark mode: large text, few lines, Discord's background colour, and series
that differ in hatch as well as colour.
"""

import base64
import io
import logging
from collections.abc import Sequence
from typing import Any, Final

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.ticker import MaxNLocator

BACKGROUND: Final = "#313338"
INK: Final = "#F2F3F5"
QUIET: Final = "#B5BAC1"
GRID: Final = "#4E5058"
WIDTH_IN: Final = 8.0
PANEL_IN: Final = 3.3
PANEL_HEAD_IN: Final = 0.92
"""Space for a panel's title and the tick labels of the panel above."""
ROW_IN: Final = 0.56
HEAD_IN: Final = 0.3
FOOT_IN: Final = 0.45
LEFT: Final = 0.12
RIGHT: Final = 0.94
"""Horizontal extent of the panels, as fractions of the width."""
DPI: Final = 125
MAX_LABELS: Final = 6
"""Tick labels at most; more are unreadable on a phone."""

STYLES: Final[dict[str, dict[str, Any]]] = {
    "good": {"color": "#43B581", "hatch": None},
    "bad": {"color": "#F0736E", "hatch": "///"},
    "plain": {"color": "#5E9BE8", "hatch": None},
    "more": {"color": "#9C84EF", "hatch": "\\\\"},
    "other": {"color": "#949BA4", "hatch": ".."},
}
_FONTS: Final = (
    "DejaVu Sans",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "PingFang SC",
    "Microsoft YaHei",
    "SimHei",
)


def draw(chart: dict[str, Any]) -> str:
    """Draw a `ChartSpec` given as plain data; returns the PNG in base64."""
    logging.getLogger("matplotlib").setLevel(logging.CRITICAL)
    known = {font.name for font in font_manager.fontManager.ttflist}
    families = [name for name in _FONTS if name in known]
    with mpl.rc_context({"font.family": families, "hatch.linewidth": 1.4}):
        figure = _figure(chart, _Words(families))
        out = io.BytesIO()
        figure.savefig(out, format="png", facecolor=BACKGROUND)
    return base64.b64encode(out.getvalue()).decode("ascii")


class _Words:
    """Drops text without glyphs, which would render as empty boxes."""

    def __init__(self, families: Sequence[str]) -> None:
        self._signs: set[int] = set()
        for family in families:
            path = font_manager.findfont(family)
            self._signs |= set(FT2Font(path).get_charmap())

    def __call__(self, text: str) -> str:
        # an unescaped dollar sign starts mathtext
        drawable = all(ord(sign) in self._signs for sign in text)
        return text.replace("$", r"\$") if drawable else ""


def _figure(chart: dict[str, Any], words: _Words) -> Figure:
    panels = chart["panels"]
    heights = [_height_in(panel) for panel in panels]
    height = HEAD_IN + sum(heights) + PANEL_HEAD_IN * len(panels) + FOOT_IN
    figure = Figure(figsize=(WIDTH_IN, height), dpi=DPI, facecolor=BACKGROUND)
    figure.text(
        0.04,
        1 - 0.36 / height,
        words(chart["title"]),
        color=INK,
        fontsize=24,
        weight="bold",
        va="center",
    )
    top = height - HEAD_IN
    for panel, panel_in in zip(panels, heights, strict=True):
        top -= PANEL_HEAD_IN + panel_in
        place = (LEFT, top / height, RIGHT - LEFT, panel_in / height)
        axes = figure.add_axes(place)
        if "rows" in panel:
            _rows(axes, panel, words)
        else:
            _panel(axes, panel, chart["steps"], words)
    return figure


def _height_in(panel: dict[str, Any]) -> float:
    return ROW_IN * max(len(panel["rows"]), 1) if "rows" in panel else PANEL_IN


def _panel(axes: Axes, panel: dict[str, Any], steps: Sequence[str], words: _Words) -> None:
    places = range(len(steps))
    base = [0.0] * len(steps)
    for series in panel["series"]:
        style = STYLES[series["tone"]]
        axes.bar(
            places,
            series["values"],
            bottom=base,
            width=0.78,
            color=style["color"],
            hatch=style["hatch"],
            edgecolor=BACKGROUND,
            linewidth=0.6,
            label=words(series["label"]) or "_nolegend_",
        )
        base = [below + value for below, value in zip(base, series["values"], strict=True)]
    _style_axes(axes, steps, is_whole=all(value == int(value) for value in base))
    axes.set_ylim(0, max(max(base, default=0) * 1.12, 1e-9) if any(base) else 1)
    _title(axes, panel, words)
    handles, labels = axes.get_legend_handles_labels()
    if labels:
        axes.legend(
            handles,
            labels,
            loc="lower right",
            bbox_to_anchor=(1.0, 1.0),
            ncols=len(labels),
            frameon=False,
            labelcolor=INK,
            fontsize=17,
            handlelength=1.3,
            columnspacing=1.2,
            borderaxespad=0.1,
        )


def _rows(axes: Axes, panel: dict[str, Any], words: _Words) -> None:
    rows = panel["rows"]
    style = STYLES["plain"]
    most = max((number for _, number in rows), default=0) or 1
    axes.barh(
        [place + 0.22 for place in range(len(rows))],
        [number for _, number in rows],
        height=0.34,
        color=style["color"],
    )
    for place, (name, number) in enumerate(rows):
        axes.text(0, place - 0.18, words(name), color=INK, fontsize=17, va="center")
        shown = f"{number:,}"
        axes.text(number + most * 0.012, place + 0.22, shown, color=INK, fontsize=17, va="center")
    # leave space for the value at the longest bar
    axes.set_xlim(0, most * 1.14)
    axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    axes.set_facecolor(BACKGROUND)
    axes.set_axis_off()
    _title(axes, panel, words)


def _title(axes: Axes, panel: dict[str, Any], words: _Words) -> None:
    axes.set_title(words(panel["title"]), color=QUIET, fontsize=18, loc="left", pad=10)


def _style_axes(axes: Axes, steps: Sequence[str], *, is_whole: bool) -> None:
    axes.set_facecolor(BACKGROUND)
    every = max(1, -(-len(steps) // MAX_LABELS))
    # counted from the newest, so that today always has a label
    named = [place for place in range(len(steps)) if (len(steps) - 1 - place) % every == 0]
    axes.set_xticks(named, [steps[place] for place in named])
    axes.set_xlim(-0.6, len(steps) - 0.4)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=is_whole))
    axes.tick_params(colors=INK, labelsize=18, length=0, pad=6)
    axes.grid(visible=True, axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)
