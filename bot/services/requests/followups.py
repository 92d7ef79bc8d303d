"""Follow-ups to a posted video: repeat, edit, continue; from the database alone."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.errors import NotAllowed, UnknownVideo, UserError
from bot.rules.cast import cast_names, unmentioned, without_cast
from bot.rules.catalogue import Catalogue, ModelSpec
from bot.rules.media import MediaKind, MediaRole, MediaSource
from bot.rules.request import MediaRef, VideoRequest
from bot.rules.reused_media import LAST, kept_url, read_cast
from bot.rules.suggest import suggest
from bot.rules.variations import escape
from bot.services.authorization import find_here
from bot.services.caller import Caller
from bot.services.permissions import is_moderator
from bot.services.requests.provenance import DOUBLE_TAP_MS, Origin
from bot.services.server_settings import ServerSettings, read_settings
from bot.services.servers.allowed_models import AllowedModelService
from storage.cast import entries
from storage.engine.transaction import Database, Transaction
from storage.moderation import visibility
from storage.moderation.visibility import Display
from storage.records import UNPOSTED_ENDS, Input, MessageKind, OutboxState, Request, State
from storage.requests import inputs, outbox, series


@dataclass(frozen=True, slots=True)
class Source:
    """An earlier request as something new can be made from it.

    `media` are its files by reference. `is_whole`: prompt and files are all still there; their time
    may be over. `may_remix`: the caller may use the files at all.
    """

    request: Request
    video: VideoRequest
    media: tuple[MediaRef, ...]
    is_whole: bool
    is_own: bool
    may_remix: bool

    @property
    def typed(self) -> VideoRequest:
        """The request with its prompt as it is to be typed: braces in it are plain ones."""
        asked = self.video.asked()
        return asked.model_copy(update={"prompt": escape(asked.prompt)})

    @property
    def keeps(self) -> int:
        """How many files are taken over unless others are given."""
        return len(without_cast(self.media)) if self.may_remix else 0


class FollowUpService:
    """Looks an earlier request up for those who may use it, and makes new ones from it."""

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        models: AllowedModelService,
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._models = models

    async def look(self, caller: Caller, request_id: str) -> Source:
        """The earlier request. Raises: UnknownVideo where the caller may not see it; UserError."""
        if not caller.guild_id:
            raise UserError("refused-server-only")
        async with self._database.reading() as tx:
            settings = await read_settings(tx, caller.guild_id)
            request = await find_here(tx, caller, request_id)
            if request is None or not await _is_visible(tx, settings, request, caller):
                raise UnknownVideo(request_id)
            video = VideoRequest.model_validate_json(request.spec)
            is_own = request.user_id == caller.user_id
            if request.shots:
                # what was given to a series went to its first shot
                first = (await series.shots_of(tx, request.id))[0]
                given = VideoRequest.model_validate_json(first.spec).media
                video = video.model_copy(update={"media": given})
                media = await _media(tx, first, video, is_own=is_own)
            else:
                media = await _media(tx, request, video, is_own=is_own)
        whole = bool(video.prompt) and len(media) == len(video.media)
        return Source(request, video, media, whole, is_own, is_own or settings.remix == "everyone")

    async def continued(self, caller: Caller, source: Source) -> tuple[VideoRequest, str]:
        """A request that begins with the last frame of the source's video; its model takes that.

        In second place the source's own model, where another one had to be chosen.
        Raises: NotAllowed; UserError where there is no video, or no model here takes a frame.
        """
        require_remix(source)
        if source.request.state is not State.POSTED:
            raise UserError("refused-not-a-video")
        frame = MediaRef(
            source=MediaSource.KEPT,
            url=kept_url(source.request.id, LAST),
            kind=MediaKind.IMAGE,
            role=MediaRole.FIRST,
            field=MediaRole.FIRST.value,
            name=f"{source.request.id}.png",
        )
        # beside frames no name is taken
        plain = unmentioned(source.video.shown_prompt, cast_names(source.video))
        if source.request.shots:
            # what its last shot shows
            plain = plain.rpartition("\n")[2]
        bare = {"prompt": escape(plain), "typed": None, "cast": ()}
        video_request = source.video.model_copy(
            update={**bare, "media": (frame,), "resolution": None}
        )
        async with self._database.reading() as tx:
            settings = await read_settings(tx, caller.guild_id)
        allowed = self._models.allowed_names(caller.guild_id, settings)
        default = self._models.default_name(caller.guild_id, settings)
        taking = self.taking_frame(tuple(self._catalogue.require(name) for name in allowed))
        names = [spec.name for spec in taking]
        if not names:
            raise UserError("refused-continue-none")
        if video_request.model in names:
            return video_request, ""
        other = suggest(self._catalogue, video_request, names, default=default) or taking[0]
        return video_request.model_copy(update={"model": other.name}), source.video.model

    @staticmethod
    def taking_frame(models: tuple[ModelSpec, ...]) -> tuple[ModelSpec, ...]:
        """The models that take a single picture as the first frame."""
        return tuple(
            spec for spec in models if spec.frames.takes == "single" and spec.sources.https
        )


def repeat(source: Source) -> tuple[VideoRequest, Origin]:
    """The same request again; two taps of one member make one request.

    Raises: NotAllowed where only its member may; UserError where something of it is gone, and for
    the film of a series.
    """
    require_remix(source)
    require_single(source)
    if not source.is_whole:
        raise UserError("refused-files-gone", {"id": source.request.id})
    # the same again: no name is looked up that meant nothing then
    typed = source.video.shown_prompt
    video_request = source.video.model_copy(update={"media": source.media, "typed": typed})
    origin = f"again:{source.request.id}"
    return video_request, Origin(origin, DOUBLE_TAP_MS, template=source.request.template)


def changed(
    source: Source, video_request: VideoRequest, files: Mapping[str, tuple[MediaRef, ...]]
) -> tuple[VideoRequest, Origin]:
    """A request that was made by changing the source; its files are kept where none were given.

    Raises: NotAllowed, UserError where files are needed that the caller can't use.
    """
    require_single(source)
    own = source.media if source.is_whole and source.may_remix else ()
    media = replaced(own, files)
    if without_cast(source.video.media) and not without_cast(media):
        if not source.may_remix:
            raise NotAllowed("refused-remix-files")
        raise UserError("refused-files-gone", {"id": source.request.id})
    video_request = video_request.model_copy(update={"media": media})
    return video_request, Origin(f"edit:{source.request.id}")


def replaced(
    before: tuple[MediaRef, ...], files: Mapping[str, tuple[MediaRef, ...]]
) -> tuple[MediaRef, ...]:
    """Files after a form: new ones take the place of all, a new frame that of its own alone.

    Pictures of the cast go with their names, not with files.
    """
    given = tuple(media for each in files.values() for media in each)
    if not given:
        return before
    roles = {media.role for media in given}
    if MediaRole.REFERENCE in roles:
        return (*given, *(media for media in before if media.cast))
    kept = tuple(
        media
        for media in before
        if media.role is not MediaRole.REFERENCE and media.role not in roles
    )
    return tuple(sorted((*given, *kept), key=lambda media: media.role is MediaRole.LAST))


def require_remix(source: Source) -> None:
    """Raises: NotAllowed for other members, where the server leaves each their own."""
    if not source.may_remix:
        raise NotAllowed("refused-remix")


def require_single(source: Source) -> None:
    """Raises: UserError for the film of a series, which no single request makes again."""
    if source.request.shots:
        raise UserError("refused-series-again", {"id": source.request.id})


async def _is_visible(
    tx: Transaction, settings: ServerSettings, request: Request, caller: Caller
) -> bool:
    """Whether the caller can see it: their own, or a video posted in this channel."""
    change = await visibility.get(tx, request.id)
    if change is not None and change.wanted is Display.GONE:
        return False
    if request.user_id == caller.user_id:
        return True
    messages = await outbox.of_request(tx, request.id)
    result = next((message for message in messages if message.kind is MessageKind.RESULT), None)
    if result is None or result.state is not OutboxState.SENT:
        return False
    is_here = result.sent_channel_id == caller.channel_id
    return is_here or is_moderator(caller, settings.moderator_role)


async def _media(
    tx: Transaction, request: Request, video: VideoRequest, *, is_own: bool
) -> tuple[MediaRef, ...]:
    """The request's files by reference, as far as they are still there."""
    rows = {row.position: row for row in await inputs.of_request(tx, request.id)}
    found = []
    for position, media in enumerate(video.media):
        row = rows.get(position)
        if media.source is MediaSource.ASSET:
            found.append(media)
        elif row is not None and row.path:
            name = media.name or row.name or f"{media.field or position}.{row.format}"
            url = kept_url(request.id, position)
            kept = {"source": MediaSource.KEPT, "url": url, "name": name}
            found.append(media.model_copy(update=kept))
        elif is_own and _may_be_asked_for_again(request, row) and await _is_there(tx, media):
            found.append(media)
    return tuple(found)


async def _is_there(tx: Transaction, media: MediaRef) -> bool:
    """Whether a picture of the cast still is; of other files nobody can tell."""
    if media.source is not MediaSource.CAST:
        return True
    entry = await entries.get(tx, read_cast(media.url)[0])
    return entry is not None and not entry.removed_at_ms


def _may_be_asked_for_again(request: Request, row: Input | None) -> bool:
    """Whether a file may still be had where it came from.

    It was never fetched, or was removed because its request ended without a video.
    """
    if row is None:
        return not request.prepared_at_ms
    return request.state in UNPOSTED_ENDS
