"""Errors of downloading, inspecting and encoding media; their texts hold no path and no query."""

from typing import ClassVar, Final

from storage.errors import BotError


class MediaError(BotError):
    """A file could not be fetched, read or encoded."""


class FetchError(MediaError):
    """A link could not be fetched. `host` is the host contacted, for logs."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(f"{host or 'the link'}: {reason}")
        self.host = host
        self.reason = reason


class FetchForbidden(FetchError):
    """The link is forbidden: a private address, another scheme, or credentials."""


class FetchTooLarge(FetchError):
    """The file is, or claims to be, larger than `limit` bytes; nothing was kept."""

    def __init__(self, host: str, limit: int) -> None:
        super().__init__(host, f"the file is larger than {limit} bytes")
        self.limit = limit


class FetchGone(FetchError):
    """The file is gone or the link has expired: HTTP 403, 404 or 410 in `status`."""

    def __init__(self, host: str, status: int) -> None:
        super().__init__(host, f"the file is gone (HTTP {status})")
        self.status = status


class FetchRefused(FetchError):
    """The host gave a final response that is not the file; retrying will not help."""

    def __init__(self, host: str, status: int, reason: str = "") -> None:
        super().__init__(host, reason or f"the host refused (HTTP {status})")
        self.status = status


class FetchUnavailable(FetchError):
    """The host is unreachable or failed: a time-out, reset, DNS error, HTTP 429 or 5xx."""

    retryable: ClassVar[bool] = True


class DiskUnavailable(MediaError):
    """Our own disk failed or is full."""

    retryable: ClassVar[bool] = True


class StoreUnavailable(MediaError):
    """The media store does not answer or refuses; nothing is known about any file."""

    retryable: ClassVar[bool] = True


class FileMissing(MediaError):
    """A file is neither on our disk nor in the media store."""


class ReusedFileGone(MediaError):
    """A file or video of an earlier request is no longer available."""


class NotAVideo(MediaError):
    """The bytes are not a complete MP4 video; `reason` says why in a few words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MediaUnavailable(MediaError):
    """No media process can be started; nothing is known about any file."""

    retryable: ClassVar[bool] = True


class JoinImpossible(MediaError):
    """Videos cannot be concatenated: one cannot be decoded, or it takes too long."""


class FitImpossible(MediaError):
    """The video cannot be encoded under the limit, or cannot be decoded."""


OURS: Final = (StoreUnavailable, DiskUnavailable)
"""Faults of where files are kept: no request's own, so they count as no attempt of any."""
