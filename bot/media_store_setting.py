"""Reads `MEDIA_STORE`: a bucket and a prefix in an S3-compatible store, or nothing."""

import re
from dataclasses import dataclass
from typing import Final

_TAKES: Final = "takes s3://bucket/prefix, or nothing for DATA_DIR"
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PART: Final = re.compile(r"[A-Za-z0-9!_.*'()-]+")
"""Characters that every S3-compatible store takes in a key without escaping."""


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """A bucket, and the prefix of every key in it; without slashes at the ends, possibly empty."""

    bucket: str
    prefix: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


def read_media_store(text: str) -> StoreAddress | None:
    """The bucket and the prefix that the setting names; None where it is empty.

    Raises: ValueError with what would pass.
    """
    word = text.strip()
    if not word:
        return None
    scheme, separator, rest = word.partition("://")
    if not separator or scheme.lower() != "s3":
        raise ValueError(_TAKES)
    bucket, _, prefix = rest.partition("/")
    if _BUCKET.fullmatch(bucket) is None or ".." in bucket:
        raise ValueError(
            f"{_TAKES}; a bucket has 3 to 63 lower-case letters, digits, dots and hyphens"
        )
    prefix = prefix.strip("/")
    parts = prefix.split("/") if prefix else []
    if any(_PART.fullmatch(part) is None or part in {".", ".."} for part in parts):
        raise ValueError(f"{_TAKES}; a prefix has letters, digits and !_.*'()- between its slashes")
    return StoreAddress(bucket, prefix)
