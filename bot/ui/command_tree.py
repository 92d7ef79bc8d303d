"""The command tree: guild-only check and error handler."""

import logging
from typing import Any

import discord
from discord import app_commands

from bot.ui.responses import answer_failure, say

logger = logging.getLogger(__name__)


class Tree(app_commands.CommandTree[Any]):
    """A command tree whose error handler answers every exception."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Allow servers only: direct messages are for deliveries."""
        if interaction.guild_id is not None:
            return True
        if interaction.type is not discord.InteractionType.autocomplete:
            texts = interaction.client.services.texts
            await say(interaction, texts.of(str(interaction.locale))("refused-server-only"))
        return False

    async def on_error(
        self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError, /
    ) -> None:
        """Answer any exception, also when the interaction was answered before."""
        services = interaction.client.services
        if interaction.type is discord.InteractionType.autocomplete:
            logger.warning("Autocomplete of an unknown command", extra={"action": "tree.unknown"})
            return
        if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
            logger.warning("An unknown command", extra={"action": "tree.unknown"})
            t = services.texts.of(str(interaction.locale))
            await say(interaction, t("refused-command-gone"))
            return
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        await answer_failure(interaction, cause)
