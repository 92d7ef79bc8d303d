"""`/videoadmin`: commands for managers."""

from typing import Any, Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import VideoBot
from bot.services.quotas.limits import Period, Unit
from bot.ui import quotas
from bot.ui.command_names import English
from bot.ui.interactions import caller_of
from bot.ui.responses import answering
from bot.ui.services import Services
from cogs.admin_settings import SettingsCommands
from cogs.admin_templates import TemplateCommands
from cogs.video_autocomplete import OptionChoices, offer_choices

Interaction = discord.Interaction[Any]
Mentioned = discord.Member | discord.User | discord.Role

_en = English()


@app_commands.default_permissions(manage_guild=True)
class Admin(
    SettingsCommands,
    TemplateCommands,
    commands.GroupCog,
    group_name="videoadmin",
    group_description=_en.command("videoadmin"),
):
    """Commands for managers; the services check that on each one."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services
        self._choices = OptionChoices(services)

    @app_commands.command(name="quota", description=_en.command("videoadmin quota"))
    @app_commands.describe(**_en.options("who", "amount", "unit", "period"))
    async def quota(
        self,
        interaction: Interaction,
        who: Mentioned,
        amount: str,
        unit: Literal["videos", "seconds", "cost"] = "videos",
        period: Literal["day", "month"] = "day",
    ) -> None:
        """Set, lift or remove a limit for a member, a role, or everyone."""
        async with answering(interaction) as answer:
            subject, services = quotas.subject_of(who), self._services
            changed = await services.quotas.set_limit(
                caller_of(interaction), subject, amount, Unit(unit), Period(period)
            )
            await answer.send(quotas.limit_page(changed, services.currency, answer.t))


async def setup(bot: VideoBot) -> None:
    """Add the commands to the bot."""
    offer_choices(bot.services.catalogue, Admin.template_add)
    await bot.add_cog(Admin(bot.services))
