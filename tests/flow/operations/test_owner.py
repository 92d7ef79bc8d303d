"""`/owner status` and `/owner pause`, end to end."""

import asyncio
from decimal import Decimal

import pytest

from bot.demo.provider.faults import CallName, Delay
from storage.records import State
from tests.flow.operations.owned import Owned, on_sqlite
from tests.support.bot_env import picture
from tests.support.discord.records import Upload


@on_sqlite
async def test_owner_commands_are_registered_in_the_owners_server_alone(owned: Owned) -> None:
    async with owned.bot_env.running():
        commands = owned.bot_env.discord.world.commands
        await owned.bot_env.discord.wait_for(lambda: bool(commands.get(owned.guild.id)))
    assert [command["name"] for command in commands[owned.guild.id]] == ["owner"]
    assert "owner" not in [command["name"] for command in commands[0]]
    async with owned.bot_env.running(owner_guild_id=None):
        await owned.bot_env.discord.wait_for(lambda: not commands[owned.guild.id])


async def test_status_tells_an_owner_everything_in_private(owned: Owned) -> None:
    async with owned.bot_env.running():
        await owned.bot_env.create()
        await owned.bot_env.until_state(State.POSTED)
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
    assert owned.bot_env.settings.seedance_api_key.get_secret_value() not in text


@on_sqlite
async def test_status_is_in_the_owners_language(owned: Owned) -> None:
    owned.owner.locale = "zh-CN"
    async with owned.bot_env.running():
        asked = await owned.ask("status")
    assert "运行状况" in asked.text
    assert "余额：100,000" in asked.text


@on_sqlite
async def test_status_warns_of_a_low_balance_and_of_what_is_uncertain(owned: Owned) -> None:
    async with owned.bot_env.running():
        await owned.lose()
        await owned.bot_env.create()
        await owned.bot_env.until_state(State.POSTED, number=1)
        owned.bot_env.provider.billing.balance = Decimal(7)
        asked = await owned.ask("status")
    assert "balance with the provider is low: enough for about 2 more videos" in asked.text
    assert "One video is uncertain" in asked.text


@on_sqlite
async def test_only_owners_can_use_owner_commands(owned: Owned) -> None:
    async with owned.bot_env.running():
        row, _ = await owned.lose(2)
        for command in ("status", "pause", "resume", "uncertain"):
            refused = await owned.ask(command, owned.bot_env.alice)
            assert "Only this bot's owner" in refused.text, command
        for label in ("It ran", "It didn't run", "Send again", "Back"):
            chosen = await owned.choose([row.id])
            assert chosen.message is not None
            pressed = await owned.click(chosen.message, label, owned.bot_env.alice)
            shown = await pressed.wait_shown()
            assert "Only this bot's owner" in shown.content, label
        asked = await owned.bot_env.create(owned.bot_env.alice)
        await asked.wait_shown()
    assert (await owned.bot_env.request()).state is State.UNCERTAIN


@on_sqlite
async def test_an_owners_button_is_refused_in_another_server(owned: Owned) -> None:
    async with owned.bot_env.running():
        (row,) = await owned.lose()
        bot_env = owned.bot_env
        card = await bot_env.discord.wait_message(
            lambda message: message.channel_id == bot_env.channel.id and row.id in message.content
        )
        button = {"type": 2, "style": 2, "id": 9, "label": "Forged"}
        button["custom_id"] = f"vb:settle:not:{row.intent_at_ms}:{row.id}"
        card.components = [{"type": 1, "id": 8, "components": [button]}]
        pressed = await owned.click(card, "Forged")
        assert "Only this bot's owner" in (await pressed.wait_shown()).content
        listed = await owned.ask("uncertain")
        assert row.id in listed.text
    assert (await owned.bot_env.request()).state is State.UNCERTAIN


@on_sqlite
async def test_named_owners_replace_the_applications(owned: Owned) -> None:
    async with owned.bot_env.running(owner_ids=(owned.bot_env.alice.id,)):
        assert "Only this bot's owner" in (await owned.ask("status")).text
        assert "All is well" in (await owned.ask("status", owned.bot_env.alice)).text


async def test_a_pause_stops_submissions_and_shows_on_cards(owned: Owned) -> None:
    bot_env = owned.bot_env
    async with bot_env.running():
        paused = await owned.ask("pause")
        assert "Paused." in paused.text
        assert "already paused" in (await owned.ask("pause")).text
        taken = await (await bot_env.create()).wait_shown()
        assert "Queued" in taken.content
        card = await bot_env.discord.wait_message(lambda message: "Paused by" in message.content)
        assert card.channel_id == bot_env.channel.id
        await bot_env.until(lambda rows: rows[0].prepared_at_ms > 0)
        assert "Paused since" in (await owned.ask("status")).text
        await bot_env.discord.quiet()
        assert not bot_env.provider.creates
    async with bot_env.running():
        await bot_env.discord.quiet()
        assert not bot_env.provider.creates
        resumed = await owned.ask("resume")
        assert "One waiting video" in resumed.text
        await bot_env.until_state(State.POSTED)
        assert "wasn't paused" in (await owned.ask("resume")).text
    assert len(bot_env.provider.creates) == 1


@on_sqlite
async def test_cards_that_stand_already_say_that_the_bot_is_paused(owned: Owned) -> None:
    bot_env = owned.bot_env
    async with bot_env.running(seedance_max_active=1):
        bot_env.hold_tasks()
        await bot_env.create()
        await bot_env.until_state(State.RUNNING)
        await bot_env.create()
        waiting = await bot_env.until_state(State.QUEUED, number=1)
        card = await bot_env.discord.wait_message(
            lambda message: waiting.id in message.content and "Next in the queue" in message.content
        )
        assert "Paused by" not in card.content
        await owned.ask("pause")
        await bot_env.discord.wait_for(lambda: "Paused by" in card.content)
        await owned.ask("resume")
        await bot_env.discord.wait_for(lambda: "Paused by" not in card.content)


@on_sqlite
async def test_a_pause_holds_back_requests_with_a_slot_that_were_not_submitted(
    owned: Owned,
) -> None:
    bot_env = owned.bot_env
    upload_inputs = asyncio.Event()
    bot_env.provider.faults.next(CallName.UPLOAD, Delay(upload_inputs.wait))
    async with bot_env.running():
        await bot_env.create(files={"image1": Upload("a.png", picture())})
        await bot_env.until_state(State.SUBMITTING)
        await owned.ask("pause")
        upload_inputs.set()
        await bot_env.until_state(State.QUEUED)
        await bot_env.discord.quiet()
        assert not bot_env.provider.creates
        await owned.ask("resume")
        await bot_env.until_state(State.POSTED)
    assert len(bot_env.provider.creates) == 1


@on_sqlite
async def test_the_start_warns_if_strangers_can_invite_the_bot(
    owned: Owned, caplog: pytest.LogCaptureFixture
) -> None:
    bot_env = owned.bot_env

    def warned() -> bool:
        return any("Anyone can invite this bot" in record.message for record in caplog.records)

    async with bot_env.running():
        assert not warned()
    bot_env.discord.world.is_public = True
    async with bot_env.running(allowed_guilds=(bot_env.guild.id,)):
        assert not warned()
    async with bot_env.running():
        assert warned()
