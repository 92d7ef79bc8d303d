"""Simulated Seedance provider on a real socket, with realistic pacing and fault injection."""

import asyncio
import itertools
import json
import secrets
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Final, Self

from aiohttp import hdrs, web

from bot.demo.provider.asset_library import AssetLibrary
from bot.demo.provider.billing import Billing, Listing
from bot.demo.provider.checks import faults_of
from bot.demo.provider.faults import Call, CallName
from bot.demo.provider.received_calls import ReceivedCalls
from bot.demo.provider.render_pool import RenderOptions, RenderPool, job_of
from bot.demo.provider.tasks import TASK_MISSING, Signer, Task, answer_of, receipt
from bot.demo.provider.uploads import MAX_UPLOAD_BYTES, Upload, UploadStore, links_of
from bot.demo.provider.wire_faults import VideoFile, cut, spoiled_copy

DEFAULT_KEY: Final = "simulated-key"
MAKING_PATIENCE_S: Final = 5.0
"""How long a query waits for a video that is due but still rendering."""


@dataclass(frozen=True, slots=True)
class Billed:
    """One charge: every accepted task is billed, whatever its outcome."""

    task_id: str
    model: str
    seconds: int
    at_s: float


class SeedanceSimulator(ReceivedCalls):
    """`async with SeedanceSimulator() as sim:` serves at `sim.url` within the block.

    `seconds_per_video` is how long a task takes, or a function of its body that says so; `clock`
    gives seconds and may be stepped by tests. `look` is how videos are made (`SMALL` for tests).
    `plain_links` takes http links and local addresses. `prices` is the price list; a model without
    a row costs `price`. Videos and uploads die with the block.
    """

    def __init__(
        self,
        *,
        api_key: str = DEFAULT_KEY,
        seconds_per_video: float | Callable[[Mapping[str, object]], float] = 20.0,
        clock: Callable[[], float] = time.monotonic,
        host: str = "127.0.0.1",
        port: int = 0,
        plain_links: bool = False,
        balance: Decimal = Decimal(100_000),
        price: Decimal = Decimal(1),
        prices: Mapping[str, Listing] = MappingProxyType({}),
        render_options: RenderOptions = RenderOptions(),  # noqa: B008 - immutable
    ) -> None:
        super().__init__(api_key, clock)
        self.url = ""
        self.tasks: dict[str, Task] = {}
        self.billed: list[Billed] = []
        self.peak_active = 0
        self.billing = Billing(prices, flat=price, balance=balance, clock=clock)
        self._takes = seconds_per_video
        self._address = (host, port)
        self._plain_links = plain_links
        self._render_options = render_options
        self.assets = AssetLibrary(clock)
        self._signer = Signer(secrets.token_bytes(16))
        self._numbers = itertools.count(1)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        # close what was opened if a later step fails
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="seedance-")))
            self._folder = folder
            self._uploads = UploadStore(folder)
            self._render_pool = RenderPool(folder, self._render_options)
            stack.push_async_callback(self._render_pool.close)
            runner = web.AppRunner(
                self._application(),
                access_log=None,
                shutdown_timeout=0.5,
                handler_cancellation=True,
            )
            stack.push_async_callback(runner.cleanup)
            # release stalled requests before the server waits for them
            stack.callback(self._closing.set)
            await runner.setup()
            # a burst of creates must not overflow the listen backlog
            site = web.TCPSite(runner, *self._address, backlog=4096)
            await site.start()
            host, port = runner.addresses[0][:2]
            self.url = f"http://{host}:{port}"
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    @property
    def uploads(self) -> list[Upload]:
        """Every uploaded file."""
        return self._uploads.all

    @property
    def bill(self) -> dict[str, Decimal]:
        """What each task costs as of now, by its id, those with a lost answer too."""
        return self.billing.bill

    @property
    def active(self) -> int:
        """Number of tasks now running."""
        now_s = self._clock()
        return sum(not task.is_over(now_s) for task in self.tasks.values())

    def _application(self) -> web.Application:
        api = "/api/open-api/v1"
        app = web.Application(client_max_size=MAX_UPLOAD_BYTES + 2**20)
        app.router.add_post(f"{api}/seedance/videos", self._create)
        app.router.add_get(f"{api}/videos/{{task_id}}", self._query)
        app.router.add_post(f"{api}/files/upload", self._upload)
        app.router.add_post(f"{api}/seedance/assets/audit", self._submit_assets)
        app.router.add_post(f"{api}/seedance/assets/status", self._asset_status)
        app.router.add_get(f"{api}/seedance/assets/status", self._asset_status)
        app.router.add_get(f"{api}/user/balance", self._balance)
        app.router.add_get(f"{api}/key/balance", self._balance)
        app.router.add_get("/api/openapi/model/catalog", self._price_list)
        app.router.add_get("/results/{name}", self._result, allow_head=False)
        return app

    async def _create(self, request: web.Request) -> web.StreamResponse:
        body = _json(await request.read())
        call = self._call(CallName.CREATE, request, body=body if isinstance(body, dict) else {})

        async def act() -> web.StreamResponse:
            faults = faults_of(body, plain_links=self._plain_links)
            if request.content_type != "application/json":
                faults = ["Content-Type must be application/json"]
            unusable = self.assets.unusable(self._key, links_of(body)) if not faults else []
            if unusable:
                faults = [f"asset not found: {unusable[0]}"]
            if not faults and self.billing.available < self.billing.price_of(call.body):
                faults = ["余额不足"]
            if faults:
                return web.json_response({"code": "20002", "msg": "; ".join(faults), "data": None})
            task = self._accept(call)
            data = receipt(task, self.billing.cost_of(task))
            return web.json_response({"code": "20000", "msg": "ok", "data": data})

        return await self._serve(request, call, act)

    def _accept(self, call: Call) -> Task:
        takes_s = self._takes if isinstance(self._takes, float | int) else self._takes(call.body)
        task_id = f"sim-{next(self._numbers):06d}-{secrets.token_hex(6)}"
        task = Task(task_id, call.body, call.at_s, takes_s, self.faults.take_task(call))
        missing = self._uploads.missing_links(call.body)
        if missing:
            task.fail(f"[SY_ERR:1007] invalid {missing[0]}")
        elif not task.plan.fails_with:
            task.making = self._render_pool.order(
                job_of(call.body, self._uploads.pictures(call.body, self.assets.url_of))
            )
        self.tasks[task_id] = task
        self.billing.charge(task)
        seconds = int(str(call.body["duration"]))
        self.billed.append(Billed(task_id, str(call.body["model"]), seconds, call.at_s))
        self.peak_active = max(self.peak_active, self.active)
        return task

    async def _query(self, request: web.Request) -> web.StreamResponse:
        task = self.tasks.get(request.match_info["task_id"])
        call = self._call(CallName.QUERY, request, subject=request.match_info["task_id"])

        async def act() -> web.StreamResponse:
            if task is None:
                return web.json_response(TASK_MISSING)
            is_made = await self._is_made(task)
            now_s = self._clock()

            def link() -> str:
                return self._signer.link(self.url, task, now_s)

            cost = self.billing.cost_of(task)
            return web.json_response(answer_of(task, now_s, is_made=is_made, cost=cost, link=link))

        return await self._serve(request, call, act)

    async def _is_made(self, task: Task) -> bool:
        """Whether the video is rendered; waits briefly for one that is due."""
        if task.making is None or not task.is_over(self._clock()):
            return False
        await asyncio.wait({task.making}, timeout=MAKING_PATIENCE_S)
        if task.making.done() and task.making.exception():
            task.fail("[SY_ERR:5000] generation failed")
        return task.making.done()

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        call = self._call(CallName.UPLOAD, request)

        async def act() -> web.StreamResponse:
            upload = await self._uploads.receive(request, call)
            if upload is None:
                return web.json_response({"code": 20002, "msg": "file is required, at most 100 MB"})
            return web.json_response({"code": 20000, "msg": "ok", "data": {"url": upload.url}})

        return await self._serve(request, call, act)

    async def _submit_assets(self, request: web.Request) -> web.StreamResponse:
        return await self._serve_assets(CallName.SUBMIT_ASSETS, request, self.assets.submit)

    async def _asset_status(self, request: web.Request) -> web.StreamResponse:
        return await self._serve_assets(CallName.ASSET_STATUS, request, self.assets.look_up)

    async def _serve_assets(
        self,
        name: CallName,
        request: web.Request,
        answer: Callable[[str, object], Mapping[str, object] | str],
    ) -> web.StreamResponse:
        body = _json(await request.read())
        call = self._call(name, request, body=body if isinstance(body, dict) else {})

        async def act() -> web.StreamResponse:
            data = answer(self._key, body)
            if isinstance(data, str):
                return web.json_response({"code": 20002, "msg": data})
            return web.json_response({"code": 20000, "msg": "ok", "data": data})

        return await self._serve(request, call, act)

    async def _balance(self, request: web.Request) -> web.StreamResponse:
        call = self._call(CallName.BALANCE, request)
        is_key = request.path.endswith("/key/balance")

        async def act() -> web.StreamResponse:
            data = self.billing.key() if is_key else self.billing.account()
            return web.json_response({"code": 20000, "msg": "ok", "data": data})

        return await self._serve(request, call, act)

    async def _price_list(self, request: web.Request) -> web.StreamResponse:
        search = request.query.get("search", "")

        async def act() -> web.StreamResponse:
            data = self.billing.catalogue(search)
            return web.json_response({"code": 20000, "msg": "ok", "data": data})

        call = self._call(CallName.PRICE_LIST, request, subject=search)
        return await self._serve(request, call, act)

    async def _result(self, request: web.Request) -> web.StreamResponse:
        task_id = request.match_info["name"].removesuffix(".mp4")

        async def act() -> web.StreamResponse:
            task = self.tasks.get(task_id)
            if hdrs.AUTHORIZATION in request.headers:
                return web.Response(status=400, text="only one auth mechanism allowed")
            raw_query = request.raw_path.partition("?")[2]
            if (
                not task
                or not task.making
                or not self._signer.opens(task, raw_query, self._clock())
            ):
                return web.Response(status=403, text="AccessDenied")
            task.downloads += 1
            path = await asyncio.shield(task.making)
            if task.plan.bad_video:
                path = await asyncio.to_thread(spoiled_copy, path, task.plan.bad_video)
            video = VideoFile(path)
            return await cut(request, video) if task.downloads <= task.plan.cut_downloads else video

        return await self._serve(
            request, self._call(CallName.RESULT, request, subject=task_id), act
        )


def _json(body: bytes) -> object:
    try:
        content: object = json.loads(body)
    except ValueError:
        return None
    return content
