"""Queries, uploads and balance, and what no call may leak."""

import gc
import hashlib
import logging
from decimal import Decimal
from pathlib import Path

import pytest

from bot.demo.provider.faults import (
    GARBAGE,
    MISSING_PATH,
    Cut,
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
    ProviderOutOfMoney,
    ProviderRejected,
    ProviderThrottled,
    ProviderUnavailable,
    UploadPathMissing,
    UploadUnavailable,
)
from bot.provider.wire import TaskStatus
from tests.provider.conftest import CREATE_BODY, KEY, StepClock, envelope
from tests.provider.test_client_create import NOTHING_TAKEN, PERHAPS_TAKEN


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
async def test_retry_after_is_parsed_and_capped(
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
async def test_a_failed_query_never_ends_a_task(
    sim: SeedanceSimulator, client_under: SeedanceClient, fault: Fault, error: type[ProviderError]
) -> None:
    sim.faults.every("query", fault)
    with pytest.raises(error) as caught:
        await client_under.query("t1")
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
    task_id = (await client.create(CREATE_BODY)).task_id
    clock.step(60)
    seen = [(await client.query(task_id)).status for _ in range(4)]
    assert seen == [
        TaskStatus.MISSING,
        TaskStatus.UNKNOWN,
        TaskStatus.RUNNING,
        TaskStatus.COMPLETED,
    ]


async def test_a_failed_task_reports_its_kind(
    sim: SeedanceSimulator, client: SeedanceClient, clock: StepClock
) -> None:
    sim.faults.next_task(TaskPlan(fails_with="[SY_ERR:3] PROVIDER_MODERATION_ERROR: TRADEMARK"))
    task_id = (await client.create(CREATE_BODY)).task_id
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


async def test_a_file_is_uploaded_unchanged(
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
    client_under: SeedanceClient,
    picture: Path,
    fault: Fault,
    error: type[ProviderError],
) -> None:
    sim.faults.every("upload", fault)
    with pytest.raises(error) as caught:
        await client_under.upload(picture, filename="a.png", content_type="image/png")
    assert type(caught.value) is error


async def test_a_missing_file_raises_os_error(client: SeedanceClient) -> None:
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


async def test_a_refusal_keeps_the_providers_message(
    sim: SeedanceSimulator, client: SeedanceClient
) -> None:
    sim.faults.next("create", Refuse("20002", "duration must be within 1-15"))
    with pytest.raises(ProviderRejected) as caught:
        await client.create(CREATE_BODY)
    assert caught.value.text == "duration must be within 1-15"


async def test_an_unknown_status_is_logged_once_and_polled_on(
    sim: SeedanceSimulator, client: SeedanceClient, caplog: pytest.LogCaptureFixture
) -> None:
    sim.faults.next_task(TaskPlan(odd_status_queries=3))
    task_id = (await client.create(CREATE_BODY)).task_id
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert (await client.query(task_id)).status is TaskStatus.UNKNOWN
    warned = [record for record in caplog.records if "not known" in record.message]
    assert [record.__dict__["status"] for record in warned] == ["dreaming"]
