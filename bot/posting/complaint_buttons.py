"""The buttons that report a posted video and take it down."""

import re
from typing import Any, Final, Self

import discord
from discord import ui

from bot.posting.answers import Answer
from bot.posting.buttons import ID, RequestButton, view_of
from bot.posting.markdown import code
from bot.posting.reading import caller_of
from bot.posting.review_forms import ReportForm, open_checked
from bot.posting.services import Services, services_of

Interaction = discord.Interaction[Any]


class ReportVideo(RequestButton, template=rf"vb:report:{ID}"):
    """Opens the form that asks what is wrong with a posted video."""

    def __init__(self, request_id: str, label: str = "Report") -> None:
        super().__init__(
            ui.Button(
                label=label,
                style=discord.ButtonStyle.secondary,
                emoji="🚩",
                custom_id=f"vb:report:{request_id}",
            )
        )
        self._request_id = request_id

    @classmethod
    async def from_custom_id(
        cls, _: Interaction, __: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the pressed button anew from its custom_id."""
        return cls(match["id"])

    async def callback(self, interaction: Interaction) -> None:
        """Open the form at once."""
        services = services_of(interaction)
        t = services.texts.of(str(interaction.locale))
        await open_checked(interaction, services, ReportForm(t, request_id=self._request_id))


class DeleteVideo(RequestButton, template=rf"vb:delete:{ID}"):
    """Asks once whether a posted video should be taken down."""

    is_update = True

    def __init__(self, request_id: str, label: str = "Delete") -> None:
        super().__init__(
            ui.Button(
                label=label,
                style=discord.ButtonStyle.danger,
                emoji="🗑️",
                custom_id=f"vb:delete:{request_id}",
            )
        )
        self._request_id = request_id

    @classmethod
    async def from_custom_id(
        cls, _: Interaction, __: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the pressed button anew from its custom_id."""
        return cls(match["id"])

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Ask, in place of what stood there."""
        await send_delete_question(services, interaction, answer, self._request_id)


class ConfirmDelete(RequestButton, template=rf"vb:delete-sure:{ID}"):
    """Takes a posted video down."""

    is_update = True

    def __init__(self, request_id: str, label: str = "Confirm") -> None:
        super().__init__(
            ui.Button(
                label=label,
                style=discord.ButtonStyle.danger,
                custom_id=f"vb:delete-sure:{request_id}",
            )
        )
        self._request_id = request_id

    @classmethod
    async def from_custom_id(
        cls, _: Interaction, __: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the pressed button anew from its custom_id."""
        return cls(match["id"])

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Do it, and say so in place of the question."""
        request = await services.complaints.delete(caller_of(interaction), self._request_id)
        await answer.send(answer.t("delete-done", id=code(request.id)))


COMPLAINT_BUTTONS: Final = (ReportVideo, DeleteVideo, ConfirmDelete)
"""Every class that must be registered at start."""


async def open_report_form(interaction: Interaction, message: discord.Message) -> None:
    """Open the form for a message of the menu; whether it is a video shows when it comes back."""
    services = services_of(interaction)
    t = services.texts.of(str(interaction.locale))
    await open_checked(interaction, services, ReportForm(t, message_id=message.id))


async def send_delete_question(
    services: Services, interaction: Interaction, answer: Answer, request_id: str
) -> None:
    """Ask once, with one button; for who may delete this video."""
    request = await services.complaints.deletable(caller_of(interaction), request_id)
    sure = ConfirmDelete(request.id, answer.t("button-confirm"))
    await answer.send(answer.t("delete-sure", id=code(request.id)), view=view_of(sure))
