"""Creates requests: acknowledges one, asks to confirm its price, or offers to correct it."""

from collections.abc import Callable
from typing import Annotated, Final

import discord
from discord import ui

from bot.errors import InvalidRequest, TooLate, UnknownVideo, UserError
from bot.services.caller import Caller, Receipt
from bot.services.requests.provenance import FRESH, Origin
from bot.services.requests.saved_forms import SAVED_FORM_MS
from bot.ui.components import Component, Interaction, RequestComponent, view_of
from bot.ui.custom_ids import RequestId, digits
from bot.ui.error_messages import explain, for_reader
from bot.ui.interactions import Read, caller_of
from bot.ui.requests import pages, variation_pages
from bot.ui.requests.form_open import change_form
from bot.ui.responses import Answer
from bot.ui.series import pages as series_pages
from bot.ui.services import Services
from bot.ui.texts import Localised
from storage.records import State

CHANGEABLE: Final = frozenset({"refused-model", "refused-unknown-model"})
"""Refusals, besides violations, that another prompt or model may pass."""


class UseModel(Component, custom_id="vb:use:{saved_form_id}"):
    """Repeats a refused request with the model that takes it."""

    style = discord.ButtonStyle.primary

    saved_form_id: RequestId

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Create the request; a second press answers with the first one's."""
        caller = caller_of(interaction)
        saved_form = await services.forms.find(caller, self.saved_form_id)
        if not saved_form.suggestion:
            raise TooLate("refused-button-gone")
        video_request = saved_form.video_request.model_copy(update={"model": saved_form.suggestion})
        origin = Origin(f"use:{self.saved_form_id}", SAVED_FORM_MS)
        await create_request(services, answer, caller, (video_request, ()), origin)


class Change(Component, custom_id="vb:change:{saved_form_id}"):
    """Opens the form with what was refused, for the member to correct it."""

    emoji = "✏️"

    saved_form_id: RequestId

    async def form(self, interaction: Interaction, services: Services) -> ui.Modal:
        """The form as it was sent, or as the command was given."""
        return await change_form(services, interaction, self.saved_form_id)


class Confirm(RequestComponent, custom_id="vb:confirm:{request_id}:{micros}"):
    """Submits a draft at the price shown above the button; for its member alone."""

    is_update = True
    style = discord.ButtonStyle.success

    micros: Annotated[int, digits(18)]

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Reserve quota and queue it, or show the new price where that has changed."""
        caller, request_id = caller_of(interaction), self.request_id
        try:
            receipt = await services.drafts.confirm(caller, request_id, shown_micros=self.micros)
        except (TooLate, UnknownVideo):
            raise
        except UserError as error:
            # the draft is still there: the button stays for when quota has freed up
            again = Confirm(request_id, self.micros, label=answer.t("button-confirm"))
            text = explain(for_reader(interaction, error), answer.t, services.currency)
            await answer.send(text, view=view_of(again))
        else:
            await send_receipt(services, answer, receipt, is_second=True)


async def create_request(
    services: Services, answer: Answer, caller: Caller, read: Read, origin: Origin = FRESH
) -> None:
    """Create a request and answer; a refusal comes with buttons where a change may help."""
    video_request, faults = read
    try:
        receipt = await services.requests.create(
            video_request, caller, faults=faults, origin=origin
        )
    except UserError as error:
        # a template's prompt and model are its managers' to change
        if not is_changeable(error) or origin.text is not None:
            raise
        kept = await services.forms.keep(
            caller, video_request, suggestion=suggestion_of(error), origin=origin.name
        )
        view = correction_view(answer.t, error, kept, (UseModel, Change))
        await answer.send(explain(error, answer.t, services.currency), view=view)
        return
    if not receipt.is_new:
        # a second press, after the first one was answered
        for request in receipt.group:
            if request.state is not State.DRAFT:
                await services.requests.answered(request.id, is_seen=True)
    await send_receipt(services, answer, receipt)


def is_changeable(error: UserError) -> bool:
    """Whether another prompt, file or model may pass where this was refused."""
    return isinstance(error, InvalidRequest) or error.key in CHANGEABLE


def suggestion_of(error: UserError) -> str:
    """The model that takes what was refused; empty where none does."""
    return (error.suggestion or "") if isinstance(error, InvalidRequest) else ""


def correction_view(
    t: Localised,
    error: UserError,
    saved_form_id: str,
    kinds: tuple[Callable[..., Component], Callable[..., Component]],
) -> ui.View:
    """A button to use the model that takes what was refused, where one does, and one to change it.

    `kinds`: these two buttons, which take the id of the saved form.
    """
    use, change = kinds
    buttons = [change(saved_form_id, label=t("button-edit"))]
    if suggestion := suggestion_of(error):
        buttons.insert(0, use(saved_form_id, label=t("use-model", model=suggestion)))
    return view_of(*buttons)


async def send_receipt(
    services: Services, answer: Answer, receipt: Receipt, *, is_second: bool = False
) -> None:
    """Acknowledge a request, which may be submitted once Discord has taken the answer.

    A draft's answer asks for confirmation instead, and that of variations once for all.
    """
    t, currency = answer.t, services.currency
    if any(each.state is State.DRAFT for each in receipt.group):
        await _ask(services, answer, receipt, is_second=is_second)
        return
    if receipt.request.shots:
        page = series_pages.receipt(receipt, services.catalogue, currency, t)
    elif len(receipt.group) > 1:
        page = variation_pages.receipt(receipt, currency, t)
    else:
        page = pages.receipt(receipt, services.catalogue, currency, t)
    is_seen = await answer.send(page, is_first=receipt.is_first)
    # of a series, the answer is to the whole
    for each in (receipt.request,) if receipt.request.shots else receipt.group:
        await services.requests.answered(each.id, is_seen=is_seen)


async def _ask(services: Services, answer: Answer, receipt: Receipt, *, is_second: bool) -> None:
    """Ask to confirm a draft, or all variations of a prompt at once."""
    t, request = answer.t, receipt.request
    button = Confirm(request.id, receipt.price_micros or 0, label=t("button-confirm"))
    files: list[discord.File] | None = None
    if request.shots or len(receipt.group) > 1:
        several = series_pages if request.shots else variation_pages
        page, files = several.draft(
            receipt, services.catalogue, services.currency, t, is_second=is_second
        )
    else:
        page = pages.draft(receipt, services.catalogue, services.currency, t, is_second=is_second)
    await answer.send(page, view=view_of(button), files=files or None, is_first=receipt.is_first)
