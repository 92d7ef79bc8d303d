"""Resource limits of the media process, set from inside before it opens any file."""

import contextlib
import errno
import os
import sys
from typing import Final

_DISK_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
_DISK_TROUBLE: Final = _DISK_FULL | {errno.ENOENT, errno.EIO, errno.EACCES}
_NICE: Final = 10
_MAX_FILE_BYTES: Final = 2 * 1024**3
_MAX_OPEN_FILES: Final = 64


def is_disk_trouble(error: BaseException) -> bool:
    """Whether our own disk failed, rather than the file."""
    return getattr(error, "errno", None) in _DISK_TROUBLE


def is_disk_full(error: BaseException) -> bool:
    """Whether the disk is full; FFmpeg uses these errnos for nothing else."""
    return getattr(error, "errno", None) in _DISK_FULL


def confine(memory_bytes: int) -> None:
    """Lower the process's priority and limit its memory, files and core dumps.

    `memory_bytes` is address space, of which a decoder reserves about twice what it uses. Limits
    that the system does not support are skipped.
    """
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not there on Windows

    with contextlib.suppress(OSError):
        os.nice(_NICE)
    for kind, amount in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, _MAX_FILE_BYTES),
        (resource.RLIMIT_NOFILE, _MAX_OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (amount, amount))


def allow_cpu(seconds: int) -> None:
    """Allow this many more seconds of CPU time, after which the system kills the process."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not there on Windows

    usage = resource.getrusage(resource.RUSAGE_SELF)
    until = int(usage.ru_utime + usage.ru_stime) + 1 + seconds
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))
