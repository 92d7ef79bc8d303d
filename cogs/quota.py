"""`/quota`: a member's usage and limits."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import VideoBot
from bot.ui import quotas
from bot.ui.command_names import English
from bot.ui.interactions import caller_of
from bot.ui.responses import answering
from bot.ui.services import Services

_en = English()


class Quota(commands.Cog):
    """For everyone; moderators may look at others."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services

    @app_commands.command(name="quota", description=_en.command("quota"))
    @app_commands.describe(member=_en.option("member"))
    async def quota(
        self,
        interaction: discord.Interaction[Any],
        member: discord.Member | discord.User | None = None,
    ) -> None:
        """Show what is used, what is left, and when the next one frees up."""
        services = self._services
        async with answering(interaction) as answer:
            caller = caller_of(interaction)
            asked = quotas.member_of(member) if member is not None else None
            found = await services.quotas.show(caller, asked)
            page = quotas.allowance_page(
                found,
                caller.user_id,
                services.currency,
                answer.t,
                sees_all=asked is not None and asked.user_id != caller.user_id,
            )
            await answer.send(page)


async def setup(bot: VideoBot) -> None:
    """Add the command to the bot."""
    await bot.add_cog(Quota(bot.services))
