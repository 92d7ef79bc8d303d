"""The buttons under managers' answers: delete the server's data, allow every channel again."""

from typing import Annotated

import discord
from discord import ui

from bot.errors import LastChannel
from bot.services.servers.admin import ServerView
from bot.ui.components import Component, Interaction, view_of
from bot.ui.custom_ids import Part
from bot.ui.error_messages import explain
from bot.ui.interactions import caller_of
from bot.ui.responses import Answer
from bot.ui.servers import settings_pages
from bot.ui.services import Services
from bot.ui.texts import Localised


class DeleteServer(Component, custom_id="vb:server-delete:{step}"):
    """Asks once, then deletes all that is stored of the server; for its managers."""

    is_update = True
    style = discord.ButtonStyle.danger

    step: Annotated[str, Part("ask|sure")]

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Ask for confirmation, or delete."""
        t, caller = answer.t, caller_of(interaction)
        if self.step == "sure":
            await services.admin.delete(caller)
            await answer.send(t("server-deleted"))
            return
        await services.admin.show(caller)
        sure = DeleteServer("sure", label=t("button-confirm"))
        await answer.send(t("server-delete-sure"), view=view_of(sure))


class OpenEverywhere(Component, custom_id="vb:channels-everywhere"):
    """Allows the bot in every channel again; for managers."""

    is_update = True

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Allow every channel and show the list."""
        await send_channels(answer, await services.admin.open_everywhere(caller_of(interaction)))


def settings_view(t: Localised) -> ui.View:
    """The button under the list of all settings."""
    return view_of(DeleteServer("ask", label=t("button-delete")))


async def remove_channel(
    services: Services, interaction: Interaction, answer: Answer, channel_id: int
) -> None:
    """Remove an allowed channel and show the list; for the last one, offer to allow all instead."""
    try:
        view = await services.admin.remove_channel(caller_of(interaction), channel_id)
    except LastChannel as error:
        t = answer.t
        await answer.send(
            explain(error, t), view=view_of(OpenEverywhere(label=t("button-everywhere")))
        )
        return
    await send_channels(answer, view)


async def send_channels(answer: Answer, view: ServerView) -> None:
    """Answer with the channels in which the bot is allowed."""
    t = answer.t
    is_limited = view.settings.channels is not None
    buttons = view_of(OpenEverywhere(label=t("button-everywhere"))) if is_limited else None
    await answer.send(settings_pages.channels_list(view, t), view=buttons)
