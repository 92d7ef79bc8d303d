"""`/owner bill`: the conclusion first, then the figures, then each difference, page by page."""

import io
from collections.abc import Iterator
from typing import Annotated, Final

import discord

from bot.services.operations.bill import Bill
from bot.services.operations.bill_rows import Difference, Reason
from bot.ui.components import Component, Interaction, NextPage, view_of
from bot.ui.custom_ids import Part, digits
from bot.ui.formatting import price, within
from bot.ui.interactions import caller_of
from bot.ui.markdown import code
from bot.ui.responses import Answer
from bot.ui.services import Services
from bot.ui.texts import Localised

PER_PAGE: Final = 10
FIELD_LIMIT: Final = 1024


class TurnBill(Component, custom_id="vb:bill:{month}:{page}"):
    """Shows a page of a month's differences; the figures stay above it."""

    is_update = True
    emoji = NextPage.emoji

    month: Annotated[str, Part(r"20\d\d-\d\d")]
    page: Annotated[int, digits(4)]

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Show the page in place of the one before; the file stays."""
        bill = await services.bill.read(caller_of(interaction), self.month)
        await answer.send(
            embed=bill_page(bill, services.currency, answer.t, page=self.page),
            view=_turn(bill, self.page, answer.t),
        )


async def send_bill(
    services: Services, interaction: Interaction, answer: Answer, month: str
) -> None:
    """Answer with a month's bill and the file with all its rows."""
    bill = await services.bill.read(caller_of(interaction), month)
    file = discord.File(io.BytesIO(bill.file), filename=f"bill-{bill.month}.csv")
    await answer.send(
        embed=bill_page(bill, services.currency, answer.t),
        view=_turn(bill, 0, answer.t),
        files=[file],
    )


def _pages(bill: Bill) -> int:
    return max(1, -(-len(bill.differences) // PER_PAGE))


def _turn(bill: Bill, page: int, t: Localised) -> discord.ui.View | None:
    pages = _pages(bill)
    if pages == 1:
        return None
    return view_of(TurnBill(bill.month, (page + 1) % pages, label=t("button-next")))


def bill_page(bill: Bill, currency: str, t: Localised, *, page: int = 0) -> discord.Embed:
    """A month's bill on a phone. Pure."""
    rest = bill.unexplained_micros
    is_fine = rest == 0 and not bill.by_price[1]
    embed = discord.Embed(
        title=t("bill-title", month=bill.month),
        description=within(_conclusion(bill, currency, t)),
        colour=discord.Colour.green() if is_fine else discord.Colour.orange(),
    )
    figures = within(_figures(bill, currency, t), FIELD_LIMIT)
    embed.add_field(name=t("bill-ledger"), value=figures, inline=False)
    embed.add_field(
        name=t("bill-provider"),
        value=within(_provider(bill, currency, t), FIELD_LIMIT),
        inline=False,
    )
    if bill.differences:
        start = min(page, _pages(bill) - 1) * PER_PAGE
        shown = bill.differences[start : start + PER_PAGE]
        lines = (_difference(each, currency, t) for each in shown)
        embed.add_field(
            name=t("bill-differences", count=len(bill.differences)),
            value=within(lines, FIELD_LIMIT),
            inline=False,
        )
        if _pages(bill) > 1:
            embed.set_footer(text=t("bill-page", page=start // PER_PAGE + 1, pages=_pages(bill)))
    return embed


def _conclusion(bill: Bill, currency: str, t: Localised) -> Iterator[str]:
    rest = bill.unexplained_micros
    if rest is None:
        yield t("bill-key-unknown")
    elif rest == 0:
        yield t("bill-explained")
    elif rest > 0:
        yield t("bill-others", amount=price(rest, currency, t))
        if any(each.reason in (Reason.UNCERTAIN, Reason.UNSAID) for each in bill.differences):
            yield t("bill-others-perhaps")
    else:
        yield t("bill-less", amount=price(-rest, currency, t))
    if count := bill.by_price[1]:
        yield t("bill-by-price", count=count)
    if bill.is_cut:
        yield t("bill-cut")
    if not currency:
        yield t("bill-no-currency")


def _figures(bill: Bill, currency: str, t: Localised) -> Iterator[str]:
    booked = price(bill.booked_micros, currency, t)
    yield t("bill-booked", amount=booked, count=bill.booked_videos)
    for key, (micros, count) in (
        ("bill-booked-cost", bill.by_cost),
        ("bill-booked-price", bill.by_price),
        ("bill-booked-reserved", bill.reserved),
    ):
        if count:
            yield f"- {t(key, amount=price(micros, currency, t), count=count)}"


def _provider(bill: Bill, currency: str, t: Localised) -> Iterator[str]:
    if bill.key is None:
        yield t("bill-key-silent")
    else:
        used = price(bill.key.used_micros, currency, t)
        yield t("bill-key", amount=used, since_ms=bill.key.since_ms, until_ms=bill.key.until_ms)
    yield t("bill-costs", amount=price(bill.costs_micros, currency, t))
    if bill.elsewhere_micros:
        yield f"- {t('bill-elsewhere', amount=price(bill.elsewhere_micros, currency, t))}"
    if bill.unexplained_micros is not None:
        yield t("bill-rest", amount=price(bill.unexplained_micros, currency, t))


def _difference(each: Difference, currency: str, t: Localised) -> str:
    row = each.row
    return t(
        f"bill-{each.reason}",
        id=code(row.id),
        price="?" if row.price_micros is None else price(row.price_micros, currency, t),
        cost=price(row.billed_micros or 0, currency, t),
        booked=price(row.booked_micros, currency, t),
        refunded=price(row.refunded_micros, currency, t),
    )
