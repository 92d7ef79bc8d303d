"""`/video series`: its form, the one question, and the way back from a refusal."""

import asyncio
from typing import Annotated

import discord
from discord import ui

from bot.errors import UserError
from bot.rules.cast import without_cast
from bot.rules.request import VideoRequest
from bot.services.caller import Caller
from bot.services.requests.followups import FollowUpService, Source, replaced, require_remix
from bot.services.requests.saved_forms import Prefill, likeliest
from bot.services.series.views import SeriesWish
from bot.ui.components import Component, Interaction
from bot.ui.custom_ids import Part, RequestId
from bot.ui.error_messages import explain
from bot.ui.forms import Form, Submitted, first
from bot.ui.interactions import Read, caller_of
from bot.ui.requests.create import (
    correction_view,
    is_changeable,
    send_receipt,
    suggestion_of,
)
from bot.ui.requests.form_fields import (
    MOST_FILES,
    MOST_OPTIONS,
    NEW,
    Filled,
    FormBuilder,
    TextField,
    Upload,
    read_form,
)
from bot.ui.requests.form_open import chosen
from bot.ui.requests.form_submit import filled
from bot.ui.responses import Answer
from bot.ui.services import Services

_EMPTY = VideoRequest(prompt="", model="")


class SeriesForm(Form, custom_id="vb:series:{form_id}"):
    """The form of a series; `form_id`: of the saved form with what was refused, or `NEW`."""

    form_id: Annotated[str, Part(r"[a-z0-9]{6,20}|new")]

    async def submitted(
        self, interaction: Interaction, services: Services, answer: Answer, values: Submitted
    ) -> None:
        """Ask to confirm the series, or say what would pass."""
        caller, before = caller_of(interaction), _EMPTY
        if self.form_id != NEW:
            before = (await services.forms.find(caller, self.form_id)).video_request
        read = read_form(interaction, {**values, "prompt": (first(values, "shots"),)})
        video_request, faults = filled(before, read)
        media = replaced(before.media, read.files)
        await create_series(
            services, answer, caller, (video_request.model_copy(update={"media": media}), faults)
        )


class ChangeSeries(Component, custom_id="vb:series-edit:{saved_form_id}"):
    """Opens the form with the series that was refused, for the member to correct it."""

    emoji = "✏️"

    saved_form_id: RequestId

    async def form(self, interaction: Interaction, services: Services) -> ui.Modal:
        """The form as it was sent."""
        kept = await services.forms.in_time(
            services.forms.find(caller_of(interaction), self.saved_form_id)
        )
        if kept is None:
            raise UserError("refused-try-again")
        return await series_form(
            services, interaction, kept.video_request, self.saved_form_id, kept.suggestion
        )


class UseModelForSeries(Component, custom_id="vb:series-use:{saved_form_id}"):
    """Repeats a refused series with a model that takes it."""

    style = discord.ButtonStyle.primary

    saved_form_id: RequestId

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Ask to confirm it with that model."""
        caller = caller_of(interaction)
        kept = await services.forms.find(caller, self.saved_form_id)
        # not every model makes the same resolutions
        used = {"model": kept.suggestion, "resolution": None}
        video_request = kept.video_request.model_copy(update=used)
        await create_series(services, answer, caller, (video_request, ()))


async def series_form(
    services: Services,
    interaction: Interaction,
    given: VideoRequest = _EMPTY,
    form_id: str = NEW,
    suggestion: str = "",
) -> ui.Modal:
    """The form of a series; `given` is what was refused. Raises: UserError where it won't do."""
    caller = caller_of(interaction)
    services.forms.check_place(caller)
    prefill = await services.forms.prefill(caller)
    return _series_form(services, caller, prefill, given, form_id, suggestion)


def _series_form(
    services: Services,
    caller: Caller,
    prefill: Prefill,
    given: VideoRequest,
    form_id: str,
    suggestion: str = "",
) -> ui.Modal:
    t = services.texts.of(caller.locale)
    prefilled, note = _prefilled(prefill, given, suggestion)
    count = len(given.media)
    files_note = "form-series-files-kept" if count else "form-series-files"
    return FormBuilder(t, services.currency).build(
        SeriesForm(form_id),
        prefilled,
        likeliest(
            FollowUpService.taking_frame(prefill.models),
            (prefilled.model, prefill.default),
            MOST_OPTIONS,
        ),
        title=t("form-title-series"),
        text=TextField("shots", "form-shots-help"),
        uploads=(Upload("files", files_note, count, MOST_FILES),),
        model_note=t("form-model-instead", model=note) if note else "",
        duration_note=t("form-series-duration-help"),
    )


async def edit_series_form(
    services: Services, interaction: Interaction, source: Source
) -> ui.Modal:
    """The form of a posted series, with its shots, and its files as far as they may be used."""
    caller, given = caller_of(interaction), _given_to(source)
    services.forms.check_place(caller)
    # at once: each may take a second, and the look at the series has taken one
    form_id, prefill = await asyncio.gather(
        services.forms.keep(caller, given), services.forms.prefill(caller)
    )
    return _series_form(services, caller, prefill, given, form_id)


async def repeat_series(services: Services, answer: Answer, caller: Caller, source: Source) -> None:
    """Ask to confirm the same series again. Raises: NotAllowed, UserError where files are gone."""
    require_remix(source)
    if not source.is_whole:
        raise UserError("refused-files-gone", {"id": source.request.id})
    await create_series(services, answer, caller, (_given_to(source), ()))


def _given_to(source: Source) -> VideoRequest:
    media = without_cast(source.media) if source.may_remix else ()
    # names in the text bring their pictures again
    return source.video.asked().model_copy(update={"media": media})


def _prefilled(prefill: Prefill, given: VideoRequest, suggestion: str) -> tuple[Filled, str]:
    """What the form begins with; in second place the model that another takes the place of."""
    before = chosen(prefill, given)
    names = [spec.name for spec in FollowUpService.taking_frame(prefill.models)]
    if before.model in names or not names:
        return before, ""
    other = next(name for name in (suggestion, prefill.default, names[0]) if name in names)
    asked = given.model_copy(update={"model": other, "resolution": None})
    return chosen(prefill, asked), before.model


async def create_series(services: Services, answer: Answer, caller: Caller, read: Read) -> None:
    """Ask to confirm a series; a refusal comes with buttons where a change may help.

    The prompt of what was read has the shots, one a line.
    """
    given, faults = read
    wish = SeriesWish(
        prompts=tuple(given.prompt.splitlines()),
        files=given.media,
        model=given.model,
        duration=given.duration,
        ratio=given.ratio,
        resolution=given.resolution,
    )
    try:
        receipt = await services.series.create(caller, wish, faults=faults)
    except UserError as error:
        if not is_changeable(error):
            raise
        kept = await services.forms.keep(caller, given, suggestion=suggestion_of(error))
        view = correction_view(answer.t, error, kept, (UseModelForSeries, ChangeSeries))
        await answer.send(explain(error, answer.t, services.currency), view=view)
        return
    await send_receipt(services, answer, receipt)
