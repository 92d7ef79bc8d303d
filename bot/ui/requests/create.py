"""Asks the service for a video; what it refuses can be changed without giving everything again."""

from typing import Any, Final

import discord
from discord import ui

from bot.errors import InvalidRequest, TooLate, UserError
from bot.services.caller import Caller
from bot.services.requests.provenance import FRESH, Origin
from bot.services.requests.saved_forms import SAVED_FORM_MS
from bot.ui.components import ID, OfRequest, RequestButton, view_of
from bot.ui.error_messages import explain
from bot.ui.interactions import Read, caller_of
from bot.ui.requests.form_open import FormButton, change_form
from bot.ui.requests.receipt import send_receipt
from bot.ui.responses import Answer
from bot.ui.services import Services
from storage.records import State

BUTTON_LIMIT: Final = 80
"""Discord's limit of a button's label."""

_CHANGEABLE: Final = frozenset({"refused-model", "refused-unknown-model"})
"""Refusals beside the rules' that another prompt or model may pass."""


class UseModel(OfRequest, template=rf"vb:use:{ID}"):
    """Takes the model that would take what another one refused, with everything else as it was."""

    what = "use"
    style = discord.ButtonStyle.primary

    async def pressed(
        self, interaction: discord.Interaction[Any], services: Services, answer: Answer
    ) -> None:
        """Ask again with the other model; a second tap meets the first one's request."""
        caller = caller_of(interaction)
        kept = await services.forms.find(caller, self._of_id)
        if not kept.suggestion:
            raise TooLate("refused-button-gone")
        video_request = kept.video_request.model_copy(update={"model": kept.suggestion})
        await ask(
            services,
            answer,
            caller,
            (video_request, ()),
            Origin(f"use:{self._of_id}", SAVED_FORM_MS),
        )


class Change(OfRequest, FormButton, template=rf"vb:change:{ID}"):
    """Opens the form with what was refused, for the member to change what was wrong."""

    what = "change"
    emoji = "✏️"

    async def form(self, interaction: discord.Interaction[Any], services: Services) -> ui.Modal:
        """The form as it was sent, or as the command was given."""
        return await change_form(services, interaction, self._of_id)


ASKING_BUTTONS: Final = (UseModel, Change)


async def ask(
    services: Services, answer: Answer, caller: Caller, read: Read, origin: Origin = FRESH
) -> None:
    """Take a request in and answer; a refusal comes with buttons where changing it may help."""
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
        buttons: list[RequestButton] = []
        if suggestion:
            buttons.append(UseModel(saved_form_id, t("use-model", model=suggestion)))
        buttons.append(Change(saved_form_id, t("button-edit")))
        await answer.send(explain(error, t, services.currency), view=view_of(*buttons))
        return
    if not taken.is_new and taken.request.state is not State.DRAFT:
        # a second tap while the first one's answer is there already
        await services.requests.answered(taken.request.id, is_seen=True)
    await send_receipt(services, answer, taken)
