"""The buttons that report a posted video and take it down."""

from typing import Any, Final

import discord

from bot.ui.components import ID, OfRequest, view_of
from bot.ui.interactions import caller_of
from bot.ui.markdown import code
from bot.ui.moderation.review_forms import ReportForm, open_checked
from bot.ui.responses import Answer
from bot.ui.services import Services, services_of

Interaction = discord.Interaction[Any]


class ReportVideo(OfRequest, template=rf"vb:report:{ID}"):
    """Opens the form that asks what is wrong with a posted video."""

    what = "report"
    emoji = "🚩"

    async def callback(self, interaction: Interaction) -> None:
        """Open the form at once."""
        services = services_of(interaction)
        t = services.texts.of(str(interaction.locale))
        await open_checked(interaction, services, ReportForm(t, request_id=self._of_id))


class DeleteVideo(OfRequest, template=rf"vb:delete:{ID}"):
    """Asks once whether a posted video should be taken down."""

    is_update = True

    what = "delete"
    emoji = "🗑️"
    style = discord.ButtonStyle.danger

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Ask, in place of what stood there."""
        await send_delete_question(services, interaction, answer, self._of_id)


class ConfirmDelete(OfRequest, template=rf"vb:delete-sure:{ID}"):
    """Takes a posted video down."""

    is_update = True

    what = "delete-sure"
    style = discord.ButtonStyle.danger

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Do it, and say so in place of the question."""
        request = await services.reports.delete(caller_of(interaction), self._of_id)
        await answer.send(answer.t("delete-done", id=code(request.id)))


COMPLAINT_BUTTONS: Final = (ReportVideo, DeleteVideo, ConfirmDelete)
"""Every class that must be registered at start."""


async def open_report_form(interaction: Interaction, message: discord.Message) -> None:
    """Open the form for a message of the menu; whether it is a video shows when it comes back."""
    services = services_of(interaction)
    t = services.texts.of(str(interaction.locale))
    await open_checked(interaction, services, ReportForm(t, message_id=message.id))


async def send_delete_question(
    services: Services, interaction: Interaction, answer: Answer, request_id: str
) -> None:
    """Ask once, with one button; for who may delete this video."""
    request = await services.reports.deletable(caller_of(interaction), request_id)
    sure = ConfirmDelete(request.id, answer.t("button-confirm"))
    await answer.send(answer.t("delete-sure", id=code(request.id)), view=view_of(sure))
