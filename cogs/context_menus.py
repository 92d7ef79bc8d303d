"""The context menus of messages: Animate, Add to cast and Report video."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import VideoBot
from bot.ui.cast.add import cast_form
from bot.ui.moderation.review_forms import ReportForm
from bot.ui.requests.form_open import animate_form
from bot.ui.responses import open_form, send_form

Interaction = discord.Interaction[Any]


class ContextMenus(commands.Cog):
    """Adds the menus by hand, as discord.py has no decorator for them inside a cog."""

    def __init__(self, bot: VideoBot) -> None:
        self._bot = bot
        self._menus = [
            app_commands.ContextMenu(name="Animate", callback=self.animate),
            app_commands.ContextMenu(name="Add to cast", callback=self.add_to_cast),
            app_commands.ContextMenu(name="Report video", callback=self.report_video),
        ]

    async def cog_load(self) -> None:
        """Add the menus to the tree."""
        for menu in self._menus:
            self._bot.tree.add_command(menu)

    async def cog_unload(self) -> None:
        """Remove the menus from the tree."""
        for menu in self._menus:
            self._bot.tree.remove_command(menu.name, type=menu.type)

    async def animate(self, interaction: Interaction, message: discord.Message) -> None:
        """Open the form with a message's pictures."""
        services = self._bot.services
        await open_form(interaction, animate_form(services, interaction, message))

    async def add_to_cast(self, interaction: Interaction, message: discord.Message) -> None:
        """Ask for the name of a message's pictures."""
        await open_form(interaction, cast_form(self._bot.services, interaction, message))

    async def report_video(self, interaction: Interaction, message: discord.Message) -> None:
        """Ask what is wrong with a posted video."""
        t = self._bot.services.texts.of(str(interaction.locale))
        await send_form(interaction, ReportForm(f"m:{message.id}").build(t))


async def setup(bot: VideoBot) -> None:
    """Add the menus to the bot."""
    await bot.add_cog(ContextMenus(bot))
