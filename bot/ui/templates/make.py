"""Make mine: the button of a panel, its form, and `/video create` with a template."""

from typing import Annotated, Any, Final

import discord
from discord import ui

from bot.errors import UserError
from bot.rules.media import MediaSource
from bot.rules.request import MediaRef, VideoRequest
from bot.services.caller import Caller
from bot.services.templates.content import Offer
from bot.services.templates.service import request_of
from bot.ui.components import Component, Interaction, view_of
from bot.ui.custom_ids import RequestId, digits
from bot.ui.forms import TITLE_LIMIT, Form, Submitted, first
from bot.ui.interactions import Read, caller_of
from bot.ui.markdown import fold, shorten
from bot.ui.requests.create import create_request
from bot.ui.requests.form_fields import PROMPT_LIMIT
from bot.ui.responses import Answer, answering, failures_answered, send_form
from bot.ui.services import Services
from bot.ui.texts import Localised

_NOTE_LIMIT: Final = 100


class MakeMine(Component, custom_id="vb:make:{template_id}:{number}"):
    """Makes a video with the panel's template, on the quota of whoever pressed.

    `number` tells a template's panels apart.
    """

    style = discord.ButtonStyle.primary
    emoji = "✨"

    template_id: RequestId
    number: Annotated[int, digits(20)]

    async def form(self, interaction: Interaction, services: Services) -> ui.Modal | None:
        """The form, unless the template wants nothing."""
        offer = await _in_time(services, caller_of(interaction), self.template_id)
        return template_form(services, interaction, offer)

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Ask to confirm what needs no form."""
        caller = caller_of(interaction)
        offer = await services.templates.find(caller, self.template_id)
        await make(services, answer, caller, offer, (), "")


class TemplateForm(Form, custom_id="vb:made:{template_id}:{kept}"):
    """The form of a template: a picture and a text, as it wants them.

    `kept` is the id of the saved form that has the picture of the command, or `none`.
    """

    template_id: RequestId
    kept: RequestId

    async def submitted(
        self, interaction: Interaction, services: Services, answer: Answer, values: Submitted
    ) -> None:
        """Make the video."""
        caller = caller_of(interaction)
        offer = await services.templates.find(caller, self.template_id)
        pictures = _uploaded(interaction, values)
        if not pictures and self.kept != NOTHING:
            pictures = (await services.forms.find(caller, self.kept)).video_request.media
        await make(services, answer, caller, offer, pictures, first(values, "text"))


NOTHING: Final = "nothing0"
"""In place of a saved form's id."""


def template_form(
    services: Services,
    interaction: Interaction,
    offer: Offer,
    *,
    kept: str = NOTHING,
) -> ui.Modal | None:
    """The form to open; None where the template wants nothing. Raises: UserError."""
    services.forms.check_place(caller_of(interaction))
    if offer.wants_nothing:
        return None
    t = services.texts.of(str(interaction.locale))
    fields: list[ui.Item[Any]] = []
    if offer.wants_picture:
        is_required = offer.template.picture == "required" and kept == NOTHING
        fields.append(_picture_field(t, is_required=is_required, is_kept=kept != NOTHING))
    if offer.wants_text:
        fields.append(_text_field(t))
    name = shorten(fold(offer.template.name), TITLE_LIMIT)
    return TemplateForm(offer.template.id, kept).modal(name, *fields)


def _picture_field(t: Localised, *, is_required: bool, is_kept: bool) -> ui.Label[Any]:
    files: ui.FileUpload[Any] = ui.FileUpload(
        custom_id="picture",
        required=is_required,
        min_values=1 if is_required else 0,
        max_values=1,
    )
    note = shorten(t("form-picture-kept"), _NOTE_LIMIT) if is_kept else None
    return ui.Label(text=t("form-picture"), description=note, component=files)


def _text_field(t: Localised) -> ui.Label[Any]:
    typed: ui.TextInput[Any] = ui.TextInput(
        custom_id="text",
        style=discord.TextStyle.paragraph,
        min_length=1,
        max_length=PROMPT_LIMIT,
    )
    return ui.Label(text=t("form-text"), component=typed)


async def create_with_template(
    services: Services, interaction: Interaction, name: str, read: Read
) -> None:
    """`/video create` with a template: `prompt` is its text and `image1` its picture.

    Without the text the form opens, unless the template needs nothing more.
    """
    async with failures_answered(interaction):
        video_request, _ = read
        if not video_request.prompt:
            form = await _command_form(services, interaction, name, read)
            if form is not None:
                await send_form(interaction, form)
                return
        async with answering(interaction) as answer:
            _require_nothing_else(read)
            caller = caller_of(interaction)
            offer = await services.templates.named(caller, name)
            pictures, text = video_request.media, video_request.prompt
            await make(services, answer, caller, offer, pictures, text)


async def _command_form(
    services: Services, interaction: Interaction, name: str, read: Read
) -> ui.Modal | None:
    """The form of what is still missing; None where nothing is. Raises: UserError."""
    caller, media = caller_of(interaction), read[0].media
    _require_nothing_else(read)
    offer = await services.forms.in_time(services.templates.named(caller, name))
    if offer is None:
        raise UserError("refused-try-again")
    if not offer.wants_text and (media or not offer.wants_picture):
        return None
    kept = NOTHING
    if media and not offer.wants_picture:
        raise UserError("refused-template-no-picture", {"holder": offer.template.name})
    if media:
        kept = await services.forms.keep(caller, VideoRequest(prompt="", model="", media=media))
    return template_form(services, interaction, offer, kept=kept)


def _require_nothing_else(read: Read) -> None:
    """Raise UserError where options are given that the template itself decides."""
    video_request, faults = read
    own = {
        "duration": video_request.duration,
        "ratio": video_request.ratio,
        "model": video_request.model,
        "resolution": video_request.resolution,
        **{media.field: media.field for media in video_request.media if media.field != "image1"},
        **{fault.field: fault.field for fault in faults},
    }
    if given := [name for name, value in own.items() if value]:
        raise UserError("refused-template-options", {"models": ",".join(given)})


async def make(
    services: Services,
    answer: Answer,
    caller: Caller,
    offer: Offer,
    pictures: tuple[MediaRef, ...],
    text: str,
) -> None:
    """Create the request, or ask to confirm it. Raises: UserError."""
    video_request, origin = request_of(offer, pictures, text)
    await create_request(services, answer, caller, (video_request, ()), origin)


async def _in_time(services: Services, caller: Caller, template_id: str) -> Offer:
    """The template, in time for a form. Raises: UserError."""
    offer = await services.forms.in_time(services.templates.find(caller, template_id))
    if offer is None:
        raise UserError("refused-try-again")
    return offer


def _uploaded(interaction: Interaction, values: Submitted) -> tuple[MediaRef, ...]:
    data: Any = interaction.data or {}
    known: dict[str, Any] = (data.get("resolved") or {}).get("attachments") or {}
    return tuple(
        MediaRef(
            source=MediaSource.ATTACHMENT,
            url=str(known[each]["url"]),
            field="image1",
            name=str(known[each].get("filename") or ""),
            content_type=known[each].get("content_type"),
            size_bytes=known[each].get("size"),
            width=known[each].get("width"),
            height=known[each].get("height"),
            duration_s=known[each].get("duration_secs"),
        )
        for each in values.get("picture", ())
        if each in known
    )


def panel_view(template_id: str, number: int, t: Localised) -> ui.View:
    """The button of a panel."""
    return view_of(MakeMine(template_id, number, label=t("button-make-mine")))


def panel_custom_id(template_id: str, number: int) -> str:
    """The custom_id that a panel is found by."""
    return MakeMine(template_id, number).to_custom_id()
