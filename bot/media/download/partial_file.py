"""Partial download on disk, renamed to its target only when complete and synced."""

import contextlib
import hashlib
import os
import threading
from pathlib import Path
from typing import IO


class PartFile:
    """Writes `<target>.part`, counting and hashing its bytes.

    Thread-safe: a write still running when its caller is cancelled cannot outlive `discard`. The
    disk is not touched before the first write. Methods raise OSError.
    """

    def __init__(self, target: Path) -> None:
        self._target = target
        self._path = target.with_suffix(target.suffix + ".part")
        self._lock = threading.Lock()
        self._handle: IO[bytes] | None = None
        self._hash = hashlib.sha256()
        self._is_closed = False
        self._is_finished = False
        self.size_bytes = 0

    def write(self, block: bytes) -> None:
        """Append a block; does nothing after `discard`."""
        with self._lock:
            if self._is_closed:
                return
            self._open().write(block)
            self._hash.update(block)
            self.size_bytes += len(block)

    def restart(self) -> None:
        """Truncate, so that the next block is the first."""
        with self._lock:
            if self._handle is not None:
                self._handle.seek(0)
                self._handle.truncate()
            self._hash = hashlib.sha256()
            self.size_bytes = 0

    def finish(self) -> str:
        """Makes the file durable under its own name and returns its sha256 in hexadecimal."""
        with self._lock:
            handle = self._open()
            handle.flush()
            os.fsync(handle.fileno())
            handle.close()
            self._path.replace(self._target)
            self._is_closed = self._is_finished = True
            sync_folder(self._target.parent)
            return self._hash.hexdigest()

    def discard(self) -> None:
        """Removes what is not finished; after `finish` it does nothing."""
        with self._lock:
            is_finished, self._is_closed = self._is_finished, True
            if self._handle is None or is_finished:
                return
            # on a full disk even closing fails, as it still has bytes to write
            with contextlib.suppress(OSError):
                self._handle.close()
            self._path.unlink(missing_ok=True)

    def _open(self) -> IO[bytes]:
        if self._handle is None:
            self._target.parent.mkdir(parents=True, exist_ok=True)
            self._handle = self._path.open("wb")
        return self._handle


def sync_folder(folder: Path) -> None:
    """Makes a rename inside the folder survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
