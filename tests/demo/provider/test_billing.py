"""Bills of the simulated provider: costs, refunds, drift, and other users of the key."""

from collections.abc import AsyncIterator
from decimal import Decimal

import aiohttp
import pytest

from bot.demo.provider.billing import DEMO_PRICES, Listing
from bot.demo.provider.faults import BillPlan, Drop, Reply, TaskPlan
from bot.demo.provider.render_pool import SMALL
from bot.demo.provider.simulator import DEFAULT_KEY, SeedanceSimulator
from bot.provider.client import SeedanceClient, open_session
from bot.provider.errors import ProviderError, ProviderUnavailable, SubmissionUncertain
from bot.provider.prices import ListedPrice

BODY = {"model": "seedance2.0-fast-i2v", "prompt": "x", "duration": 4, "ratio": "16:9"}
SP = {**BODY, "model": "seedance2.0-sp", "resolution": "1080p"}
D = Decimal


class Bench:
    """A simulator whose clock is stepped, and a client of it."""

    def __init__(self, sim: SeedanceSimulator, client: SeedanceClient, now_s: list[float]) -> None:
        self.sim = sim
        self.client = client
        self.now_s = now_s


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    now_s = [0.0]
    async with (
        SeedanceSimulator(
            clock=lambda: now_s[0], seconds_per_video=10, prices=DEMO_PRICES, render_options=SMALL
        ) as sim,
        open_session() as session,
    ):
        yield Bench(sim, SeedanceClient(session, sim.url, DEFAULT_KEY), now_s)


async def test_create_and_query_say_what_the_list_says(bench: Bench) -> None:
    by_task = await bench.client.create(BODY)
    by_second = await bench.client.create(SP)
    assert (by_task.cost, by_second.cost) == (D("0.35"), D("0.4"))
    assert (await bench.client.query(by_second.task_id)).cost == D("0.4")
    assert bench.sim.bill == {by_task.task_id: D("0.35"), by_second.task_id: D("0.4")}
    assert await bench.client.key_used() == D("0.75")


async def test_a_cost_may_be_missing_at_first_come_late_and_change(bench: Bench) -> None:
    bench.sim.faults.next_task(
        TaskPlan(bill=BillPlan(is_in_create=False)),
        TaskPlan(bill=BillPlan(after_s=5, in_the_end=D("0.3"))),
    )
    silent, late = [await bench.client.create(BODY) for _ in range(2)]
    assert (silent.cost, late.cost) == (None, None)
    assert (await bench.client.query(silent.task_id)).cost == D("0.35")
    assert (await bench.client.query(late.task_id)).cost is None
    assert await bench.client.key_used() == D("0.35")
    bench.now_s[0] = 5
    assert (await bench.client.query(late.task_id)).cost == D("0.35")
    bench.now_s[0] = 10
    assert (await bench.client.query(late.task_id)).cost == D("0.3")
    assert sum(bench.sim.bill.values()) == await bench.client.key_used() == D("0.65")


@pytest.mark.parametrize(("refund", "key_used"), [("key", "0"), ("account", "0.35")])
async def test_a_failed_task_may_be_refunded(bench: Bench, refund: str, key_used: str) -> None:
    plan = BillPlan(refund="key" if refund == "key" else "account")
    bench.sim.faults.next_task(TaskPlan(fails_with="no", bill=plan))
    created = await bench.client.create(BODY)
    bench.now_s[0] = 10
    assert (await bench.client.query(created.task_id)).cost == 0
    assert await bench.client.key_used() == D(key_used)
    assert (await bench.client.balance()).used == 0
    assert bench.sim.bill == {created.task_id: 0}


@pytest.mark.parametrize("is_billed", [True, False])
async def test_a_lost_answer_may_have_been_billed(bench: Bench, is_billed: bool) -> None:
    bench.sim.faults.next("create", Drop(carried_out=is_billed))
    with pytest.raises(SubmissionUncertain):
        await bench.client.create(BODY)
    assert list(bench.sim.bill.values()) == [D("0.35")] * is_billed
    assert await bench.client.key_used() == D("0.35") * is_billed


async def test_others_spend_with_the_same_key(bench: Bench) -> None:
    bench.sim.billing.others += D("1.5")
    assert await bench.client.key_used() == D("1.5")
    assert not bench.sim.bill


async def test_the_price_list_drifts_and_is_asked_for_without_the_key(bench: Bench) -> None:
    bench.sim.billing.drift("seedance2.0-fast-i2v", D("0.4"))
    del bench.sim.billing.prices["seedance2.0-std"]
    prices = {price.model_name: price for price in await bench.client.price_list()}
    assert prices["seedance2.0-fast-i2v"] == ListedPrice(
        "seedance2.0-fast-i2v", "per_task", D("0.4")
    )
    assert prices["sd2_mx_4k"].price_mode == "per_second"
    assert "seedance2.0-std" not in prices
    asked = bench.sim.price_list_calls
    assert {call.subject for call in asked} == {"seedance", "sd2"}
    assert not any(call.has_key for call in asked)
    assert (await bench.client.create(BODY)).cost == D("0.4")


async def test_a_list_that_names_all_models_at_once_is_asked_for_once(bench: Bench) -> None:
    bench.sim.billing.prices = {"sd2_seedance": Listing(D(1))}
    await bench.client.price_list()
    assert len(bench.sim.price_list_calls) == 1


@pytest.mark.parametrize("status", [401, 404, 500])
async def test_a_price_list_that_fails_says_nothing_of_the_key(bench: Bench, status: int) -> None:
    bench.sim.faults.next("price_list", Reply(status=status))
    with pytest.raises(ProviderUnavailable):
        await bench.client.price_list()


async def test_a_key_whose_use_is_not_said_has_none(bench: Bench) -> None:
    async with aiohttp.ClientSession() as session:
        client = SeedanceClient(session, f"{bench.sim.url}/nowhere", DEFAULT_KEY)
        assert await client.key_used() is None
        with pytest.raises(ProviderError):
            await SeedanceClient(session, bench.sim.url, "another-key").key_used()
