"""A bare discord.py bot with one command: the floor that the real bot is held against.

`python -m tests.bench.bare_bot commit` writes a row durably before each answer.
"""

import os
import sys

import aiosqlite
import discord
import yarl
from discord import app_commands

DATABASE = "bare.db"


class BareBot(discord.Client):
    """Answers `/video create` in private and does nothing else but, where told to, one commit."""

    def __init__(self, *, commits: bool) -> None:
        super().__init__(intents=discord.Intents(guilds=True), max_messages=None)
        self.tree = app_commands.CommandTree(self)
        self._commits = commits
        self._database: aiosqlite.Connection | None = None
        group = app_commands.Group(name="video", description="Videos")

        @group.command(name="create", description="Make a video")
        async def create(interaction: discord.Interaction, prompt: str) -> None:
            if self._database is not None:
                # without isolation level a statement is a transaction of its own
                await self._database.execute_insert("INSERT INTO asked VALUES (?)", (prompt,))
            await interaction.response.send_message(f"Taken: {prompt}", ephemeral=True)

        self.tree.add_command(group)

    async def setup_hook(self) -> None:
        if self._commits:
            self._database = await aiosqlite.connect(DATABASE, isolation_level=None)
            for sql in (
                "PRAGMA journal_mode = WAL",
                "PRAGMA synchronous = FULL",
                "CREATE TABLE asked (prompt TEXT)",
            ):
                await self._database.execute_fetchall(sql)
        await self.tree.sync()

    async def close(self) -> None:
        if self._database is not None:
            await self._database.close()
        await super().close()


def main() -> None:
    """Connect to the Discord that the environment names, until stopped."""
    discord.http.Route.BASE = os.environ["DISCORD_API_URL"]
    gateway = yarl.URL(os.environ["DISCORD_GATEWAY_URL"])
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = gateway
    bot = BareBot(commits=sys.argv[1:] == ["commit"])
    bot.run(os.environ["DISCORD_TOKEN"], log_handler=None)


if __name__ == "__main__":
    main()
