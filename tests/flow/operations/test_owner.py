"""The owner's commands from outside: how it stands, pause, and settling what is uncertain."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.demo.provider.faults import CallName, Delay, Drop, TaskPlan
from bot.services import server_settings
from bot.services.requests import lifecycle
from storage.quotas import ledger
from storage.records import Account, MessageKind, Request, State
from storage.requests import requests
from tests.support.bot_env import House, open_house, picture
from tests.support.discord.interactions import Interaction, text_of
from tests.support.discord.records import Channel, Guild, Message, Upload, User
from tests.support.discord.rules import BUTTON

on_sqlite = pytest.mark.parametrize("dialect", ["sqlite"])


class Owned:
    """A house with the owner's own server."""

    def __init__(self, house: House, guild: Guild, channel: Channel, owner: User) -> None:
        self.house = house
        self.guild = guild
        self.channel = channel
        self.owner = owner

    async def ask(self, command: str, user: User | None = None) -> Interaction:
        asked = await self.house.discord.slash(
            self.guild, self.channel, user or self.owner, f"owner {command}"
        )
        await asked.wait_shown()
        return asked

    async def lose(self, count: int = 1) -> list[Request]:
        """Requests whose create was carried out, but whose answer was lost."""
        faults = self.house.provider.faults
        for _ in range(count):
            faults.next(CallName.CREATE, Drop(carried_out=True))
        for _ in range(count):
            await (await self.house.create()).wait_shown()
        return await self.house.until(
            lambda rows: [row.state for row in rows] == [State.UNCERTAIN] * count
        )

    async def lose_at_once(self, count: int) -> list[Request]:
        """As many as one likes, past the gate and the circuit breaker."""
        await self.ask("pause")
        for _ in range(count):
            await (await self.house.create()).wait_shown()
        rows = await self.house.until(lambda rows: all(row.prepared_at_ms for row in rows))
        for number, row in enumerate(rows):
            async with self.house.database.transaction() as tx:
                sent = await requests.move(
                    tx,
                    row.id,
                    source=State.QUEUED,
                    target=State.SUBMITTING,
                    now_ms=row.created_at_ms,
                    intent_at_ms=row.created_at_ms + number,
                )
                await lifecycle.make_uncertain(tx, sent, now_ms=row.created_at_ms, slot_until_ms=0)
        return await self.house.requests()

    async def click(self, message: Message, label: str, user: User | None = None) -> Interaction:
        return await self.house.discord.click(message, label, user or self.owner)

    async def chosen(self, ids: list[str]) -> Message:
        message = (await self.choose(ids)).message
        assert message is not None
        return message

    async def name_tasks(self, ids: list[str], task_ids: dict[str, str]) -> str:
        """Choose, fill in the form, and read the answer."""
        form = await self.click(await self.chosen(ids), "It ran")
        await form.wait_answered()
        fields = {f"Task id of {each}": task_id for each, task_id in task_ids.items()}
        return (await (await self.house.discord.submit(form, fields)).wait_shown()).content

    async def choose(self, ids: list[str]) -> Interaction:
        """Open the list and choose; the handle's message asks what became of them."""
        asked = await self.ask("uncertain")
        listed = await asked.wait_shown()
        if listed.components[0]["components"][0]["type"] == BUTTON:
            # one alone is asked about at once
            return asked
        menu = listed.components[0]["components"][0]["custom_id"]
        chosen = await self.house.discord.select(listed, menu, self.owner, ids)
        await chosen.wait_shown()
        return chosen


@pytest.fixture
async def owned(database_url: str, tmp_path: Path) -> AsyncIterator[Owned]:
    async with open_house(database_url, tmp_path, user_daily_videos=None) as house:
        guild = house.discord.add_guild("Staff")
        channel = house.discord.add_channel(guild, "desk")
        house.settings = house.settings.model_copy(update={"owner_guild_id": guild.id})
        yield Owned(house, guild, channel, house.discord.world.owner)


async def sums(house: House, request: Request) -> dict[Account, int]:
    """What a request still counts for in both accounts."""
    async with house.database.reading() as tx:
        entries = await ledger.entries_of(tx, request.id)
    return {
        account: sum(entry.videos for entry in entries if entry.account is account)
        for account in Account
    }


@on_sqlite
async def test_owner_commands_are_registered_in_the_owners_server_alone(owned: Owned) -> None:
    async with owned.house.running():
        commands = owned.house.discord.world.commands
        await owned.house.discord.wait_for(lambda: bool(commands.get(owned.guild.id)))
    assert [command["name"] for command in commands[owned.guild.id]] == ["owner"]
    assert "owner" not in [command["name"] for command in commands[0]]
    async with owned.house.running(owner_guild_id=None):
        await owned.house.discord.wait_for(lambda: not commands[owned.guild.id])


async def test_status_tells_an_owner_everything_in_private(owned: Owned) -> None:
    async with owned.house.running():
        await owned.house.create()
        await owned.house.until_state(State.POSTED)
        asked = await owned.ask("status")
    assert asked.message is not None
    assert asked.message.is_ephemeral
    text = asked.text
    assert "All is well" in text
    assert "This month: 1 video · 4 seconds" in text
    assert "queued: 0" in text
    assert "Balance: 99,999" in text
    assert "GB used" in text
    assert "video-bot" in text
    assert owned.house.settings.seedance_api_key.get_secret_value() not in text


@on_sqlite
async def test_status_is_in_the_owners_language(owned: Owned) -> None:
    owned.owner.locale = "zh-CN"
    async with owned.house.running():
        asked = await owned.ask("status")
    assert "运行状况" in asked.text
    assert "余额：100,000" in asked.text


@on_sqlite
async def test_status_warns_of_a_low_balance_and_of_what_is_uncertain(owned: Owned) -> None:
    async with owned.house.running():
        await owned.lose()
        await owned.house.create()
        await owned.house.until_state(State.POSTED, number=1)
        owned.house.provider.balance = owned.house.provider.balance * 0 + 7
        asked = await owned.ask("status")
    assert "balance with the provider is low: enough for about 2 more videos" in asked.text
    assert "One video is uncertain" in asked.text


@on_sqlite
async def test_nobody_but_an_owner_gets_anything_out_of_them(owned: Owned) -> None:
    async with owned.house.running():
        row, _ = await owned.lose(2)
        for command in ("status", "pause", "resume", "uncertain"):
            refused = await owned.ask(command, owned.house.alice)
            assert "Only this bot's owner" in refused.text, command
        for label in ("It ran", "It didn't run", "Send again", "Back"):
            chosen = await owned.choose([row.id])
            assert chosen.message is not None
            pressed = await owned.click(chosen.message, label, owned.house.alice)
            shown = await pressed.wait_shown()
            assert "Only this bot's owner" in shown.content, label
        asked = await owned.house.create(owned.house.alice)
        await asked.wait_shown()
    assert (await owned.house.request()).state is State.UNCERTAIN


@on_sqlite
async def test_an_owners_button_is_worth_nothing_in_another_server(owned: Owned) -> None:
    async with owned.house.running():
        (row,) = await owned.lose()
        house = owned.house
        card = next(m for m in house.discord.messages(house.channel) if row.id in m.content)
        button = {"type": 2, "style": 2, "id": 9, "label": "Forged"}
        button["custom_id"] = f"vb:settle:not:{row.intent_at_ms}:{row.id}"
        card.components = [{"type": 1, "id": 8, "components": [button]}]
        pressed = await owned.click(card, "Forged")
        assert "Only this bot's owner" in (await pressed.wait_shown()).content
        listed = await owned.ask("uncertain")
        assert row.id in listed.text
    assert (await owned.house.request()).state is State.UNCERTAIN


@on_sqlite
async def test_named_owners_replace_the_applications(owned: Owned) -> None:
    async with owned.house.running(owner_ids=(owned.house.alice.id,)):
        assert "Only this bot's owner" in (await owned.ask("status")).text
        assert "All is well" in (await owned.ask("status", owned.house.alice)).text


async def test_a_pause_lets_nothing_new_through_and_says_so_on_cards(owned: Owned) -> None:
    house = owned.house
    async with house.running():
        paused = await owned.ask("pause")
        assert "Paused." in paused.text
        assert "already paused" in (await owned.ask("pause")).text
        taken = await (await house.create()).wait_shown()
        assert "Queued" in taken.content
        card = await house.discord.wait_message(lambda message: "Paused by" in message.content)
        assert card.channel_id == house.channel.id
        await house.until(lambda rows: rows[0].prepared_at_ms > 0)
        assert "Paused since" in (await owned.ask("status")).text
        await house.discord.quiet()
        assert not house.provider.creates
    async with house.running():
        await house.discord.quiet()
        assert not house.provider.creates
        resumed = await owned.ask("resume")
        assert "One waiting video" in resumed.text
        await house.until_state(State.POSTED)
        assert "wasn't paused" in (await owned.ask("resume")).text
    assert len(house.provider.creates) == 1


@on_sqlite
async def test_cards_that_stand_already_say_that_the_bot_is_paused(owned: Owned) -> None:
    house = owned.house
    async with house.running(seedance_max_active=1):
        house.provider.faults.next_task(TaskPlan(never_ends=True))
        await house.create()
        await house.until_state(State.RUNNING)
        await house.create()
        waiting = await house.until_state(State.QUEUED, number=1)
        card = await house.discord.wait_message(
            lambda message: waiting.id in message.content and "Next in the queue" in message.content
        )
        assert "Paused by" not in card.content
        await owned.ask("pause")
        await house.discord.wait_for(lambda: "Paused by" in card.content)
        await owned.ask("resume")
        await house.discord.wait_for(lambda: "Paused by" not in card.content)


@on_sqlite
async def test_a_pause_holds_back_what_has_a_slot_but_has_not_gone(owned: Owned) -> None:
    house = owned.house
    upload_inputs = asyncio.Event()
    house.provider.faults.next(CallName.UPLOAD, Delay(upload_inputs.wait))
    async with house.running():
        await house.create(files={"image1": Upload("a.png", picture())})
        await house.until_state(State.SUBMITTING)
        await owned.ask("pause")
        upload_inputs.set()
        await house.until_state(State.QUEUED)
        await house.discord.quiet()
        assert not house.provider.creates
        await owned.ask("resume")
        await house.until_state(State.POSTED)
    assert len(house.provider.creates) == 1


@on_sqlite
async def test_one_uncertain_video_is_settled_without_choosing_it(owned: Owned) -> None:
    async with owned.house.running():
        (row,) = await owned.lose()
        listed = await (await owned.ask("uncertain")).wait_shown()
        labels = [part["label"] for part in listed.components[0]["components"]]
        assert labels == ["It ran", "It didn't run", "Send again"]
        assert "enter the provider's task id" in text_of(listed)
    async with owned.house.running():
        await (await owned.click(listed, "It didn't run")).wait_shown()
        (settled,) = await owned.house.until(lambda rows: rows[0].state is not State.UNCERTAIN)
    assert settled.id == row.id


@on_sqlite
async def test_an_uncertain_one_that_ran_is_polled_and_delivered(owned: Owned) -> None:
    house = owned.house
    async with house.running():
        (row,) = await owned.lose()
        (task_id,) = house.provider.tasks
        chosen = await owned.choose([row.id])
        assert row.id in chosen.text
        assert house.guild.name in chosen.text
        assert f"<@{house.alice.id}>" in chosen.text
        assert row.model in chosen.text
        told = await owned.name_tasks([row.id], {row.id: f" {task_id} "})
        assert "being tracked" in told
        await house.until_state(State.POSTED)
        await house.discord.wait_for(lambda: len(house.videos()) == 1)
    assert len(house.provider.creates) == 1
    assert (await house.request()).task_id == task_id
    assert await sums(house, row) == {Account.COUNT: 1, Account.COST: 1}


@on_sqlite
async def test_what_can_be_no_task_id_is_refused(owned: Owned) -> None:
    house = owned.house
    async with house.running():
        (row,) = await owned.lose()
        for wrong in ("two words", "tab\tbed"):
            assert "isn't a task id" in await owned.name_tasks([row.id], {row.id: wrong})
    assert (await house.request()).state is State.UNCERTAIN


@on_sqlite
async def test_a_start_warns_when_strangers_may_spend(
    owned: Owned, caplog: pytest.LogCaptureFixture
) -> None:
    house = owned.house

    def warned() -> bool:
        return any("Anyone can invite this bot" in record.message for record in caplog.records)

    async with house.running():
        assert not warned()
    house.discord.world.is_public = True
    async with house.running(allowed_guilds=(house.guild.id,)):
        assert not warned()
    async with house.running():
        assert warned()


async def test_one_task_is_never_given_to_two_requests(owned: Owned) -> None:
    house = owned.house
    async with house.running():
        rows = await owned.lose(2)
        task_id = next(iter(house.provider.tasks))
        both = [row.id for row in rows]
        told = await owned.name_tasks(both, dict.fromkeys(both, task_id))
        assert "for another video" in told
        await owned.name_tasks(both, {both[0]: task_id})
        await house.until_state(State.POSTED)
        told = await owned.name_tasks(both[1:], {both[1]: task_id})
        assert f"belongs to `{both[0]}`" in told
    assert len(house.videos()) == 1
    assert (await house.request(1)).state is State.UNCERTAIN


@on_sqlite
async def test_one_that_did_not_run_is_released_and_told(owned: Owned) -> None:
    house = owned.house
    async with house.running():
        (row,) = await owned.lose()
        assert await sums(house, row) == {Account.COUNT: 1, Account.COST: 1}
        chosen = await owned.choose([row.id])
        pressed = await owned.click(chosen.message, "It didn't run")  # type: ignore[arg-type]
        told = await pressed.wait_shown()
        assert "released" in told.content
        await house.until_state(State.FAILED)
        notice = await house.discord.wait_message(
            lambda message: "It never reached the provider" in message.content
        )
    assert f"<@{house.alice.id}>" in notice.content
    assert "It doesn't count" in notice.content
    assert await sums(house, row) == {Account.COUNT: 0, Account.COST: 0}
    assert len(house.provider.creates) == 1


async def test_sending_again_asks_once_and_sends_once(owned: Owned) -> None:
    house = owned.house
    async with house.running():
        (row,) = await owned.lose()
        sure, stale = [
            await (await owned.click(await owned.chosen([row.id]), "Send again")).wait_shown()
            for _ in range(2)
        ]
        assert "pay twice" in text_of(sure)
        assert (await house.request()).state is State.UNCERTAIN
        house.provider.faults.next(CallName.CREATE, Drop(carried_out=True))
        await (await owned.click(sure, "Confirm")).wait_shown()
        # its answer is lost once more: the other press must not send it a third time
        again = await house.until(
            lambda rows: (
                rows[0].state is State.UNCERTAIN and rows[0].intent_at_ms > row.intent_at_ms
            )
        )
        pressed = await owned.click(stale, "Confirm")
        assert "settled by somebody else" in (await pressed.wait_shown()).content
        assert (await house.request()).state is State.UNCERTAIN
    assert again[0].id == row.id
    assert len(house.provider.creates) == 2
    assert await sums(house, row) == {Account.COUNT: 1, Account.COST: 1}


@on_sqlite
async def test_many_are_settled_at_once_over_all_pages(owned: Owned) -> None:
    house = owned.house
    async with house.running():
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
        await house.until(lambda rows: {row.state for row in rows} == {State.FAILED})
    assert not house.provider.creates


async def test_of_two_owners_at_once_one_settles(owned: Owned) -> None:
    house = owned.house
    async with house.running():
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
        settled = await house.until_state(State.FAILED, State.POSTED)
    async with house.database.reading() as tx:
        rows = await tx.fetch_all(
            "SELECT to_state FROM events WHERE from_state = 'uncertain' AND request_id = :id",
            {"id": row.id},
        )
    assert len(rows) == 1
    creates = 1 if settled.state is State.FAILED else 2
    assert len(house.provider.creates) == creates


async def test_the_count_comes_back_after_a_day_and_the_cost_stays(
    database_url: str, tmp_path: Path
) -> None:
    shift = {"ms": 0}

    def clock() -> int:
        from bot.app import wall_clock  # noqa: PLC0415

        return wall_clock() + shift["ms"]

    async with open_house(database_url, tmp_path, clock=clock) as house:
        house.provider.faults.next(CallName.CREATE, Drop(carried_out=True))
        async with house.running():
            await (await house.create()).wait_shown()
            row = await house.until_state(State.UNCERTAIN)
            assert await sums(house, row) == {Account.COUNT: 1, Account.COST: 1}
            shift["ms"] = 24 * 60 * 60 * 1000 + 1000
            async with asyncio.timeout(10):
                while (await sums(house, row))[Account.COUNT]:
                    await house.discord.quiet(0.1)
        assert await sums(house, row) == {Account.COUNT: 0, Account.COST: 1}
        assert (await house.request()).state is State.UNCERTAIN


@on_sqlite
async def test_the_log_channel_is_told_that_it_is_uncertain(owned: Owned) -> None:
    house = owned.house
    log = house.discord.add_channel(house.guild, "log")
    async with house.database.transaction() as tx:
        await server_settings.change_settings(tx, house.guild.id, log_channel=log.id)
    async with house.running():
        (row,) = await owned.lose()
        told = await house.discord.wait_message(
            lambda message: message.channel_id == log.id and row.id in message.content
        )
    assert "uncertain" in told.content
    assert f"<@{house.alice.id}>" in told.content


async def test_one_that_is_lost_again_after_sending_again_is_told_again(owned: Owned) -> None:
    house = owned.house
    log = house.discord.add_channel(house.guild, "log")
    async with house.database.transaction() as tx:
        await server_settings.change_settings(tx, house.guild.id, log_channel=log.id)

    def told(channel: Channel) -> int:
        return sum("**uncertain**" in text for text in house.texts(channel))

    async with house.running():
        (row,) = await owned.lose()
        await house.discord.wait_for(lambda: told(log) == 1)
        before = told(house.channel)
        house.provider.faults.next(CallName.CREATE, Drop(carried_out=True))
        sure = await owned.click(await owned.chosen([row.id]), "Send again")
        await (await owned.click(await sure.wait_shown(), "Confirm")).wait_shown()
        await house.discord.wait_for(lambda: told(log) == 2)
        await house.discord.wait_for(lambda: told(house.channel) > before)
        await house.discord.quiet()
        messages = [
            post.id for post in await house.messages(row.id) if post.kind is MessageKind.NOTICE
        ]
    again = await house.request()
    assert again.state is State.UNCERTAIN
    assert messages == [
        f"{row.id}:notice:uncertain:{row.intent_at_ms}",
        f"{row.id}:notice:uncertain:{again.intent_at_ms}",
    ]


@on_sqlite
async def test_without_a_log_channel_the_owner_is_told_that_one_is_uncertain(owned: Owned) -> None:
    house = owned.house
    async with house.running():
        (row,) = await owned.lose()
        told = await house.discord.wait_message(
            lambda message: message.channel_id == house.discord.world.direct_channel(owned.owner).id
        )
        await house.discord.quiet()
    assert row.id in told.content
    assert "**uncertain**" in told.content
    assert len(house.texts(house.discord.world.direct_channel(owned.owner))) == 1
