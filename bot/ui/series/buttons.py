"""The buttons of a series' card: make a shot again, or finish with what there is."""

from typing import Annotated

import discord
from discord import ui

from bot.errors import NotAllowed, UnknownVideo
from bot.services.caller import Caller
from bot.services.series.views import SeriesView
from bot.ui.components import Component, Interaction, RequestComponent, view_of
from bot.ui.custom_ids import RequestId, digits
from bot.ui.formatting import within
from bot.ui.forms import Form, Submitted, first
from bot.ui.interactions import caller_of
from bot.ui.requests.form_fields import FormBuilder, TextField, kept_prompt
from bot.ui.requests.list import Cancel
from bot.ui.requests.pages import left_of
from bot.ui.responses import Answer
from bot.ui.services import Services
from bot.ui.texts import Localised
from storage.records import State


class RetryShot(RequestComponent, custom_id="vb:series-retry:{request_id}:{shot}"):
    """Opens the form with the words of the shot that could not be made; its member's alone."""

    style = discord.ButtonStyle.primary
    emoji = "🔁"

    shot: Annotated[int, digits(1)]

    async def form(self, interaction: Interaction, services: Services) -> ui.Modal:
        """The form, prefilled where the database is quick; empty keeps the words."""
        caller = caller_of(interaction)
        services.forms.check_place(caller)
        t = services.texts.of(caller.locale)
        prompt = await services.forms.in_time(
            _prompt_of(services, caller, self.request_id, self.shot)
        )
        field = FormBuilder(t, services.currency).text(prompt or "", TextField(is_required=False))
        form = RetryShotForm(self.request_id, self.shot)
        return form.modal(t("form-title-retry-shot", number=self.shot), field)


class RetryShotForm(Form, custom_id="vb:shot:{request_id}:{shot}"):
    """The form of a shot that is made again."""

    request_id: RequestId
    shot: Annotated[int, digits(1)]

    async def submitted(
        self, interaction: Interaction, services: Services, answer: Answer, values: Submitted
    ) -> None:
        """Make the shot again; a second submission changes nothing."""
        caller, t = caller_of(interaction), answer.t
        before = await _prompt_of(services, caller, self.request_id, self.shot)
        prompt = kept_prompt(first(values, "prompt").strip(), before)
        receipt = await services.series.retry(
            caller, self.request_id, self.shot, prompt if prompt not in ("", before) else None
        )
        shot = receipt.group[0]
        key = "series-retry-held" if shot.state is State.HELD else "series-retrying"
        left = left_of(receipt, services.currency, t)
        await answer.send(within((t(key, number=self.shot), *left)))


class FinishSeries(RequestComponent, custom_id="vb:series-finish:{request_id}"):
    """Makes the film of the shots there are; its member's alone."""

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Finish it, and say of how many shots."""
        view = await services.series.finish(caller_of(interaction), self.request_id)
        await answer.send(answer.t("series-finishing", count=view.made))


async def _prompt_of(services: Services, caller: Caller, series_id: str, number: int) -> str:
    """A shot's prompt as it was written; empty where there is no such shot.

    Raises: NotAllowed for anybody but the series' member.
    """
    try:
        found = await services.requests.show(caller, series_id)
    except UnknownVideo as error:
        raise NotAllowed("refused-not-yours-alone") from error
    if found.request.user_id != caller.user_id:
        raise NotAllowed("refused-not-yours-alone")
    shots = found.series.shots if found.series is not None else ()
    return next((shot.prompt for shot in shots if shot.number == number), "")


def series_buttons(view: SeriesView, t: Localised) -> ui.View | None:
    """The buttons of a series' card; None where nothing can be pressed."""
    request_id = view.series.id
    buttons: list[Component] = []
    if view.can_retry:
        label = t("button-retry-shot")
        buttons.append(RetryShot(request_id, view.can_retry, label=label))
    if view.can_finish:
        buttons.append(FinishSeries(request_id, label=t("button-finish-series")))
    if view.can_cancel:
        buttons.append(Cancel(request_id, label=t("button-cancel")))
    return view_of(*buttons) if buttons else None
