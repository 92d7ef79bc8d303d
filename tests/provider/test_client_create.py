"""Creates: what each failure says about whether a task may exist."""

import asyncio
import json
from pathlib import Path

import aiohttp
import pytest
import yarl

from bot.demo.provider.faults import (
    GARBAGE,
    Cut,
    Delay,
    Drop,
    Fault,
    Reply,
    Stall,
    Throttle,
    server_error,
)
from bot.demo.provider.simulator import SeedanceSimulator
from bot.provider.client import SeedanceClient
from bot.provider.errors import (
    ProviderError,
    ProviderKeyRefused,
    ProviderMisaddressed,
    ProviderOutOfMoney,
    ProviderRejected,
    ProviderThrottled,
    SubmissionUncertain,
)
from bot.provider.wire import TaskStatus
from tests.provider.conftest import CREATE_BODY, StepClock, envelope


async def test_a_task_goes_from_create_to_its_video(
    sim: SeedanceSimulator, client: SeedanceClient, clock: StepClock, small_video: Path
) -> None:
    task_id = (await client.create(CREATE_BODY)).task_id
    assert sim.creates[0].body == CREATE_BODY
    assert (await client.query(task_id)).status is TaskStatus.WAITING
    clock.step(10)
    view = await client.query(task_id)
    assert (view.status, view.progress) == (TaskStatus.RUNNING, 50)
    clock.step(10)
    view = await client.query(task_id)
    assert (view.status, view.progress) == (TaskStatus.COMPLETED, 100)
    assert view.video_url
    async with aiohttp.ClientSession() as plain:
        url = yarl.URL(view.video_url, encoded=True)
        async with plain.get(url) as response:
            assert await response.read() == small_video.read_bytes()


NOTHING_TAKEN: list[tuple[Fault, type[ProviderError]]] = [
    (Throttle("7"), ProviderThrottled),
    (envelope("429"), ProviderThrottled),
    (envelope("20001"), ProviderKeyRefused),
    (envelope(20001, http=403), ProviderKeyRefused),
    (Reply(status=401, body=b""), ProviderKeyRefused),
    (Reply(status=403, body=b""), ProviderKeyRefused),
    (Reply(status=403), ProviderMisaddressed),
    (envelope("20002", "duration must be an integer"), ProviderRejected),
    (envelope("20002", "敏感", http=403), ProviderRejected),
    (envelope("20002", "bad", http=400), ProviderRejected),
    (envelope("30007", "InputImageSensitiveContentDetected"), ProviderRejected),
    (envelope(400, "bad"), ProviderRejected),
    (Reply(status=400, body=b'{"error": "bad"}'), ProviderRejected),
    (Reply(status=404), ProviderMisaddressed),
    (Reply(status=404, body=b'{"error": {"message": "Invalid URL"}}'), ProviderMisaddressed),
    (Reply(status=405, body=b"<html>no</html>"), ProviderMisaddressed),
    (Reply(status=407), ProviderMisaddressed),
    (envelope("20002", "no such model", http=404), ProviderRejected),
    (Reply(status=413), ProviderMisaddressed),
    (Reply(status=308, headers={"Location": "/elsewhere"}), ProviderMisaddressed),
    (envelope("20002", "账户余额不足"), ProviderOutOfMoney),
    (envelope("30001", "Insufficient balance"), ProviderOutOfMoney),
    (Reply(status=402, body=b"{}"), ProviderOutOfMoney),
]


@pytest.mark.parametrize(("fault", "error"), NOTHING_TAKEN)
async def test_a_create_that_created_no_task_raises_its_error(
    sim: SeedanceSimulator, client: SeedanceClient, fault: Fault, error: type[ProviderError]
) -> None:
    sim.faults.next("create", fault)
    with pytest.raises(error) as caught:
        await client.create(CREATE_BODY)
    assert type(caught.value) is error
    assert len(sim.creates) == 1
    assert not sim.billed


PERHAPS_TAKEN: list[Fault] = [
    Drop(),
    Drop(carried_out=True),
    Stall(),
    Stall(carried_out=True),
    Cut(),
    GARBAGE,
    server_error(500),
    server_error(502, carried_out=True),
    server_error(504),
    envelope("-1", "server trouble"),
    envelope(-1, "系统繁忙"),
    envelope("-1", "余额不足", http=400),
    envelope("20002", "bad", http=500),
    envelope("20001", http=503),
    envelope("50000", "strange"),
    envelope("50000", "upstream: Read timed out"),
    envelope("20000", "ok"),
    envelope("20000", task_id=""),
    envelope("20000", task_id=None),
    envelope("20000", task_id="a\nb"),
    envelope("20002", "bad", task_id="t1"),
    envelope("409", "conflict"),
    Reply(status=200, body=b""),
    Reply(status=202, body=b"{}"),
    Reply(status=408),
    Reply(status=409, body=b"{}"),
    Reply(status=302, headers={"Location": "/elsewhere"}),
    Reply(status=303, headers={"Location": "/elsewhere"}),
    Reply(status=200, body=b" " * 2_000_000 + b"{}"),
    Reply(headers={"Content-Encoding": "gzip"}, body=b"no gzip"),
]


@pytest.mark.parametrize("fault", PERHAPS_TAKEN)
async def test_a_create_that_may_have_been_accepted_is_uncertain_and_sent_once(
    sim: SeedanceSimulator, client_under: SeedanceClient, fault: Fault
) -> None:
    sim.faults.next("create", fault)
    with pytest.raises(SubmissionUncertain):
        await client_under.create(CREATE_BODY)
    assert len(sim.creates) == 1


async def test_an_uncertain_create_keeps_the_id_that_a_failed_answer_named(
    sim: SeedanceSimulator, client: SeedanceClient
) -> None:
    sim.faults.next("create", envelope("-1", "trouble", task_id="t9"))
    with pytest.raises(SubmissionUncertain) as caught:
        await client.create(CREATE_BODY)
    assert caught.value.task_id == "t9"
    assert caught.value.text == "trouble"


async def test_a_slow_response_within_the_time_out_counts(
    sim: SeedanceSimulator, client: SeedanceClient
) -> None:
    release = asyncio.Event()
    sim.faults.next("create", Delay(release.wait))
    creating = asyncio.create_task(client.create(CREATE_BODY))
    await sim.until(lambda: len(sim.creates) == 1)
    release.set()
    assert (await creating).task_id in sim.tasks


async def test_a_wrong_key_has_its_own_error(
    sim: SeedanceSimulator, session: aiohttp.ClientSession
) -> None:
    client = SeedanceClient(session, sim.url, "another-key")
    with pytest.raises(ProviderKeyRefused):
        await client.create(CREATE_BODY)
    with pytest.raises(ProviderKeyRefused):
        await client.query("t1")
    with pytest.raises(ProviderKeyRefused):
        await client.balance()


async def test_a_refusal_that_names_a_cost_is_uncertain(
    sim: SeedanceSimulator, client: SeedanceClient
) -> None:
    body = json.dumps({"code": "20002", "msg": "参数", "data": {"cost": 0.35}}).encode()
    free = json.dumps({"code": "20002", "msg": "参数", "data": {"cost": 0}}).encode()
    sim.faults.next("create", Reply(body=body), Reply(body=free))
    with pytest.raises(SubmissionUncertain):
        await client.create(CREATE_BODY)
    with pytest.raises(ProviderRejected):
        await client.create(CREATE_BODY)
