"""Answers a request that was accepted, or asks to confirm its price."""

from typing import Annotated

import discord

from bot.errors import TooLate, UnknownVideo, UserError
from bot.services.caller import Receipt
from bot.ui.components import Interaction, RequestComponent, view_of
from bot.ui.custom_ids import digits
from bot.ui.error_messages import explain
from bot.ui.interactions import caller_of
from bot.ui.requests import pages
from bot.ui.responses import Answer
from bot.ui.services import Services
from bot.ui.visible_channels import for_reader
from storage.records import State


class Confirm(RequestComponent, custom_id="vb:confirm:{request_id}:{micros}"):
    """Submits a draft at the price shown above the button; for its member alone."""

    is_update = True
    style = discord.ButtonStyle.success

    micros: Annotated[int, digits(18)]

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Reserve quota and queue it, or show the new price where that has changed."""
        caller, request_id = caller_of(interaction), self.request_id
        try:
            taken = await services.drafts.confirm(caller, request_id, shown_micros=self.micros)
        except (TooLate, UnknownVideo):
            raise
        except UserError as error:
            # the draft is still there: the button stays for when quota has freed up
            again = Confirm(request_id, self.micros, label=answer.t("button-confirm"))
            text = explain(for_reader(interaction, error), answer.t, services.currency)
            await answer.send(text, view=view_of(again))
        else:
            await send_receipt(services, answer, taken, is_second=True)


async def send_receipt(
    services: Services, answer: Answer, taken: Receipt, *, is_second: bool = False
) -> bool:
    """Acknowledge a request; once Discord has taken the answer, it may be submitted.

    A draft's answer asks for confirmation instead. Returns whether Discord took the answer.
    """
    t, currency, request = answer.t, services.currency, taken.request
    if request.state is State.DRAFT:
        button = Confirm(request.id, request.cost_micros or 0, label=t("button-confirm"))
        page = pages.draft(taken, services.catalogue, currency, t, is_second=is_second)
        return await answer.send(page, view=view_of(button), is_request=True)
    page = pages.receipt(taken, services.catalogue, currency, t)
    is_seen = await answer.send(page, is_request=True)
    await services.requests.answered(request.id, is_seen=is_seen)
    return is_seen
