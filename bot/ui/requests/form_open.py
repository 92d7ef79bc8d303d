"""Builds request forms to open: in time whatever the database does, prefilled if it is quick."""

import asyncio
from typing import Any

import discord
from discord import ui

from bot.errors import InvalidRequest, UserError
from bot.rules.cast import without_cast
from bot.rules.catalogue import ModelSpec
from bot.rules.media import MediaRole, Mode
from bot.rules.request import VideoRequest
from bot.services.caller import Caller
from bot.services.requests.followups import (
    FollowUpService,
    Source,
    require_remix,
    require_single,
)
from bot.services.requests.prompt_preparation import as_typed
from bot.services.requests.saved_forms import Prefill, likeliest
from bot.ui.interactions import Read, caller_of
from bot.ui.requests.form_fields import (
    MOST_FILES,
    MOST_OPTIONS,
    NEW,
    Filled,
    FormBuilder,
    RequestForm,
    TextField,
    Upload,
)
from bot.ui.requests.message_attachments import are_anothers, own_id, pictures_of
from bot.ui.services import Services
from storage.errors import BotError

AnyInteraction = discord.Interaction[Any]


async def new_form(
    services: Services,
    interaction: AnyInteraction,
    read: Read,
    *,
    with_frames: bool = False,
    needs_own: bool = False,
) -> ui.Modal:
    """The form of a command without a prompt; what was given with it is kept.

    `needs_own`: without files of the member's own there is nothing to make a video of.
    Raises: UserError where the place won't do, or what was given is already wrong.
    """
    caller, (video_request, faults) = caller_of(interaction), read
    services.forms.check_place(caller)
    if faults:
        model = video_request.model
        if not model:
            # what may become a form can't be deferred: refused in time, if need be without a name
            model = (
                await services.forms.in_time(services.models.default_model(caller.guild_id)) or ""
            )
        raise InvalidRequest(faults, model=model)
    has_something = video_request != VideoRequest(prompt="", model="")
    prefill, form_id = await asyncio.gather(
        services.forms.prefill(caller),
        services.forms.keep(caller, video_request) if has_something else _nothing(),
    )
    t = services.texts.of(caller.locale)
    if with_frames:
        uploads = _frames(video_request, "form-frame-kept")
    elif needs_own:
        uploads = (Upload("files", "form-pictures-own", most=MOST_FILES, is_required=True),)
    else:
        count = len(video_request.media)
        note = "form-files-added" if count else "form-files-new"
        uploads = (Upload("files", note, count, most=MOST_FILES),)
    start = chosen(prefill, video_request)
    return FormBuilder(t, services.currency).build(
        RequestForm("create", form_id),
        start,
        _models(prefill, start.model),
        title=t("form-title-frames" if with_frames else "form-title-create"),
        uploads=uploads,
        with_ratio=not with_frames,
    )


async def animate_form(
    services: Services, interaction: AnyInteraction, message: discord.Message
) -> ui.Modal:
    """The form with the pictures of a message, or one that asks for the member's own.

    The latter where the server leaves other members' pictures to them. Raises: UserError where
    the message has no pictures.
    """
    pictures = pictures_of(message)
    if not pictures:
        raise UserError("refused-animate-none")
    caller = caller_of(interaction)
    is_anothers = are_anothers(message, caller.user_id, own_id(interaction))
    if is_anothers and not await services.forms.shares_pictures(caller):
        empty = VideoRequest(prompt="", model="")
        return await new_form(services, interaction, (empty, ()), needs_own=True)
    video_request = VideoRequest(prompt="", model="", media=pictures)
    return await new_form(services, interaction, (video_request, ()))


async def _nothing() -> str:
    return NEW


def chosen(prefill: Prefill, video_request: VideoRequest) -> Filled:
    """What the member gave, else chose last, else the server's default."""
    names = {spec.name: spec for spec in prefill.models}
    last = prefill.last
    model = video_request.model or (last.model if last and last.model in names else prefill.default)
    duration, ratio = video_request.duration, video_request.ratio
    spec = names.get(model)
    if last is not None and spec is not None:
        if duration is None and last.duration and _takes_length(spec, last.duration):
            duration = last.duration
        if ratio is None and last.ratio in spec.ratios:
            ratio = last.ratio
    if spec is not None:
        duration = spec.duration.default if duration is None else duration
        ratio = spec.ratio.default if ratio is None else ratio
    return Filled(video_request.shown_prompt, model, duration, ratio)


def _takes_length(spec: ModelSpec, seconds: int) -> bool:
    return spec.duration.min <= seconds <= spec.duration.max


def _models(prefill: Prefill, *wanted: str) -> tuple[ModelSpec, ...]:
    last = prefill.last.model if prefill.last is not None else ""
    return likeliest(prefill.models, (*wanted, prefill.default, last), MOST_OPTIONS)


def _frames(video: VideoRequest, note: str) -> tuple[Upload, ...]:
    roles = {media.role for media in video.media}
    return tuple(
        Upload(role.value, note if role in roles else "")
        for role in (MediaRole.FIRST, MediaRole.LAST)
    )


async def change_form(
    services: Services, interaction: AnyInteraction, saved_form_id: str
) -> ui.Modal:
    """The form of a refused request, as it was. Raises: UserError when its time is over."""
    caller = caller_of(interaction)
    t = services.texts.of(caller.locale)
    kept, prefill = await asyncio.gather(
        services.forms.in_time(services.forms.find(caller, saved_form_id)),
        services.forms.prefill(caller),
    )
    if kept is None:
        raise UserError("refused-try-again")
    video_request = as_typed(kept.video_request)
    in_frames = video_request.mode is Mode.FRAMES
    count = len(without_cast(video_request.media))
    files = Upload("files", "form-files-kept" if count else "form-files-new", count, MOST_FILES)
    filled = Filled(
        video_request.shown_prompt,
        video_request.model or prefill.default,
        video_request.duration,
        video_request.ratio,
    )
    return FormBuilder(t, services.currency).build(
        RequestForm("change", saved_form_id),
        filled,
        _models(prefill, filled.model, kept.suggestion),
        title=t("form-title-edit"),
        uploads=_frames(video_request, "form-frame-kept") if in_frames else (files,),
        with_ratio=not in_frames,
    )


async def edit_form(services: Services, interaction: AnyInteraction, request_id: str) -> ui.Modal:
    """The form of an earlier request. Where the database is slow it opens empty: empty is kept.

    Raises: UserError where the caller may not see it.
    """
    caller = caller_of(interaction)
    services.forms.check_place(caller)
    t = services.texts.of(caller.locale)
    source, prefill = await asyncio.gather(
        services.forms.in_time(services.followups.look(caller, request_id)),
        services.forms.prefill(caller),
    )
    if source is not None:
        require_single(source)
    maker, title = FormBuilder(t, services.currency), t("form-title-edit")
    form = RequestForm("edit", request_id)
    if source is None:
        files = (Upload("files", most=MOST_FILES),)
        models = _models(prefill)
        return maker.build(
            form, Filled(), models, title=title, text=TextField(is_required=False), uploads=files
        )
    video = source.typed
    filled = Filled(video.prompt, video.model, video.duration, video.ratio)
    in_frames = video.mode is Mode.FRAMES
    return maker.build(
        form,
        filled,
        _models(prefill, video.model),
        title=title,
        uploads=_uploads(source, in_frames=in_frames),
        with_ratio=not in_frames,
    )


def _uploads(source: Source, *, in_frames: bool) -> tuple[Upload, ...]:
    """Fields for files: kept ones may be replaced, missing ones are asked for."""
    count = len(without_cast(source.video.media))
    if not source.may_remix and count:
        note = "form-files-own"
    elif not source.is_whole:
        note = "form-files-gone"
    else:
        note = "form-files-kept" if count else "form-files-new"
    is_required = note in ("form-files-own", "form-files-gone") and count > 0
    if not in_frames:
        return (Upload("files", note, count, MOST_FILES, is_required),)
    note = "form-frame-kept" if note == "form-files-kept" else note
    roles = {media.role for media in source.video.media}
    return tuple(
        Upload(
            role.value,
            note if role in roles else "",
            count,
            is_required=is_required and role in roles,
        )
        for role in (MediaRole.FIRST, MediaRole.LAST)
    )


async def continue_form(
    services: Services, interaction: AnyInteraction, request_id: str
) -> ui.Modal:
    """The form of the next part of a video. Raises: NotAllowed, UserError."""
    caller = caller_of(interaction)
    services.forms.check_place(caller)
    t = services.texts.of(caller.locale)
    found, prefill = await asyncio.gather(
        services.forms.in_time(_continued(services, caller, request_id)),
        services.forms.prefill(caller),
    )
    taking = FollowUpService.taking_frame(prefill.models)
    filled, note = Filled(), ""
    if found is not None:
        video_request, instead_of = found
        filled = Filled(
            video_request.shown_prompt,
            video_request.model,
            video_request.duration,
            video_request.ratio,
        )
        note = t("form-model-instead", model=instead_of) if instead_of else ""
    return FormBuilder(t, services.currency).build(
        RequestForm("continue", request_id),
        filled,
        likeliest(taking, (filled.model, prefill.default), MOST_OPTIONS),
        title=t("form-title-continue"),
        model_note=note,
    )


async def look_in_time(
    services: Services, interaction: AnyInteraction, request_id: str
) -> Source | None:
    """The earlier request if it is found within a second and may be seen; never raises."""
    looking = services.followups.look(caller_of(interaction), request_id)
    try:
        return await services.forms.in_time(looking)
    except BotError:
        return None


async def _continued(
    services: Services, caller: Caller, request_id: str
) -> tuple[VideoRequest, str]:
    source = await services.followups.look(caller, request_id)
    require_remix(source)
    return await services.followups.continued(caller, source)
