"""The forms that ask for a reason; like buttons they work from their custom_id after a restart."""

import asyncio
import re
from collections.abc import Awaitable, Iterator
from typing import Any, Final

import discord
from discord import ui

from bot.services.moderation.reports import LONGEST_REASON
from bot.services.moderation.reviews import LONGEST_NOTE, REASONS, Verdict
from bot.ui.interactions import caller_of
from bot.ui.responses import Answer, answer_failure, answering
from bot.ui.services import Services, services_of
from bot.ui.texts import Localised
from storage.errors import StorageError

Interaction = discord.Interaction[Any]

FORM_TIMEOUT_S: Final = 15 * 60.0
CHECK_S: Final = 0.8
"""A form can't be put off: rather it opens for somebody whose answer is refused later."""
REASON: Final = "reason"
NOTE: Final = "note"

_REJECT: Final = re.compile(r"vb:reject-form:(?P<id>[a-z0-9]{6,20}):(?P<number>[0-9]{1,6})")
_REPORT: Final = re.compile(
    r"vb:report-form:(?:r:(?P<id>[a-z0-9]{6,20})|m:(?P<message>[0-9]{1,20}))"
)


class _Form(ui.Modal):
    """A form that the client answers from its custom_id, so that it outlives a restart."""

    async def on_submit(self, interaction: Interaction, /) -> None:
        """Nothing: `take_form` answers it."""


class RejectForm(_Form):
    """Ready-made reasons, the most usual one chosen, and a text if one wants: two taps."""

    def __init__(self, request_id: str, number: int, t: Localised) -> None:
        super().__init__(
            title=t("form-reject"),
            timeout=FORM_TIMEOUT_S,
            custom_id=f"vb:reject-form:{request_id}:{number}",
        )
        reasons: ui.Select[Any] = ui.Select(
            custom_id=REASON,
            options=[
                discord.SelectOption(
                    label=t(f"reason-{reason}"), value=reason, default=reason == REASONS[0]
                )
                for reason in REASONS
            ],
            required=True,
        )
        note: ui.TextInput[Any] = ui.TextInput(
            custom_id=NOTE,
            style=discord.TextStyle.paragraph,
            required=False,
            max_length=LONGEST_NOTE,
        )
        self.add_item(ui.Label(text=t("form-reason"), component=reasons))
        self.add_item(
            ui.Label(text=t("form-note"), description=t("form-note-help"), component=note)
        )


class ReportForm(_Form):
    """Asks what is wrong with a posted video, named by its request or its message."""

    def __init__(self, t: Localised, *, request_id: str = "", message_id: int = 0) -> None:
        what = f"r:{request_id}" if request_id else f"m:{message_id}"
        super().__init__(
            title=t("form-report"), timeout=FORM_TIMEOUT_S, custom_id=f"vb:report-form:{what}"
        )
        reason: ui.TextInput[Any] = ui.TextInput(
            custom_id=REASON,
            style=discord.TextStyle.paragraph,
            required=True,
            max_length=LONGEST_REASON,
        )
        self.add_item(
            ui.Label(text=t("form-reason"), description=t("form-report-help"), component=reason)
        )


def is_ours(custom_id: str) -> bool:
    """Whether a form can be taken from its custom_id alone."""
    return bool(_REJECT.fullmatch(custom_id) or _REPORT.fullmatch(custom_id))


async def take_form(interaction: Interaction) -> None:
    """Do what a form of this module asks for, and answer; also for one from before a restart."""
    services = services_of(interaction)
    data: Any = interaction.data or {}
    custom_id = str(data.get("custom_id", ""))
    values = dict(_values(data.get("components", ())))
    try:
        async with answering(interaction, services.texts, currency=services.currency) as answer:
            if (rejected := _REJECT.fullmatch(custom_id)) is not None:
                await _reject(interaction, services, answer, rejected, values)
            elif (reported := _REPORT.fullmatch(custom_id)) is not None:
                await _report(interaction, services, answer, reported, values)
    except Exception as error:  # noqa: BLE001 - the last one who can answer
        await answer_failure(interaction, services.texts, error, currency=services.currency)


async def _reject(
    interaction: Interaction,
    services: Services,
    answer: Answer,
    match: re.Match[str],
    values: dict[str, str],
) -> None:
    review = await services.reviews.decide(
        caller_of(interaction),
        match["id"],
        int(match["number"]),
        Verdict.REJECT,
        reason=values.get(REASON, ""),
        note=values.get(NOTE, ""),
    )
    await answer.send(answer.t(f"review-done-reject-{review.stage}"))


async def _report(
    interaction: Interaction,
    services: Services,
    answer: Answer,
    match: re.Match[str],
    values: dict[str, str],
) -> None:
    await services.reports.report(
        caller_of(interaction),
        values.get(REASON, ""),
        request_id=match["id"] or "",
        message_id=int(match["message"] or 0),
    )
    await answer.send(answer.t("report-done"))


def _values(rows: Any) -> Iterator[tuple[str, str]]:
    """Every field's custom_id with what was entered; of several choices the first."""
    for row in rows:
        inner = [row["component"]] if row.get("component") else row.get("components", ())
        for part in inner:
            chosen = part.get("values") or [part.get("value") or ""]
            yield str(part.get("custom_id", "")), str(chosen[0])


async def open_checked(
    interaction: Interaction,
    services: Services,
    form: ui.Modal,
    check: Awaitable[object] | None = None,
) -> None:
    """Open a form; what `check` raises in time is the answer instead."""
    try:
        if check is not None:
            try:
                async with asyncio.timeout(CHECK_S):
                    await check
            except (TimeoutError, StorageError):
                pass  # who may decide is checked again when the form comes back
        await interaction.response.send_modal(form)
    except Exception as error:  # noqa: BLE001 - the last one who can answer
        await answer_failure(interaction, services.texts, error, currency=services.currency)
