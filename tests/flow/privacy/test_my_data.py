"""A member's stored data: display, export, deletion, and retention."""

import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.app import App, wall_clock
from bot.services.server_settings import change_settings
from storage.engine.transaction import Transaction
from storage.moderation import blocks
from storage.moderation.blocks import Block
from storage.quotas import ledger_sums
from storage.quotas.ledger_records import Account
from storage.records import MessageKind, OutboxState, Request, State
from tests.support.bot_env import BotEnv, open_bot_env, picture
from tests.support.dialects import on_sqlite
from tests.support.discord.http.faults import Fault
from tests.support.discord.http.server import DELETE
from tests.support.discord.interactions import Interaction
from tests.support.discord.records import MEMBER_PERMISSIONS, Message, Permission, Upload, User

DAY_MS = 24 * 60 * 60 * 1000


class Clock:
    """Wall-clock time plus an offset."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def __call__(self) -> int:
        return wall_clock() + self.ahead_ms


@pytest.fixture
async def timed(database_url: str, tmp_path: Path) -> AsyncIterator[tuple[BotEnv, Clock]]:
    clock = Clock()
    async with open_bot_env(database_url, tmp_path, clock=clock) as bot_env:
        yield bot_env, clock


async def mydata(bot_env: BotEnv, who: User | None = None) -> Message:
    asked = await bot_env.discord.slash(
        bot_env.guild, bot_env.channel, who or bot_env.alice, "video mydata"
    )
    return await asked.wait_shown()


async def delete(bot_env: BotEnv, who: User | None = None) -> Interaction:
    """Press Delete and Confirm, and wait until it is done."""
    who = who or bot_env.alice
    panel = await mydata(bot_env, who)
    asked = await bot_env.discord.click(panel, "Delete", who)
    await asked.wait_shown()
    sure = await bot_env.discord.click(asked.message or panel, "Confirm", who)
    await sure.wait_shown()
    return sure


async def rows(tx: Transaction, table: str) -> list[dict[str, Any]]:
    return [dict(row) for row in await tx.fetch_all(f"SELECT * FROM {table}")]


async def tables(tx: Transaction) -> list[str]:
    if tx.dialect == "sqlite":
        sql = "SELECT name FROM sqlite_master WHERE type = 'table'"
    else:
        sql = "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    return [str(row["name"]) for row in await tx.fetch_all(sql)]


async def mentions_of(bot_env: BotEnv, user: User, *words: str) -> list[tuple[str, Any]]:
    """Database cells that contain the member's id or text."""
    found = []
    async with bot_env.database.reading() as tx:
        for table in await tables(tx):
            for row in await rows(tx, table):
                for column, value in row.items():
                    text = str(value)
                    if str(user.id) in text or any(word in text for word in words):
                        found.append((f"{table}.{column}", value))
    return found


def files_of(app: App, request: Request) -> list[Path]:
    return [
        path
        for path in app.settings.data_dir.rglob("*")
        if request.id in str(path) and path.is_file()
    ]


async def posted(bot_env: BotEnv, number: int = 0, **more: Any) -> Request:
    files = {"image1": Upload("cat.png", picture())}
    await (await bot_env.create(files=files, **more)).wait_shown()
    request = await bot_env.until_state(State.POSTED, number=number)
    # its card is gone by now
    await bot_env.discord.wait_for(
        lambda: len(bot_env.discord.messages(bot_env.channel)) == number + 1
    )
    return request


async def test_the_export_is_private_and_whole(bot_env: BotEnv) -> None:
    bob = bot_env.discord.add_user("bob")
    async with bot_env.running():
        request = await posted(bot_env)
        await posted(bot_env, number=1, user=bob, prompt="a secret of bob")
        panel = await mydata(bot_env)
        assert panel.is_ephemeral
        exported = await bot_env.discord.click(panel, "Export", bot_env.alice)
        message = await exported.wait_shown()
    assert message.is_ephemeral
    document = json.loads(message.file(".json").read())
    assert document["member"] == str(bot_env.alice.id)
    (entry,) = document["requests"]
    assert entry["id"] == request.id
    assert entry["asked"]["prompt"] == "a lighthouse at dusk"
    assert entry["files"][0]["name"] == "cat.png"
    assert {each["account"] for each in entry["ledger"]} == {"count", "cost"}
    assert {"card", "result"} <= {each["kind"] for each in entry["messages"]}
    assert [each["to_state"] for each in entry["history"]][-1] == "posted"
    assert "bob" not in json.dumps(document)


@on_sqlite
async def test_an_export_that_is_too_large_is_zipped_and_then_the_newest_part(
    bot_env: BotEnv,
) -> None:
    async with bot_env.running():
        requests = [await posted(bot_env, number=number) for number in range(2)]
        panel = await mydata(bot_env)
        said: list[Message] = []
        for _ in range(2):
            # less than the JSON, then less than that zipped
            limit_bytes = said[0].file(".zip").size * 9 // 10 if said else 5000
            bot_env.discord.world.upload_limit = limit_bytes
            pressed = await bot_env.discord.click(panel, "Export", bot_env.alice)
            said.append(await pressed.wait_shown())
    whole, part = (_unzipped(message) for message in said)
    assert [each["id"] for each in whole["requests"]] == [each.id for each in requests]
    assert [each["id"] for each in part["requests"]] == [requests[1].id]
    assert said[0].content == "Here is everything I store about you."
    assert "your oldest request is left out" in said[1].content


def _unzipped(message: Message) -> Any:
    with zipfile.ZipFile(io.BytesIO(message.file(".zip").read())) as archive:
        return json.loads(archive.read("my-data.json"))


async def test_nothing_of_a_member_is_left_after_deletion_but_the_sums(bot_env: BotEnv) -> None:
    async with bot_env.running(user_daily_videos=2) as app:
        request = await posted(bot_env)
        # what was typed and refused waits for another try
        await (await bot_env.create(ratio="21:9")).wait_shown()
        assert files_of(app, request)
        done = await delete(bot_env)
        assert "Deleted" in done.text
        await bot_env.discord.wait_for(lambda: not bot_env.discord.messages(bot_env.channel))
        await bot_env.until(lambda _: not files_of(app, request))
        # what was used still counts
        await (await bot_env.create()).wait_shown()
        await bot_env.until_state(State.POSTED, number=1)
        refused = await bot_env.create()
        await refused.wait_shown()
        assert "2" in refused.text
        assert len(await bot_env.requests()) == 2
        await delete(bot_env)
        await bot_env.discord.wait_for(lambda: not bot_env.discord.messages(bot_env.channel))
    assert not await mentions_of(bot_env, bot_env.alice, "lighthouse", "cat.png")
    async with bot_env.database.reading() as tx:
        used = await ledger_sums.usage(
            tx, Account.COUNT, since_ms=0, guild_id=bot_env.guild.id, user_id=bot_env.alice.id
        )
    assert used.videos == 2
    assert not bot_env.discord.invalid_calls()


async def test_what_is_on_its_way_is_discarded_and_gives_nothing_back(bot_env: BotEnv) -> None:
    bot_env.hold_tasks()
    async with bot_env.running(user_daily_videos=1) as app:
        await (await bot_env.create()).wait_shown()
        await bot_env.until_state(State.RUNNING)
        done = await delete(bot_env)
        assert "One video in progress was cancelled" in done.text
        request = await bot_env.until_state(State.CANCELLED)
        bot_env.let_tasks_end()
        refused = await bot_env.create()
        await refused.wait_shown()
        assert "1" in refused.text
        await bot_env.until(lambda rows: rows[0].slot_until_ms == 0)
        await bot_env.until(lambda _: not files_of(app, request))
        await bot_env.discord.wait_for(lambda: not bot_env.discord.messages(bot_env.channel))
    assert not bot_env.videos()
    assert len(await bot_env.requests()) == 1
    assert not await mentions_of(bot_env, bot_env.alice, "lighthouse")


async def test_a_video_that_is_being_posted_meanwhile_is_taken_down(bot_env: BotEnv) -> None:
    async with bot_env.running():
        bot_env.discord.fail("POST /channels/{channel_id}/messages", times=None, status=503)
        await (await bot_env.create()).wait_shown()
        request = await bot_env.until_state(State.RENDERED)

        async def is_intended() -> bool:
            messages = await bot_env.messages(request.id)
            return any(post.kind is MessageKind.RESULT and post.intent_at_ms for post in messages)

        await bot_env.until_so(is_intended)
        await delete(bot_env)
        bot_env.discord.faults.clear()

        async def is_settled() -> bool:
            messages = await bot_env.messages(request.id)
            return all(
                post.state not in (OutboxState.PENDING, OutboxState.SENT) for post in messages
            )

        await bot_env.until_so(is_settled)
    assert not bot_env.videos()
    assert (await bot_env.request()).state is State.CANCELLED


@on_sqlite
@pytest.mark.parametrize("refusal", [(403, 50013), (400, 50083), (400, 50109)])
async def test_a_failed_removal_is_retried_without_blocking_others(
    timed: tuple[BotEnv, Clock], refusal: tuple[int, int]
) -> None:
    bot_env, clock = timed
    status, code = refusal
    async with bot_env.running():
        request = await posted(bot_env)
        (stuck,) = bot_env.discord.messages(bot_env.channel)
        await posted(bot_env, number=1)
        bot_env.discord.faults.add(
            DELETE,
            Fault(status=status, code=code),
            times=None,
            where=lambda call: call.params["message_id"] == str(stuck.id),
        )
        await delete(bot_env)
        await bot_env.discord.wait_for(lambda: bot_env.discord.messages(bot_env.channel) == [stuck])
        kept = {post.kind: post for post in await bot_env.messages(request.id)}
        assert kept[MessageKind.RESULT].state is OutboxState.SENT
    bot_env.discord.faults.clear()
    clock.ahead_ms += 60_000
    async with bot_env.running():
        await bot_env.discord.wait_for(lambda: not bot_env.discord.messages(bot_env.channel), 20)


async def test_a_block_holds_on_and_nobody_else_may_press(bot_env: BotEnv) -> None:
    bob = bot_env.discord.add_user("bob")
    async with bot_env.database.transaction() as tx:
        await blocks.put(tx, Block(bot_env.guild.id, bot_env.alice.id, bob.id, "spam", 1))
    async with bot_env.running():
        await posted(bot_env, user=bob)
        await delete(bot_env)
        async with bot_env.database.reading() as tx:
            held = await blocks.active(tx, bot_env.guild.id, bot_env.alice.id, wall_clock())
        assert held is not None
        assert held.reason == "spam"
        # whoever presses a panel deletes their own data, never its opener's
        panel = await mydata(bot_env)
        asked = await bot_env.discord.click(panel, "Delete", bot_env.alice)
        await asked.wait_shown()
        carol = bot_env.discord.add_user("carol")
        pressed = await bot_env.discord.click(asked.message or panel, "Confirm", carol)
        await pressed.wait_shown()
    assert (await bot_env.request()).user_id == bob.id
    assert not await mentions_of(bot_env, bot_env.alice)


async def test_evidence_of_an_open_report_stays_until_it_is_decided(bot_env: BotEnv) -> None:
    judge = bot_env.discord.add_user("judge")
    bot_env.discord.world.add_member(
        bot_env.guild, judge, MEMBER_PERMISSIONS | Permission.MANAGE_MESSAGES
    )
    review = bot_env.discord.add_channel(bot_env.guild, "review", is_hidden=True)
    async with bot_env.database.transaction() as tx:
        await change_settings(tx, bot_env.guild.id, review_channel=review.id)
    async with bot_env.running() as app:
        request = await posted(bot_env)
        (video,) = bot_env.videos(bot_env.channel)
        form = await bot_env.discord.menu(
            bot_env.guild, bot_env.channel, judge, "Report video", video
        )
        await form.wait_answered()
        await (await bot_env.discord.submit(form, {"Reason": "not nice"})).wait_shown()
        card = await bot_env.discord.wait_message(lambda message: message.channel_id == review.id)
        await delete(bot_env)
        await bot_env.discord.wait_for(lambda: not bot_env.discord.messages(bot_env.channel))
        assert files_of(app, request)
        assert "lighthouse" in (await bot_env.request()).spec
        # the one who asked stays the one who asked
        bot_env.guild.members[bot_env.alice.id].permissions |= Permission.MANAGE_MESSAGES
        own = await bot_env.discord.click(card, "Approve", bot_env.alice)
        await own.wait_shown()
        assert "your own request" in own.text
        decided = await bot_env.discord.click(card, "Approve", judge)
        await decided.wait_answered()
    async with bot_env.running() as app:
        await bot_env.until(lambda _: not files_of(app, request))
    assert "lighthouse" not in (await bot_env.request()).spec


async def test_each_server_keeps_files_and_prompts_as_long_as_it_says(
    timed: tuple[BotEnv, Clock],
) -> None:
    bot_env, clock = timed
    other = bot_env.discord.add_guild("Archive")
    attic = bot_env.discord.add_channel(other, "attic")
    async with bot_env.database.transaction() as tx:
        await change_settings(tx, bot_env.guild.id, retention_days=3)
        await change_settings(tx, other.id, retention_days=300)
    async with bot_env.running():
        for _ in range(2):
            await bot_env.discord.slash(
                other, attic, bot_env.alice, "video create", {"prompt": "a keepsake", "duration": 4}
            )
        await bot_env.until(lambda rows: len(rows) == 2)
        await bot_env.create()
        await bot_env.until(lambda rows: [r.state for r in rows] == [State.POSTED] * 3)
    clock.ahead_ms = 4 * DAY_MS
    async with bot_env.running() as app:
        await bot_env.until(lambda rows: "lighthouse" not in rows[2].spec)
        kept = await bot_env.requests()
        await bot_env.until(lambda _: not files_of(app, kept[2]))
        assert [bool(files_of(app, each)) for each in kept] == [True, True, False]
    assert ["keepsake" in each.spec for each in kept] == [True, True, False]
    # history stays: who asked, when, and what it came to
    assert kept[2].user_id == bot_env.alice.id
    assert kept[2].state is State.POSTED
    assert len(bot_env.videos()) == 3
