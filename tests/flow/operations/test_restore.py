"""A backup with requests in each state, restored after they went on: nothing happens twice."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.bootstrap.restore import mark_restored, restore_copy
from bot.services.server_settings import change_settings
from storage.engine.database import open_database
from storage.errors import RestoreRefused
from storage.operations import workers
from storage.quotas import ledger_check
from storage.quotas.ledger_records import Account
from storage.records import Request, State
from tests.flow.operations.owned import Owned, on_sqlite, sums
from tests.support.bot_env import picture
from tests.support.discord.interactions import text_of
from tests.support.discord.records import (
    MEMBER_PERMISSIONS,
    Channel,
    Permission,
    Upload,
    User,
)
from tests.support.process import run

on_postgres = pytest.mark.parametrize("dialect", ["postgres"])


class Backed:
    """A server with a review and a log channel; its bot's copy knows one request of each state."""

    def __init__(self, owned: Owned, folder: Path) -> None:
        self.owned, self.bot_env, self.folder = owned, owned.bot_env, folder
        discord = self.bot_env.discord
        self.mods: Channel = discord.add_channel(self.bot_env.guild, "mods")
        self.log: Channel = discord.add_channel(self.bot_env.guild, "log")
        self.bob: User = discord.add_user("bob")
        moderator = MEMBER_PERMISSIONS | Permission.MANAGE_MESSAGES
        discord.world.add_member(self.bot_env.guild, self.bob, moderator)

    async def command(self, *words: str) -> tuple[int, str, str]:
        return await run(["-m", "bot", *words], self.bot_env.settings, self.folder)

    async def set(self, review: str) -> None:
        async with self.bot_env.database.transaction() as tx:
            await change_settings(
                tx,
                self.bot_env.guild.id,
                review=review,
                review_channel=self.mods.id,
                log_channel=self.log.id,
            )

    async def ask_for_each(self) -> None:
        """Three requests: one at the provider, one queued, one held by a moderator."""
        await self.set("off")
        self.bot_env.hold_tasks()
        await (await self.bot_env.create(prompt="runs")).wait_shown()
        await self.bot_env.until_state(State.RUNNING)
        await self.owned.ask("pause")
        await (await self.bot_env.create(prompt="waits")).wait_shown()
        await self.bot_env.until(lambda rows: len(rows) == 2 and bool(rows[1].prepared_at_ms))
        await self.set("prompt")
        await (await self.bot_env.create(prompt="is held")).wait_shown()
        await self.bot_env.until_state(State.HELD, number=2)

    async def approve(self, request_id: str, number: int) -> None:
        card = await self.bot_env.discord.wait_message(
            lambda message: f"vb:approve:{request_id}:{number}" in str(message.components)
        )
        await (await self.bot_env.discord.click(card, "Approve", self.bob)).wait_shown()

    async def go_on(self) -> None:
        """All three are passed, paid and posted."""
        rows = await self.bot_env.requests()
        await self.approve(rows[2].id, 1)
        await self.owned.ask("resume")
        self.bot_env.let_tasks_end()
        await self.bot_env.until(lambda rows: {row.state for row in rows} == {State.POSTED})

    @asynccontextmanager
    async def stopped(self) -> AsyncIterator[None]:
        """Let go of the database file for the time of the block."""
        await self.bot_env.database.close()
        yield
        url = self.bot_env.settings.database_url.get_secret_value()
        self.bot_env.database = await open_database(url, migrate=False)

    async def sums(self, row: Request) -> dict[Account, int]:
        return await sums(self.bot_env, row)


@pytest.fixture
async def backed(owned: Owned, tmp_path: Path) -> AsyncIterator[Backed]:
    backed = Backed(owned, tmp_path)
    yield backed
    await backed.bot_env.database.close()


def told(backed: Backed, channel: Channel, *words: str) -> int:
    return sum(all(word in text for word in words) for text in backed.bot_env.texts(channel))


@on_sqlite
async def test_what_went_on_after_the_copy_is_neither_paid_nor_posted_twice(
    backed: Backed, tmp_path: Path
) -> None:
    bot_env, owned = backed.bot_env, backed.owned
    async with bot_env.running():
        await backed.ask_for_each()
        code, _, err = await backed.command("backup", "copy.db")
        assert code == 0, err
        await backed.go_on()
        await bot_env.discord.wait_for(lambda: len(bot_env.videos()) == 3)
        with pytest.raises(RestoreRefused, match="is in use"):
            await restore_copy(bot_env.settings, tmp_path / "copy.db")
    tasks = {str(task.body["prompt"]): task.id for task in bot_env.provider.tasks.values()}
    async with backed.stopped():
        code, out, err = await backed.command("restore", "copy.db")
        assert code == 0, err
        assert "2 requests wait as uncertain" in out
        assert [path.name for path in tmp_path.glob("*restoring*")] == []
    running, queued, held = await bot_env.requests()
    assert [row.state for row in (running, queued, held)] == [
        State.RUNNING,
        State.UNCERTAIN,
        State.UNCERTAIN,
    ]
    async with bot_env.running():
        # what was running is polled, and its video found where it was posted since
        await bot_env.until_state(State.POSTED)
        direct = bot_env.discord.world.direct_channel(owned.owner)
        await bot_env.discord.wait_for(
            lambda: (
                told(backed, bot_env.channel, "**uncertain**", f"`{queued.id}`") == 1
                and told(backed, bot_env.channel, "**uncertain**", f"`{held.id}`") == 1
                and told(backed, backed.log, "2 videos of this server") == 1
                and told(backed, direct, "2 videos that waited") == 1
            )
        )
        assert len(bot_env.provider.creates) == 3
        for row in (running, queued, held):
            assert await backed.sums(row) == {Account.COUNT: 1, Account.COST: 1}

        asked = await (await owned.ask("uncertain")).wait_shown()
        assert "restored from a copy" in text_of(asked)
        assert "waited for a moderator in the copy" in text_of(asked)
        assert "being tracked" in await owned.name_tasks([queued.id], {queued.id: tasks["waits"]})
        await bot_env.until_state(State.POSTED, number=1)
        assert len(bot_env.provider.creates) == 3
        assert len(bot_env.videos()) == 3

        # what was held is asked of a moderator again before it is paid
        listed = await (await owned.ask("uncertain")).wait_shown()
        labels = [part["label"] for part in listed.components[0]["components"]]
        assert labels == ["It ran", "It didn't run", "It may go", "All may go"]
        sure = await (await owned.click(listed, "All may go")).wait_shown()
        assert "pay twice" in text_of(sure)
        await (await owned.click(sure, "Confirm")).wait_shown()
        await bot_env.until_state(State.HELD, number=2)
        assert len(bot_env.provider.creates) == 3
        await backed.approve(held.id, 2)
        # the copy was made while the bot was paused
        await owned.ask("resume")
        await bot_env.until_state(State.POSTED, number=2)
        await bot_env.discord.quiet()
    assert len(bot_env.provider.creates) == 4
    assert len(bot_env.videos()) == 3
    async with bot_env.database.reading() as tx:
        assert await ledger_check.differences(tx) == []


@on_sqlite
async def test_a_count_comes_back_a_day_after_the_restore(backed: Backed, tmp_path: Path) -> None:
    bot_env = backed.bot_env
    async with bot_env.running():
        await backed.ask_for_each()
        await bot_env.database.backup(tmp_path / "copy.db")
    async with backed.stopped():
        await restore_copy(bot_env.settings, tmp_path / "copy.db")
    _, queued, held = await bot_env.requests()
    clock, day_ms = bot_env.clock, 24 * 60 * 60 * 1000
    bot_env.clock = lambda: clock() + day_ms + 1000
    async with bot_env.running():
        for row in (queued, held):

            async def is_back(row: Request = row) -> bool:
                return await backed.sums(row) == {Account.COUNT: 0, Account.COST: 1}

            await bot_env.until_so(is_back)
    assert {row.state for row in (await bot_env.requests())[1:]} == {State.UNCERTAIN}
    assert len(bot_env.provider.creates) == 1


@on_sqlite
async def test_files_that_lie_in_another_data_dir_are_fetched_anew(
    owned: Owned, tmp_path: Path
) -> None:
    """As on a new machine that has the database and nothing else."""
    bot_env = owned.bot_env
    async with bot_env.running():
        await owned.ask("pause")
        await bot_env.create(files={"image1": Upload("fox.png", picture())})
        await bot_env.until(lambda rows: len(rows) == 1 and bool(rows[0].prepared_at_ms))
    assert (await bot_env.request()).host
    async with bot_env.running(data_dir=tmp_path / "new"):
        await owned.ask("resume")
        await bot_env.until_state(State.POSTED)


@on_postgres
async def test_a_database_restored_by_other_means_is_parked_by_a_mark(
    backed: Backed, tmp_path: Path
) -> None:
    bot_env = backed.bot_env
    async with bot_env.running():
        await backed.ask_for_each()
        with pytest.raises(RestoreRefused):
            await mark_restored(bot_env.settings)
    async with bot_env.database.transaction() as tx:
        await workers.heartbeat(tx, owner="x", host="h", role="worker", now_ms=bot_env.clock())
    with pytest.raises(RestoreRefused):
        await mark_restored(bot_env.settings)
    async with bot_env.database.transaction() as tx:
        await workers.leave(tx, "x")
    parked = await mark_restored(bot_env.settings)
    assert parked.requests == 2
    states = [row.state for row in await bot_env.requests()]
    assert states == [State.RUNNING, State.UNCERTAIN, State.UNCERTAIN]
    with pytest.raises(RestoreRefused, match="pg_restore"):
        await restore_copy(bot_env.settings, tmp_path / "copy.db")
