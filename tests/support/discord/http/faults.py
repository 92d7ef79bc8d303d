"""Records every call and makes chosen ones fail the way networks and Discord fail."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from tests.support.discord.errors import ApiError
from tests.support.discord.http.body import CHUNK_BYTES, answer
from tests.support.discord.http.rates import Rates
from tests.support.discord.records import CURRENT_CALL, Call
from tests.support.discord.world import World, monotonic

API_PREFIX = "/api/v10"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Fault:
    """One way for a call to go wrong. Without any field it changes nothing.

    In this order: wait `stall_s` or until `release`; let the call take effect if `after_effect`;
    wait until `answers`; then cut the connection (`drop`: with a reset; `truncate`: in the middle
    of the answer), or answer with `status` and a body of `code` and `message`, or with `raw` as it
    is.
    """

    status: int = 0
    code: int = 0
    message: str = "made to fail"
    retry_after_s: float | None = None
    is_global: bool = False
    raw: bytes | None = None
    after_effect: bool = False
    drop: bool = False
    truncate: bool = False
    stall_s: float = 0.0
    release: asyncio.Event | None = None
    answers: asyncio.Event | None = None

    @property
    def name(self) -> str:
        """A word for records."""
        word = "drop" if self.drop else "truncate" if self.truncate else str(self.status or "stall")
        return f"{word} after" if self.after_effect else word


@dataclass
class _Rule:
    route: str
    fault: Fault
    left: int | None
    where: Callable[[Call], bool] | None


class FaultPlan:
    """Which calls fail. Rules are tried in the order they were added; the first that fits acts.

    `chooser`, when set, is asked about every call that no rule takes.
    """

    def __init__(self) -> None:
        self._rules: list[_Rule] = []
        self.chooser: Callable[[Call], Fault | None] | None = None

    def add(
        self,
        route: str,
        fault: Fault,
        *,
        times: int | None = 1,
        where: Callable[[Call], bool] | None = None,
    ) -> None:
        """Let the next `times` calls of a route fail (None: all from now on).

        `route` is as in `Call.route`; `*` stands for every route.
        """
        self._rules.append(_Rule(route, fault, times, where))

    def clear(self) -> None:
        """From now on nothing fails."""
        self._rules.clear()
        self.chooser = None

    def take(self, call: Call) -> Fault | None:
        """The fault for this call, used up by being taken."""
        for rule in self._rules:
            if rule.route not in {"*", call.route} or rule.left == 0:
                continue
            if rule.where is not None and not rule.where(call):
                continue
            if rule.left is not None:
                rule.left -= 1
            return rule.fault
        return self.chooser(call) if self.chooser is not None else None


class Recorder:
    """The middleware around every route."""

    def __init__(self, world: World, plan: FaultPlan, rates: Rates) -> None:
        self._world = world
        self._plan = plan
        self._rates = rates

    @web.middleware
    async def __call__(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        call = self._begin(request)
        await self._world.notify()
        try:
            response = await self._serve(request, handler, call)
        except (asyncio.CancelledError, ConnectionError, web.RequestPayloadError):
            call.fault = call.fault or "the client went away"
            raise
        else:
            if response is None:
                return web.Response()  # nobody is there any more to get it
            call.status = response.status
            return response
        finally:
            call.answered_at = monotonic()
            call.done.set()
            with contextlib.suppress(asyncio.CancelledError):
                await self._world.notify()

    def _begin(self, request: web.Request) -> Call:
        resource = request.match_info.route.resource
        path = resource.canonical if resource is not None else request.path
        call = Call(
            f"{request.method} {path.removeprefix(API_PREFIX)}",
            dict(request.match_info),
            dict(request.query),
            monotonic(),
            asyncio.Event(),
            is_form=request.content_type.startswith("multipart/"),
        )
        CURRENT_CALL.set(call)
        self._world.calls.append(call)
        return call

    async def _serve(
        self, request: web.Request, handler: Handler, call: Call
    ) -> web.StreamResponse | None:
        fault = self._plan.take(call)
        if fault is None:
            return await self._run(request, handler, call)
        call.fault = fault.name
        if fault.release is not None:
            await fault.release.wait()
        await asyncio.sleep(fault.stall_s)
        response: web.StreamResponse | None = None
        if fault.after_effect or not (fault.status or fault.drop or fault.raw):
            response = await self._run(request, handler, call)
        elif not fault.drop:
            await _drain(request)
        if fault.answers is not None:
            await fault.answers.wait()
        if fault.drop:
            _reset(request)
            return None
        if fault.truncate and isinstance(response, web.Response):
            return await _cut_short(request, response)
        if fault.status or fault.raw is not None:
            return _failure(fault)
        return response

    async def _run(self, request: web.Request, handler: Handler, call: Call) -> web.StreamResponse:
        headers, refusal = self._rates.count(call)
        if refusal is not None:
            await _drain(request)
            return answer(refusal, 429, headers)
        try:
            response = await handler(request)
        except ApiError as error:
            response = answer(error.body(), error.status)
        except web.HTTPNotFound:
            response = answer({"message": "404: Not Found", "code": 0}, 404)
        if not response.prepared:
            response.headers.update(headers)
        return response


def _failure(fault: Fault) -> web.Response:
    status = fault.status or 200
    if fault.raw is not None:
        return web.Response(body=fault.raw, status=status, content_type="text/html")
    body: dict[str, object] = {"message": fault.message, "code": fault.code}
    headers = {}
    if fault.retry_after_s is not None:
        body |= {"retry_after": fault.retry_after_s, "global": fault.is_global}
        headers["Retry-After"] = str(fault.retry_after_s)
        headers["X-RateLimit-Scope"] = "global" if fault.is_global else "shared"
        headers["Via"] = "1.1 google"
        if fault.is_global:
            headers["X-RateLimit-Global"] = "true"
    return answer(body, status, headers)


def _reset(request: web.Request) -> None:
    """Cut the connection with a reset, so that the client sees an error and no end."""
    transport = request.transport
    if transport is not None:
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()


async def _drain(request: web.Request) -> None:
    async for _ in request.content.iter_chunked(CHUNK_BYTES):
        pass


async def _cut_short(request: web.Request, response: web.Response) -> web.StreamResponse:
    body = response.body if isinstance(response.body, bytes) else b""
    stream = web.StreamResponse(
        status=response.status,
        headers={"Content-Type": "application/json", "Content-Length": str(len(body))},
    )
    await stream.prepare(request)
    await stream.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.abort()
    return stream
