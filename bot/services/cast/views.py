"""What the service of the cast answers: entries with their pictures, and names to choose."""

import json
from dataclasses import dataclass

from bot.rules.violation import Violation, megabytes
from storage.cast.entries import CastEntry, CastPicture


@dataclass(frozen=True, slots=True)
class CastView:
    """An entry with its pictures."""

    entry: CastEntry
    pictures: tuple[CastPicture, ...] = ()

    @property
    def is_servers(self) -> bool:
        """Whether it belongs to the server."""
        return self.entry.guild_id > 0

    @property
    def faults(self) -> tuple[Violation, ...]:
        """Why the pictures of a failed one can't be used."""
        found = json.loads(self.entry.note) if self.entry.note else ()
        return tuple(Violation.model_validate(each) for each in found)


@dataclass(frozen=True, slots=True)
class CastName:
    """A name to choose; `is_hidden`: a server's, where the caller has one of that name."""

    name: str
    is_servers: bool = False
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Cast:
    """Who there is: the caller's own, and the server's."""

    own: tuple[CastView, ...]
    of_server: tuple[CastView, ...]


def megabytes_of(view: CastView) -> str:
    """What an entry's pictures take, for people."""
    return megabytes(sum(picture.size_bytes for picture in view.pictures))
