"""One HTTP call to the provider: a complete reply, or whether the request can have been sent."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import aiohttp
import yarl

from bot.connection import RoutedConnector
from bot.provider.answers import Answer, Unreadable, read_answer
from bot.proxy import NO_PROXY, Proxies

MAX_ANSWER_BYTES: Final = 1024 * 1024
DEFAULT_RETRY_AFTER_S: Final = 15.0
MAX_RETRY_AFTER_S: Final = 300.0


def open_session(proxies: Proxies = NO_PROXY) -> aiohttp.ClientSession:
    """Open an HTTP session for the provider; the caller closes it.

    Idle connections are closed after 4 s: a server's own keep-alive time-out (5 s with some) could
    otherwise cut one just as a create is written to it, which would leave that create uncertain.
    """
    return aiohttp.ClientSession(
        connector=RoutedConnector(proxies.of, limit=64, keepalive_timeout=4.0),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete HTTP response; `answer` is None unless the body is a JSON object up to 1 MiB."""

    status: int
    headers: Mapping[str, str]
    answer: Answer | None
    is_page: bool = False
    """The body is HTML: it comes from something in front of the API."""

    @property
    def is_ok(self) -> bool:
        """Whether the HTTP status is 2xx; the envelope may still report an error."""
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        """The envelope's code; empty without one."""
        return self.answer.code if self.answer else ""

    @property
    def text(self) -> str:
        """The provider's message, verbatim."""
        return self.answer.text if self.answer else ""


@dataclass(frozen=True, slots=True)
class NoReply:
    """No complete response. `never_sent`: no connection existed that could have carried it."""

    reason: str
    never_sent: bool


Observe = Callable[[str, str, float], None]
"""Told of each call: its path, its outcome in a word, its seconds."""


class Exchange:
    """Makes calls, with the key unless told otherwise; never retries and never follows a redirect.

    `connect_timeout_s` bounds pool wait, DNS, TCP connect and TLS together.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        api_key: str,
        connect_timeout_s: float,
        observe: Observe | None = None,
    ) -> None:
        self._observe = observe
        self._session = session
        self._base_url = base_url.rstrip("/")
        self._key = api_key
        self._connect_timeout_s = connect_timeout_s

    async def call(
        self, method: str, path: str, timeout_s: float, *, with_key: bool = True, **content: Any
    ) -> Reply | NoReply:
        """Make one call with a total time-out; `content` is aiohttp's `json=` or `data=`.

        `with_key` is False for a public call, which is made without the key.
        """
        began_s = time.monotonic()
        reply = await self._call(method, path, timeout_s, with_key=with_key, **content)
        if self._observe is not None:
            self._observe(path, _outcome(reply), time.monotonic() - began_s)
        return reply

    async def _call(
        self, method: str, path: str, timeout_s: float, *, with_key: bool, **content: Any
    ) -> Reply | NoReply:
        timeout = aiohttp.ClientTimeout(
            total=timeout_s, connect=min(self._connect_timeout_s, timeout_s)
        )
        headers = {"Accept-Encoding": "identity"}
        if with_key:
            headers["Authorization"] = f"Bearer {self._key}"
        url = yarl.URL(self._base_url + path, encoded=True)
        try:
            async with self._session.request(
                method, url, headers=headers, timeout=timeout, allow_redirects=False, **content
            ) as response:
                return _reply(response, await _read_capped(response))
        except (
            aiohttp.ClientConnectorError,
            aiohttp.ConnectionTimeoutError,
            aiohttp.InvalidURL,
        ) as exc:
            # DNS, refused connections, TLS and connect time-outs: no connection existed that could
            # have carried a byte of the request
            return NoReply(f"no connection ({type(exc).__name__})", never_sent=True)
        except (aiohttp.ClientError, OSError, ValueError) as exc:
            # TimeoutError is an OSError; aiohttp's exceptions may hold the headers with the key, so
            # only the class name is kept and nothing is chained
            return NoReply(f"no answer ({type(exc).__name__})", never_sent=False)


def _outcome(reply: Reply | NoReply) -> str:
    if isinstance(reply, NoReply):
        return "never-sent" if reply.never_sent else "no-answer"
    if reply.status == 429:
        return "throttled"
    if reply.is_ok and reply.answer is not None and reply.answer.is_success:
        return "ok"
    return "failed" if reply.status >= 500 or reply.is_ok else "refused"


async def _read_capped(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            # the rest stays unread, so the connection must not return to the pool
            response.close()
            return b""
    return bytes(body)


def _reply(response: aiohttp.ClientResponse, body: bytes) -> Reply:
    try:
        answer = read_answer(body)
    except Unreadable:
        return Reply(
            response.status, response.headers, None, is_page=body.lstrip().startswith(b"<")
        )
    return Reply(response.status, response.headers, answer)


def retry_after_s(headers: Mapping[str, str]) -> float:
    """Seconds to wait according to `Retry-After`, 1–300; 15 without the header.

    A date is compared with the response's own `Date`, so that our clock does not matter.
    """
    value = headers.get("Retry-After", "").strip()
    wait = DEFAULT_RETRY_AFTER_S
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value, re.ASCII):
        wait = float(value)
    else:
        until, now = _date(value), _date(headers.get("Date", ""))
        if until and now:
            wait = (until - now).total_seconds()
    return max(1.0, min(MAX_RETRY_AFTER_S, wait))


def _date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    # only time-zone-aware dates can be subtracted from one another
    return moment if moment.tzinfo else None
