"""Checks at startup that the data directory is writable, and names the host that owns it."""

import contextlib
import fcntl
import os
import secrets
import tempfile
from pathlib import Path
from typing import Final

from bot.settings import SettingsError, problem

HOST_FILE: Final = "host-id"


def prepare_data_dir(folder: Path) -> None:
    """Make the data directory and see that files can be written there.

    Raises: SettingsError with its path, the reason and what to do.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
            file.flush()
        with (folder / HOST_FILE).open("ab"):
            pass
    except OSError as error:
        advice = "let the bot's user write there, make room, or name another folder"
        if folder.exists() and not folder.is_dir():
            advice = "name a folder, or move that file away"
        wrong = f"{folder.absolute()} can't be used ({error.strerror}): {advice}"
        raise SettingsError([problem("DATA_DIR", wrong)]) from None


def host_of(data_dir: Path) -> str:
    """The name of this data directory, made once: files are where it is, whatever the machine.

    Concurrent first calls of several processes get the same name.
    """
    with (data_dir / HOST_FILE).open("a+", encoding="utf-8") as file:
        # some network file systems have no locks; there the first start is one process's
        with contextlib.suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        name = file.read().strip()
        if not name:
            name = secrets.token_hex(8)
            file.write(name + "\n")
            file.flush()
            os.fsync(file.fileno())
    return name
