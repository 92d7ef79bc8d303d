"""The server that the demo plays in: its channel, and the people a visitor may be."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import discord
from simcord import ChannelHandle, Env, GuildHandle, MemberActor
from simcord._clock import Clock  # the only way to give SimCord another clock

from bot.demo.pictures import SAMPLES

SERVER_ID: Final = 1_400_000_000_000_000_000
"""Known before there is a server, so that the bot's settings can name it."""
SERVER_NAME: Final = "Video Club"
CHANNEL_NAME: Final = "videos"
BOT_NAME: Final = "Video Bot"

WELCOME: Final = (
    "**Welcome!** The bot here is the real one; only Discord and the video provider are simulated."
    "\n1. Type `/` in the box below and pick **/video create**."
    "\n2. Write a prompt, attach a picture as **image1** if you like, and send it."
    "\n3. Watch the card move; the video comes after a quarter of a minute."
    "\n\nUnder *Viewing as* you can be somebody else."
)


class WallClock(Clock):
    """Real time for ids and timestamps, to agree with the bot's clock; timers stay as they are."""

    def __init__(self, elapsed_s: float) -> None:
        super().__init__()
        self.elapsed = elapsed_s

    def now(self) -> datetime:
        """The real time, in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class World:
    """Who and what there is; everyone in `people` may be played in the browser."""

    guild: GuildHandle
    channel: ChannelHandle
    member: MemberActor
    second_member: MemberActor
    moderator: MemberActor
    owner: MemberActor

    @property
    def people(self) -> tuple[MemberActor, ...]:
        """Those a visitor may be, the likeliest first."""
        return (self.member, self.second_member, self.moderator, self.owner)


def build_world(env: Env) -> World:
    """Set up the server. The people joined at SimCord's epoch, so none of their accounts is new.

    From here on Discord's time is real time.
    """
    env.backend.edit_bot_profile(BOT_NAME)
    owner = env.create_user("olivia", global_name="Olivia (owner)")
    guild = env.create_guild(SERVER_NAME, id=SERVER_ID, owner=owner)
    moderators = guild.create_role(
        "Moderators", permissions=discord.Permissions(manage_messages=True)
    )

    def join(name: str, shown: str) -> MemberActor:
        return guild.add_member(env.create_user(name, global_name=shown))

    world = World(
        guild=guild,
        channel=guild.create_text_channel(CHANNEL_NAME, topic="Ask the bot for videos"),
        member=join("mia", "Mia (member)"),
        second_member=join("noah", "Noah (member)"),
        moderator=guild.add_member(
            env.create_user("sam", global_name="Sam (moderator)"), roles=[moderators]
        ),
        owner=MemberActor(env, guild, owner),
    )
    env.backend.clock = WallClock(env.backend.clock.elapsed)
    return world


async def furnish(world: World) -> None:
    """Write what a visitor finds in the channel: how to begin, and pictures to play with."""
    pictures = [(name, draw()) for name, draw in SAMPLES.items()]
    text = "Two pictures to try the bot with: save one, then attach it."
    await world.second_member.send(world.channel, text, attachments=pictures)
    await world.owner.send(world.channel, WELCOME)
