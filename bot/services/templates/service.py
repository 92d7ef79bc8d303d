"""Templates of a server: written, posted and removed by managers, used by members."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.errors import InvalidTemplate, NotAllowed, UserError
from bot.rules.catalogue import Catalogue
from bot.rules.check import is_blank
from bot.rules.request import MediaRef, VideoRequest
from bot.services.authorization import find_here
from bot.services.caller import Caller
from bot.services.permissions import is_manager
from bot.services.request_ids import is_id, new_id
from bot.services.requests.admission import Admission
from bot.services.requests.prompt_preparation import fill, prepare
from bot.services.requests.provenance import DOUBLE_TAP_MS, Origin
from bot.services.server_settings import ServerSettings, lock_settings
from bot.services.servers.allowed_models import AllowedModelService
from bot.services.servers.channels import Place, Purpose
from bot.services.templates.content import (
    MOST_TEMPLATES,
    SAMPLE_TEXT,
    Offer,
    TemplateContent,
    check_name,
    content_of,
    folded_name,
    offer_of,
    samples,
    tidy_name,
)
from bot.services.templates.panels import enqueue_panel
from storage.engine.retry import repeated
from storage.engine.transaction import Database, Transaction
from storage.errors import StorageUnavailable
from storage.moderation import visibility
from storage.moderation.visibility import Display
from storage.records import MessageKind, OutboxState, Request, State
from storage.requests import outbox
from storage.templates import panels, templates
from storage.templates.templates import Template


@dataclass(frozen=True, slots=True)
class Written:
    """A template as it was written; `is_new`: it took no other's place."""

    offer: Offer
    is_new: bool


class TemplateService:
    """Everything managers and members do with templates; reads the database, never Discord."""

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        models: AllowedModelService,
        admission: Admission,
        *,
        clock: Callable[[], int],
        draw: Callable[[int], int],
        wakeup: Callable[[], None],
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._models = models
        self._admission = admission
        self._clock = clock
        self._draw = draw
        self._wakeup = wakeup

    async def write(
        self, caller: Caller, contents: Sequence[TemplateContent], *, example_id: str = ""
    ) -> list[Written]:
        """Add templates, all or none; one with a known name takes its place, panels included.

        `example_id`: the request whose posted video shows what comes out, for one template alone;
        empty keeps the one there is. Raises: NotAllowed, InvalidTemplate, UserError.
        """
        require_manager(caller)
        checked = [await self._checked(caller, content) for content in contents]
        try:
            written = await self._write(caller, checked, example_id)
        except StorageUnavailable as error:
            raise UserError("refused-try-again") from error
        self._wakeup()
        return written

    async def _checked(self, caller: Caller, content: TemplateContent) -> TemplateContent:
        """The template with its model named. Raises: InvalidTemplate."""
        check_name(content.name)
        model = content.model.strip() or await self._models.default_model(caller.guild_id)
        content = content.model_copy(update={"model": model, "name": tidy_name(content.name)})
        allowed = [spec.name for spec in await self._models.allowed(caller.guild_id)]
        try:
            for sample in samples(content):
                videos, faults = prepare(sample, text=SAMPLE_TEXT)
                for video in videos or (sample,):
                    filled = fill(video, SAMPLE_TEXT)
                    self._admission.check_rules(filled, allowed, faults)
        except UserError as error:
            raise InvalidTemplate(content.name, error) from error
        return content

    @repeated
    async def _write(
        self, caller: Caller, contents: Sequence[TemplateContent], example_id: str
    ) -> list[Written]:
        async with self._database.transaction() as tx:
            # one manager at a time: two would pass the limit together
            settings = await lock_settings(tx, caller.guild_id)
            allowed = self._models.allowed_names(caller.guild_id, settings)
            if example_id:
                await _require_example(tx, caller, example_id)
            written = []
            for content in contents:
                if content.model not in allowed:
                    params = {"model": content.model, "models": ", ".join(allowed)}
                    raise InvalidTemplate(content.name, NotAllowed("refused-model", params))
                written.append(await self._put(tx, caller, content, example_id))
            if len(await templates.of_server(tx, caller.guild_id)) > MOST_TEMPLATES:
                raise UserError("refused-template-many", {"most": MOST_TEMPLATES})
            return written

    async def _put(
        self, tx: Transaction, caller: Caller, content: TemplateContent, example_id: str
    ) -> Written:
        now_ms, folded = self._clock(), folded_name(content.name)
        before = await templates.named(tx, caller.guild_id, folded)
        template = await templates.put(
            tx,
            Template(
                id=before.id if before is not None else new_id(self._draw),
                guild_id=caller.guild_id,
                folded=folded,
                name=content.name,
                prompt=content.prompt,
                picture=content.picture,
                model=content.model,
                duration=content.duration or 0,
                ratio=content.ratio or "",
                resolution=content.resolution or "",
                example_id=example_id or (before.example_id if before is not None else ""),
                by_id=caller.user_id,
                changed_at_ms=now_ms,
            ),
        )
        await panels.template_changed(tx, template.id, now_ms)
        is_new = before is None or before.removed_at_ms > 0
        return Written(offer_of(self._catalogue, template), is_new)

    @repeated
    async def remove(self, caller: Caller, name: str) -> Template:
        """Remove a template; its panels then say so. Raises: NotAllowed, UserError."""
        require_manager(caller)
        now_ms = self._clock()
        async with self._database.transaction() as tx:
            await lock_settings(tx, caller.guild_id)
            template = await _require_named(tx, caller.guild_id, name)
            await templates.remove(tx, template.id, now_ms)
            await panels.template_changed(tx, template.id, now_ms)
            if not await panels.has_any(tx, template.id):
                await templates.forget(tx, template.id)
        self._wakeup()
        return template

    async def of_server(self, caller: Caller) -> list[Offer]:
        """The server's templates in the order of their names."""
        async with self._database.reading() as tx:
            found = await templates.of_server(tx, caller.guild_id)
        return [offer_of(self._catalogue, template) for template in found]

    async def export(self, caller: Caller) -> list[TemplateContent]:
        """What the server's templates say. Raises: NotAllowed, UserError where there is none."""
        require_manager(caller)
        found = [content_of(offer.template) for offer in await self.of_server(caller)]
        if not found:
            raise UserError("refused-template-none")
        return found

    @repeated
    async def post(self, caller: Caller, name: str, place: Place) -> Offer:
        """Have a panel posted in a channel; one interaction posts one.

        Raises: NotAllowed, UserError with what is in the way.
        """
        require_manager(caller)
        now_ms = self._clock()
        async with self._database.transaction() as tx:
            # or it could be removed before its panel is there to say so
            settings = await lock_settings(tx, caller.guild_id)
            template = await _require_named(tx, caller.guild_id, name)
            _check_place(settings, place)
            outbox_id = await enqueue_panel(
                tx, settings, caller, template.id, place.channel_id, now_ms
            )
            await panels.add(tx, panels.Panel(outbox_id, template.id, caller.guild_id))
        self._wakeup()
        return offer_of(self._catalogue, template)

    async def named(self, caller: Caller, name: str) -> Offer:
        """A template by its name. Raises: UserError where there is none."""
        async with self._database.reading() as tx:
            template = await _require_named(tx, caller.guild_id, name)
        return offer_of(self._catalogue, template)

    async def find(self, caller: Caller, template_id: str) -> Offer:
        """A template by its id; forged and foreign ones look like removed ones.

        Raises: UserError where it is gone.
        """
        async with self._database.reading() as tx:
            template = await templates.get(tx, template_id) if is_id(template_id) else None
        if template is None or template.guild_id != caller.guild_id or template.removed_at_ms:
            raise UserError("refused-template-gone")
        return offer_of(self._catalogue, template)


def request_of(
    offer: Offer, pictures: Sequence[MediaRef], text: str
) -> tuple[VideoRequest, Origin]:
    """The request that a member makes with a template; what they typed stays plain text.

    Raises: UserError where something is missing, or given although it isn't wanted.
    """
    template = offer.template
    name: dict[str, str | int] = {"holder": template.name}
    if offer.wants_text and is_blank(text):
        raise UserError("refused-template-text", name)
    if not offer.wants_text and not is_blank(text):
        raise UserError("refused-template-no-text", name)
    if template.picture == "required" and not pictures:
        raise UserError("refused-template-picture", name)
    if pictures and not offer.wants_picture:
        raise UserError("refused-template-no-picture", name)
    video_request = (
        content_of(template).video_request().model_copy(update={"media": tuple(pictures)})
    )
    origin = Origin(
        # a changed template is another one: the tap that follows the change is no second one
        name=f"template:{template.id}:{template.version}",
        once_ms=DOUBLE_TAP_MS if offer.wants_nothing else 0,
        text=text.strip(),
        is_asked=offer.wants_nothing,
        template=template.name,
    )
    return video_request, origin


def require_manager(caller: Caller) -> None:
    """Raises: NotAllowed for everybody who is no manager."""
    if not is_manager(caller):
        raise NotAllowed("refused-managers-only")


async def _require_named(tx: Transaction, guild_id: int, name: str) -> Template:
    template = await templates.named(tx, guild_id, folded_name(name))
    if template is None or template.removed_at_ms:
        raise UserError("refused-template-unknown", {"holder": tidy_name(name)[:100]})
    return template


async def _require_example(tx: Transaction, caller: Caller, request_id: str) -> Request:
    """The request of a posted video that everybody in its channel can see. Raises: UserError."""
    request = await find_here(tx, caller, request_id)
    if request is None or request.state is not State.POSTED or request.user_id < 0:
        raise UserError("refused-template-example", {"id": request_id[:20]})
    change = await visibility.get(tx, request.id)
    messages = await outbox.of_request(tx, request.id)
    stands = any(
        message.kind is MessageKind.RESULT and message.state is OutboxState.SENT
        for message in messages
    )
    is_hidden = change is not None and change.wanted is not Display.PLAIN
    # a panel may stand in any channel, so what is not for everyone is no example
    if not stands or is_hidden or request.is_private or request.is_nsfw:
        raise UserError("refused-template-example", {"id": request.id})
    return request


def _check_place(settings: ServerSettings, place: Place) -> None:
    """Whether a panel can stand there and its videos be posted there. Raises: UserError."""
    if place.kind not in ("text", "news"):
        raise UserError("refused-template-place", {"channels": place.mention})
    if settings.channels is not None and place.channel_id not in settings.channels:
        allowed = " ".join(f"<#{channel}>" for channel in settings.channels)
        raise NotAllowed("refused-channel", {"channels": allowed})
    if missing := place.missing_for(Purpose.USE):
        raise UserError(
            "refused-template-permissions",
            {"channels": place.mention, "missing": ",".join(missing)},
        )
