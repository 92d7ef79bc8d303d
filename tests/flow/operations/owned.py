"""An environment with the bot owner's own server, and shortcuts for `/owner` commands."""

import pytest

from bot.demo.provider.faults import CallName, Drop
from bot.services.requests import lifecycle
from storage.quotas import ledger
from storage.quotas.ledger_records import Account
from storage.records import Request, State
from storage.requests import requests
from tests.support.bot_env import BotEnv
from tests.support.discord.interactions import Interaction
from tests.support.discord.records import Channel, Guild, Message, User
from tests.support.discord.rules import BUTTON

on_sqlite = pytest.mark.parametrize("dialect", ["sqlite"])


class Owned:
    """An environment with the owner's own server."""

    def __init__(self, bot_env: BotEnv, guild: Guild, channel: Channel, owner: User) -> None:
        self.bot_env = bot_env
        self.guild = guild
        self.channel = channel
        self.owner = owner

    async def ask(self, command: str, user: User | None = None) -> Interaction:
        asked = await self.bot_env.discord.slash(
            self.guild, self.channel, user or self.owner, f"owner {command}"
        )
        await asked.wait_shown()
        return asked

    async def lose(self, count: int = 1) -> list[Request]:
        """Create requests whose provider response is lost."""
        faults = self.bot_env.provider.faults
        for _ in range(count):
            faults.next(CallName.CREATE, Drop(carried_out=True))
        for _ in range(count):
            await (await self.bot_env.create()).wait_shown()
        return await self.bot_env.until(
            lambda rows: [row.state for row in rows] == [State.UNCERTAIN] * count
        )

    async def lose_at_once(self, count: int) -> list[Request]:
        """Create any number of uncertain requests, bypassing slots and circuit breaker."""
        await self.ask("pause")
        for _ in range(count):
            await (await self.bot_env.create()).wait_shown()
        rows = await self.bot_env.until(lambda rows: all(row.prepared_at_ms for row in rows))
        for number, row in enumerate(rows):
            async with self.bot_env.database.transaction() as tx:
                sent = await requests.move(
                    tx,
                    row.id,
                    source=State.QUEUED,
                    target=State.SUBMITTING,
                    now_ms=row.created_at_ms,
                    intent_at_ms=row.created_at_ms + number,
                )
                await lifecycle.make_uncertain(tx, sent, now_ms=row.created_at_ms, slot_until_ms=0)
        return await self.bot_env.requests()

    async def click(self, message: Message, label: str, user: User | None = None) -> Interaction:
        return await self.bot_env.discord.click(message, label, user or self.owner)

    async def chosen(self, ids: list[str]) -> Message:
        message = (await self.choose(ids)).message
        assert message is not None
        return message

    async def name_tasks(self, ids: list[str], task_ids: dict[str, str]) -> str:
        """Choose requests, submit the form with task ids, and return the reply."""
        form = await self.click(await self.chosen(ids), "It ran")
        await form.wait_answered()
        fields = {f"Task id of {each}": task_id for each, task_id in task_ids.items()}
        return (await (await self.bot_env.discord.submit(form, fields)).wait_shown()).content

    async def choose(self, ids: list[str]) -> Interaction:
        """Open the list and select requests; the reply asks for their outcome."""
        asked = await self.ask("uncertain")
        listed = await asked.wait_shown()
        if listed.components[0]["components"][0]["type"] == BUTTON:
            # one alone is asked about at once
            return asked
        menu = listed.components[0]["components"][0]["custom_id"]
        chosen = await self.bot_env.discord.select(listed, menu, self.owner, ids)
        await chosen.wait_shown()
        return chosen


async def sums(bot_env: BotEnv, request: Request) -> dict[Account, int]:
    """A request's ledger balance per account."""
    async with bot_env.database.reading() as tx:
        entries = await ledger.entries_of(tx, request.id)
    return {
        account: sum(entry.videos for entry in entries if entry.account is account)
        for account in Account
    }
