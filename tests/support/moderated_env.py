"""A test environment whose server has moderators and a review channel."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.services.moderation.reviews import UNDO_MS
from bot.services.server_settings import change_settings
from storage.moderation import audit_log, reviews
from storage.moderation.audit_log import Decision
from storage.moderation.reviews import Review
from storage.records import State
from tests.flow.fast_forward import HopClock
from tests.support.bot_env import BotEnv, open_bot_env
from tests.support.discord.interactions import Interaction
from tests.support.discord.records import MEMBER_PERMISSIONS, Channel, Message, Permission, User

APPROVE, SPOILER, REJECT = "Approve", "Approve as spoiler", "Reject"


class ModeratedEnv:
    """Alice creates requests, Bob and Carol moderate, Dave is an ordinary member."""

    def __init__(self, bot_env: BotEnv) -> None:
        self.bot_env = bot_env
        discord, guild = bot_env.discord, bot_env.guild
        self.channel: Channel = discord.add_channel(guild, "mods")
        self.log: Channel = discord.add_channel(guild, "log")
        moderator = MEMBER_PERMISSIONS | Permission.MANAGE_MESSAGES
        self.bob, self.carol, self.dave = (discord.add_user(n) for n in ("bob", "carol", "dave"))
        for user in (self.bob, self.carol):
            discord.world.add_member(guild, user, moderator)

    async def set(self, **settings: Any) -> None:
        """Change the server's settings, as its managers would."""
        async with self.bot_env.database.transaction() as tx:
            await change_settings(tx, self.bot_env.guild.id, **settings)

    async def ask(self, user: User | None = None, **options: Any) -> Interaction:
        """Run `/video create` and wait for the reply."""
        asked = await self.bot_env.create(user, **options)
        await asked.wait_shown()
        return asked

    async def held(self, number: int = 0, **options: Any) -> Message:
        """Create a request and wait for the review card of the n-th."""
        await self.ask(**options)
        request = await self.bot_env.until_state(State.HELD, number=number)
        return await self.card(request.id)

    async def card(self, request_id: str, button: str = "approve") -> Message:
        """A request's review card with its buttons."""
        return await self.bot_env.discord.wait_message(
            lambda message: (
                message.channel_id == self.channel.id
                and f"vb:{button}:{request_id}:" in str(message.components)
            ),
            20,
        )

    async def decided(self, card: Message, *words: str) -> Message:
        """Wait until the card has no buttons."""
        await self.bot_env.discord.wait_for(
            lambda: not card.components and all(word in card.content for word in words), 20
        )
        return card

    async def press(self, card: Message, button: str, user: User | None = None) -> str:
        """Press a button of a card and return the private reply."""
        pressed = await self.bot_env.discord.click(card, button, user or self.bob)
        return (await pressed.wait_shown()).content

    async def reject(self, card: Message, user: User | None = None, **values: Any) -> str:
        """Press Reject and send the form; the time to take that back passes."""
        opened = await self.bot_env.discord.click(card, REJECT, user or self.bob)
        await opened.wait_answered()
        sent = await self.bot_env.discord.submit(opened, values)
        said = (await sent.wait_shown()).content
        self.later(UNDO_MS)
        return said

    def later(self, by_ms: int) -> None:
        """Let time pass, where the clock is ours; what is due then follows by itself."""
        if isinstance(self.bot_env.clock, HopClock):
            self.bot_env.clock.ahead_ms += by_ms

    async def mod(self, command: str, user: User | None = None, **options: Any) -> Interaction:
        """Run a `/videomod` command and wait for the reply."""
        discord, bot_env = self.bot_env.discord, self.bot_env
        path = f"videomod {command}"
        asked = await discord.slash(bot_env.guild, self.channel, user or self.bob, path, options)
        await asked.wait_shown()
        return asked

    async def report(self, message: Message, user: User, reason: str = "not nice") -> str:
        """Report a message from its context menu and return the private reply."""
        discord, bot_env = self.bot_env.discord, self.bot_env
        opened = await discord.menu(bot_env.guild, bot_env.channel, user, "Report video", message)
        await opened.wait_answered()
        sent = await discord.submit(opened, {"Reason": reason})
        return (await sent.wait_shown()).content

    async def log_of(self, **wanted: Any) -> list[Decision]:
        """The decision log, newest first."""
        async with self.bot_env.database.reading() as tx:
            return await audit_log.page(tx, self.bot_env.guild.id, limit=100, **wanted)

    async def reviews_of(self, request_id: str) -> list[Review]:
        """A request's reviews."""
        async with self.bot_env.database.reading() as tx:
            return await reviews.of_request(tx, request_id)


@asynccontextmanager
async def open_moderated_env(
    database_url: str, folder: Path, **settings: Any
) -> AsyncIterator[ModeratedEnv]:
    """Build an environment whose bot is not started yet; `settings` by field name."""
    settings.setdefault("clock", HopClock())
    async with open_bot_env(database_url, folder, **settings) as bot_env:
        moderated_env = ModeratedEnv(bot_env)
        await moderated_env.set(
            review_channel=moderated_env.channel.id, log_channel=moderated_env.log.id
        )
        yield moderated_env
