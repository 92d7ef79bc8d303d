"""Which of Discord's shards a process connects: the setting `SHARDS`. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

MOST_SHARDS: Final = 65_536
"""More than any bot has; so many numbers still fit into memory."""
_RANGE: Final = re.compile(
    r"(?P<first>[0-9]{1,9})(?:\s*-\s*(?P<last>[0-9]{1,9}))?\s*/\s*(?P<total>[0-9]{1,9})"
)
_FORM: Final = "first-last/total, such as 0-3/16"


@dataclass(frozen=True, slots=True)
class Shards:
    """The shards from `first` to `last`, both included, of `total`; numbers begin with 0."""

    first: int
    last: int
    total: int

    def __str__(self) -> str:
        return f"{self.first}-{self.last}/{self.total}"

    @property
    def ids(self) -> range:
        """Their numbers."""
        return range(self.first, self.last + 1)

    @property
    def is_whole(self) -> bool:
        """Whether no other process is needed."""
        return len(self.ids) == self.total


@dataclass(frozen=True, slots=True)
class ShardState:
    """One connection to the gateway, as its process sees it."""

    is_up: bool
    latency_s: float | None
    """Of the last heartbeat; None before the first was answered."""


def shard_of(guild_id: int, total: int) -> int:
    """The shard that hears of a server; 0 of direct messages, whose `guild_id` is 0.

    Source: Discord's gateway documentation, "Sharding formula".
    """
    return (guild_id >> 22) % total


def read_shards(text: str) -> Shards | None:
    """Read `SHARDS`; None for an empty one. Raises: ValueError with what would pass."""
    written = text.strip()
    if not written:
        return None
    found = _RANGE.fullmatch(written)
    if found is None:
        raise ValueError(f"takes {_FORM}; {written!r} is not of this form")
    first, total = int(found["first"]), int(found["total"])
    last = int(found["last"]) if found["last"] is not None else first
    if not 1 <= total <= MOST_SHARDS:
        raise ValueError(f"takes a total from 1 to {MOST_SHARDS} after the slash; this is {total}")
    if first > last:
        raise ValueError(f"takes {_FORM}; {first}-{last} ends before it begins")
    if last >= total:
        raise ValueError(
            f"counts shards from 0: of {total} the last is {total - 1}; {last} is past it"
        )
    return Shards(first, last, total)


def ranges(ids: Iterable[int]) -> list[tuple[int, int]]:
    """Numbers as sorted ranges, both ends included: 0, 1, 2, 5 are (0, 2) and (5, 5)."""
    found: list[tuple[int, int]] = []
    for number in sorted(ids):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found
