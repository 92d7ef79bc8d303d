"""A member's data as one file that Discord takes: as JSON, else zipped, else its newest part."""

import datetime as dt
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

JSON_NAME: Final = "my-data.json"
ZIP_NAME: Final = "my-data.zip"
UPLOAD_BYTES: Final = 10 * 1024 * 1024
"""Discord's limit where it names none."""


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file's name and bytes; `left_out`: how many of the oldest requests it lacks."""

    name: str
    data: bytes
    left_out: int = 0


def export_file(document: Mapping[str, Any], limit_bytes: int, now_ms: int) -> ExportFile:
    """The document, whose `requests` are oldest first, in at most so many bytes.

    `limit_bytes` 0 is Discord's usual limit. Only what is not of a request may be larger still.
    """
    limit_bytes = limit_bytes or UPLOAD_BYTES
    data = _written(document)
    if len(data) <= limit_bytes:
        return ExportFile(JSON_NAME, data)
    requests = document["requests"]
    count = kept = len(requests)
    while True:
        packed = _zipped(data, now_ms)
        if len(packed) <= limit_bytes or not kept:
            return ExportFile(ZIP_NAME, packed, count - kept)
        # requests differ in size: a little less than the share that would fit if they didn't
        kept = min(kept - 1, kept * limit_bytes * 9 // (len(packed) * 10))
        data = _written({**document, "requests": requests[count - kept :]})


def _written(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def _zipped(data: bytes, now_ms: int) -> bytes:
    made_at = dt.datetime.fromtimestamp(now_ms / 1000, dt.UTC).timetuple()[:6]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(JSON_NAME, made_at)
        archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
