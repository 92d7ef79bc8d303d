"""`PRICES_FROM` end to end: quotes by the provider's list, its changes, and the owner's file."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from bot.app import App, open_app
from bot.demo.provider.billing import Listing
from bot.demo.provider.faults import Reply
from bot.services.server_settings import change_settings
from storage.records import State
from tests.flow.operations.owned import on_sqlite
from tests.support.bot_env import BotEnv, open_bot_env

MODEL = "seedance2.0-fast-i2v"
OTHER = "seedance2.0-std"


@pytest.fixture
async def bot_env(database_url: str, tmp_path: Path) -> AsyncIterator[BotEnv]:
    async with open_bot_env(database_url, tmp_path, currency="USD") as opened:
        opened.provider.billing.prices = {
            MODEL: Listing(Decimal("0.35"), "per_task"),
            OTHER: Listing(Decimal("0.6"), "per_task"),
        }
        yield opened


async def priced(bot_env: BotEnv, app: App, amount: str) -> None:
    """Wait until the listed price of the default model is in effect."""

    async def is_so() -> bool:
        price = app.catalogue.require(MODEL).price
        return price is not None and price.per_task == Decimal(amount)

    await bot_env.until_so(is_so)


async def asked_again(bot_env: BotEnv, before: int, times: int = 2) -> None:
    """Wait for so many calls for the list; two calls read it."""
    calls = bot_env.provider.price_list_calls
    await bot_env.provider.until(lambda: len(calls) >= before + times)


def told(bot_env: BotEnv, words: str) -> list[str]:
    return [text for text in bot_env.texts() if words in text]


async def test_the_providers_list_prices_requests_and_its_changes_are_told_once(
    bot_env: BotEnv,
) -> None:
    owner = bot_env.discord.world.owner
    async with bot_env.database.transaction() as tx:
        await change_settings(tx, bot_env.guild.id, confirm_above="0.3")
    async with bot_env.running(bot_monthly_budget="1") as app:
        await priced(bot_env, app, "0.35")
        question = await (await bot_env.create()).wait_shown()
        assert "$0.35" in question.content
        models = await bot_env.discord.slash(
            bot_env.guild, bot_env.channel, bot_env.alice, "video models"
        )
        await models.wait_shown()
        assert "$0.35 per video" in str(models.text) + repr(models.message)
    bot_env.provider.billing.drift(MODEL, Decimal("0.8"))
    del bot_env.provider.billing.prices[OTHER]
    async with bot_env.running(bot_monthly_budget="1") as app:
        await priced(bot_env, app, "0.8")
        await bot_env.discord.click(question, "Confirm", bot_env.alice)
        done = await bot_env.until_state(State.POSTED)
        assert done.cost_micros == 350_000
        refused = await (await bot_env.create()).wait_shown()
        assert "$1.00" in refused.content
        await bot_env.discord.wait_message(lambda m: f"`{OTHER}`: 0.6 per_task" in m.content)
        changed = await bot_env.discord.wait_message(
            lambda m: f"`{MODEL}`: 0.35 per_task → 0.8 per_task" in m.content
        )
        assert changed.channel_id == bot_env.discord.world.direct_channel(owner).id
        # what left the list keeps its last price
        assert app.catalogue.require(OTHER).price is not None
    before = len(bot_env.provider.price_list_calls)
    async with bot_env.running():
        await asked_again(bot_env, before)
        await (await bot_env.create()).wait_shown()
    assert len(told(bot_env, "price list has changed")) == 1
    assert len(told(bot_env, "no longer has these")) == 1
    assert not any(call.has_key for call in bot_env.provider.price_list_calls)


@on_sqlite
async def test_a_list_that_cannot_be_read_changes_nothing(bot_env: BotEnv) -> None:
    async with bot_env.running() as app:
        await priced(bot_env, app, "0.35")
    async with open_app(bot_env.settings) as app:
        # before anything runs, and without the provider
        assert app.catalogue.require(MODEL).price is not None
    for answer in (Reply(status=500), Reply(body=b'{"code": 0, "data": {"list": []}}')):
        bot_env.provider.faults.every("price_list", answer)
        before = len(bot_env.provider.price_list_calls)
        async with bot_env.running() as app:
            await asked_again(bot_env, before, 1)
            receipt = await (await bot_env.create()).wait_shown()
            assert "$0.35" in receipt.content
            await priced(bot_env, app, "0.35")
    assert not told(bot_env, "price list")


@on_sqlite
async def test_prices_of_the_file_are_the_owners_and_may_be_the_only_ones(
    bot_env: BotEnv, tmp_path: Path
) -> None:
    file = tmp_path / "models.toml"
    file.write_text(f'[models."{MODEL}".price]\nper_task = "9"\n')
    async with bot_env.running(prices_from="file") as app:
        assert "$" not in (await (await bot_env.create()).wait_shown()).content
        assert not bot_env.provider.price_list_calls
        assert not app.catalogue.has_prices
    async with bot_env.running(models_file=file) as app:
        await asked_again(bot_env, 0)
        assert "$9.00" in (await (await bot_env.create()).wait_shown()).content
    async with bot_env.running(models_file=file, prices_from="file") as app:
        assert app.catalogue.require(OTHER).price is None


@on_sqlite
async def test_without_a_currency_members_are_shown_no_price(bot_env: BotEnv) -> None:
    async with bot_env.running(currency="") as app:
        await priced(bot_env, app, "0.35")
        receipt = await (await bot_env.create()).wait_shown()
        request = await bot_env.request()
        assert request.cost_micros == 350_000
        shown = await bot_env.discord.slash(
            bot_env.guild, bot_env.channel, bot_env.alice, "video show", {"id": request.id}
        )
        await shown.wait_shown()
        assert "0.35" not in receipt.content + shown.text + repr(shown.message)
