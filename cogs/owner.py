"""`/owner`: status, pause, uncertain requests and the bill; in the owner's server alone."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import VideoBot
from bot.ui.command_names import English
from bot.ui.interactions import caller_of
from bot.ui.owner import pages
from bot.ui.owner.bill import send_bill
from bot.ui.owner.status_page import status_page
from bot.ui.owner.uncertain import send_uncertain
from bot.ui.responses import answering
from bot.ui.services import Services

Interaction = discord.Interaction[Any]

_en = English()


# shown to administrators alone; Server Settings, Integrations shows it to other owners
@app_commands.default_permissions(administrator=True)
class Owner(commands.GroupCog, group_name="owner", group_description=_en.command("owner")):
    """Commands for the application's owners; the service checks that on each one."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services

    @app_commands.command(name="status", description=_en.command("owner status"))
    async def status(self, interaction: Interaction) -> None:
        """Show the status of the whole bot."""
        async with answering(interaction) as answer:
            status = await self._services.owner.status(caller_of(interaction))
            page = status_page(status, self._services.currency, answer.t)
            await answer.send(embed=page)

    @app_commands.command(name="pause", description=_en.command("owner pause"))
    async def pause(self, interaction: Interaction) -> None:
        """Pause submissions to the provider."""
        async with answering(interaction) as answer:
            caller = caller_of(interaction)
            is_new = await self._services.owner.pause(caller)
            _, running = await self._services.owner.waiting(caller)
            await answer.send(pages.paused(is_new, running, answer.t))

    @app_commands.command(name="resume", description=_en.command("owner resume"))
    async def resume(self, interaction: Interaction) -> None:
        """Resume submissions."""
        async with answering(interaction) as answer:
            caller = caller_of(interaction)
            waiting, _ = await self._services.owner.waiting(caller)
            was_paused = await self._services.owner.resume(caller)
            await answer.send(pages.resumed(was_paused, waiting, answer.t))

    @app_commands.command(name="uncertain", description=_en.command("owner uncertain"))
    async def uncertain(self, interaction: Interaction) -> None:
        """Show uncertain requests, with the ways to settle them."""
        async with answering(interaction) as answer:
            await send_uncertain(self._services, interaction, answer)

    @app_commands.command(name="bill", description=_en.command("owner bill"))
    @app_commands.describe(month=_en.option("month"))
    async def bill(self, interaction: Interaction, month: str = "") -> None:
        """Show a month's ledger, the provider's costs, and each difference."""
        async with answering(interaction) as answer:
            await send_bill(self._services, interaction, answer, month)

    @bill.autocomplete("month")
    async def months(self, _: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """The last twelve months."""
        months = self._services.bill.months()
        return [
            app_commands.Choice(name=month, value=month)
            for month in months
            if typed.strip() in month
        ]


async def setup(bot: VideoBot) -> None:
    """Add the commands to the owner's server, if there is one."""
    if bot.owner_guild_id:
        await bot.add_cog(Owner(bot.services), guild=discord.Object(bot.owner_guild_id))
