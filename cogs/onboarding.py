"""Records the servers the bot is in, joins and leaves."""

import logging

import discord
from discord.ext import commands

from bot.client import VideoBot
from bot.shards import shard_of
from bot.ui.servers.guild_join import joined_server_of
from bot.ui.services import Services
from storage.errors import BotError

logger = logging.getLogger(__name__)


class Onboarding(commands.Cog):
    """Listens to both gateway events of a joined server; the service greets each once."""

    def __init__(self, bot: VideoBot) -> None:
        super().__init__()
        self._bot = bot
        self._services: Services = bot.services
        self._started: set[int] = set()

    @commands.Cog.listener()
    async def on_shard_ready(self, shard_id: int) -> None:
        """Record a shard's servers after a start or with a new session."""
        guilds = [guild for guild in self._bot.guilds if guild.shard_id == shard_id]
        total = self._bot.connected_shards.total
        try:
            await self._services.onboarding.are_there(
                [joined_server_of(guild) for guild in guilds if not guild.unavailable],
                {guild.id for guild in guilds},
                is_heard_of=lambda guild_id: shard_of(guild_id, total) == shard_id,
            )
        except BotError as error:
            _log(error)
        self._started.add(shard_id)

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Record a server that the bot was invited to."""
        await self._came(guild)

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Record a server that is available again, or whose join is reported by this event."""
        if guild.shard_id in self._started:
            await self._came(guild)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Record that a server removed the bot or was deleted; not that it is unavailable."""
        try:
            await self._services.onboarding.left(guild.id)
        except BotError as error:
            _log(error)

    async def _came(self, guild: discord.Guild) -> None:
        try:
            await self._services.onboarding.came(joined_server_of(guild))
        except BotError as error:
            _log(error)


def _log(error: BotError) -> None:
    logger.warning(
        "A server could not be recorded",
        extra={"action": "server.not_recorded", "error": repr(error)},
    )


async def setup(bot: VideoBot) -> None:
    """Add the listeners to the bot."""
    await bot.add_cog(Onboarding(bot))
