"""Quotas and money from outside, with the whole bot at work between Discord and the provider."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.app import wall_clock
from bot.demo.provider.faults import CallName, Drop, Refuse, TaskPlan
from bot.services.requests.drafts import DRAFT_MS
from bot.services.server_settings import change_settings
from storage.quotas import ledger, ledger_check
from storage.records import ENDS, Account, State, Usage
from storage.requests import inputs
from tests.support.bot_env import House, picture
from tests.support.discord.records import Upload

PRICE = 500_000


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    path = tmp_path / "prices.toml"
    path.write_text('[models."seedance2.0-fast-i2v".price]\nper_task = "0.50"\n')
    return path


async def configure(house: House, **settings: object) -> None:
    async with house.database.transaction() as tx:
        await change_settings(tx, house.guild.id, **settings)


async def used(house: House, account: Account) -> Usage:
    async with house.database.reading() as tx:
        return await ledger.usage(tx, account, since_ms=0, guild_id=house.guild.id)


async def differences(house: House) -> list[ledger_check.Difference]:
    async with house.database.reading() as tx:
        return await ledger_check.differences(tx)


async def test_sixty_four_commands_at_once_with_ten_left_make_exactly_ten(house: House) -> None:
    limits: dict[str, Any] = {"user_daily_videos": 10, "seedance_max_active": 1}
    async with house.running(**limits):
        asked = await asyncio.gather(*(house.create() for _ in range(64)))
        answers = [await each.wait_shown() for each in asked]
        refusals = [a.content for a in answers if "You have used 10 of your 10" in a.content]
        assert len(refusals) == 54
        assert all("<t:" in text and ":R>" in text for text in refusals)
        assert len(await house.requests()) == 10
    async with house.running(**limits):
        again = await (await house.create()).wait_shown()
        assert "You have used 10 of your 10" in again.content
    assert await differences(house) == []
    assert not house.discord.invalid_calls()


async def test_a_drafts_files_are_kept_and_confirm_sends_them(house: House, prices: Path) -> None:
    await configure(house, confirm_above="0.40")
    image = picture(colour="salmon")
    async with house.running(models_file=prices):
        asked = await house.create(files={"image1": Upload("boat.png", image)})
        question = await asked.wait_shown()
        assert question.is_ephemeral
        rows = await house.until(lambda rows: bool(rows and rows[0].prepared_at_ms))
        assert rows[0].state is State.DRAFT
        assert await used(house, Account.COUNT) == Usage()
        assert not house.provider.calls
        assert not house.discord.messages(house.channel)
    async with house.running(models_file=prices):
        await house.discord.click(question, "Confirm", house.alice)
        await house.until_state(State.POSTED)
    assert [upload.path.read_bytes() for upload in house.provider.uploads] == [image]
    assert len(house.provider.billed) == 1
    assert await used(house, Account.COST) == Usage(1, 4, PRICE)
    assert await differences(house) == []


async def test_a_draft_that_nobody_confirms_goes_with_its_files_and_is_told(
    house: House, prices: Path
) -> None:
    await configure(house, confirm_above="0")
    ahead_ms = 0
    house.clock = lambda: wall_clock() + ahead_ms
    async with house.running(models_file=prices) as app:
        asked = await house.create(files={"image1": Upload("boat.png", picture())})
        question = await asked.wait_shown()
        (request,) = await house.until(lambda rows: bool(rows and rows[0].prepared_at_ms))
        folder = app.settings.data_dir / "inputs" / request.id
        assert folder.exists()
    ahead_ms = DRAFT_MS
    async with house.running(models_file=prices) as app:
        await house.until_state(State.CANCELLED)
        notice = await house.discord.wait_message(
            lambda message: "didn't confirm" in message.content
        )
        pressed = await house.discord.click(question, "Confirm", house.alice)
        await pressed.wait_shown()
        assert "can't be confirmed any more" in pressed.text
        await house.until_so(lambda: _is_forgotten(house, request.id))
        assert not folder.exists()
    assert notice.pinged == {house.alice.id}
    assert "lighthouse" not in notice.content
    assert await used(house, Account.COUNT) == Usage()
    assert await differences(house) == []


async def _is_forgotten(house: House, request_id: str) -> bool:
    async with house.database.reading() as tx:
        return not any(row.path for row in await inputs.of_request(tx, request_id))


async def test_a_drafts_broken_file_is_told_before_anything_is_confirmed(
    house: House, prices: Path
) -> None:
    await configure(house, confirm_above="0")
    async with house.running(models_file=prices):
        await house.create(files={"image1": Upload("cat.png", b"no picture at all" * 40)})
        await house.until_state(State.FAILED)
        notice = await house.discord.wait_message(lambda message: "image1" in message.content)
    assert f"<@{house.alice.id}>" in notice.content
    assert await differences(house) == []


async def test_what_is_booked_is_what_the_provider_billed_and_what_is_uncertain(
    house: House, prices: Path
) -> None:
    faults = house.provider.faults
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
    async with house.running(models_file=prices):
        for number in range(5):
            await (await house.create()).wait_shown()
            await house.until_state(*ENDS, State.UNCERTAIN, number=number)
    rows = await house.requests()
    assert [row.state for row in rows] == [
        State.POSTED,
        State.FAILED,
        State.FAILED,
        State.UNCERTAIN,
        State.FAILED,
    ]
    assert len(house.provider.billed) == 4
    assert (await used(house, Account.COST)).cost_micros == 4 * PRICE
    # two refused for their content and one for a technical reason came back
    assert (await used(house, Account.COUNT)).videos == 2
    assert await differences(house) == []


async def test_a_budget_is_told_in_the_log_channel_and_to_owners(
    house: House, prices: Path
) -> None:
    log = house.discord.add_channel(house.guild, "log")
    owner = house.discord.add_user("owner-of-the-bot")
    await configure(house, log_channel=log.id)
    async with house.running(
        models_file=prices,
        server_monthly_budget="0.60",
        bot_monthly_budget="0.60",
        currency="USD",
        owner_ids=(owner.id,),
    ):
        await (await house.create()).wait_shown()
        server = await house.discord.wait_message(
            lambda message: "83% of its budget for this month: $0.50 of $0.60" in message.content
        )
        direct = await house.discord.wait_message(
            lambda message: "83% of this month's budget" in message.content
        )
        refused = await (await house.create()).wait_shown()
        await house.until_state(State.POSTED)
    assert server.channel_id == log.id
    assert house.discord.world.direct_channel(owner).id == direct.channel_id
    assert "This server has used $0.50 of its $0.60 this month." in refused.content
    assert "The new month starts <t:" in refused.content
    assert not house.discord.invalid_calls()
