"""Local files by owner: `inputs/<request>/…`, `results/<request>.…`, `cast/<name>/…`."""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

REQUEST_FOLDERS: Final = ("inputs", "results")
FOLDERS: Final = (*REQUEST_FOLDERS, "cast")

_NO_LINKS: Final = frozenset(
    {errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}
)
"""Another file system, one without hard links, or one that has enough of them."""


def owner_of(key: str) -> str:
    """The request or name that a file belongs to, by its path below the data directory."""
    return key.split("/")[1].partition(".")[0]


def files_of(folder: Path, owner_id: str) -> Iterator[Path]:
    """The files and folders of a request or name that are there."""
    for name in ("inputs", "cast"):
        below = folder / name / owner_id
        if below.exists():
            yield below
    yield from sorted((folder / "results").glob(f"{owner_id}.*"))


def remove_files(folder: Path, owner_id: str, beginning: str = "") -> None:
    """Delete a request's or name's files, or those whose key begins so; none there is fine.

    Raises: OSError for the first that can't be deleted, after all others are.
    """
    failed: list[OSError] = []
    for path in files_of(folder, owner_id):
        if not path.relative_to(folder).as_posix().startswith(beginning):
            continue
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except FileNotFoundError:
            continue
        except OSError as error:
            failed.append(error)
    if failed:
        raise failed[0]


def is_file(path: Path, sha256: str = "") -> bool:
    """Whether a file is there, with this sha256 if one is given. Raises: OSError."""
    if not path.is_file():
        return False
    return not sha256 or sha256_of(path) == sha256


def link_or_copy(source: Path, target: Path) -> None:
    """Have a file at a second path: as a link, or as a copy where file systems have no such links.

    It is whole as soon as it is there, and replaces what was. Raises: OSError.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.{uuid4().hex}.part")
    try:
        try:
            part.hardlink_to(source)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            _copy(source, part)
        part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _copy(source: Path, part: Path) -> None:
    with source.open("rb") as given, part.open("wb") as copy:
        shutil.copyfileobj(given, copy)
        copy.flush()
        # a disk that is full may say so only now
        os.fsync(copy.fileno())


def sha256_of(path: Path) -> str:
    """A file's sha256 in hexadecimal. Raises: OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
