"""A safety check at an address: one signed JSON call, tried three times."""

import asyncio
import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Final

import aiohttp

from bot.connection import RoutedConnector
from bot.media.safety.answers import read_answer
from bot.media.safety.checker import CheckAnswer, CheckCall, Label, NoAnswer
from bot.proxy import NO_PROXY, Proxies

logger = logging.getLogger(__name__)

TIMEOUT_S: Final = 20.0
TRIES: Final = 3
PAUSE_S: Final = 1.0
"""Before the second try; twice as long before the third."""
MOST_BYTES: Final = 1024 * 1024
"""A longer answer is none."""


def open_checker_session(proxies: Proxies = NO_PROXY) -> aiohttp.ClientSession:
    """An HTTP session for the checker; the caller closes it."""
    return aiohttp.ClientSession(
        connector=RoutedConnector(proxies.of, limit=16, keepalive_timeout=4.0),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


class HttpChecker:
    """Sends pictures to the operator's address; `secret` signs the body, if there is one."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        address: str,
        secret: str = "",
        *,
        timeout_s: float = TIMEOUT_S,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._session = session
        self._address = address
        self._secret = secret.encode()
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._sleep = sleep

    @property
    def name(self) -> str:
        """Tells addresses apart without storing them: a path may hold a token."""
        return f"http:{hashlib.sha256(self._address.encode()).hexdigest()[:16]}"

    async def check(self, call: CheckCall) -> CheckAnswer:
        """Send pictures and read the labels; the same body each time. Raises: NoAnswer.

        An answer that is not whole is asked for again; in the end all that could be read counts.
        """
        body = await asyncio.to_thread(_body, call)
        headers = {"Content-Type": "application/json"}
        if self._secret:
            signed = hmac.new(self._secret, body, hashlib.sha256).hexdigest()
            headers["X-Signature"] = f"sha256={signed}"
        wanted = {item.id for item in call.items}
        partial: dict[str, dict[Label, None]] = {}
        why = "it makes no sense"
        for number in range(TRIES):
            if number:
                await self._sleep(PAUSE_S * number)
            try:
                answer = read_answer(await self._ask(body, headers), wanted)
            except (aiohttp.ClientError, TimeoutError, OSError, _Refused) as error:
                why = repr(error)
                continue
            if answer.is_whole:
                return answer
            for item_id, labels in answer.labels.items():
                partial.setdefault(item_id, {}).update(dict.fromkeys(labels))
        logger.warning(
            "The safety check gives no answer",
            extra={"action": "safety.no-answer", "request_id": call.request_id, "error": why},
        )
        if partial:
            return CheckAnswer({each: list(found) for each, found in partial.items()}, False)
        raise NoAnswer(why)

    async def _ask(self, body: bytes, headers: dict[str, str]) -> bytes:
        async with self._session.post(
            self._address,
            data=body,
            headers=headers,
            timeout=self._timeout,
            # a signed body goes to the address that was set, and to no other
            allow_redirects=False,
        ) as response:
            if response.status != 200:
                raise _Refused(f"HTTP {response.status}")
            read = bytearray()
            async for chunk in response.content.iter_chunked(64 * 1024):
                read += chunk
                if len(read) > MOST_BYTES:
                    raise _Refused("the answer is too long")
            return bytes(read)


class _Refused(Exception):
    """An answer that is none."""


def _body(call: CheckCall) -> bytes:
    shown = [
        {
            "id": item.id,
            "type": "image/jpeg",
            "data": base64.b64encode(item.path.read_bytes()).decode(),
        }
        for item in call.items
    ]
    asked = {"request": call.request_id, "prompt": call.prompt, "items": shown}
    return json.dumps(asked, ensure_ascii=False).encode()
