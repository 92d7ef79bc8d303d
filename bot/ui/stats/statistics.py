"""`/video stats`: the figures in words, their chart, and the chart in words."""

from collections.abc import Iterator
from typing import Annotated, Final

import discord

from bot.media.chart_spec import ChartSpec, Panel, Rows, Series
from bot.services.caller import Caller
from bot.services.stats.statistics import Statistics
from bot.ui.components import Component, Interaction, view_of
from bot.ui.custom_ids import Part, digits
from bot.ui.formatting import time_taken, within
from bot.ui.interactions import caller_of
from bot.ui.markdown import code, shorten
from bot.ui.responses import Answer
from bot.ui.services import Services
from bot.ui.stats.charts import chart_file
from bot.ui.texts import Localised

CHART_NAME: Final = "stats.png"
ALT_LIMIT: Final = 1024
"""Discord's limit of a picture's description."""
MODELS_SHOWN: Final = 4
NAME_LIMIT: Final = 44
"""As much of a model's name as the chart is wide."""

_UNITS: Final = (("hours", 3_600_000), ("minutes", 60_000), ("seconds", 1000))
_WORTH: Final = 3
"""A unit is used from so many on: 150 seconds say more than 2.5 minutes."""


class TurnStats(Component, custom_id="vb:stats:{whose}:{days}"):
    """Shows the presser's own figures, or the server's, in place of the others."""

    is_update = True

    whose: Annotated[str, Part("mine|server")]
    days: Annotated[int, digits(3)]

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Show the figures; of whoever pressed, where they are a member's."""
        is_own = self.whose == "mine"
        await send_stats(services, caller_of(interaction), answer, self.days, is_own=is_own)


async def send_stats(
    services: Services, caller: Caller, answer: Answer, days: int, *, is_own: bool = False
) -> None:
    """Answer with the figures in words, the chart, and the way to the other one."""
    found, t = await services.statistics.look(caller, days, is_own=is_own), answer.t
    turn = view_of(_turn(found, t))
    if not found.total.asked:
        # no files takes the chart of before away: it must not stay below other words
        await answer.send(nothing(found, t), files=(), view=turn)
        return
    picture = await chart_file(services, chart(found, t), CHART_NAME, alt_text(found, t))
    page = stats_page(found, t, has_chart=picture is not None)
    await answer.send(embed=page, files=[picture] if picture else [], view=turn)


def _turn(found: Statistics, t: Localised) -> TurnStats:
    days = len(found.days)
    if found.is_own:
        return TurnStats("server", days, label=t("button-stats-server"))
    return TurnStats("mine", days, label=t("button-stats-mine"))


def nothing(found: Statistics, t: Localised) -> str:
    """What stands in the place of a chart without a bar."""
    return within((f"**{_title(found, t)}**", t("stats-empty", whose=_whose(found))))


def stats_page(found: Statistics, t: Localised, *, has_chart: bool) -> discord.Embed:
    """The figures in words; the chart hangs below."""
    embed = discord.Embed(title=_title(found, t), colour=0x43B581)
    embed.description = within(
        (*_lines(found, t, is_all=not has_chart), "" if has_chart else t("stats-no-chart"))
    )
    if has_chart:
        embed.set_image(url=f"attachment://{CHART_NAME}")
        embed.set_footer(text=t("stats-key"))
    return embed


def _title(found: Statistics, t: Localised) -> str:
    return t("stats-title", whose=_whose(found), days=len(found.days))


def _whose(found: Statistics) -> str:
    return "mine" if found.is_own else "server"


def _lines(found: Statistics, t: Localised, *, is_all: bool) -> Iterator[str]:
    """The figures; without `is_all` what the chart below shows as well is left to it."""
    total, wait = found.total, found.wait
    yield t(
        "stats-total",
        asked=total.asked,
        posted=total.posted,
        failed=total.failed,
        other=total.other,
    )
    if is_all and len(found.days) > 1:
        date, most = _busiest(found)
        yield t("stats-busiest", date=date, count=most)
    if wait is not None:
        half, most_of_them = time_taken(wait.half_ms, t), time_taken(wait.most_ms, t)
        spread = "none" if half == most_of_them else "some"
        yield t("stats-wait", count=wait.number, half=half, most=most_of_them, spread=spread)
    if is_all and found.models:
        yield t("stats-models", models=_models(found, t, as_code=True))


def _busiest(found: Statistics) -> tuple[str, int]:
    ends, day = max(zip(found.by_day, found.days, strict=True), key=lambda each: each[0].asked)
    return day.isoformat(), ends.asked


def _models(found: Statistics, t: Localised, *, as_code: bool) -> tuple[str, ...]:
    shown = [
        t("stats-model", model=code(used.model) if as_code else used.model, count=used.number)
        for used in found.models[:MODELS_SHOWN]
    ]
    rest = sum(used.number for used in found.models[MODELS_SHOWN:])
    return (*shown, t("stats-model-rest", count=rest)) if rest else tuple(shown)


def chart(found: Statistics, t: Localised) -> ChartSpec:
    """Requests by day and how they ended, how long videos took, and models."""
    return ChartSpec(
        title=_title(found, t),
        steps=tuple(day.strftime("%m-%d") for day in found.days),
        panels=tuple(_panels(found, t)),
    )


def _panels(found: Statistics, t: Localised) -> Iterator[Panel | Rows]:
    days = found.by_day
    yield Panel(
        t("chart-videos"),
        (
            Series(t("chart-posted"), "good", tuple(float(day.posted) for day in days)),
            Series(t("chart-failed"), "bad", tuple(float(day.failed) for day in days)),
            Series(t("chart-other"), "other", tuple(float(day.other) for day in days)),
        ),
    )
    if found.wait is not None:
        yield _waiting(found, t)
    if found.models:
        rest = sum(used.number for used in found.models[MODELS_SHOWN:])
        rows = [
            (shorten(used.model, NAME_LIMIT), used.number) for used in found.models[:MODELS_SHOWN]
        ]
        rows += [(t("chart-models-rest"), rest)] if rest else []
        yield Rows(t("chart-models"), tuple(rows))


def _waiting(found: Statistics, t: Localised) -> Panel:
    """Bars up to the median, and on top of them up to what nine of ten took."""
    longest_ms = max(wait.most_ms for wait in found.waits if wait is not None)
    unit, unit_ms = next(
        (each for each in _UNITS if longest_ms >= _WORTH * each[1]), ("seconds", 1000)
    )
    half = tuple(wait.half_ms / unit_ms if wait else 0.0 for wait in found.waits)
    above = tuple((wait.most_ms - wait.half_ms) / unit_ms if wait else 0.0 for wait in found.waits)
    return Panel(
        t("chart-waits", unit=unit),
        (Series(t("chart-half"), "plain", half), Series(t("chart-most"), "more", above)),
    )


def alt_text(found: Statistics, t: Localised) -> str:
    """The chart in words, for who cannot see it."""
    busiest, most = _busiest(found)
    total, wait = found.total, found.wait
    text = t(
        "stats-alt",
        whose=_whose(found),
        first=found.days[0].isoformat(),
        last=found.days[-1].isoformat(),
        posted=total.posted,
        failed=total.failed,
        other=total.other,
        busiest=busiest,
        most=most,
        waits="yes" if wait else "no",
        half=time_taken(wait.half_ms, t) if wait else "",
        long=time_taken(wait.most_ms, t) if wait else "",
        models=_models(found, t, as_code=False),
    )
    return shorten(text, ALT_LIMIT)
