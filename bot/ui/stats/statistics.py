"""Sends `/video stats`, and its button that turns between the server's figures and one's own."""

import io
import logging
from typing import Annotated

import discord

from bot.media.errors import MediaError
from bot.services.caller import Caller
from bot.services.stats.statistics import Statistics
from bot.ui.components import Component, Interaction, view_of
from bot.ui.custom_ids import Part, digits
from bot.ui.interactions import caller_of
from bot.ui.responses import Answer
from bot.ui.services import Services
from bot.ui.stats import statistics_page
from bot.ui.texts import Localised

logger = logging.getLogger(__name__)


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
        await answer.send(statistics_page.nothing(found, t), files=(), view=turn)
        return
    picture = await _draw(services, found, answer)
    files = []
    if picture is not None:
        described, name = statistics_page.alt_text(found, t), statistics_page.CHART_NAME
        files.append(discord.File(io.BytesIO(picture), filename=name, description=described))
    page = statistics_page.stats_page(found, t, has_chart=picture is not None)
    await answer.send(embed=page, files=files, view=turn)


def _turn(found: Statistics, t: Localised) -> TurnStats:
    days = len(found.days)
    if found.is_own:
        return TurnStats("server", days, label=t("button-stats-server"))
    return TurnStats("mine", days, label=t("button-stats-mine"))


async def _draw(services: Services, found: Statistics, answer: Answer) -> bytes | None:
    try:
        return await services.charts.draw(statistics_page.chart(found, answer.t))
    except MediaError as error:
        logger.warning(
            "The statistics go without their chart",
            extra={"action": "stats.chart", "error": repr(error)},
        )
        return None
