"""One HTTP call to the provider: the whole answer, or whether the call can have left at all."""

import re
from collections.abc import Mapping
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
    """A session fit for the provider; whoever opens it closes it.

    Idle connections are dropped after 4 s, before a server's own time-out (5 s with some) can cut
    one in the very moment a create is written to it, which would leave that create uncertain.
    """
    return aiohttp.ClientSession(
        connector=RoutedConnector(proxies.of, limit=64, keepalive_timeout=4.0),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer, whole; `answer` is None where the body is no JSON object of up to 1 MiB."""

    status: int
    headers: Mapping[str, str]
    answer: Answer | None
    is_page: bool = False
    """The body is a web page: not the API but something in front of it is speaking."""

    @property
    def is_ok(self) -> bool:
        """Whether HTTP calls it a success; the envelope inside may not."""
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        """The envelope's code; empty without one."""
        return self.answer.code if self.answer else ""

    @property
    def text(self) -> str:
        """The provider's words as they came."""
        return self.answer.text if self.answer else ""


@dataclass(frozen=True, slots=True)
class NoReply:
    """No whole answer came. `never_left`: there was no connection that could have carried it."""

    reason: str
    never_left: bool


class Exchange:
    """Makes calls with the key; never repeats one and never follows a redirect.

    `connect_timeout_s` bounds waiting for a free connection, DNS, connecting and TLS together.
    """

    def __init__(
        self, session: aiohttp.ClientSession, base_url: str, api_key: str, connect_timeout_s: float
    ) -> None:
        self._session = session
        self._base_url = base_url.rstrip("/")
        self._key = api_key
        self._connect_timeout_s = connect_timeout_s

    async def call(
        self, method: str, path: str, timeout_s: float, **content: Any
    ) -> Reply | NoReply:
        """One call, `timeout_s` in all; `content` is aiohttp's `json=` or `data=`."""
        timeout = aiohttp.ClientTimeout(
            total=timeout_s, connect=min(self._connect_timeout_s, timeout_s)
        )
        headers = {"Authorization": f"Bearer {self._key}", "Accept-Encoding": "identity"}
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
            # names, refused connections, TLS and the connect phase's time-out: no connection
            # existed that could have carried a byte of the request
            return NoReply(f"no connection ({type(exc).__name__})", never_left=True)
        except (aiohttp.ClientError, OSError, ValueError) as exc:
            # a time-out is an OSError; aiohttp's exceptions may hold the request's headers and
            # with them the key, so only the class is told and none is chained
            return NoReply(f"no answer ({type(exc).__name__})", never_left=False)


async def _read_capped(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            # nobody reads on: the connection must not be kept for the next call
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
    """How long the provider asks to be left alone, 1–300 s; 15 s if it does not say.

    A date is measured against the answer's own `Date`, so that no clock of ours matters.
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
    # only dates that know their zone can be subtracted from one another
    return moment if moment.tzinfo else None
