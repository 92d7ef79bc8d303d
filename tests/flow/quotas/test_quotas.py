"""Quotas and budgets, end to end."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.app import wall_clock
from bot.demo.provider.faults import CallName, Drop, Refuse, TaskPlan
from bot.services.requests.drafts import DRAFT_MS
from bot.services.server_settings import change_settings
from storage.quotas import ledger_check, ledger_sums
from storage.quotas.ledger_records import Account, Usage
from storage.records import ENDS, State
from storage.requests import inputs
from tests.support.bot_env import BotEnv, picture
from tests.support.dialects import on_sqlite
from tests.support.discord.records import Upload

PRICE = 500_000
BILLED = 1_000_000


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    path = tmp_path / "prices.toml"
    path.write_text('[models."seedance2.0-fast-i2v".price]\nper_task = "0.50"\n')
    return path


async def configure(bot_env: BotEnv, **settings: object) -> None:
    async with bot_env.database.transaction() as tx:
        await change_settings(tx, bot_env.guild.id, **settings)


async def used(bot_env: BotEnv, account: Account) -> Usage:
    async with bot_env.database.reading() as tx:
        return await ledger_sums.usage(tx, account, since_ms=0, guild_id=bot_env.guild.id)


async def differences(bot_env: BotEnv) -> list[ledger_check.Difference]:
    async with bot_env.database.reading() as tx:
        return await ledger_check.differences(tx)


@pytest.mark.usefixtures("patient_pool")
async def test_sixty_four_commands_at_once_with_ten_left_make_exactly_ten(bot_env: BotEnv) -> None:
    limits: dict[str, Any] = {"user_daily_videos": 10, "seedance_max_active": 1}
    async with bot_env.running(**limits):
        asked = await asyncio.gather(*(bot_env.create() for _ in range(64)))
        answers = [await each.wait_shown() for each in asked]
        refusals = [a.content for a in answers if "You have used 10 of your 10" in a.content]
        assert len(refusals) == 54
        assert all("<t:" in text and ":R>" in text for text in refusals)
        assert len(await bot_env.requests()) == 10
    async with bot_env.running(**limits):
        again = await (await bot_env.create()).wait_shown()
        assert "You have used 10 of your 10" in again.content
    assert await differences(bot_env) == []
    assert not bot_env.discord.invalid_calls()


@on_sqlite
async def test_a_drafts_files_are_kept_and_confirm_sends_them(
    bot_env: BotEnv, prices: Path
) -> None:
    await configure(bot_env, confirm_above="0.40")
    image = picture(colour="salmon")
    async with bot_env.running(models_file=prices):
        asked = await bot_env.create(files={"image1": Upload("boat.png", image)})
        question = await asked.wait_shown()
        assert question.is_ephemeral
        rows = await bot_env.until(lambda rows: bool(rows and rows[0].prepared_at_ms))
        assert rows[0].state is State.DRAFT
        assert await used(bot_env, Account.COUNT) == Usage()
        assert not bot_env.provider.calls
        assert not bot_env.discord.messages(bot_env.channel)
    async with bot_env.running(models_file=prices):
        await bot_env.discord.click(question, "Confirm", bot_env.alice)
        await bot_env.until_state(State.POSTED)
    assert [upload.path.read_bytes() for upload in bot_env.provider.uploads] == [image]
    assert len(bot_env.provider.billed) == 1
    assert await used(bot_env, Account.COST) == Usage(1, 4, BILLED)
    assert await differences(bot_env) == []


async def test_an_unconfirmed_draft_expires_with_its_files_and_a_notice(
    bot_env: BotEnv, prices: Path
) -> None:
    await configure(bot_env, confirm_above="0")
    ahead_ms = 0
    bot_env.clock = lambda: wall_clock() + ahead_ms
    async with bot_env.running(models_file=prices) as app:
        asked = await bot_env.create(files={"image1": Upload("boat.png", picture())})
        question = await asked.wait_shown()
        (request,) = await bot_env.until(lambda rows: bool(rows and rows[0].prepared_at_ms))
        folder = app.settings.data_dir / "inputs" / request.id
        assert folder.exists()
    ahead_ms = DRAFT_MS
    async with bot_env.running(models_file=prices) as app:
        await bot_env.until_state(State.CANCELLED)
        notice = await bot_env.discord.wait_message(
            lambda message: "didn't confirm" in message.content
        )
        pressed = await bot_env.discord.click(question, "Confirm", bot_env.alice)
        await pressed.wait_shown()
        assert "can't be confirmed any more" in pressed.text
        await bot_env.until_so(lambda: _is_forgotten(bot_env, request.id))
        assert not folder.exists()
    assert notice.pinged == {bot_env.alice.id}
    assert "lighthouse" not in notice.content
    assert await used(bot_env, Account.COUNT) == Usage()
    assert await differences(bot_env) == []


async def _is_forgotten(bot_env: BotEnv, request_id: str) -> bool:
    async with bot_env.database.reading() as tx:
        return not any(row.path for row in await inputs.of_request(tx, request_id))


@on_sqlite
async def test_a_broken_file_of_a_draft_is_reported_before_confirmation(
    bot_env: BotEnv, prices: Path
) -> None:
    await configure(bot_env, confirm_above="0")
    async with bot_env.running(models_file=prices):
        await bot_env.create(files={"image1": Upload("cat.png", b"no picture at all" * 40)})
        await bot_env.until_state(State.FAILED)
        notice = await bot_env.discord.wait_message(lambda message: "image1" in message.content)
    assert f"<@{bot_env.alice.id}>" in notice.content
    assert await differences(bot_env) == []


async def test_what_is_booked_is_what_the_provider_billed_and_what_is_uncertain(
    bot_env: BotEnv, prices: Path
) -> None:
    faults = bot_env.provider.faults
    faults.next(
        CallName.CREATE,
        None,
        Refuse(msg="PROVIDER_MODERATION_ERROR"),
        None,
        Drop(carried_out=True),
        None,
    )
    faults.next_task(
        None,
        TaskPlan(fails_with="PROVIDER_MODERATION_ERROR"),
        None,
        TaskPlan(fails_with="internal error"),
    )
    async with bot_env.running(models_file=prices):
        for number in range(5):
            await (await bot_env.create()).wait_shown()
            await bot_env.until_state(*ENDS, State.UNCERTAIN, number=number)
    rows = await bot_env.requests()
    assert [row.state for row in rows] == [
        State.POSTED,
        State.FAILED,
        State.FAILED,
        State.UNCERTAIN,
        State.FAILED,
    ]
    assert len(bot_env.provider.billed) == 4
    # three at the provider's cost, and the uncertain one at its price
    assert (await used(bot_env, Account.COST)).cost_micros == 3 * BILLED + PRICE
    # two refused for their content and one for a technical reason came back
    assert (await used(bot_env, Account.COUNT)).videos == 2
    assert await differences(bot_env) == []


async def test_budget_alerts_go_to_the_log_channel_and_to_owners(
    bot_env: BotEnv, prices: Path
) -> None:
    log = bot_env.discord.add_channel(bot_env.guild, "log")
    owner = bot_env.discord.add_user("owner-of-the-bot")
    await configure(bot_env, log_channel=log.id)
    async with bot_env.running(
        models_file=prices,
        server_monthly_budget="0.60",
        bot_monthly_budget="0.60",
        currency="USD",
        owner_ids=(owner.id,),
    ):
        await (await bot_env.create()).wait_shown()
        server = await bot_env.discord.wait_message(
            lambda message: "83% of its budget for this month: $0.50 of $0.60" in message.content
        )
        direct = await bot_env.discord.wait_message(
            lambda message: "83% of this month's budget" in message.content
        )
        refused = await (await bot_env.create()).wait_shown()
        await bot_env.until_state(State.POSTED)
    assert server.channel_id == log.id
    assert bot_env.discord.world.direct_channel(owner).id == direct.channel_id
    assert "This server has used $0.50 of its $0.60 this month." in refused.content
    assert "The new month starts <t:" in refused.content
    assert not bot_env.discord.invalid_calls()
