"""`/owner uncertain`, end to end: settling requests whose outcome is unknown."""

import asyncio
from pathlib import Path

from bot.demo.provider.faults import CallName, Drop
from bot.services import server_settings
from storage.quotas.ledger_records import Account
from storage.records import MessageKind, State
from tests.flow.operations.owned import Owned, on_sqlite, sums
from tests.support.bot_env import open_bot_env
from tests.support.discord.interactions import text_of
from tests.support.discord.records import Channel
from tests.support.patience import PATIENCE_S


@on_sqlite
async def test_one_uncertain_video_is_settled_without_choosing_it(owned: Owned) -> None:
    async with owned.bot_env.running():
        (row,) = await owned.lose()
        listed = await (await owned.ask("uncertain")).wait_shown()
        labels = [part["label"] for part in listed.components[0]["components"]]
        assert labels == ["It ran", "It didn't run", "Send again"]
        assert "enter the provider's task id" in text_of(listed)
    async with owned.bot_env.running():
        await (await owned.click(listed, "It didn't run")).wait_shown()
        (settled,) = await owned.bot_env.until(lambda rows: rows[0].state is not State.UNCERTAIN)
    assert settled.id == row.id


@on_sqlite
async def test_an_uncertain_request_that_ran_is_polled_and_delivered(owned: Owned) -> None:
    bot_env = owned.bot_env
    async with bot_env.running():
        (row,) = await owned.lose()
        (task_id,) = bot_env.provider.tasks
        chosen = await owned.choose([row.id])
        assert row.id in chosen.text
        assert bot_env.guild.name in chosen.text
        assert f"<@{bot_env.alice.id}>" in chosen.text
        assert row.model in chosen.text
        told = await owned.name_tasks([row.id], {row.id: f" {task_id} "})
        assert "being tracked" in told
        await bot_env.until_state(State.POSTED)
        await bot_env.discord.wait_for(lambda: len(bot_env.videos()) == 1)
    assert len(bot_env.provider.creates) == 1
    assert (await bot_env.request()).task_id == task_id
    assert await sums(bot_env, row) == {Account.COUNT: 1, Account.COST: 1}


@on_sqlite
async def test_an_invalid_task_id_is_refused(owned: Owned) -> None:
    bot_env = owned.bot_env
    async with bot_env.running():
        (row,) = await owned.lose()
        for wrong in ("two words", "tab\tbed"):
            assert "isn't a task id" in await owned.name_tasks([row.id], {row.id: wrong})
    assert (await bot_env.request()).state is State.UNCERTAIN


async def test_one_task_is_never_given_to_two_requests(owned: Owned) -> None:
    bot_env = owned.bot_env
    async with bot_env.running():
        rows = await owned.lose(2)
        task_id = next(iter(bot_env.provider.tasks))
        both = [row.id for row in rows]
        told = await owned.name_tasks(both, dict.fromkeys(both, task_id))
        assert "for another video" in told
        await owned.name_tasks(both, {both[0]: task_id})
        await bot_env.until_state(State.POSTED)
        told = await owned.name_tasks(both[1:], {both[1]: task_id})
        assert f"belongs to `{both[0]}`" in told
    assert len(bot_env.videos()) == 1
    assert (await bot_env.request(1)).state is State.UNCERTAIN


@on_sqlite
async def test_a_request_that_did_not_run_is_released_with_a_notice(owned: Owned) -> None:
    bot_env = owned.bot_env
    async with bot_env.running():
        (row,) = await owned.lose()
        assert await sums(bot_env, row) == {Account.COUNT: 1, Account.COST: 1}
        chosen = await owned.choose([row.id])
        pressed = await owned.click(chosen.message, "It didn't run")  # type: ignore[arg-type]
        told = await pressed.wait_shown()
        assert "released" in told.content
        await bot_env.until_state(State.FAILED)
        notice = await bot_env.discord.wait_message(
            lambda message: "It never reached the provider" in message.content
        )
    assert f"<@{bot_env.alice.id}>" in notice.content
    assert "It doesn't count" in notice.content
    assert await sums(bot_env, row) == {Account.COUNT: 0, Account.COST: 0}
    assert len(bot_env.provider.creates) == 1


async def test_resending_submits_exactly_once(owned: Owned) -> None:
    bot_env = owned.bot_env
    async with bot_env.running():
        (row,) = await owned.lose()
        sure, stale = [
            await (await owned.click(await owned.chosen([row.id]), "Send again")).wait_shown()
            for _ in range(2)
        ]
        assert "pay twice" in text_of(sure)
        assert (await bot_env.request()).state is State.UNCERTAIN
        bot_env.provider.faults.next(CallName.CREATE, Drop(carried_out=True))
        await (await owned.click(sure, "Confirm")).wait_shown()
        # its answer is lost once more: the other press must not send it a third time
        again = await bot_env.until(
            lambda rows: (
                rows[0].state is State.UNCERTAIN and rows[0].intent_at_ms > row.intent_at_ms
            )
        )
        pressed = await owned.click(stale, "Confirm")
        assert "settled by somebody else" in (await pressed.wait_shown()).content
        assert (await bot_env.request()).state is State.UNCERTAIN
    assert again[0].id == row.id
    assert len(bot_env.provider.creates) == 2
    assert await sums(bot_env, row) == {Account.COUNT: 1, Account.COST: 1}


@on_sqlite
async def test_many_are_settled_at_once_over_all_pages(owned: Owned) -> None:
    bot_env = owned.bot_env
    async with bot_env.running():
        rows = await owned.lose_at_once(7)
        listed = await owned.ask("uncertain")
        assert "7 uncertain videos" in listed.text
        assert listed.message is not None
        turned = await owned.click(listed.message, "Next")
        await turned.wait_shown()
        ids = [row.id for row in sorted(rows, key=lambda row: (row.intent_at_ms, row.id))]
        assert all(each in turned.text for each in ids[5:])
        assert ids[0] not in turned.text
        chosen = await owned.choose(["all"])
        assert "What happened to these 7?" in chosen.text
        pressed = await owned.click(chosen.message, "It didn't run")  # type: ignore[arg-type]
        sure = await pressed.wait_shown()
        assert "None of these 7 ran?" in pressed.text
        done = await (await owned.click(sure, "Confirm")).wait_shown()
        assert "7 videos are released" in done.content
        await bot_env.until(lambda rows: {row.state for row in rows} == {State.FAILED})
    assert not bot_env.provider.creates


async def test_of_two_concurrent_owners_only_one_settles(owned: Owned) -> None:
    bot_env = owned.bot_env
    async with bot_env.running():
        (row,) = await owned.lose()
        first = await owned.choose([row.id])
        second = await owned.choose([row.id])
        assert first.message is not None
        assert second.message is not None
        sure = await (await owned.click(second.message, "Send again")).wait_shown()
        pressed = await asyncio.gather(
            owned.click(first.message, "It didn't run"), owned.click(sure, "Confirm")
        )
        told = [(await each.wait_shown()).content for each in pressed]
        assert sorted("settled by somebody else" in text for text in told) == [False, True]
        settled = await bot_env.until_state(State.FAILED, State.POSTED)
    async with bot_env.database.reading() as tx:
        rows = await tx.fetch_all(
            "SELECT to_state FROM events WHERE from_state = 'uncertain' AND request_id = :id",
            {"id": row.id},
        )
    assert len(rows) == 1
    creates = 1 if settled.state is State.FAILED else 2
    assert len(bot_env.provider.creates) == creates


async def test_the_count_comes_back_after_a_day_and_the_cost_stays(
    database_url: str, tmp_path: Path
) -> None:
    shift = {"ms": 0}

    def clock() -> int:
        from bot.app import wall_clock  # noqa: PLC0415

        return wall_clock() + shift["ms"]

    async with open_bot_env(database_url, tmp_path, clock=clock) as bot_env:
        bot_env.provider.faults.next(CallName.CREATE, Drop(carried_out=True))
        async with bot_env.running():
            await (await bot_env.create()).wait_shown()
            row = await bot_env.until_state(State.UNCERTAIN)
            assert await sums(bot_env, row) == {Account.COUNT: 1, Account.COST: 1}
            shift["ms"] = 24 * 60 * 60 * 1000 + 1000
            async with asyncio.timeout(PATIENCE_S):
                while (await sums(bot_env, row))[Account.COUNT]:
                    await bot_env.discord.quiet(0.1)
        assert await sums(bot_env, row) == {Account.COUNT: 0, Account.COST: 1}
        assert (await bot_env.request()).state is State.UNCERTAIN


@on_sqlite
async def test_the_log_channel_is_told_that_it_is_uncertain(owned: Owned) -> None:
    bot_env = owned.bot_env
    log = bot_env.discord.add_channel(bot_env.guild, "log")
    async with bot_env.database.transaction() as tx:
        await server_settings.change_settings(tx, bot_env.guild.id, log_channel=log.id)
    async with bot_env.running():
        (row,) = await owned.lose()
        told = await bot_env.discord.wait_message(
            lambda message: message.channel_id == log.id and row.id in message.content
        )
    assert "uncertain" in told.content
    assert f"<@{bot_env.alice.id}>" in told.content


async def test_a_request_lost_again_after_resending_is_reported_again(owned: Owned) -> None:
    bot_env = owned.bot_env
    log = bot_env.discord.add_channel(bot_env.guild, "log")
    async with bot_env.database.transaction() as tx:
        await server_settings.change_settings(tx, bot_env.guild.id, log_channel=log.id)

    def told(channel: Channel) -> int:
        return sum("**uncertain**" in text for text in bot_env.texts(channel))

    async with bot_env.running():
        (row,) = await owned.lose()
        await bot_env.discord.wait_for(lambda: told(log) == 1)
        before = told(bot_env.channel)
        bot_env.provider.faults.next(CallName.CREATE, Drop(carried_out=True))
        sure = await owned.click(await owned.chosen([row.id]), "Send again")
        await (await owned.click(await sure.wait_shown(), "Confirm")).wait_shown()
        await bot_env.discord.wait_for(lambda: told(log) == 2)
        await bot_env.discord.wait_for(lambda: told(bot_env.channel) > before)
        await bot_env.discord.quiet()
        messages = [
            post.id for post in await bot_env.messages(row.id) if post.kind is MessageKind.NOTICE
        ]
    again = await bot_env.request()
    assert again.state is State.UNCERTAIN
    assert messages == [
        f"{row.id}:notice:uncertain:{row.intent_at_ms}",
        f"{row.id}:notice:uncertain:{again.intent_at_ms}",
    ]


@on_sqlite
async def test_without_a_log_channel_the_owner_is_told_that_one_is_uncertain(owned: Owned) -> None:
    bot_env = owned.bot_env
    async with bot_env.running():
        (row,) = await owned.lose()
        told = await bot_env.discord.wait_message(
            lambda message: (
                message.channel_id == bot_env.discord.world.direct_channel(owned.owner).id
            )
        )
        await bot_env.discord.quiet()
    assert row.id in told.content
    assert "**uncertain**" in told.content
    assert len(bot_env.texts(bot_env.discord.world.direct_channel(owned.owner))) == 1
