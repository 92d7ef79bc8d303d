"""Creates requests from submitted request forms."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from bot.errors import UserError
from bot.rules.media import MediaRole
from bot.rules.request import VideoRequest
from bot.rules.violation import Violation
from bot.services.caller import Caller
from bot.services.requests.followups import changed, replaced
from bot.services.requests.prompt_preparation import as_typed
from bot.services.requests.provenance import FRESH, Origin
from bot.ui.components import Interaction
from bot.ui.forms import Submitted
from bot.ui.interactions import caller_of
from bot.ui.requests.create import create_request
from bot.ui.requests.form_fields import (
    NEW,
    FormKind,
    FormValues,
    RequestForm,
    kept_prompt,
    read_form,
)
from bot.ui.responses import Answer
from bot.ui.services import Services

_SHOWN: Final = 20

Handler = Callable[[Services, Caller, Answer, str, FormValues], Awaitable[None]]


class SubmittedRequestForm(RequestForm):
    """A request form whose values came in."""

    async def submitted(
        self, interaction: Interaction, services: Services, answer: Answer, values: Submitted
    ) -> None:
        """Create the request that the form describes."""
        caller, read = caller_of(interaction), read_form(interaction, values)
        await _HANDLERS[self.kind](services, caller, answer, self.form_id, read)


async def _create(
    services: Services, caller: Caller, answer: Answer, form_id: str, values: FormValues
) -> None:
    """A new request: what was given with the command, and what the form adds."""
    before = VideoRequest(prompt="", model="")
    if form_id != NEW:
        before = (await services.forms.find(caller, form_id)).video_request
    video_request, faults = filled(before, values)
    if "first" in values.files:
        media = replaced(before.media, values.files)
        if not any(each.role is not MediaRole.REFERENCE for each in media):
            raise UserError("refused-frames-missing")
    else:
        media = (*before.media, *values.files.get("files", ()))
    video_request = video_request.model_copy(update={"media": media})
    await create_request(services, answer, caller, (video_request, faults))


async def _change(
    services: Services, caller: Caller, answer: Answer, saved_form_id: str, values: FormValues
) -> None:
    """A refused request, changed."""
    saved_form = await services.forms.find(caller, saved_form_id)
    video_request, faults = filled(as_typed(saved_form.video_request), values)
    video_request = video_request.model_copy(
        update={"media": replaced(saved_form.video_request.media, values.files)}
    )
    origin = Origin(saved_form.origin) if saved_form.origin else FRESH
    await create_request(services, answer, caller, (video_request, faults), origin)


async def _edit(
    services: Services, caller: Caller, answer: Answer, request_id: str, values: FormValues
) -> None:
    """An earlier request, changed."""
    source = await services.followups.look(caller, request_id)
    video_request, faults = filled(source.typed, values)
    video_request, origin = changed(source, video_request, values.files)
    await create_request(services, answer, caller, (video_request, faults), origin)


async def _continue(
    services: Services, caller: Caller, answer: Answer, request_id: str, values: FormValues
) -> None:
    """The next part of a video."""
    source = await services.followups.look(caller, request_id)
    before, _ = await services.followups.continued(caller, source)
    video_request, faults = filled(before, values)
    await create_request(
        services, answer, caller, (video_request, faults), Origin(f"continue:{request_id}")
    )


_HANDLERS: Final[Mapping[FormKind, Handler]] = {
    "create": _create,
    "change": _change,
    "edit": _edit,
    "continue": _continue,
}


def filled(before: VideoRequest, values: FormValues) -> tuple[VideoRequest, tuple[Violation, ...]]:
    """The request with what the form says; what was left empty there stays as it was."""
    before = before.asked()
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
