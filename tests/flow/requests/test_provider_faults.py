"""The table of faults and steps, provider's side: every cell ends as promised."""

import asyncio
import contextlib
import socket
from dataclasses import replace

import pytest

from bot.demo.provider.faults import (
    GARBAGE,
    MISSING_PATH,
    CallName,
    Cut,
    Delay,
    Drop,
    Fault,
    Refuse,
    Reply,
    Stall,
    Throttle,
    server_error,
)
from bot.services.operations.circuit_breaker import read_health
from bot.services.server_settings import change_settings
from storage.quotas import ledger_sums
from storage.quotas.ledger_records import Account
from storage.records import State
from tests.flow.fast_forward import Flow
from tests.support.bot_env import picture
from tests.support.dialects import on_sqlite
from tests.support.discord.records import Channel, Upload

HOUR_MS = 3_600_000
TROUBLE = Reply(body=b'{"code":"-1","msg":"system error"}', content_type="application/json")
WITHOUT_ID = Reply(
    body=b'{"code":"20000","msg":"ok","data":{"status":"queued"}}',
    content_type="application/json",
    carried_out=True,
)
WITH_ID = Reply(
    status=500,
    body=b'{"code":"-1","msg":"system error","data":{"task_id":"task-77"}}',
    content_type="application/json",
)

LOST: dict[str, Fault] = {
    "code -1": TROUBLE,
    "500": server_error(500),
    "500 after": server_error(500, carried_out=True),
    "503": server_error(503),
    "reset": Drop(),
    "reset after": Drop(carried_out=True),
    "silence": Stall(),
    "silence after": Stall(carried_out=True),
    "without id": WITHOUT_ID,
    "garbage": GARBAGE,
    "cut": Cut(),
    "page": Reply(carried_out=True),
}
LATER: dict[str, Fault] = {
    "429": Throttle("2"),
    "429 without a time": Throttle(None),
    "busy": Refuse("20002", "系统繁忙，请稍后再试"),
}
REFUSED: dict[str, tuple[Fault, str]] = {
    "parameters": (Refuse("20002", "不支持的模型参数"), "parameters"),
    "http 400": (Refuse("20002", "invalid duration", status=400), "parameters"),
    "content": (Refuse("20002", "[SY_ERR:9] PROVIDER_MODERATION_ERROR"), "content"),
    "trademark": (Refuse("20002", "PROVIDER_MODERATION_ERROR: TRADEMARK"), "content_trademark"),
}
PASSING: dict[str, Fault] = {
    "429": Throttle("2"),
    "busy": Refuse("20002", "系统繁忙"),
    "code -1": TROUBLE,
    "500": server_error(500),
    "404": MISSING_PATH,
    "reset": Drop(),
    "silence": Stall(),
    "garbage": replace(GARBAGE, carried_out=False),
    "cut": Cut(),
    "empty": Reply(body=b"", content_type="application/json"),
    "list": Reply(body=b"[]", content_type="application/json"),
}


async def with_log(flow: Flow) -> Channel:
    """A log channel in the environment's server."""
    channel = flow.bot_env.discord.add_channel(flow.bot_env.guild, "log")
    async with flow.bot_env.database.transaction() as tx:
        await change_settings(tx, flow.bot_env.guild.id, log_channel=channel.id)
    return channel


async def sums(flow: Flow) -> tuple[int, int]:
    """What counts and what it cost so far, in videos."""
    async with flow.bot_env.database.reading() as tx:
        count = await ledger_sums.usage(tx, Account.COUNT, since_ms=0)
        cost = await ledger_sums.usage(tx, Account.COST, since_ms=0)
    return count.videos, cost.videos


async def posted_once(flow: Flow, creates: int = 1) -> None:
    """The one request is posted, once, for one task."""
    await flow.until_state(State.POSTED)
    await flow.until_quiet()
    assert len(flow.bot_env.videos()) == 1
    assert len(flow.bot_env.provider.creates) == creates
    assert len(flow.bot_env.provider.tasks) == 1


@on_sqlite
@pytest.mark.parametrize("fault", LOST)
async def test_a_lost_answer_is_uncertain_told_and_never_sent_again(flow: Flow, fault: str) -> None:
    log = await with_log(flow)
    flow.patience_s = {"create": 0.5} if "silence" in fault else {}
    flow.bot_env.provider.faults.next(CallName.CREATE, LOST[fault])
    async with flow.running():
        await flow.bot_env.create()
        request = await flow.until_state(State.UNCERTAIN)
        notice = await flow.until_told(lambda message: "**uncertain**" in message.content)
        await flow.until_quiet()
    if fault in {"500", "reset after"}:
        async with flow.running():
            pass
    assert len(flow.bot_env.provider.creates) == 1
    assert (await flow.bot_env.request()).state is State.UNCERTAIN
    told = [m for m in flow.bot_env.discord.messages() if flow.bot_env.alice.id in m.pinged]
    assert len(told) == 1
    assert notice.pinged <= {flow.bot_env.alice.id}
    assert any(request.id in message.content for message in flow.bot_env.discord.messages(log))
    assert await sums(flow) == (1, 1)


@on_sqlite
async def test_after_a_day_an_uncertain_request_gives_back_its_count_and_keeps_its_cost(
    flow: Flow,
) -> None:
    flow.bot_env.provider.faults.next(CallName.CREATE, Drop(carried_out=True))
    async with flow.running():
        await flow.bot_env.create()
        request = await flow.until_state(State.UNCERTAIN)
        flow.hop(request.due_at_ms - flow.clock() + 1)
        await flow.until(lambda rows: rows[0].due_at_ms > 2**61)
    assert await sums(flow) == (0, 1)


@on_sqlite
async def test_a_task_id_named_by_an_error_is_kept_with_the_uncertain_request(flow: Flow) -> None:
    flow.bot_env.provider.faults.next(CallName.CREATE, WITH_ID)
    async with flow.running():
        await flow.bot_env.create()
        request = await flow.until_state(State.UNCERTAIN)
    assert request.task_id == "task-77"


@on_sqlite
@pytest.mark.parametrize("fault", LATER)
async def test_what_surely_took_nothing_is_sent_again_later(flow: Flow, fault: str) -> None:
    flow.bot_env.provider.faults.next(CallName.CREATE, LATER[fault])
    async with flow.running():
        await flow.bot_env.create()
        await posted_once(flow, creates=2)


@on_sqlite
@pytest.mark.parametrize(("asked", "at_least_s", "at_most_s"), [("7", 7, 9), ("99999", 300, 302)])
async def test_retry_after_is_honoured_within_reason(
    flow: Flow, asked: str, at_least_s: int, at_most_s: int
) -> None:
    flow.bot_env.provider.faults.next(CallName.CREATE, Throttle(asked))
    async with flow.running():
        await flow.bot_env.create()
        before_ms = flow.clock()
        await flow.bot_env.until(lambda rows: bool(rows) and rows[0].attempt == 1)
        request = await flow.bot_env.request()
        after_ms = flow.clock()
        assert request.state is State.QUEUED
        assert at_least_s * 1000 <= request.due_at_ms - before_ms
        assert request.due_at_ms - after_ms <= at_most_s * 1000
        await posted_once(flow, creates=2)


@on_sqlite
async def test_a_connection_that_was_never_made_is_made_later(flow: Flow) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    async with flow.running(seedance_base_url=nowhere):
        await flow.bot_env.create()
        await flow.until(lambda rows: bool(rows) and rows[0].attempt >= 2)
        assert (await flow.bot_env.request()).state is not State.UNCERTAIN
    async with flow.running():
        await posted_once(flow)


@on_sqlite
@pytest.mark.parametrize("refusal", REFUSED)
async def test_a_refusal_ends_the_request_and_costs_nothing(flow: Flow, refusal: str) -> None:
    fault, failure = REFUSED[refusal]
    flow.bot_env.provider.faults.next(CallName.CREATE, fault)
    async with flow.running():
        await flow.bot_env.create()
        request = await flow.until_state(State.FAILED)
        await flow.until_told(lambda message: flow.bot_env.alice.id in message.pinged)
    assert request.failure == failure
    assert len(flow.bot_env.provider.creates) == 1
    assert await sums(flow) == (0, 0)


@pytest.mark.parametrize(
    "fault", [Refuse("20001", "", status=401), Refuse("20002", "余额不足")], ids=["key", "money"]
)
async def test_a_key_or_balance_that_is_refused_holds_everything_until_it_works_again(
    flow: Flow, fault: Fault
) -> None:
    flow.bot_env.provider.faults.every(CallName.CREATE, fault)
    async with flow.running():
        await flow.bot_env.create()
        await flow.bot_env.create()
        alarm = await flow.until_told(lambda message: "⚠️" in message.content)
        async with flow.bot_env.database.reading() as tx:
            assert (await read_health(tx)).is_open
        assert {row.state for row in await flow.bot_env.requests()} <= {
            State.QUEUED,
            State.SUBMITTING,
        }
        flow.bot_env.provider.faults.clear()
        await flow.until(lambda rows: all(row.state is State.POSTED for row in rows))
    alarms = [m for m in flow.bot_env.discord.messages() if m.content == alarm.content]
    assert len(alarms) == 1
    assert len(flow.bot_env.provider.tasks) == 2


@on_sqlite
async def test_an_outage_opens_the_circuit_breaker_and_everything_goes_on_by_itself(
    flow: Flow,
) -> None:
    flow.bot_env.provider.faults.every(CallName.CREATE, server_error(503))
    flow.bot_env.provider.faults.every(CallName.BALANCE, server_error(503))
    async with flow.running(seedance_max_active=9):
        for _ in range(3):
            await flow.bot_env.create()
        await flow.until_told(lambda message: "⚠️" in message.content)
        for _ in range(2):
            await flow.bot_env.create()
        card = await flow.until_told(lambda message: "queue" in message.content.lower())
        assert "%" not in card.content
        lost = len(flow.bot_env.provider.creates)
        assert lost == 3
        flow.bot_env.provider.faults.clear()
        await flow.until(
            lambda rows: (
                len(rows) == 5 and all(row.state in (State.POSTED, State.UNCERTAIN) for row in rows)
            )
        )
    rows = await flow.bot_env.requests()
    assert sum(row.state is State.POSTED for row in rows) == 5 - lost


@on_sqlite
@pytest.mark.parametrize("fault", PASSING)
async def test_an_upload_that_fails_is_made_again(flow: Flow, fault: str) -> None:
    if fault == "404":
        pytest.skip("without an upload call the link itself is given")
    flow.bot_env.provider.faults.next(CallName.UPLOAD, PASSING[fault])
    flow.patience_s = {"upload": 2} if fault == "silence" else {}
    async with flow.running():
        await flow.bot_env.create(files={"image1": Upload("boat.png", picture())})
        await posted_once(flow)


@on_sqlite
async def test_whatever_ends_the_process_a_submission_gets_its_answer_first(flow: Flow) -> None:
    bot_env, release = flow.bot_env, asyncio.Event()
    bot_env.provider.faults.next(CallName.CREATE, Delay(release.wait))
    with contextlib.suppress(BaseExceptionGroup):
        async with flow.running() as app:
            await bot_env.create()
            await bot_env.provider.until(lambda: bool(bot_env.provider.creates))
            # Discord refuses the token from now on: nothing more can be done
            await bot_env.discord.gateway.disconnect(4004, forgets=True)
            await flow.until_true(lambda: app.worker._requests._is_finishing)
            release.set()
    request = await bot_env.request()
    assert (request.state, bool(request.task_id)) == (State.RUNNING, True)
    assert request.lease_owner == ""
