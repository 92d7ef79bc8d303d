"""Takes forms that come back, from their custom_id and the database alone."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import discord

from bot.errors import UserError
from bot.rules.media import MediaRole
from bot.rules.request import VideoRequest
from bot.rules.violation import Violation
from bot.services.requests.followups import changed, replaced
from bot.services.requests.provenance import FRESH, Origin
from bot.ui.interactions import caller_of
from bot.ui.requests.create import ask
from bot.ui.requests.form_fields import FORM, NEW, FormValues, kept_prompt, read_form
from bot.ui.responses import Answer, answer_failure, answering
from bot.ui.services import Services, services_of

_SHOWN: Final = 20

AnyInteraction = discord.Interaction[Any]
Handler = Callable[[Services, AnyInteraction, Answer, str], Awaitable[None]]


def is_form(custom_id: str) -> bool:
    """Whether a form of ours comes back."""
    return FORM.fullmatch(custom_id) is not None


async def answer_form(interaction: AnyInteraction, custom_id: str) -> None:
    """Answer a form, in time and whatever happens."""
    services = services_of(interaction)
    texts, currency = services.texts, services.currency
    found = FORM.fullmatch(custom_id)
    if found is None:
        return
    try:
        async with answering(interaction, texts, currency=currency) as answer:
            await _HANDLERS[found["kind"]](services, interaction, answer, found["id"])
    except Exception as error:  # noqa: BLE001 - the last one who can answer
        await answer_failure(interaction, texts, error, currency=currency)


async def _create(
    services: Services, interaction: AnyInteraction, answer: Answer, form_id: str
) -> None:
    """A new request: what was given with the command, and what the form adds."""
    caller, values = caller_of(interaction), read_form(interaction)
    before = VideoRequest(prompt="", model="")
    if form_id != NEW:
        before = (await services.forms.find(caller, form_id)).video_request
    video_request, faults = _filled(before, values)
    if "first" in values.files:
        media = replaced(before.media, values.files)
        if not any(each.role is not MediaRole.REFERENCE for each in media):
            raise UserError("refused-frames-missing")
    else:
        media = (*before.media, *values.files.get("files", ()))
    video_request = video_request.model_copy(update={"media": media})
    await ask(services, answer, caller, (video_request, faults))


async def _change(
    services: Services, interaction: AnyInteraction, answer: Answer, saved_form_id: str
) -> None:
    """A refused request, changed."""
    caller, values = caller_of(interaction), read_form(interaction)
    kept = await services.forms.find(caller, saved_form_id)
    video_request, faults = _filled(kept.video_request, values)
    video_request = video_request.model_copy(
        update={"media": replaced(kept.video_request.media, values.files)}
    )
    origin = Origin(kept.origin) if kept.origin else FRESH
    await ask(services, answer, caller, (video_request, faults), origin)


async def _edit(
    services: Services, interaction: AnyInteraction, answer: Answer, request_id: str
) -> None:
    """An earlier request, changed."""
    caller, values = caller_of(interaction), read_form(interaction)
    source = await services.followups.look(caller, request_id)
    video_request, faults = _filled(source.video, values)
    video_request, origin = changed(source, video_request, values.files)
    await ask(services, answer, caller, (video_request, faults), origin)


async def _continue(
    services: Services, interaction: AnyInteraction, answer: Answer, request_id: str
) -> None:
    """The next part of a video."""
    caller, values = caller_of(interaction), read_form(interaction)
    source = await services.followups.look(caller, request_id)
    before, _ = await services.followups.continued(caller, source)
    video_request, faults = _filled(before, values)
    await ask(services, answer, caller, (video_request, faults), Origin(f"continue:{request_id}"))


_HANDLERS: Final[Mapping[str, Handler]] = {
    "create": _create,
    "change": _change,
    "edit": _edit,
    "continue": _continue,
}


def _filled(before: VideoRequest, values: FormValues) -> tuple[VideoRequest, tuple[Violation, ...]]:
    """The request with what the form says; what was left empty there stays as it was."""
    changes: dict[str, Any] = {}
    faults: list[Violation] = []
    if prompt := kept_prompt(values.prompt, before.prompt):
        changes["prompt"] = prompt
    if values.model and values.model != before.model:
        # another model has resolutions of its own
        changes |= {"model": values.model, "resolution": None}
    if re.fullmatch(r"[0-9]{1,6}", values.duration, re.ASCII):
        changes["duration"] = int(values.duration)
    elif values.duration:
        shown = values.duration[:_SHOWN]
        faults.append(Violation(field="duration", rule="duration-no-number", value=shown))
    if values.ratio:
        changes["ratio"] = values.ratio
    return before.model_copy(update=changes), tuple(faults)
