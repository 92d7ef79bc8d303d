"""Finds the names of a request and adds their pictures, in the order of mention."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.errors import UserError
from bot.rules.cast import cast_names, fold, mentions, without_cast, worded
from bot.rules.media import MediaKind, MediaSource, Mode
from bot.rules.model_spec import ModelSpec
from bot.rules.request import MediaRef, VideoRequest
from bot.rules.reused_media import cast_url, read_cast
from bot.rules.violation import Violation
from bot.services.caller import Caller
from storage.cast import entries
from storage.cast.entries import CastEntry, CastPicture, CastState
from storage.engine.transaction import Transaction

CAST: str = "cast"
LINKED: str = "cast_links"
"""The field of a picture that came from a link."""


@dataclass(slots=True)
class _Known:
    """What names mean here, folded: the request's own pictures, and entries that may be added."""

    tagged: dict[str, list[MediaRef]] = field(default_factory=dict)
    entries: dict[str, CastEntry] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        """All of them."""
        return {*self.tagged, *self.entries}


async def with_cast(
    tx: Transaction, spec: ModelSpec, video: VideoRequest, caller: Caller
) -> tuple[VideoRequest, tuple[Violation, ...]]:
    """The request with the pictures of its names, and as it is sent; and what is wrong with them.

    A member's own cast goes before the server's. Pictures that the request has already, as one
    that repeats another, stand for their names; a request with `typed` takes no others.
    """
    known = await _known(tx, video, caller)
    found = [mention.name for mention in mentions(video.shown_prompt, known.names)]
    wanted = tuple(dict.fromkeys((*found, *(fold(name) for name in video.cast))))
    if not wanted:
        return worded(spec, video.model_copy(update={"media": without_cast(video.media)})), ()
    if video.mode is Mode.FRAMES:
        faults = [_fault("cast-in-frames", _shown(known, video, name)) for name in wanted]
        return video, tuple(faults)
    faults = [
        _fault(rule, _shown(known, video, name))
        for name in wanted
        if (rule := _trouble(known, name))
    ]
    media = [*without_cast(video.media), *await _pictures(tx, known, wanted)]
    return worded(spec, video.model_copy(update={"media": tuple(media)})), tuple(faults)


async def _known(tx: Transaction, video: VideoRequest, caller: Caller) -> _Known:
    known = _Known()
    for media in video.media:
        if media.cast:
            known.tagged.setdefault(fold(media.cast), []).append(media)
    if video.typed is None and (video.cast or "@" in video.prompt or "＠" in video.prompt):
        for entry in await entries.of_server(tx, caller.guild_id):
            known.entries[entry.folded] = entry
        for entry in await entries.of_member(tx, caller.user_id):
            known.entries[entry.folded] = entry
    return known


def _trouble(known: _Known, name: str) -> str:
    if name in known.tagged:
        return ""
    if name not in known.entries:
        return "cast-unknown"
    return "" if known.entries[name].state is CastState.READY else "cast-not-ready"


def _shown(known: _Known, video: VideoRequest, name: str) -> str:
    if name in known.entries:
        return f"@{known.entries[name].name}"
    typed = {fold(each): each for each in (*video.cast, *cast_names(video))}
    return f"@{typed.get(name, name)}"


def _fault(rule: str, name: str) -> Violation:
    return Violation(field=CAST, rule=rule, value=name)


async def _pictures(tx: Transaction, known: _Known, wanted: Sequence[str]) -> list[MediaRef]:
    added = {
        name: known.entries[name]
        for name in wanted
        if name not in known.tagged and name in known.entries
    }
    pictures = await entries.pictures_of(tx, [entry.id for entry in added.values()])
    media: list[MediaRef] = []
    for name in wanted:
        media += known.tagged.get(name, ())
        if name in added:
            entry = added[name]
            media += [_reference(entry, picture) for picture in pictures[entry.id]]
    return media


def _reference(entry: CastEntry, picture: CastPicture) -> MediaRef:
    """A picture as the rules see it: its bytes are known, so nothing is left to be found out."""
    return MediaRef(
        source=MediaSource.CAST,
        url=cast_url(entry.id, picture.position),
        kind=MediaKind.IMAGE,
        # a server's was chosen by a moderator
        field=LINKED if picture.source == MediaSource.LINK and not entry.guild_id else CAST,
        name=f"{entry.name}-{picture.position + 1}.{picture.format or 'png'}",
        size_bytes=picture.size_bytes or None,
        width=picture.width or None,
        height=picture.height or None,
        format=picture.format or None,
        cast=entry.name,
    )


async def require_cast(tx: Transaction, video: VideoRequest) -> str:
    """Check that the pictures are still there, in the transaction that records the request.

    Returns the host that has them, empty where there are none. Raises: UserError.
    """
    host = ""
    for entry_id in {
        read_cast(media.url)[0] for media in video.media if media.source is MediaSource.CAST
    }:
        entry = await entries.get(tx, entry_id)
        if entry is None or entry.removed_at_ms:
            raise UserError("refused-cast-left")
        host = host or entry.host
    return host
