"""Every coin explained, end to end: the bill, and evidence of what was lost."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.demo.provider.faults import BillPlan, CallName, Drop, TaskPlan
from storage.quotas import ledger_check, ledger_sums
from storage.quotas.ledger_records import Account, Usage
from storage.records import State
from tests.flow.fast_forward import Flow, HopClock
from tests.flow.operations.owned import Owned, on_sqlite
from tests.support.bot_env import open_bot_env
from tests.support.discord.interactions import Interaction
from tests.support.patience import PATIENCE_S

PRICES = """
[models."seedance2.0-fast-i2v".price]
per_task = "1.00"
"""
MINUTE_MS = 60_000


class OwnedFlow(Flow):
    """A flow with the owner's server, and what is asked there."""

    owned: Owned

    async def ask(self, command: str, **options: Any) -> Interaction:
        owned = self.owned
        asked = await self.bot_env.discord.slash(
            owned.guild, owned.channel, owned.owner, f"owner {command}", options
        )
        await asked.wait_shown()
        return asked

    async def booked(self) -> Usage:
        """What the ledger has booked, and that its check finds nothing."""
        async with self.bot_env.database.reading() as tx:
            assert await ledger_check.differences(tx) == []
            assert await ledger_check.hour_differences(tx) == []
            return await ledger_sums.usage(tx, Account.COST, since_ms=0)

    def bill(self) -> int:
        """What the provider bills now, in millionths."""
        return int(sum(self.bot_env.provider.bill.values()) * 1_000_000)

    async def pass_time(self, holds: Callable[[], Awaitable[bool]]) -> None:
        """Let minutes pass until something is so: a busy machine may miss one look or another."""
        async with asyncio.timeout(PATIENCE_S):
            while not await holds():
                self.hop(MINUTE_MS + 1_000)
                await asyncio.sleep(0.3)

    async def lose(self, *, is_billed: bool) -> None:
        """A request whose answer is lost."""
        self.bot_env.provider.faults.next(CallName.CREATE, Drop(carried_out=is_billed))
        await (await self.bot_env.create()).wait_shown()
        await self.bot_env.until_state(State.UNCERTAIN)


@pytest.fixture
async def costs(database_url: str, tmp_path: Path) -> AsyncIterator[OwnedFlow]:
    clock = HopClock()
    (tmp_path / "prices.toml").write_text(PRICES)
    async with open_bot_env(database_url, tmp_path, clock=clock) as bot_env:
        guild = bot_env.discord.add_guild("Staff")
        channel = bot_env.discord.add_channel(guild, "desk")
        changes = {
            "owner_guild_id": guild.id,
            "models_file": tmp_path / "prices.toml",
            "currency": "EUR",
        }
        bot_env.settings = bot_env.settings.model_copy(update=changes)
        flow = OwnedFlow(bot_env, clock)
        flow.owned = Owned(bot_env, guild, channel, bot_env.discord.world.owner)
        yield flow


async def test_what_was_not_billed_is_settled_after_ten_minutes_without_a_rise(
    costs: OwnedFlow,
) -> None:
    bot_env = costs.bot_env
    async with costs.running(seedance_key_exclusive="yes"):
        await costs.lose(is_billed=False)
        assert "hasn't risen, and is watched" in (await costs.ask("uncertain")).text
        costs.hop(9 * MINUTE_MS)
    assert (await bot_env.request()).state is State.UNCERTAIN
    # a restart loses nothing of it
    async with costs.running(seedance_key_exclusive="yes"):
        await costs.pass_time(lambda: _is(costs, State.FAILED))
        notice = await costs.until_told(
            lambda message: "It never reached the provider" in message.content
        )
    assert "It doesn't count" in notice.content
    assert f"<@{bot_env.alice.id}>" in notice.content
    assert await costs.booked() == Usage()
    assert len(bot_env.provider.creates) == 1


@on_sqlite
async def test_what_was_billed_is_said_to_be_and_settles_nothing(costs: OwnedFlow) -> None:
    async with costs.running(seedance_key_exclusive="yes"):
        await costs.lose(is_billed=True)
        costs.hop(12 * MINUTE_MS)
        await costs.pass_time(lambda: _says(costs, "**Billed**"))
        assert "€1.00" in (await costs.ask("uncertain")).text
    assert (await costs.bot_env.request()).state is State.UNCERTAIN
    assert len(costs.bot_env.provider.creates) == 1


@on_sqlite
async def test_without_the_setting_the_evidence_is_shown_and_settles_nothing(
    costs: OwnedFlow,
) -> None:
    async with costs.running():
        await costs.lose(is_billed=False)
        costs.hop(12 * MINUTE_MS)
        await costs.pass_time(lambda: _says(costs, "**Not billed**"))
        costs.hop(60 * MINUTE_MS)
        assert "SEEDANCE_KEY_EXCLUSIVE=yes" in (await costs.ask("uncertain")).text
    assert (await costs.bot_env.request()).state is State.UNCERTAIN
    assert (await costs.booked()).videos == 1


@on_sqlite
async def test_a_refused_balance_call_is_no_evidence(costs: OwnedFlow) -> None:
    costs.bot_env.provider.faults.every(CallName.BALANCE, Drop(carried_out=False))
    async with costs.running(seedance_key_exclusive="yes"):
        await costs.lose(is_billed=False)
        costs.hop(12 * MINUTE_MS)
        assert await _says(costs, "isn't known what the key had used before or after")
        costs.hop(24 * 60 * MINUTE_MS)
        await costs.until_quiet()
    assert (await costs.bot_env.request()).state is State.UNCERTAIN


async def _is(costs: OwnedFlow, state: State) -> bool:
    return (await costs.bot_env.request()).state is state


async def _says(costs: OwnedFlow, words: str) -> bool:
    return words in (await costs.ask("uncertain")).text


async def test_the_bill_names_each_difference_and_the_ledger_is_the_bill(
    costs: OwnedFlow,
) -> None:
    bot_env = costs.bot_env
    provider = bot_env.provider
    async with costs.running():
        plans = (
            TaskPlan(),
            TaskPlan(bill=BillPlan(cost=Decimal("1.30"))),
            TaskPlan(fails_with="[SY_ERR:5000] failed", bill=BillPlan(refund="key")),
            TaskPlan(fails_with="[SY_ERR:5000] failed"),
        )
        for number, plan in enumerate(plans):
            provider.faults.next_task(plan)
            await (await bot_env.create()).wait_shown()
            await costs.until_state(State.POSTED, State.FAILED, number=number)
        rows = await bot_env.requests()
        assert [row.billed_micros for row in rows] == [1_000_000, 1_300_000, 0, 1_000_000]
        assert (await costs.booked()) == Usage(3, 12, costs.bill())
        shown = await bot_env.discord.slash(
            bot_env.guild, bot_env.channel, bot_env.alice, "video show", {"id": rows[1].id}
        )
        await shown.wait_shown()
        assert "€1.30, as the provider billed" in shown.text
        asked = await costs.ask("bill")
        assert "Every coin is explained" in asked.text
        assert "Booked **€3.30** for 3 videos" in asked.text
        assert "Difference: **€0.00**" in asked.text
        assert f"`{rows[1].id}` price €1.00, cost €1.30" in asked.text
        assert f"`{rows[2].id}` refunded €1.00: cost €0.00" in asked.text
        provider.billing.others = Decimal("0.70")
        assert "**€0.70 more**" in (await costs.ask("bill")).text
        table = await _table(asked)
    assert [row["id"] for row in table] == [row.id for row in reversed(rows)]
    assert {row["id"]: row["provider_cost"] for row in table}[rows[1].id] == "1.3"


@on_sqlite
async def test_a_late_cost_and_a_late_refund_are_found_by_asking_again(costs: OwnedFlow) -> None:
    bot_env = costs.bot_env
    async with costs.running():
        bot_env.provider.faults.next_task(
            TaskPlan(fails_with="[SY_ERR:5000] failed", bill=BillPlan(after_s=3_600))
        )
        await (await bot_env.create()).wait_shown()
        request = await costs.until_state(State.FAILED)
        assert request.billed_micros is None
        asked = await costs.ask("bill")
        assert f"`{request.id}` without the provider's cost: €1.00 booked" in asked.text
        task = bot_env.provider.tasks[request.task_id]
        task.plan = TaskPlan(fails_with="failed", bill=BillPlan(cost=Decimal(1), refund="key"))
        costs.hop(11 * MINUTE_MS)
        await costs.until(lambda rows: rows[0].is_unbilled)
        assert (await costs.booked()) == Usage()


@on_sqlite
async def test_a_month_that_is_none_is_refused_with_what_would_pass(costs: OwnedFlow) -> None:
    async with costs.running():
        assert "Write it like" in (await costs.ask("bill", month="november")).text
        assert "hasn't begun yet" in (await costs.ask("bill", month="2099-01")).text
        assert "Booked **€0.00**" in (await costs.ask("bill", month="2025-01")).text
        stranger = await costs.bot_env.discord.slash(
            costs.owned.guild, costs.owned.channel, costs.bot_env.alice, "owner bill", {}
        )
        await stranger.wait_shown()
        assert "Bill of" not in stranger.text


async def _table(asked: Interaction) -> list[dict[str, str]]:
    message = await asked.wait_shown()
    (file,) = message.attachments
    assert file.path is not None
    return list(csv.DictReader(io.StringIO(file.path.read_bytes().decode("utf-8-sig"))))
