"""`/cast`: named pictures for prompts."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import VideoBot
from bot.ui.cast import pages
from bot.ui.cast.add import OWNERS, add
from bot.ui.cast.show import send_show
from bot.ui.command_names import English
from bot.ui.interactions import attached_images, caller_of
from bot.ui.responses import answering
from bot.ui.services import Services
from cogs.cast_autocomplete import CastChoices
from cogs.video_autocomplete import Choices

Interaction = discord.Interaction[Any]
File = discord.Attachment | None

_en = English()
_OWNERS = [
    app_commands.Choice(name=app_commands.locale_str(each, key=f"choice-cast-{each}"), value=each)
    for each in OWNERS
]


class Cast(commands.GroupCog, group_name="cast", group_description=_en.command("cast")):
    """For everyone; moderators write the server's."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services
        self._choices = CastChoices(services)

    @app_commands.command(name="add", description=_en.command("cast add"))
    @app_commands.describe(
        **_en.options("name", "image1", "image2", "image3", "image4"), owner=_en.option("for")
    )
    @app_commands.rename(owner="for")
    @app_commands.choices(owner=_OWNERS)
    async def add(
        self,
        interaction: Interaction,
        name: str,
        image1: discord.Attachment,
        image2: File = None,
        image3: File = None,
        image4: File = None,
        owner: str = "me",
    ) -> None:
        """Give pictures a name."""
        pictures = attached_images((image1, image2, image3, image4))
        async with answering(interaction) as answer:
            await add(self._services, answer, caller_of(interaction), name, pictures, owner)

    @app_commands.command(name="list", description=_en.command("cast list"))
    async def list(self, interaction: Interaction) -> None:
        """Show the caller's names and the server's."""
        async with answering(interaction) as answer:
            found = await self._services.cast.all(caller_of(interaction))
            await answer.send(embed=pages.list_page(found, answer.t))

    @app_commands.command(name="show", description=_en.command("cast show"))
    @app_commands.describe(name=_en.option("name"))
    async def show(self, interaction: Interaction, name: str) -> None:
        """Show the pictures of a name."""
        async with answering(interaction) as answer:
            await send_show(self._services, caller_of(interaction), answer, name)

    @app_commands.command(name="remove", description=_en.command("cast remove"))
    @app_commands.describe(name=_en.option("name"))
    async def remove(self, interaction: Interaction, name: str) -> None:
        """Remove a name."""
        async with answering(interaction) as answer:
            view = await self._services.cast.remove(caller_of(interaction), name)
            await answer.send(pages.removed(view, answer.t))

    @show.autocomplete("name")
    @remove.autocomplete("name")
    async def _names(self, interaction: Interaction, typed: str) -> Choices:
        return await self._choices.names(interaction, typed)


async def setup(bot: VideoBot) -> None:
    """Add the commands to the bot."""
    await bot.add_cog(Cast(bot.services))
