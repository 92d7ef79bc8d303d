"""Sends the report: the chart is drawn elsewhere, and the report comes without it if need be."""

import io
import logging

import discord

from bot.media.errors import MediaError
from bot.services.stats.usage_report import Report
from bot.ui.responses import Answer
from bot.ui.services import Services
from bot.ui.stats import usage_report_page

logger = logging.getLogger(__name__)


async def send_report(services: Services, answer: Answer, report: Report) -> None:
    """Answer with the table, the chart as a picture, and the file."""
    currency, t = services.currency, answer.t
    picture = await _draw(services, report, answer) if report.total.asked else None
    embed = usage_report_page.report_page(report, currency, t, has_chart=picture is not None)
    files = []
    if picture is not None:
        described = usage_report_page.alt_text(report, currency, t)
        name = usage_report_page.CHART_NAME
        files.append(discord.File(io.BytesIO(picture), filename=name, description=described))
    if report.total.asked:
        name = usage_report_page.file_name(report)
        files.append(discord.File(io.BytesIO(report.file), filename=name))
    await answer.send(embed=embed, files=files)


async def _draw(services: Services, report: Report, answer: Answer) -> bytes | None:
    try:
        return await services.charts.draw(
            usage_report_page.chart(report, services.currency, answer.t)
        )
    except MediaError as error:
        logger.warning(
            "The report goes without its chart",
            extra={"action": "report.chart", "error": repr(error)},
        )
        return None
