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
    """Validators of a remote file; `size_bytes` is None if unknown."""

    size_bytes: int | None
    etag: str
    last_modified: str
    start: int = 0

    @classmethod
    def of(cls, response: aiohttp.ClientResponse) -> Self:
        """Read a 200 or 206 response; a 206 without a valid Content-Range starts at -1."""
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
        """Whether this response continues the first `have_bytes` of the same file."""
        return (
            self.start == have_bytes
            and self.size_bytes is not None
            and earlier.size_bytes in (None, self.size_bytes)
            and self.etag == earlier.etag
            and self.last_modified == earlier.last_modified
        )

    def headers_for_rest(self, have_bytes: int) -> dict[str, str]:
        """Headers that request the rest, or the whole file if it has changed."""
        headers = {"Range": f"bytes={have_bytes}-"}
        if self.etag and not self.etag.startswith("W/"):
            headers["If-Range"] = self.etag
        return headers


def check_status(response: aiohttp.ClientResponse, host: str, *, is_part: bool) -> None:
    """Accept 200, and 206 or 416 for a range request.

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
        # decompression could turn a small response into an endless one
        raise FetchRefused(host, status, "the host packs the file although asked not to")


@contextmanager
def translated(host: str) -> Iterator[None]:
    """Translate aiohttp's and the system's errors, dropping the URL in their text."""
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
