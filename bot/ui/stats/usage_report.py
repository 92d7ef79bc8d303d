"""`/videomod report`: a table, a chart, and a file for spreadsheets."""

import io
from collections.abc import Sequence
from decimal import Decimal

import discord

from bot.media.chart_spec import ChartSpec, Panel, Series
from bot.services.quotas.limits import MICROS
from bot.services.stats.usage_report import Report, Sums
from bot.ui.formatting import dotted, mention, price, within
from bot.ui.responses import Answer
from bot.ui.services import Services
from bot.ui.stats.charts import chart_file
from bot.ui.texts import Localised

MEMBERS_SHOWN = 15
CAUSES_SHOWN = 8
FIELD_LIMIT = 1024
CHART_NAME = "report.png"
ALT_LIMIT = 1024
"""Discord's limit of a picture's description."""


async def send_report(services: Services, answer: Answer, report: Report) -> None:
    """Answer with the table, the chart as a picture, and the file."""
    currency, t = services.currency, answer.t
    files, picture = [], None
    if report.total.asked:
        described = alt_text(report, currency, t)
        picture = await chart_file(services, chart(report, currency, t), CHART_NAME, described)
        files = [picture] if picture else []
        files.append(discord.File(io.BytesIO(report.file), filename=file_name(report)))
    embed = report_page(report, currency, t, has_chart=picture is not None)
    await answer.send(embed=embed, files=files)


def report_page(report: Report, currency: str, t: Localised, *, has_chart: bool) -> discord.Embed:
    """Totals, members and causes of failure; the chart hangs below."""
    embed = discord.Embed(title=t("report-title", days=len(report.days)), colour=0x43B581)
    if not report.total.asked:
        embed.description = t("report-empty")
        return embed
    cut = t("report-cut", rows=report.total.asked) if report.is_cut else ""
    active = t("report-under-way", active=report.under_way) if report.under_way else ""
    total = _sums(report.total, report, currency, t)
    billed = ""
    if report.total.billed_micros:
        billed = t("report-billed", cost=price(report.total.billed_micros, currency, t))
    embed.description = within(
        (total, billed, active, cut, _flagged(report, t), "" if has_chart else t("report-no-chart"))
    )
    embed.add_field(name=t("report-members"), value=_members(report, currency, t), inline=False)
    if report.failures:
        embed.add_field(name=t("report-failures"), value=_causes(report, t), inline=False)
    if has_chart:
        embed.set_image(url=f"attachment://{CHART_NAME}")
    embed.set_footer(text=t("report-footer"))
    return embed


def _sums(sums: Sums, report: Report, currency: str, t: Localised) -> str:
    return dotted(
        (
            t("report-posted", count=sums.posted),
            t("report-failed", count=sums.failed) if sums.failed else "",
            t("report-other", count=sums.other) if sums.other else "",
            price(sums.cost_micros, currency, t) if report.has_prices else "",
        )
    )


def _flagged(report: Report, t: Localised) -> str:
    """How often moderators agreed with the safety check, by how sure it was."""
    if not report.flagged:
        return ""
    bands = dotted(
        t(
            "report-flagged-band",
            **{"from": band.least, "to": band.most},
            rejected=band.rejected,
            count=band.decided,
        )
        for band in report.flagged
    )
    return t(
        "report-flagged",
        count=sum(band.decided for band in report.flagged),
        rejected=sum(band.rejected for band in report.flagged),
        bands=bands,
    )


def _members(report: Report, currency: str, t: Localised) -> str:
    lines = [
        t("report-member", user=_name(user_id, t), sums=_sums(sums, report, currency, t))
        for user_id, sums in report.members[:MEMBERS_SHOWN]
    ]
    more = len(report.members) - len(lines)
    return within((*lines, t("report-more", count=more) if more > 0 else ""), FIELD_LIMIT)


def _name(user_id: int, t: Localised) -> str:
    # members who deleted their data are kept under a negative pseudonym
    return mention(user_id) if user_id > 0 else t("report-deleted")


def _causes(report: Report, t: Localised) -> str:
    lines = []
    for cause, count in report.failures[:CAUSES_SHOWN]:
        key = f"cause-{cause.replace('_', '-')}"
        lines.append(t("report-cause", cause=t(key if t.has(key) else "cause-other"), count=count))
    return within(lines, FIELD_LIMIT)


def chart(report: Report, currency: str, t: Localised) -> ChartSpec:
    """Requests by day and how they ended, and below what they cost where prices are known."""
    days = report.by_day
    videos = (
        Series(t("chart-posted"), "good", _values([day.posted for day in days])),
        Series(t("chart-failed"), "bad", _values([day.failed for day in days])),
        Series(t("chart-other"), "other", _values([day.other for day in days])),
    )
    panels = [Panel(t("chart-videos"), videos)]
    if report.has_prices:
        spent = tuple(float(Decimal(day.cost_micros) / MICROS) for day in days)
        title = t("chart-cost", currency=currency or "-")
        panels.append(Panel(title, (Series("", "plain", spent),)))
    return ChartSpec(
        title=t("report-title", days=len(report.days)),
        steps=tuple(day.strftime("%m-%d") for day in report.days),
        panels=tuple(panels),
    )


def _values(numbers: Sequence[int]) -> tuple[float, ...]:
    return tuple(float(number) for number in numbers)


def alt_text(report: Report, currency: str, t: Localised) -> str:
    """The chart in words, for those who cannot see it."""
    busiest = max(zip(report.by_day, report.days, strict=True), key=lambda each: each[0].asked)
    text = t(
        "report-alt",
        days=len(report.days),
        first=report.days[0].isoformat(),
        last=report.days[-1].isoformat(),
        posted=report.total.posted,
        failed=report.total.failed,
        other=report.total.other,
        cost=price(report.total.cost_micros, currency, t) if report.has_prices else "",
        has_cost="yes" if report.has_prices else "no",
        busiest=busiest[1].isoformat(),
        most=busiest[0].asked,
    )
    return text[:ALT_LIMIT]


def file_name(report: Report) -> str:
    """The spreadsheet's name."""
    return f"videos-{report.days[0].isoformat()}-{report.days[-1].isoformat()}.csv"
