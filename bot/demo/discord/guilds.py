"""The two demo servers with their channels, roles and members."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

import discord
from simcord import ChannelHandle, Env, GuildHandle, MemberActor, RoleHandle, UserHandle
from simcord._clock import Clock  # the only way to give SimCord another clock
from simcord.backend.models import User

from bot.demo.discord.languages import set_locales
from bot.demo.discord.personas import ENGLISH, GRACE, MIA, OLIVIA, PERSONAS, SAM, Persona

SERVER_ID: Final = 1_400_000_000_000_000_000
SCHOOL_ID: Final = SERVER_ID + 1
OWNER_ID: Final = SERVER_ID + 2
"""Fixed ids, so that the bot's settings can name them before SimCord starts."""
SERVER_NAME: Final = "Video Club"
SCHOOL_NAME: Final = "Film School"
CHANNEL_NAME: Final = "videos"
BOT_NAME: Final = "Video Bot"

MODERATING: Final = discord.Permissions(manage_messages=True)
MANAGING: Final = discord.Permissions(manage_messages=True, manage_guild=True)


class WallClock(Clock):
    """Wall-clock time for ids and timestamps, as the bot uses; timers are unchanged."""

    def __init__(self, elapsed_s: float) -> None:
        super().__init__()
        self.elapsed = elapsed_s

    def now(self) -> datetime:
        """Current time in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class School:
    """The server in which every request is reviewed before submission."""

    guild: GuildHandle
    projects: ChannelHandle
    review: ChannelHandle
    log: ChannelHandle
    moderators: RoleHandle
    people: Mapping[Persona, MemberActor]


@dataclass(frozen=True, slots=True)
class Room:
    """A channel on the page; `people` are those who can see it."""

    slug: str
    server: str
    label: str
    channel: ChannelHandle
    people: tuple[MemberActor | UserHandle, ...]


@dataclass(frozen=True, slots=True)
class World:
    """Servers and members. `guild` is the bot owner's server, without review."""

    guild: GuildHandle
    channel: ChannelHandle
    series: ChannelHandle
    templates: ChannelHandle
    showcase: ChannelHandle
    people: Mapping[Persona, MemberActor]
    school: School

    @property
    def member(self) -> MemberActor:
        """The visitor's initial persona."""
        return self.people[MIA]

    @property
    def rooms(self) -> tuple[Room, ...]:
        """All channels on the page; the initial one comes first."""
        school, pupils = self.school, tuple(self.school.people.values())
        staff = (school.people[SAM], school.people[GRACE])
        members = tuple(self.people.values())
        shared = (
            Room(CHANNEL_NAME, SERVER_NAME, "", self.channel, members),
            Room("series", SERVER_NAME, "", self.series, members),
            Room("templates", SERVER_NAME, "", self.templates, members),
            Room("showcase", SERVER_NAME, "", self.showcase, members),
            Room("projects", SCHOOL_NAME, "", school.projects, pupils),
            Room("review", SCHOOL_NAME, "", school.review, staff),
            Room("log", SCHOOL_NAME, "", school.log, staff),
        )
        letters = (
            Room(f"dm-{who.name}", "", "Direct messages", actor.user.dm_channel, (actor.user,))
            for who, actor in self.people.items()
        )
        return (*shared, *letters)


def build_world(env: Env) -> World:
    """Create the servers. Accounts date from SimCord's epoch, so none of them counts as new.

    Afterwards Discord's clock is the wall clock.
    """
    env.backend.edit_bot_profile(BOT_NAME)
    users = {who: _user(env, who) for who in PERSONAS}
    set_locales(env, {user.id: who.locale for who, user in users.items() if who.locale != ENGLISH})
    guild = env.create_guild(SERVER_NAME, id=SERVER_ID, owner=users[OLIVIA])
    world = World(
        guild=guild,
        channel=guild.create_text_channel(CHANNEL_NAME, topic="Ask the bot for videos"),
        series=guild.create_text_channel("series", topic="Films of several shots"),
        templates=guild.create_text_channel("templates", topic="Videos with one press"),
        showcase=guild.create_text_channel("showcase", topic="Videos with two stars"),
        people=_join(env, guild, users, _staff_roles(guild)),
        school=_school(env, users),
    )
    env.backend.clock = WallClock(env.backend.clock.elapsed)
    return world


def _user(env: Env, who: Persona) -> UserHandle:
    if who is not OLIVIA:
        return env.create_user(who.name, global_name=who.shown)
    owner = User(id=OWNER_ID, name=who.name, global_name=who.shown)
    env.backend.users[owner.id] = owner
    return UserHandle(env, owner)


def _school(env: Env, users: Mapping[Persona, UserHandle]) -> School:
    guild = env.create_guild(SCHOOL_NAME, id=SCHOOL_ID, owner=users[GRACE])
    roles = _staff_roles(guild)
    bot = UserHandle(env, env.backend.bot_user)

    def closed_channel(name: str) -> ChannelHandle:
        return guild.create_text_channel(
            name,
            topic="Moderators only",
            overwrites={
                guild.default_role: discord.PermissionOverwrite(view_channel=False),
                roles[SAM]: discord.PermissionOverwrite(view_channel=True),
                bot: discord.PermissionOverwrite(view_channel=True),
            },
        )

    return School(
        guild=guild,
        projects=guild.create_text_channel(
            "projects", topic="Ask here too: a moderator looks at it first"
        ),
        review=closed_channel("review"),
        log=closed_channel("log"),
        moderators=roles[SAM],
        people=_join(env, guild, users, roles),
    )


def _staff_roles(guild: GuildHandle) -> Mapping[Persona, RoleHandle]:
    return {
        SAM: guild.create_role("Moderators", permissions=MODERATING),
        GRACE: guild.create_role("Managers", permissions=MANAGING),
    }


def _join(
    env: Env,
    guild: GuildHandle,
    users: Mapping[Persona, UserHandle],
    roles: Mapping[Persona, RoleHandle],
) -> Mapping[Persona, MemberActor]:
    owner = guild.owner.id
    joined = {
        who: MemberActor(env, guild, user)
        if user.id == owner
        else guild.add_member(user, roles=[roles[who]] if who in roles else [])
        for who, user in users.items()
    }
    return MappingProxyType(joined)
