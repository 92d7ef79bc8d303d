"""What every call to the simulated provider passes: a record, the key, and its planned fault."""

import asyncio
from collections.abc import Callable, Mapping

from aiohttp import hdrs, web

from bot.demo.provider.faults import Call, CallName, Faults
from bot.demo.provider.wire_faults import Act, apply_fault


class ReceivedCalls:
    """The calls received so far, and the faults planned for those to come."""

    def __init__(self, api_key: str, clock: Callable[[], float]) -> None:
        self.faults = Faults()
        self.calls: list[Call] = []
        self.price_list_calls: list[Call] = []
        """Apart from the others: they are made at every start, whatever is asked for."""
        self._key = api_key
        self._clock = clock
        self._closing = asyncio.Event()
        self._changed = asyncio.Condition()

    @property
    def creates(self) -> list[Call]:
        """Every received create, accepted or not."""
        return [call for call in self.calls if call.name is CallName.CREATE]

    @property
    def queries(self) -> list[Call]:
        """Every query; `subject` is the task id."""
        return [call for call in self.calls if call.name is CallName.QUERY]

    def change_key(self, api_key: str) -> None:
        """Accept another key from now on; assets stay with the key that submitted them."""
        self._key = api_key

    async def until(self, condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
        """Wait until `condition` holds, checked after each call. Raises: TimeoutError."""
        async with asyncio.timeout(timeout_s), self._changed:
            await self._changed.wait_for(condition)

    async def _serve(self, request: web.Request, call: Call, act: Act) -> web.StreamResponse:
        """Record the call, check the key and apply the planned fault."""
        is_list = call.name is CallName.PRICE_LIST
        (self.price_list_calls if is_list else self.calls).append(call)
        async with self._changed:
            self._changed.notify_all()
        is_public = call.name in {CallName.RESULT, CallName.PRICE_LIST}
        if not is_public and request.headers.get(hdrs.AUTHORIZATION) != f"Bearer {self._key}":
            return web.json_response({"code": "20001", "msg": ""}, status=401)
        fault = self.faults.take(call)
        try:
            if fault is None:
                return await act()
            return await apply_fault(fault, request, act, self._closing)
        finally:
            async with self._changed:
                self._changed.notify_all()

    def _call(
        self,
        name: CallName,
        request: web.Request,
        *,
        subject: str = "",
        body: Mapping[str, object] | None = None,
    ) -> Call:
        headers = {key: value for key, value in request.headers.items() if key != "Authorization"}
        has_key = hdrs.AUTHORIZATION in request.headers
        return Call(name, self._clock(), headers, body or {}, subject, has_key)
