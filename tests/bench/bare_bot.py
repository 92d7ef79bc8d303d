"""A bare discord.py bot with one command: the floor that the real bot is held against."""

import os

import discord
import yarl
from discord import app_commands


class BareBot(discord.Client):
    """Answers `/video create` in private and does nothing else."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True), max_messages=None)
        self.tree = app_commands.CommandTree(self)
        group = app_commands.Group(name="video", description="Videos")

        @group.command(name="create", description="Make a video")
        async def create(interaction: discord.Interaction, prompt: str) -> None:
            await interaction.response.send_message(f"Taken: {prompt}", ephemeral=True)

        self.tree.add_command(group)

    async def setup_hook(self) -> None:
        await self.tree.sync()


def main() -> None:
    """Connect to the Discord that the environment names, until stopped."""
    discord.http.Route.BASE = os.environ["DISCORD_API_URL"]
    gateway = yarl.URL(os.environ["DISCORD_GATEWAY_URL"])
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = gateway
    BareBot().run(os.environ["DISCORD_TOKEN"], log_handler=None)


if __name__ == "__main__":
    main()
