"""Routes component presses and form submissions that discord.py gives to no live view."""

from typing import Any, Final

import discord

from bot.discord_rest.history import custom_ids_of
from bot.ui.cast.add import CastForm
from bot.ui.components import Component
from bot.ui.forms import Form, submitted_values
from bot.ui.moderation.appeals import Appeal, AppealForm
from bot.ui.moderation.history import NextDecisions, NextHistory
from bot.ui.moderation.queue import (
    NextQueue,
    QueueApprove,
    QueueNext,
    QueueReject,
    QueueRejectForm,
    QueueSpoiler,
    QueueUndo,
)
from bot.ui.moderation.report_buttons import ConfirmDelete, DeleteVideo, ReportVideo
from bot.ui.moderation.review_buttons import Approve, ApproveAsSpoiler, Reject
from bot.ui.moderation.review_forms import RejectForm, ReportForm, Undo
from bot.ui.owner.bill import TurnBill
from bot.ui.owner.uncertain import Settle, TaskForm, UncertainMenu, UncertainTurn
from bot.ui.privacy.my_data import DeleteData, ExportData
from bot.ui.requests.create import Change, Confirm, UseModel
from bot.ui.requests.followups import Again, Continue, CopyPrompt, Edit, Info, More
from bot.ui.requests.form_submit import SubmittedRequestForm
from bot.ui.requests.joined_films import ConfirmDeleteFilm, DeleteFilm, JoinFilm
from bot.ui.requests.list import Cancel, NextList
from bot.ui.requests.models import ModelMenu, TurnModels
from bot.ui.responses import answering, failures_answered, say
from bot.ui.series.buttons import FinishSeries, RetryShot, RetryShotForm
from bot.ui.series.create import ChangeSeries, SeriesForm, UseModelForSeries
from bot.ui.servers.settings_buttons import DeleteServer, OpenEverywhere
from bot.ui.servers.setup_panel import SetupChoice, SetupStep
from bot.ui.services import services_of
from bot.ui.showcase.buttons import TakeOut, VoteButton
from bot.ui.stats.statistics import TurnStats
from bot.ui.templates.make import MakeMine, TemplateForm
from bot.ui.templates.write import MakeTemplate, NewTemplate

Interaction = discord.Interaction[Any]

COMPONENTS: Final[tuple[type[Component], ...]] = (
    *(Cancel, NextList, Confirm, UseModel, Change, TurnModels, ModelMenu),
    *(Again, Edit, Continue, More, Info, CopyPrompt),
    *(JoinFilm, DeleteFilm, ConfirmDeleteFilm),
    *(Approve, ApproveAsSpoiler, Reject, ReportVideo, DeleteVideo, ConfirmDelete),
    *(NextQueue, NextHistory, NextDecisions, Appeal, Undo),
    *(QueueApprove, QueueSpoiler, QueueReject, QueueNext, QueueUndo),
    *(MakeMine, MakeTemplate),
    *(ChangeSeries, UseModelForSeries, RetryShot, FinishSeries),
    *(VoteButton, TakeOut),
    *(DeleteServer, OpenEverywhere, SetupChoice, SetupStep),
    *(ExportData, DeleteData, TurnStats),
    *(UncertainTurn, UncertainMenu, Settle, TurnBill),
)
"""Every button and menu; registered with discord.py at start."""

FORMS: Final[tuple[type[Form], ...]] = (
    *(SubmittedRequestForm, CastForm, TaskForm),
    *(RejectForm, QueueRejectForm, ReportForm, AppealForm),
    *(TemplateForm, NewTemplate),
    *(SeriesForm, RetryShotForm),
)


async def dispatch(interaction: Interaction) -> None:
    """Answer form submissions, and presses that no component of their message answers."""
    payload: Any = interaction.data
    custom_id = str((payload or {}).get("custom_id", ""))
    if interaction.type is discord.InteractionType.component:
        is_answered, key = await _press(interaction, custom_id), "refused-button-gone"
    elif interaction.type is discord.InteractionType.modal_submit:
        is_answered, key = await _submit(interaction, custom_id), "refused-form-gone"
    else:
        return
    if not is_answered and not interaction.response.is_done():
        t = services_of(interaction).texts.of(str(interaction.locale))
        await say(interaction, t(key))


async def _submit(interaction: Interaction, custom_id: str) -> bool:
    """Answer a submitted form; False where its custom_id is of no form."""
    for form in FORMS:
        match = form.custom_id_template.regex.fullmatch(custom_id)
        if match is not None:
            values = submitted_values(interaction)
            async with (
                failures_answered(interaction) as services,
                answering(interaction, is_update=form.is_update) as answer,
            ):
                await form.from_match(match).submitted(interaction, services, answer, values)
            return True
    return False


async def _press(interaction: Interaction, custom_id: str) -> bool:
    """Whether a component answers the press.

    discord.py drops presses of components that their message no longer has: those that were on
    their way while it changed, and forged ones. They run here all the same, except where they
    would change the message.
    """
    for component in COMPONENTS:
        match = component.custom_id_template.regex.fullmatch(custom_id)
        if match is None:
            continue
        message = interaction.message
        if message is not None and custom_id in custom_ids_of(message):
            return True
        if component.is_update:
            return False
        await component.from_match(match).callback(interaction)
        return True
    return False
