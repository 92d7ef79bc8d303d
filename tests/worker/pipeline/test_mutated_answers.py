"""Mutated answers: none raises out of the poll step, none ends a request wrongly.

`MUTATED_ANSWERS` says how many; `make torture` asks for 10,000 and more.
"""

import json
import os
import random
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.provider.answers import Unreadable, read_answer
from bot.provider.client import SeedanceClient, open_session
from bot.provider.exchange import Reply
from bot.worker.pipeline.dispatch import Steps
from bot.worker.pipeline.poll import Poller
from storage.records import State
from storage.requests import requests
from tests.worker.worker_harness import WorkerHarness, open_worker_harness

ANSWERS = int(os.environ.get("MUTATED_ANSWERS", "3000"))
TASK = "task-1"
FAILED = {"failed", "canceled", "cancelled"}
READY = {"completed", "success", "succeeded"}
LINK = "https://videos.example/v.mp4?Expires=1&Signature=abc"

_DATA: dict[str, Any] = {
    "task_id": TASK,
    "status": "processing",
    "progress": 40,
    "model": "seedance2.0-fast-i2v",
    "created_at": 1_800_000_000,
    "result": None,
    "error_message": None,
}
_END: dict[str, Any] = {"video_url": LINK, "image_url": None}
SEEDS: list[Any] = [
    {"code": "20000", "msg": "ok", "data": _DATA},
    {"code": "20000", "msg": "ok", "data": {**_DATA, "status": "queued", "progress": 0}},
    {"code": 20000, "msg": "ok", "data": {**_DATA, "status": "completed", "result": _END}},
    {"code": "20000", "msg": "ok", "data": {**_DATA, "status": "completed", "result": None}},
    {"code": "20000", "data": {**_DATA, "status": "failed", "error_message": "[SY_ERR:1] no"}},
    {**_DATA, "status": "completed", "result": _END},
    {**_DATA, "status": "completed", "result": {"video_url": "http://10.0.0.1/v.mp4"}},
    {**_DATA},
    {"code": "20002", "msg": "任务不存在"},
    {"code": "20001", "msg": ""},
    {"code": "-1", "msg": "system error", "data": None},
    {"code": "-1", "msg": "system error", "data": {**_DATA, "status": "failed"}},
    {"error": {"message": "no such task", "code": "not_found"}},
    [],
    "ok",
]
ODD: list[Any] = [
    None, True, False, 0, -1, 1.5, 1e308, float("nan"), 10**40, "", " ", "null", "0", "20000",
    "failed", "FAILED ", "completed", "done", "任务不存在", "审核", "\x00", "\ud800", "a" * 5000,
    [], [[]], [None], {}, {"status": "failed"}, {"task_id": "other", "status": "failed"},
    LINK, "http://127.0.0.1/x", "http://", "file:///etc/passwd", "javascript:0",
]  # fmt: skip
STATUSES = (200, 200, 200, 200, 201, 302, 400, 401, 403, 404, 409, 429, 500, 502, 503)


def mutated(draw: random.Random) -> tuple[int, bytes]:
    """One answer: a usual one, changed in a few places, perhaps no JSON any more."""
    content = json.loads(json.dumps(draw.choice(SEEDS)))
    for _ in range(draw.choice((0, 1, 1, 2, 3, 5))):
        content = _changed(content, draw)
    body = json.dumps(content).encode("utf-8", "surrogatepass")
    if draw.random() < 0.2:
        body = _broken(body, draw)
    return draw.choice(STATUSES), body


def _changed(content: Any, draw: random.Random) -> Any:
    if draw.random() < 0.05 or not isinstance(content, dict | list) or not content:
        return draw.choice(ODD)
    if isinstance(content, list):
        return [_changed(content[0], draw), *content[1:]]
    key = draw.choice(list(content))
    inside = isinstance(content[key], dict | list) and draw.random() < 0.7
    value = _changed(content[key], draw) if inside else draw.choice(ODD)
    match draw.randrange(6):
        case 0:
            return {k: v for k, v in content.items() if k != key}
        case 1:
            return {**content, draw.choice([*_DATA, "code", "msg", "data"]): value}
        case 2:
            return {"data": content}
        case _:
            return {**content, key: value}


def _broken(body: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(body) + 1)
    match draw.randrange(4):
        case 0:
            return body[:at]
        case 1:
            return body[:at] + bytes([draw.randrange(256)]) + body[at + 1 :]
        case 2:
            return b"<html><body>bad gateway</body></html>"
        case _:
            return b"\xef\xbb\xbf" + body + body[at:]


def may_be(body: bytes, status: int) -> set[State]:
    """Where such an answer may take a running request, read as simply as can be.

    Only words that stand in the answer can end it: a failure's for failed, a success's beside a
    link for rendered.
    """
    text = body.decode("utf-8", "replace").lower()
    found = {State.RUNNING}
    # what stands beside a success's word but can't be fetched ends nothing either
    words = set(re.findall(r'"status": ?"\s*([a-z_ -]+?)\s*"', text))
    if words & FAILED and status < 500:
        found.add(State.FAILED)
    if words & READY and "://" in text and status < 500:
        found.add(State.RENDERED)
    return found


async def test_no_mutated_answer_raises_or_ends_a_request_wrongly(
    empty_sqlite: Path, small_video: Path, tmp_path: Path
) -> None:
    seed = int(os.environ.get("ANSWERS_SEED", random.randrange(10**6)))
    draw = random.Random(seed)
    async with (
        open_session() as session,
        open_worker_harness(empty_sqlite, tmp_path, small_video) as harness,
    ):
        client = SeedanceClient(session, "https://provider.example", "key-key-key-key-key")
        asking = Asking(harness, client)
        await asking.begin()
        for number in range(ANSWERS):
            status, body = mutated(draw)
            state = await asking.hear(status, body)
            assert state in may_be(body, status), (
                f"answer {number} of seed {seed}, HTTP {status}: {body!r} made it {state}"
            )
        assert asking.ends > ANSWERS // 100, "hardly any answer ended anything"
        assert asking.failures == 0


class Asking:
    """One running request, set back to where it was before each answer."""

    def __init__(self, harness: WorkerHarness, client: SeedanceClient) -> None:
        self._harness = harness
        self._client = client
        self.ends = 0
        self._has_ended = False
        self.failures = 0

    async def begin(self) -> None:
        """A request whose task is at the provider."""
        request = await self._harness.ask(0)
        self._context = replace(self._harness.context("a"), provider=self._client)
        async with self._harness.database.transaction() as tx:
            self._request = await requests.note(
                tx, request.id, source=State.QUEUED, owner=None, lease_owner="a-0", task_id=TASK,
                submitted_at_ms=self._harness.now_ms, prepared_at_ms=1, intent_at_ms=1,
            )  # fmt: skip
        self._request = replace(self._request, state=State.RUNNING)
        poller = Poller(self._context, _unmoved)
        steps = Steps(self._context, poller)

        async def noticed(request_id: str, why: str, *, counts: bool = True) -> None:
            self.failures += 1
            raise AssertionError(why)

        steps._put_off = noticed  # type: ignore[method-assign]
        self._steps, self._poller = steps, poller

    async def hear(self, status: int, body: bytes) -> State:
        """Let the provider answer so; where the request is after that."""

        async def call(*_: object, **__: object) -> Reply:
            try:
                answer = read_answer(body)
            except Unreadable:
                return Reply(status, {}, None, is_page=body.lstrip().startswith(b"<"))
            return Reply(status, {}, answer)

        self._client._exchange.call = call  # type: ignore[method-assign]
        self._poller._silent_until_ms = 0
        await self._set_back()
        await self._steps.run(self._request)
        async with self._harness.database.reading() as tx:
            request = await requests.require(tx, self._request.id)
        self._has_ended = request.state is not State.RUNNING
        self.ends += self._has_ended
        if request.state is State.RUNNING:
            assert request.due_at_ms < self._harness.now_ms + 301_000, (
                "nobody looks at it again soon"
            )
        return request.state

    async def _set_back(self) -> None:
        async with self._harness.database.transaction() as tx:
            await tx.execute(
                "UPDATE requests SET state = 'running', lease_owner = 'a-0', attempt = 0,"
                " progress = 0, due_at_ms = :due WHERE id = :id",
                {"id": self._request.id, "due": self._harness.now_ms},
            )
            if self._has_ended:
                await tx.execute("DELETE FROM outbox")
                await tx.execute("DELETE FROM ledger WHERE kind <> 'reserve'")
        self._has_ended = False


async def _unmoved(_: object) -> None:
    return
