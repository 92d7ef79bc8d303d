"""What is stored of a member: shown, exported, deleted; and what is removed by itself in time."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.app import App, wall_clock
from bot.services.server_settings import change_settings
from storage.engine.transaction import Transaction
from storage.moderation import blocks
from storage.moderation.blocks import Block
from storage.quotas import ledger
from storage.records import Account, MessageKind, OutboxState, Request, State
from tests.support.bot_env import House, open_house, picture
from tests.support.discord.http.faults import Fault
from tests.support.discord.http.server import DELETE
from tests.support.discord.interactions import Interaction
from tests.support.discord.records import MEMBER_PERMISSIONS, Message, Permission, Upload, User

DAY_MS = 24 * 60 * 60 * 1000


class Clock:
    """Wall-clock time, as far ahead as it was moved."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def __call__(self) -> int:
        return wall_clock() + self.ahead_ms


@pytest.fixture
async def timed(database_url: str, tmp_path: Path) -> AsyncIterator[tuple[House, Clock]]:
    clock = Clock()
    async with open_house(database_url, tmp_path, clock=clock) as house:
        yield house, clock


async def mydata(house: House, who: User | None = None) -> Message:
    asked = await house.discord.slash(
        house.guild, house.channel, who or house.alice, "video mydata"
    )
    return await asked.wait_shown()


async def delete(house: House, who: User | None = None) -> Interaction:
    """Through both presses, until it is done."""
    who = who or house.alice
    panel = await mydata(house, who)
    asked = await house.discord.click(panel, "Delete", who)
    await asked.wait_shown()
    sure = await house.discord.click(asked.message or panel, "Confirm", who)
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


async def mentions_of(house: House, user: User, *words: str) -> list[tuple[str, Any]]:
    """Every cell of the database in which the member's id or one of their words stands."""
    found = []
    async with house.database.reading() as tx:
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


async def posted(house: House, number: int = 0, **more: Any) -> Request:
    files = {"image1": Upload("cat.png", picture())}
    await (await house.create(files=files, **more)).wait_shown()
    request = await house.until_state(State.POSTED, number=number)
    # its card is gone by now
    await house.discord.wait_for(lambda: len(house.discord.messages(house.channel)) == number + 1)
    return request


async def test_the_export_is_private_and_whole(house: House) -> None:
    bob = house.discord.add_user("bob")
    async with house.running():
        request = await posted(house)
        await posted(house, number=1, user=bob, prompt="a secret of bob")
        panel = await mydata(house)
        assert panel.is_ephemeral
        exported = await house.discord.click(panel, "Export", house.alice)
        message = await exported.wait_shown()
    assert message.is_ephemeral
    document = json.loads(message.file(".json").read())
    assert document["member"] == str(house.alice.id)
    (entry,) = document["requests"]
    assert entry["id"] == request.id
    assert entry["asked"]["prompt"] == "a lighthouse at dusk"
    assert entry["files"][0]["name"] == "cat.png"
    assert {each["account"] for each in entry["ledger"]} == {"count", "cost"}
    assert {"card", "result"} <= {each["kind"] for each in entry["messages"]}
    assert [each["to_state"] for each in entry["history"]][-1] == "posted"
    assert "bob" not in json.dumps(document)


async def test_nothing_of_a_member_is_left_after_deletion_but_the_sums(house: House) -> None:
    async with house.running(user_daily_videos=2) as app:
        request = await posted(house)
        # what was typed and refused waits for another try
        await (await house.create(ratio="21:9")).wait_shown()
        assert files_of(app, request)
        done = await delete(house)
        assert "Deleted" in done.text
        await house.discord.wait_for(lambda: not house.discord.messages(house.channel))
        await house.until(lambda _: not files_of(app, request))
        # what was used still counts
        await (await house.create()).wait_shown()
        await house.until_state(State.POSTED, number=1)
        refused = await house.create()
        await refused.wait_shown()
        assert "2" in refused.text
        assert len(await house.requests()) == 2
        await delete(house)
        await house.discord.wait_for(lambda: not house.discord.messages(house.channel))
    assert not await mentions_of(house, house.alice, "lighthouse", "cat.png")
    async with house.database.reading() as tx:
        used = await ledger.usage(
            tx, Account.COUNT, since_ms=0, guild_id=house.guild.id, user_id=house.alice.id
        )
    assert used.videos == 2
    assert not house.discord.invalid_calls()


@pytest.fixture
async def slow(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """A house whose provider takes its time."""
    async with open_house(database_url, tmp_path, seconds_per_video=2.0) as house:
        yield house


async def test_what_is_on_its_way_is_discarded_and_gives_nothing_back(slow: House) -> None:
    house = slow
    async with house.running(user_daily_videos=1) as app:
        await (await house.create()).wait_shown()
        await house.until_state(State.RUNNING)
        done = await delete(house)
        assert "One video in progress was cancelled" in done.text
        request = await house.until_state(State.CANCELLED)
        refused = await house.create()
        await refused.wait_shown()
        assert "1" in refused.text
        await house.until(lambda rows: rows[0].slot_until_ms == 0)
        await house.until(lambda _: not files_of(app, request))
        await house.discord.wait_for(lambda: not house.discord.messages(house.channel))
    assert not house.videos()
    assert len(await house.requests()) == 1
    assert not await mentions_of(house, house.alice, "lighthouse")


async def test_a_video_that_is_being_posted_meanwhile_is_taken_down(house: House) -> None:
    async with house.running():
        house.discord.fail("POST /channels/{channel_id}/messages", times=None, status=503)
        await (await house.create()).wait_shown()
        request = await house.until_state(State.RENDERED)

        async def is_intended() -> bool:
            messages = await house.messages(request.id)
            return any(post.kind is MessageKind.RESULT and post.intent_at_ms for post in messages)

        await house.until_so(is_intended)
        await delete(house)
        house.discord.faults.clear()

        async def is_settled() -> bool:
            messages = await house.messages(request.id)
            return all(
                post.state not in (OutboxState.PENDING, OutboxState.SENT) for post in messages
            )

        await house.until_so(is_settled)
    assert not house.videos()
    assert (await house.request()).state is State.CANCELLED


@pytest.mark.parametrize("refusal", [(403, 50013), (400, 50083), (400, 50109)])
async def test_a_removal_that_is_refused_is_tried_again_and_holds_up_no_other(
    timed: tuple[House, Clock], refusal: tuple[int, int]
) -> None:
    house, clock = timed
    status, code = refusal
    async with house.running():
        request = await posted(house)
        (stuck,) = house.discord.messages(house.channel)
        await posted(house, number=1)
        house.discord.faults.add(
            DELETE,
            Fault(status=status, code=code),
            times=None,
            where=lambda call: call.params["message_id"] == str(stuck.id),
        )
        await delete(house)
        await house.discord.wait_for(lambda: house.discord.messages(house.channel) == [stuck])
        kept = {post.kind: post for post in await house.messages(request.id)}
        assert kept[MessageKind.RESULT].state is OutboxState.SENT
    house.discord.faults.clear()
    clock.ahead_ms += 60_000
    async with house.running():
        await house.discord.wait_for(lambda: not house.discord.messages(house.channel), 20)


async def test_a_block_holds_on_and_nobody_else_may_press(house: House) -> None:
    bob = house.discord.add_user("bob")
    async with house.database.transaction() as tx:
        await blocks.put(tx, Block(house.guild.id, house.alice.id, bob.id, "spam", 1))
    async with house.running():
        await posted(house, user=bob)
        await delete(house)
        async with house.database.reading() as tx:
            held = await blocks.active(tx, house.guild.id, house.alice.id, wall_clock())
        assert held is not None
        assert held.reason == "spam"
        # whoever presses a panel deletes their own data, never its opener's
        panel = await mydata(house)
        asked = await house.discord.click(panel, "Delete", house.alice)
        await asked.wait_shown()
        carol = house.discord.add_user("carol")
        pressed = await house.discord.click(asked.message or panel, "Confirm", carol)
        await pressed.wait_shown()
    assert (await house.request()).user_id == bob.id
    assert not await mentions_of(house, house.alice)


async def test_evidence_of_an_open_report_stays_until_it_is_decided(house: House) -> None:
    judge = house.discord.add_user("judge")
    house.discord.world.add_member(
        house.guild, judge, MEMBER_PERMISSIONS | Permission.MANAGE_MESSAGES
    )
    review = house.discord.add_channel(house.guild, "review", is_hidden=True)
    async with house.database.transaction() as tx:
        await change_settings(tx, house.guild.id, review_channel=review.id)
    async with house.running() as app:
        request = await posted(house)
        (video,) = house.videos(house.channel)
        form = await house.discord.menu(house.guild, house.channel, judge, "Report video", video)
        await form.wait_answered()
        await (await house.discord.submit(form, {"Reason": "not nice"})).wait_shown()
        card = await house.discord.wait_message(lambda message: message.channel_id == review.id)
        await delete(house)
        await house.discord.wait_for(lambda: not house.discord.messages(house.channel))
        assert files_of(app, request)
        assert "lighthouse" in (await house.request()).spec
        # the one who asked stays the one who asked
        house.guild.members[house.alice.id].permissions |= Permission.MANAGE_MESSAGES
        own = await house.discord.click(card, "Approve", house.alice)
        await own.wait_shown()
        assert "your own request" in own.text
        decided = await house.discord.click(card, "Approve", judge)
        await decided.wait_answered()
    async with house.running() as app:
        await house.until(lambda _: not files_of(app, request))
    assert "lighthouse" not in (await house.request()).spec


async def test_each_server_keeps_files_and_prompts_as_long_as_it_says(
    timed: tuple[House, Clock],
) -> None:
    house, clock = timed
    other = house.discord.add_guild("Archive")
    attic = house.discord.add_channel(other, "attic")
    async with house.database.transaction() as tx:
        await change_settings(tx, house.guild.id, retention_days=3)
        await change_settings(tx, other.id, retention_days=300)
    async with house.running():
        for _ in range(2):
            await house.discord.slash(
                other, attic, house.alice, "video create", {"prompt": "a keepsake", "duration": 4}
            )
        await house.until(lambda rows: len(rows) == 2)
        await house.create()
        await house.until(lambda rows: [r.state for r in rows] == [State.POSTED] * 3)
    clock.ahead_ms = 4 * DAY_MS
    async with house.running() as app:
        await house.until(lambda rows: "lighthouse" not in rows[2].spec)
        kept = await house.requests()
        await house.until(lambda _: not files_of(app, kept[2]))
        assert [bool(files_of(app, each)) for each in kept] == [True, True, False]
    assert ["keepsake" in each.spec for each in kept] == [True, True, False]
    # history stays: who asked, when, and what it came to
    assert kept[2].user_id == house.alice.id
    assert kept[2].state is State.POSTED
    assert len(house.videos()) == 3
