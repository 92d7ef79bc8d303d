"""Creates a request; a refusal offers its correction without everything being entered again."""

from typing import Final

import discord
from discord import ui

from bot.errors import InvalidRequest, TooLate, UserError
from bot.services.caller import Caller
from bot.services.requests.provenance import FRESH, Origin
from bot.services.requests.saved_forms import SAVED_FORM_MS
from bot.ui.components import Component, Interaction, view_of
from bot.ui.custom_ids import RequestId
from bot.ui.error_messages import explain
from bot.ui.interactions import Read, caller_of
from bot.ui.requests.form_open import change_form
from bot.ui.requests.receipt import send_receipt
from bot.ui.responses import Answer
from bot.ui.services import Services
from storage.records import State

_CHANGEABLE: Final = frozenset({"refused-model", "refused-unknown-model"})
"""Refusals beside the rules' that another prompt or model may pass."""


class UseModel(Component, custom_id="vb:use:{saved_form_id}"):
    """Repeats a refused request with the model that takes it."""

    style = discord.ButtonStyle.primary

    saved_form_id: RequestId

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Create the request; a second press answers with the first one's."""
        caller = caller_of(interaction)
        kept = await services.forms.find(caller, self.saved_form_id)
        if not kept.suggestion:
            raise TooLate("refused-button-gone")
        video_request = kept.video_request.model_copy(update={"model": kept.suggestion})
        origin = Origin(f"use:{self.saved_form_id}", SAVED_FORM_MS)
        await ask(services, answer, caller, (video_request, ()), origin)


class Change(Component, custom_id="vb:change:{saved_form_id}"):
    """Opens the form with what was refused, for the member to correct it."""

    emoji = "✏️"

    saved_form_id: RequestId

    async def form(self, interaction: Interaction, services: Services) -> ui.Modal:
        """The form as it was sent, or as the command was given."""
        return await change_form(services, interaction, self.saved_form_id)


async def ask(
    services: Services, answer: Answer, caller: Caller, read: Read, origin: Origin = FRESH
) -> None:
    """Create a request and answer; a refusal comes with buttons where a change may help."""
    video_request, faults = read
    try:
        taken = await services.requests.create(video_request, caller, faults=faults, origin=origin)
    except UserError as error:
        if not isinstance(error, InvalidRequest) and error.key not in _CHANGEABLE:
            raise
        suggestion = (error.suggestion or "") if isinstance(error, InvalidRequest) else ""
        saved_form_id = await services.forms.keep(
            caller, video_request, suggestion=suggestion, origin=origin.name
        )
        t = answer.t
        buttons: list[Component] = []
        if suggestion:
            buttons.append(UseModel(saved_form_id, label=t("use-model", model=suggestion)))
        buttons.append(Change(saved_form_id, label=t("button-edit")))
        await answer.send(explain(error, t, services.currency), view=view_of(*buttons))
        return
    if not taken.is_new and taken.request.state is not State.DRAFT:
        # a second tap while the first one's answer is there already
        await services.requests.answered(taken.request.id, is_seen=True)
    await send_receipt(services, answer, taken)
