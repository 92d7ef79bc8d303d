"""The buttons of moderators, and those that report and delete a posted video."""

import asyncio
import re
from collections.abc import Awaitable
from typing import Any, Final, Self

import discord
from discord import ui

from bot.desk.reviews import Verdict
from bot.posting import review_cards
from bot.posting.answers import Answer, answer_failure
from bot.posting.buttons import ID, RequestButton, view_of
from bot.posting.markdown import code
from bot.posting.reading import caller_of
from bot.posting.review_forms import RejectForm, ReportForm
from bot.posting.services import Services, services_of
from bot.posting.texts import Localised
from storage.errors import StorageError
from storage.reviews import Review

Interaction = discord.Interaction[Any]

CHECK_S: Final = 0.8
"""A form can't be put off: rather it opens for somebody whose answer is refused later."""

_NUMBER: Final = r"(?P<number>[0-9]{1,6})"


def approve_custom_id(request_id: str, number: int) -> str:
    """The Approve button's; by it a card is found again."""
    return f"vb:approve:{request_id}:{number}"


class _Decide(RequestButton, template=r"vb:none-decide"):
    """A press that decides at once."""

    verdict = Verdict.APPROVE
    style = discord.ButtonStyle.success
    emoji = "✅"

    def __init__(self, request_id: str, number: int, label: str = "Approve") -> None:
        super().__init__(
            ui.Button(
                label=label,
                style=self.style,
                emoji=self.emoji,
                custom_id=f"vb:{self.verdict}:{request_id}:{number}",
            )
        )
        self._request_id = request_id
        self._number = number

    @classmethod
    async def from_custom_id(
        cls, _: Interaction, __: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the pressed button anew from its custom_id."""
        return cls(match["id"], int(match["number"]))

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Decide; the card follows by itself."""
        review = await services.reviews.decide(
            caller_of(interaction), self._request_id, self._number, self.verdict
        )
        await answer.send(answer.t(f"review-done-{self.verdict}-{review.stage}"))


class Approve(_Decide, template=rf"vb:approve:{ID}:{_NUMBER}"):
    """Passes a request, or the video that it became, or lets a reported one stay."""


class ApproveAsSpoiler(_Decide, template=rf"vb:spoiler:{ID}:{_NUMBER}"):
    """The same, behind a spoiler."""

    verdict = Verdict.SPOILER
    style = discord.ButtonStyle.secondary
    emoji = "🙈"


class Reject(_Decide, template=rf"vb:reject:{ID}:{_NUMBER}"):
    """Opens the form that asks why."""

    verdict = Verdict.REJECT
    style = discord.ButtonStyle.danger
    emoji = "🚫"

    async def callback(self, interaction: Interaction) -> None:
        """Open the form at once, for who may decide as far as can be known in time."""
        services = services_of(interaction)
        request_id, number = self._request_id, self._number
        check = services.reviews.check(caller_of(interaction), request_id, number)
        t = services.texts.of(str(interaction.locale))
        await _open(interaction, services, check, RejectForm(request_id, number, t))


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
        await _open(interaction, services, None, ReportForm(t, request_id=self._request_id))


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


class NextQueue(RequestButton, template=r"vb:queue:(?P<skip>[0-9]{1,6})"):
    """Turns the page of `/videomod queue`."""

    is_update = True

    def __init__(self, skip: int, label: str = "Next") -> None:
        super().__init__(
            ui.Button(
                label=label,
                style=discord.ButtonStyle.secondary,
                emoji="▶️",
                custom_id=f"vb:queue:{skip}",
            )
        )
        self._skip = skip

    @classmethod
    async def from_custom_id(
        cls, _: Interaction, __: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the pressed button anew from its custom_id."""
        return cls(int(match["skip"]))

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Show the page in place of the one before."""
        await send_queue(services, interaction, answer, skip=self._skip)


class NextHistory(
    RequestButton,
    template=r"vb:history:(?P<user>[0-9]{1,20}):(?P<id>[a-z0-9]{0,20}):(?P<before>[0-9]{1,19})",
):
    """Turns the page of `/videomod history`, towards older decisions."""

    is_update = True

    def __init__(self, user_id: int, request_id: str, before: int, label: str = "Next") -> None:
        super().__init__(
            ui.Button(
                label=label,
                style=discord.ButtonStyle.secondary,
                emoji="▶️",
                custom_id=f"vb:history:{user_id}:{request_id}:{before}",
            )
        )
        self._place = (user_id, request_id, before)

    @classmethod
    async def from_custom_id(
        cls, _: Interaction, __: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the pressed button anew from its custom_id."""
        return cls(int(match["user"]), match["id"], int(match["before"]))

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Show the page in place of the one before."""
        user_id, request_id, before = self._place
        await send_history(
            services, interaction, answer, user_id=user_id, request_id=request_id, before=before
        )


REVIEW_BUTTONS: Final = (
    Approve,
    ApproveAsSpoiler,
    Reject,
    ReportVideo,
    DeleteVideo,
    ConfirmDelete,
    NextQueue,
    NextHistory,
)
"""Every class that must be registered at start."""


def review_view(review: Review, t: Localised) -> ui.View:
    """The three buttons of an open review."""
    place = (review.request_id, review.number)
    return view_of(
        Approve(*place, t("button-approve")),
        ApproveAsSpoiler(*place, t("button-spoiler")),
        Reject(*place, t("button-reject")),
    )


async def open_report_form(interaction: Interaction, message: discord.Message) -> None:
    """Open the form for a message of the menu; whether it is a video shows when it comes back."""
    services = services_of(interaction)
    t = services.texts.of(str(interaction.locale))
    await _open(interaction, services, None, ReportForm(t, message_id=message.id))


async def _open(
    interaction: Interaction,
    services: Services,
    check: Awaitable[object] | None,
    form: ui.Modal,
) -> None:
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


async def send_delete_question(
    services: Services, interaction: Interaction, answer: Answer, request_id: str
) -> None:
    """Ask once, with one button; for who may delete this video."""
    request = await services.complaints.deletable(caller_of(interaction), request_id)
    sure = ConfirmDelete(request.id, answer.t("button-confirm"))
    await answer.send(answer.t("delete-sure", id=code(request.id)), view=view_of(sure))


async def send_queue(
    services: Services, interaction: Interaction, answer: Answer, *, skip: int = 0
) -> None:
    """Answer with a page of what waits."""
    page = await services.reviews.queue(caller_of(interaction), skip=skip)
    view = None
    if page.next_skip:
        view = view_of(NextQueue(page.next_skip, answer.t("button-next")))
    await answer.send(embed=review_cards.queue_page(page, answer.t), view=view)


async def send_history(
    services: Services,
    interaction: Interaction,
    answer: Answer,
    *,
    user_id: int = 0,
    request_id: str = "",
    before: int = 0,
) -> None:
    """Answer with a page of what was decided."""
    page = await services.history.page(
        caller_of(interaction), user_id=user_id, request_id=request_id, before=before
    )
    view = None
    if page.next_before:
        label = answer.t("button-next")
        turn = NextHistory(page.user_id, page.request_id, page.next_before, label)
        view = view_of(turn)
    await answer.send(embed=review_cards.history_page(page, answer.t), view=view)
