"""Errors of downloading, inspecting and encoding media; their texts hold no path and no query."""

from typing import ClassVar

from storage.errors import BotError


class MediaError(BotError):
    """A file could not be had, understood or made to fit."""


class FetchError(MediaError):
    """A link could not be fetched. `host` is the host it was asked of, for logs."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(f"{host or 'the link'}: {reason}")
        self.host = host
        self.reason = reason


class FetchForbidden(FetchError):
    """The link leads where the bot never goes: a private address, another scheme, a login."""


class FetchTooLarge(FetchError):
    """The file is, or announces to be, larger than `limit` bytes; nothing of it was kept."""

    def __init__(self, host: str, limit: int) -> None:
        super().__init__(host, f"the file is larger than {limit} bytes")
        self.limit = limit


class FetchGone(FetchError):
    """The file is not there any more, or the link has expired: 403, 404 or 410 in `status`."""

    def __init__(self, host: str, status: int) -> None:
        super().__init__(host, f"the file is gone (HTTP {status})")
        self.status = status


class FetchRefused(FetchError):
    """The host gave a final answer that is not the file; asking again will not help."""

    def __init__(self, host: str, status: int, reason: str = "") -> None:
        super().__init__(host, reason or f"the host refused (HTTP {status})")
        self.status = status


class FetchUnavailable(FetchError):
    """The host could not be reached or broke off: a time-out, a reset, DNS, 429 or a 5xx."""

    retryable: ClassVar[bool] = True


class DiskUnavailable(MediaError):
    """A file could not be written to or read from our disk: it is full, or it fails."""

    retryable: ClassVar[bool] = True


class FileMissing(MediaError):
    """A file that was to be looked at or encoded is not on our disk."""


class ReusedFileGone(MediaError):
    """A file or video of an earlier request is not to be had any more."""


class NotAVideo(MediaError):
    """The bytes are not a whole MP4 video; `reason` says in a few words why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MediaUnavailable(MediaError):
    """The media process cannot be started; nothing was found out about any file."""

    retryable: ClassVar[bool] = True


class JoinImpossible(MediaError):
    """Films cannot be joined into one: one of them cannot be decoded, or it takes too long."""


class FitImpossible(MediaError):
    """No encode of the video stays under the limit, or it cannot be decoded at all."""
