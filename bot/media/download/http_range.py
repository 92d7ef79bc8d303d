"""HTTP range requests: validators that decide whether a partial download can be continued."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Self

import aiohttp

from bot.media.download.ssrf_guard import AddressRefused
from bot.media.errors import (
    FetchForbidden,
    FetchGone,
    FetchRefused,
    FetchUnavailable,
)

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_GONE: Final = frozenset({403, 404, 410})
_LATER: Final = frozenset({408, 425, 429})
_CONTENT_RANGE: Final = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)")


@dataclass(frozen=True, slots=True)
class Version:
    """What identifies the file behind a link; `size_bytes` is None where nobody said it."""

    size_bytes: int | None
    etag: str
    last_modified: str
    start: int = 0

    @classmethod
    def of(cls, response: aiohttp.ClientResponse) -> Self:
        """Reads a 200 or a 206; a 206 without a readable Content-Range starts at -1."""
        etag = response.headers.get("ETag", "")
        last_modified = response.headers.get("Last-Modified", "")
        if response.status != 206:
            return cls(response.content_length, etag, last_modified)
        found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
        if found is None:
            return cls(None, etag, last_modified, start=-1)
        total = None if found[3] == "*" else int(found[3])
        return cls(total, etag, last_modified, start=int(found[1]))

    def continues(self, earlier: Self, have_bytes: int) -> bool:
        """Whether these bytes follow the first `have_bytes` of the earlier answer's file."""
        return (
            self.start == have_bytes
            and self.size_bytes is not None
            and earlier.size_bytes in (None, self.size_bytes)
            and self.etag == earlier.etag
            and self.last_modified == earlier.last_modified
        )

    def headers_for_rest(self, have_bytes: int) -> dict[str, str]:
        """Asks for the rest, and for the whole instead where the file has changed meanwhile."""
        headers = {"Range": f"bytes={have_bytes}-"}
        if self.etag and not self.etag.startswith("W/"):
            headers["If-Range"] = self.etag
        return headers


def check_status(response: aiohttp.ClientResponse, host: str, *, is_part: bool) -> None:
    """Lets 200 pass, and 206 and 416 where a part was asked for.

    Raises FetchGone, FetchRefused or FetchUnavailable.
    """
    status = response.status
    if status >= 500 or status in _LATER:
        raise FetchUnavailable(host, f"the host is busy or broken (HTTP {status})")
    if status in _GONE:
        raise FetchGone(host, status)
    if status != 200 and not (is_part and status in {206, 416}):
        raise FetchRefused(host, status)
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"", "identity"}:
        # unpacking could turn a small answer into an endless one
        raise FetchRefused(host, status, "the host packs the file although asked not to")


@contextmanager
def translated(host: str) -> Iterator[None]:
    """Turns aiohttp's and the system's errors into ours, without the URL that is in their text."""
    try:
        yield
    except aiohttp.InvalidURL as exc:
        raise FetchForbidden(host, "this is not a link") from exc
    except aiohttp.ClientConnectorError as exc:
        if isinstance(exc.os_error, AddressRefused):
            raise FetchForbidden(host, "the link leads to a private address") from exc
        raise FetchUnavailable(host, "no connection") from exc
    except TimeoutError as exc:
        raise FetchUnavailable(host, "no answer in time") from exc
    except (aiohttp.ClientError, OSError) as exc:
        raise FetchUnavailable(host, "the connection broke off") from exc
