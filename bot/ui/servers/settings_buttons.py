"""The buttons under managers' answers: delete the server's data, open every channel again."""

import re
from typing import Any, Final, Self

import discord
from discord import ui

from bot.errors import LastChannel
from bot.services.servers.admin import ServerView
from bot.ui.components import RequestButton, view_of
from bot.ui.error_messages import explain
from bot.ui.interactions import caller_of
from bot.ui.responses import Answer
from bot.ui.servers import settings_pages
from bot.ui.services import Services
from bot.ui.texts import Localised

Interaction = discord.Interaction[Any]


class DeleteServer(RequestButton, template=r"vb:server-delete:(?P<step>ask|sure)"):
    """Asks once, then removes all that is stored of the server; for its managers."""

    is_update = True

    def __init__(self, step: str, label: str = "Delete") -> None:
        super().__init__(
            ui.Button(
                label=label,
                style=discord.ButtonStyle.danger,
                custom_id=f"vb:server-delete:{step}",
            )
        )
        self._is_sure = step == "sure"

    @classmethod
    async def from_custom_id(
        cls, _: Interaction, __: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the pressed button anew from its custom_id."""
        return cls(match["step"])

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Ask with one button, or delete."""
        t, caller = answer.t, caller_of(interaction)
        if self._is_sure:
            await services.admin.delete(caller)
            await answer.send(t("server-deleted"))
            return
        await services.admin.show(caller)
        await answer.send(
            t("server-delete-sure"), view=view_of(DeleteServer("sure", t("button-confirm")))
        )


class OpenEverywhere(RequestButton, template=r"vb:channels-everywhere"):
    """Lets the bot be used in every channel again; for managers."""

    is_update = True

    def __init__(self, label: str = "Allow everywhere") -> None:
        super().__init__(
            ui.Button(
                label=label,
                style=discord.ButtonStyle.secondary,
                custom_id="vb:channels-everywhere",
            )
        )

    @classmethod
    async def from_custom_id(cls, _: Interaction, __: ui.Item[Any], ___: re.Match[str], /) -> Self:
        """Make the pressed button anew."""
        return cls()

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Open every channel and show the list."""
        await send_channels(answer, await services.admin.open_everywhere(caller_of(interaction)))


ADMIN_BUTTONS: Final = (DeleteServer, OpenEverywhere)


def settings_view(t: Localised) -> ui.View:
    """What stands under all settings."""
    return view_of(DeleteServer("ask", t("button-delete")))


async def remove_channel(
    services: Services, interaction: Interaction, answer: Answer, channel_id: int
) -> None:
    """Close a channel and show the list; of the last one, offer to open all instead."""
    try:
        view = await services.admin.remove_channel(caller_of(interaction), channel_id)
    except LastChannel as error:
        t = answer.t
        await answer.send(explain(error, t), view=view_of(OpenEverywhere(t("button-everywhere"))))
        return
    await send_channels(answer, view)


async def send_channels(answer: Answer, view: ServerView) -> None:
    """Answer with the channels in which the bot may be used."""
    t = answer.t
    is_limited = view.settings.channels is not None
    buttons = view_of(OpenEverywhere(t("button-everywhere"))) if is_limited else None
    await answer.send(settings_pages.channels_list(view, t), view=buttons)
