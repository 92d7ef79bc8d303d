"""Answers a request that was taken, or asks for the word it waits for."""

import re
from typing import Any, Self

import discord
from discord import ui

from bot.errors import TooLate, UnknownVideo, UserError
from bot.services.caller import Receipt
from bot.ui.components import ID, RequestButton, view_of
from bot.ui.error_messages import explain
from bot.ui.interactions import caller_of
from bot.ui.requests import pages
from bot.ui.responses import Answer
from bot.ui.services import Services
from bot.ui.visible_channels import for_reader
from storage.records import State


class Confirm(RequestButton, template=rf"vb:confirm:{ID}:(?P<micros>[0-9]{{1,18}})"):
    """Lets a draft go on at the price that stands above the button; for its member alone."""

    is_update = True

    def __init__(self, request_id: str, micros: int, label: str = "Confirm") -> None:
        super().__init__(
            ui.Button(
                label=label,
                style=discord.ButtonStyle.success,
                custom_id=f"vb:confirm:{request_id}:{micros}",
            )
        )
        self._request_id = request_id
        self._micros = micros

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], __: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the pressed button anew from its custom_id."""
        return cls(match["id"], int(match["micros"]))

    async def pressed(
        self, interaction: discord.Interaction[Any], services: Services, answer: Answer
    ) -> None:
        """Reserve and go on, or show the price that it has become."""
        caller, request_id = caller_of(interaction), self._request_id
        try:
            taken = await services.drafts.confirm(caller, request_id, shown_micros=self._micros)
        except (TooLate, UnknownVideo):
            raise
        except UserError as error:
            # the draft is still there: the button stays for when there is room again
            again = Confirm(request_id, self._micros, answer.t("button-confirm"))
            text = explain(for_reader(interaction, error), answer.t, services.currency)
            await answer.send(text, view=view_of(again))
        else:
            await send_receipt(services, answer, taken, is_second=True)


async def send_receipt(
    services: Services, answer: Answer, taken: Receipt, *, is_second: bool = False
) -> bool:
    """Tell the member that their request was taken; once that is seen, it may be submitted.

    A draft is asked about instead, and waits. Returns whether the answer was seen to arrive.
    """
    t, currency, request = answer.t, services.currency, taken.request
    if request.state is State.DRAFT:
        button = Confirm(request.id, request.cost_micros or 0, t("button-confirm"))
        page = pages.draft(taken, services.catalogue, currency, t, is_second=is_second)
        return await answer.send(page, view=view_of(button), is_request=True)
    page = pages.receipt(taken, services.catalogue, currency, t)
    is_seen = await answer.send(page, is_request=True)
    await services.requests.answered(request.id, is_seen=is_seen)
    return is_seen
