"""The button under the message that tells of a rejection, and the form that it opens."""

from typing import Any, Final

import discord
from discord import ui

from bot.services.moderation.appeals import LONGEST_APPEAL
from bot.ui.components import Interaction, RequestComponent, view_of
from bot.ui.custom_ids import RequestId
from bot.ui.forms import Form, Submitted, first
from bot.ui.interactions import caller_of
from bot.ui.responses import Answer
from bot.ui.services import Services
from bot.ui.texts import Localised

WHY: Final = "why"


class Appeal(RequestComponent, custom_id="vb:appeal:{request_id}"):
    """Asks why another moderator should look at a rejected request."""

    emoji = "⚖️"

    async def form(self, interaction: Interaction, services: Services) -> ui.Modal:
        """The form. What can be checked in time is, and all of it again on submission."""
        check = services.appeals.check(caller_of(interaction), self.request_id)
        await services.forms.in_time(check)
        t = services.texts.of(str(interaction.locale))
        return AppealForm(self.request_id).build(t)


class AppealForm(Form, custom_id="vb:appeal-form:{request_id}"):
    """Asks for the member's own words."""

    request_id: RequestId

    def build(self, t: Localised) -> ui.Modal:
        """The modal to open."""
        why: ui.TextInput[Any] = ui.TextInput(
            custom_id=WHY,
            style=discord.TextStyle.paragraph,
            required=True,
            max_length=LONGEST_APPEAL,
        )
        label = ui.Label(text=t("form-why"), description=t("form-appeal-help"), component=why)
        return self.modal(t("form-appeal"), label)

    async def submitted(
        self, interaction: Interaction, services: Services, answer: Answer, values: Submitted
    ) -> None:
        """Put it before the moderators."""
        caller = caller_of(interaction)
        review = await services.appeals.appeal(caller, self.request_id, first(values, WHY))
        await answer.send(answer.t("appeal-done", ms=review.ends_at_ms))


def appeal_view(request_id: str, t: Localised) -> ui.View:
    """The button of a rejection."""
    return view_of(Appeal(request_id, label=t("button-appeal")))
