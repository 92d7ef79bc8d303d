"""Charts as attachments; an answer is sent without its chart where drawing fails."""

import io
import logging

import discord

from bot.media.chart_spec import ChartSpec
from bot.media.errors import MediaError
from bot.ui.services import Services

logger = logging.getLogger(__name__)


async def chart_file(
    services: Services, chart: ChartSpec, name: str, description: str
) -> discord.File | None:
    """The drawn chart with its alternative text; None where it could not be drawn."""
    try:
        picture = await services.charts.draw(chart)
    except MediaError as error:
        about = {"action": "chart.failed", "chart": name, "error": repr(error)}
        logger.warning("A chart could not be drawn", extra=about)
        return None
    return discord.File(io.BytesIO(picture), filename=name, description=description)
