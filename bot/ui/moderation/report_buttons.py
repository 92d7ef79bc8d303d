"""The buttons that report a posted video and take it down."""

import discord
from discord import ui

from bot.ui.components import Interaction, RequestComponent, view_of
from bot.ui.interactions import caller_of
from bot.ui.markdown import code
from bot.ui.moderation.review_forms import ReportForm
from bot.ui.responses import Answer
from bot.ui.services import Services


class ReportVideo(RequestComponent, custom_id="vb:report:{request_id}"):
    """Opens the form that asks what is wrong with a posted video."""

    emoji = "🚩"

    async def form(self, interaction: Interaction, services: Services) -> ui.Modal:
        """The form."""
        t = services.texts.of(str(interaction.locale))
        return ReportForm(f"r:{self.request_id}").build(t)


class DeleteVideo(RequestComponent, custom_id="vb:delete:{request_id}"):
    """Asks once whether a posted video should be taken down."""

    is_update = True
    emoji = "🗑️"
    style = discord.ButtonStyle.danger

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Ask for confirmation, for who may delete the video."""
        t = answer.t
        request = await services.reports.deletable(caller_of(interaction), self.request_id)
        sure = ConfirmDelete(request.id, label=t("button-confirm"))
        await answer.send(t("delete-sure", id=code(request.id)), view=view_of(sure))


class ConfirmDelete(RequestComponent, custom_id="vb:delete-sure:{request_id}"):
    """Takes a posted video down."""

    is_update = True
    style = discord.ButtonStyle.danger

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Take it down, and say so in place of the question."""
        request = await services.reports.delete(caller_of(interaction), self.request_id)
        await answer.send(answer.t("delete-done", id=code(request.id)))
