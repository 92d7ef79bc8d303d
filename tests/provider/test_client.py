import asyncio
import gc
import hashlib
import json
import logging
from decimal import Decimal
from pathlib import Path

import aiohttp
import pytest
import yarl

from bot.demo.provider.faults import (
    GARBAGE,
    MISSING_PATH,
    Cut,
    Delay,
    Drop,
    Fault,
    Refuse,
    Reply,
    Stall,
    TaskPlan,
    Throttle,
    server_error,
)
from bot.demo.provider.simulator import SeedanceSimulator
from bot.provider.client import SeedanceClient
from bot.provider.errors import (
    FailureKind,
    ProviderContract,
    ProviderError,
    ProviderKeyRefused,
    ProviderMisaddressed,
    ProviderOutOfMoney,
    ProviderRejected,
    ProviderThrottled,
    ProviderUnavailable,
    SubmissionUncertain,
    UploadPathMissing,
    UploadUnavailable,
)
from bot.provider.wire import TaskStatus
from tests.provider.conftest import CREATE_BODY, KEY, StepClock


def envelope(code: object, msg: str = "", http: int = 200, **data: object) -> Reply:
    body = json.dumps({"code": code, "msg": msg, "data": data or None}).encode()
    return Reply(status=http, body=body, content_type="application/json")


@pytest.fixture
def hasty(sim: SeedanceSimulator, session: aiohttp.ClientSession) -> SeedanceClient:
    return SeedanceClient(
        session, sim.url, KEY, create_timeout_s=0.2, query_timeout_s=0.2, upload_timeout_s=0.2
    )


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    path.write_bytes(b"\x89PNG" + bytes(300_000))
    return path


async def test_a_task_goes_from_create_to_its_video(
    sim: SeedanceSimulator, client: SeedanceClient, clock: StepClock, small_video: Path
) -> None:
    task_id = await client.create(CREATE_BODY)
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
async def test_a_create_that_surely_took_nothing_says_so(
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
async def test_a_create_that_may_have_been_taken_is_uncertain_and_made_once(
    sim: SeedanceSimulator, hasty: SeedanceClient, fault: Fault
) -> None:
    sim.faults.next("create", fault)
    with pytest.raises(SubmissionUncertain):
        await hasty.create(CREATE_BODY)
    assert len(sim.creates) == 1


async def test_an_uncertain_create_keeps_the_id_that_a_failed_answer_named(
    sim: SeedanceSimulator, client: SeedanceClient
) -> None:
    sim.faults.next("create", envelope("-1", "trouble", task_id="t9"))
    with pytest.raises(SubmissionUncertain) as caught:
        await client.create(CREATE_BODY)
    assert caught.value.task_id == "t9"
    assert caught.value.text == "trouble"


async def test_a_slow_answer_within_the_time_is_an_answer(
    sim: SeedanceSimulator, client: SeedanceClient
) -> None:
    release = asyncio.Event()
    sim.faults.next("create", Delay(release.wait))
    creating = asyncio.create_task(client.create(CREATE_BODY))
    await sim.until(lambda: len(sim.creates) == 1)
    release.set()
    assert await creating in sim.tasks


async def test_a_wrong_key_is_refused_and_the_refusal_is_told_apart(
    sim: SeedanceSimulator, session: aiohttp.ClientSession
) -> None:
    client = SeedanceClient(session, sim.url, "another-key")
    with pytest.raises(ProviderKeyRefused):
        await client.create(CREATE_BODY)
    with pytest.raises(ProviderKeyRefused):
        await client.query("t1")
    with pytest.raises(ProviderKeyRefused):
        await client.balance()


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "-5"}, 15),
        ({"Retry-After": "999999999"}, 300),
        ({"Retry-After": "9" * 400}, 15),
        ({"Retry-After": "soon"}, 15),
        ({}, 15),
        (
            {
                "Retry-After": "Sun, 22 Nov 2026 10:00:40 GMT",
                "Date": "Sun, 22 Nov 2026 10:00:00 GMT",
            },
            40,
        ),
        (
            {
                "Retry-After": "Sun, 22 Nov 2026 10:00:40 -0000",
                "Date": "Sun, 22 Nov 2026 10:00:00 GMT",
            },
            15,
        ),
    ],
)
async def test_the_wait_asked_for_is_read_and_capped(
    sim: SeedanceSimulator, client: SeedanceClient, headers: dict[str, str], wait_s: float
) -> None:
    sim.faults.every("create", Reply(status=429, headers=headers))
    with pytest.raises(ProviderThrottled) as caught:
        await client.create(CREATE_BODY)
    assert caught.value.retry_after_s == wait_s


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Throttle(), ProviderThrottled),
        (Drop(), ProviderUnavailable),
        (Stall(), ProviderUnavailable),
        (Cut(), ProviderUnavailable),
        (GARBAGE, ProviderContract),
        (Reply(), ProviderContract),
        (server_error(503), ProviderUnavailable),
        (envelope("-1", "trouble"), ProviderUnavailable),
        (envelope("20002", "bad"), ProviderUnavailable),
        (envelope("20001"), ProviderKeyRefused),
        (Reply(status=404), ProviderUnavailable),
        (Reply(status=400, body=b"{}"), ProviderUnavailable),
        (Reply(status=302, headers={"Location": "/elsewhere"}), ProviderUnavailable),
        (envelope("20000", task_id="another", status="failed"), ProviderContract),
        (envelope("-1", task_id="t1", status="failed"), ProviderUnavailable),
    ],
)
async def test_a_query_that_fails_is_never_an_end(
    sim: SeedanceSimulator, hasty: SeedanceClient, fault: Fault, error: type[ProviderError]
) -> None:
    sim.faults.every("query", fault)
    with pytest.raises(error) as caught:
        await hasty.query("t1")
    assert type(caught.value) is error


@pytest.mark.parametrize("status", [200, 400, 404])
async def test_no_such_task_is_a_status_and_no_error(
    sim: SeedanceSimulator, client: SeedanceClient, status: int
) -> None:
    sim.faults.next("query", envelope("20002", "任务不存在", http=status))
    assert (await client.query("t1")).status is TaskStatus.MISSING


async def test_tasks_may_be_hidden_odd_linkless_and_without_envelope(
    sim: SeedanceSimulator, client: SeedanceClient, clock: StepClock
) -> None:
    sim.faults.next_task(
        TaskPlan(
            hidden_queries=1, odd_status_queries=1, without_link_queries=1, without_envelope=True
        )
    )
    task_id = await client.create(CREATE_BODY)
    clock.step(60)
    seen = [(await client.query(task_id)).status for _ in range(4)]
    assert seen == [
        TaskStatus.MISSING,
        TaskStatus.UNKNOWN,
        TaskStatus.RUNNING,
        TaskStatus.COMPLETED,
    ]


async def test_a_failed_task_tells_its_kind(
    sim: SeedanceSimulator, client: SeedanceClient, clock: StepClock
) -> None:
    sim.faults.next_task(TaskPlan(fails_with="[SY_ERR:3] PROVIDER_MODERATION_ERROR: TRADEMARK"))
    task_id = await client.create(CREATE_BODY)
    assert (await client.query(task_id)).status is TaskStatus.WAITING
    clock.step(60)
    view = await client.query(task_id)
    assert (view.status, view.failure) == (TaskStatus.FAILED, FailureKind.CONTENT_TRADEMARK)


@pytest.mark.parametrize("task_id", ["a/b?c#d", "../../user/balance", "..", ".", "100%", "任务 1"])
async def test_any_task_id_stays_one_segment_of_the_path(
    sim: SeedanceSimulator, client: SeedanceClient, task_id: str
) -> None:
    assert (await client.query(task_id)).status is TaskStatus.MISSING
    assert sim.queries[0].subject == task_id


async def test_a_file_goes_up_as_it_is(
    sim: SeedanceSimulator, client: SeedanceClient, picture: Path
) -> None:
    url = await client.upload(picture, filename='../../猫 ".png', content_type="image/png")
    upload = sim.uploads[0]
    assert url == upload.url
    assert upload.sha256 == hashlib.sha256(picture.read_bytes()).hexdigest()
    assert upload.size_bytes == picture.stat().st_size
    assert upload.content_type == "image/png"
    assert upload.filename.endswith(".png")
    assert "/" not in upload.filename
    await client.create({**CREATE_BODY, "images": [url]})


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (MISSING_PATH, UploadPathMissing),
        (Reply(status=405), UploadPathMissing),
        (server_error(503), UploadUnavailable),
        (envelope(-1), UploadUnavailable),
        (Drop(), UploadUnavailable),
        (Drop(carried_out=True), UploadUnavailable),
        (Stall(), UploadUnavailable),
        (Cut(), UploadUnavailable),
        (Throttle(), ProviderThrottled),
        (GARBAGE, ProviderContract),
        (envelope(20000, url="ftp://x"), ProviderContract),
        (envelope(20000), ProviderContract),
        (envelope(20001), ProviderKeyRefused),
        (envelope(20002, "file too large"), ProviderRejected),
        (Reply(status=413), ProviderRejected),
        (envelope(20002, "余额不足"), ProviderOutOfMoney),
    ],
)
async def test_an_upload_that_fails_says_how(
    sim: SeedanceSimulator,
    hasty: SeedanceClient,
    picture: Path,
    fault: Fault,
    error: type[ProviderError],
) -> None:
    sim.faults.every("upload", fault)
    with pytest.raises(error) as caught:
        await hasty.upload(picture, filename="a.png", content_type="image/png")
    assert type(caught.value) is error


async def test_a_file_that_is_gone_is_the_disk_s_error(client: SeedanceClient) -> None:
    with pytest.raises(FileNotFoundError):
        await client.upload(Path("no-such-file"), filename="a.png", content_type="image/png")


async def test_the_balance_is_the_account_s_or_else_the_key_s(
    sim: SeedanceSimulator, client: SeedanceClient
) -> None:
    await client.create(CREATE_BODY)
    balance = await client.balance()
    assert (balance.total, balance.available) == (Decimal(100_000), Decimal(99_999))
    sim.faults.next("balance", MISSING_PATH)
    assert (await client.balance()).unlimited
    sim.faults.every("balance", server_error(500))
    with pytest.raises(ProviderUnavailable):
        await client.balance()


async def test_no_redirect_is_followed_with_the_key(
    sim: SeedanceSimulator, client: SeedanceClient
) -> None:
    for status in (301, 302, 303, 307, 308):
        sim.faults.next("query", Reply(status=status, headers={"Location": f"{sim.url}/results/x"}))
        with pytest.raises(ProviderUnavailable):
            await client.query("t1")
    assert len(sim.calls) == 5


async def test_the_key_is_in_no_error_no_log_and_no_repr(
    sim: SeedanceSimulator,
    hasty: SeedanceClient,
    picture: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = envelope("20002", f"the key {KEY} and https://files.example/1?sig=abc are bad")
    said = [repr(hasty)]
    for fault in [echo, *PERHAPS_TAKEN, *(fault for fault, _ in NOTHING_TAKEN)]:
        for name in ("create", "query", "upload", "balance"):
            sim.faults.next(name, fault)
        for call in (
            hasty.create(CREATE_BODY),
            hasty.query("t1"),
            hasty.upload(picture, filename="a.png", content_type="image/png"),
            hasty.balance(),
        ):
            try:
                await call
            except ProviderError as error:
                said += [str(error), repr(error), error.text, repr(error.__context__)]
        sim.faults.clear()
    said.append(caplog.text)
    assert not [text for text in said if KEY in text or "sig=abc" in text]


async def test_nothing_is_left_open_after_faults(
    sim: SeedanceSimulator, hasty: SeedanceClient, picture: Path
) -> None:
    sim.faults.next("upload", Stall(), Drop())
    for _ in range(2):
        with pytest.raises(UploadUnavailable):
            await hasty.upload(picture, filename="a.png", content_type="image/png")
    # an unclosed file or a lost exception would be a warning here, and warnings are errors
    gc.collect()


async def test_the_simulated_provider_refuses_what_the_page_does_not_know(
    sim: SeedanceSimulator, client: SeedanceClient
) -> None:
    extras: list[dict[str, object]] = [
        {"images": []},
        {"seed": 1},
        {"resolution": "720p"},
        {"last_image": None},
    ]
    for extra in extras:
        with pytest.raises(ProviderRejected) as caught:
            await client.create({**CREATE_BODY, **extra})
        assert (caught.value.code, caught.value.kind) == ("20002", FailureKind.PARAMETERS)
    with pytest.raises(ProviderRejected):
        await client.create({**CREATE_BODY, "duration": "5"})
    assert not sim.tasks


async def test_a_refusal_in_ordinary_words_keeps_them(
    sim: SeedanceSimulator, client: SeedanceClient
) -> None:
    sim.faults.next("create", Refuse("20002", "duration must be within 1-15"))
    with pytest.raises(ProviderRejected) as caught:
        await client.create(CREATE_BODY)
    assert caught.value.text == "duration must be within 1-15"


async def test_a_status_nobody_knows_is_told_once_and_asked_for_on(
    sim: SeedanceSimulator, client: SeedanceClient, caplog: pytest.LogCaptureFixture
) -> None:
    sim.faults.next_task(TaskPlan(odd_status_queries=3))
    task_id = await client.create(CREATE_BODY)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert (await client.query(task_id)).status is TaskStatus.UNKNOWN
    warned = [record for record in caplog.records if "not known" in record.message]
    assert [record.__dict__["status"] for record in warned] == ["dreaming"]
