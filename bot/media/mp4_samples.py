"""Validate an MP4 track's sample tables: every sample must lie inside the file."""

import struct
from collections.abc import Mapping, Sequence
from typing import Final

from bot.media.errors import NotAVideo

_MAX_SAMPLES: Final = 500_000


def check_samples(tables: Mapping[bytes, bytes], size_bytes: int) -> None:
    """Raise NotAVideo unless the track has samples, consistent tables and data inside the file.

    `tables` are the bodies of the boxes in `stbl`. Short tables raise struct.error or IndexError,
    which the caller translates.
    """
    count, uniform, sizes = _read_sizes(tables)
    if count == 0:
        raise NotAVideo("it has no pictures or sounds in a track")
    offsets = _read_offsets(tables)
    runs = _read_runs(tables.get(b"stsc", b""))
    sample = 0
    run = 0
    for chunk, offset in enumerate(offsets, start=1):
        while run + 1 < len(runs) and runs[run + 1][0] <= chunk:
            run += 1
        following = min(sample + runs[run][1], count)
        length = uniform * (following - sample) if uniform else sum(sizes[sample:following])
        if offset + length > size_bytes:
            raise NotAVideo("its data ends before the film does")
        sample = following
    if sample < count:
        raise NotAVideo("its tables do not agree")


def _read_sizes(tables: Mapping[bytes, bytes]) -> tuple[int, int, Sequence[int]]:
    """Sample count, their common size or 0, and otherwise each size in bytes."""
    table = tables.get(b"stsz")
    if table is not None:
        uniform, count = struct.unpack_from(">II", table, 4)
        _check_count(count)
        return count, uniform, () if uniform else struct.unpack_from(f">{count}I", table, 12)
    compact = tables.get(b"stz2", b"")
    bits, count = struct.unpack_from(">3xBI", compact, 4)
    _check_count(count)
    if bits == 16:
        return count, 0, struct.unpack_from(f">{count}H", compact, 12)
    if bits == 8:
        return count, 0, struct.unpack_from(f">{count}B", compact, 12)
    if bits == 4:
        pairs = struct.unpack_from(f">{(count + 1) // 2}B", compact, 12)
        return count, 0, [half for pair in pairs for half in (pair >> 4, pair & 15)][:count]
    raise NotAVideo("its tables do not agree")


def _read_offsets(tables: Mapping[bytes, bytes]) -> Sequence[int]:
    narrow = tables.get(b"stco")
    table = tables.get(b"co64", b"") if narrow is None else narrow
    (count,) = struct.unpack_from(">I", table, 4)
    _check_count(count)
    return struct.unpack_from(f">{count}{'Q' if narrow is None else 'I'}", table, 8)


def _read_runs(table: bytes) -> list[tuple[int, int]]:
    """(first chunk, samples in each chunk from there on), at least one."""
    (count,) = struct.unpack_from(">I", table, 4)
    _check_count(count)
    numbers = struct.unpack_from(f">{3 * count}I", table, 8)
    runs = list(zip(numbers[::3], numbers[1::3], strict=True))
    if not runs:
        raise NotAVideo("its tables do not agree")
    return runs


def _check_count(count: int) -> None:
    if count > _MAX_SAMPLES:
        raise NotAVideo("it has too many samples")
