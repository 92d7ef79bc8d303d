"""Checks of what is added to the cast, and finding a name."""

from collections.abc import Sequence
from typing import Final

from bot.errors import NotAllowed, UserError
from bot.rules.cast import LONGEST, SHORTEST, as_name, fold, is_name
from bot.rules.media import MediaSource
from bot.rules.request import MediaRef
from bot.services.caller import Caller
from bot.services.cast.views import CastView
from bot.services.server_settings import ServerSettings
from storage.cast import entries
from storage.cast.entries import CastEntry, CastPicture
from storage.engine.transaction import Transaction

MOST_PICTURES: Final = 4


def checked_name(name: str, pictures: Sequence[MediaRef]) -> str:
    """The name as it is kept. Raises: UserError for a bad name, or too many pictures."""
    shown = as_name(name)
    if not is_name(shown):
        raise UserError(
            "refused-cast-name", {"name": name[:60], "least": SHORTEST, "most": LONGEST}
        )
    if not pictures:
        raise UserError("refused-cast-none")
    if len(pictures) > MOST_PICTURES:
        raise UserError("refused-cast-many", {"limit": MOST_PICTURES, "number": len(pictures)})
    return shown


def check_held(settings: ServerSettings, pictures: Sequence[MediaRef], *, has_word: bool) -> None:
    """Nothing that would be held of a request comes into the server's cast.

    Raises: NotAllowed.
    """
    if has_word:
        raise NotAllowed("refused-cast-word")
    if settings.hold_links and any(each.source is MediaSource.LINK for each in pictures):
        raise NotAllowed("refused-cast-link")


def picture_row(entry_id: str, place: int, media: MediaRef) -> CastPicture:
    """A picture before it is fetched."""
    return CastPicture(
        cast_id=entry_id,
        position=place,
        source=media.source,
        url=media.url,
        name=media.name,
        size_bytes=media.size_bytes or 0,
    )


async def view_of(tx: Transaction, entry: CastEntry) -> CastView:
    """An entry with its pictures."""
    pictures = await entries.pictures_of(tx, [entry.id])
    return CastView(entry, tuple(pictures[entry.id]))


async def find_entry(tx: Transaction, caller: Caller, typed: str) -> CastEntry:
    """The entry of a name, the caller's own before the server's; `server:name` is the server's.

    Raises: UserError.
    """
    whose, mark, rest = typed.partition(":")
    is_marked = bool(mark) and whose in ("me", "server")
    name = as_name(rest if is_marked else typed)
    own = await entries.of_member(tx, caller.user_id) if whose != "server" or not mark else []
    theirs = await entries.of_server(tx, caller.guild_id) if whose != "me" or not mark else []
    for entry in (*own, *theirs):
        if entry.folded == fold(name):
            return entry
    raise UserError("refused-cast-unknown", {"name": name[:60]})
