"""The buttons of a review card, by which moderators decide."""

import re
from typing import Any, Final, Self

import discord
from discord import ui

from bot.services.moderation.reviews import Verdict
from bot.ui.components import ID, RequestButton, view_of
from bot.ui.interactions import caller_of
from bot.ui.moderation.review_forms import RejectForm, open_checked
from bot.ui.responses import Answer
from bot.ui.services import Services, services_of
from bot.ui.texts import Localised
from storage.moderation.reviews import Review

Interaction = discord.Interaction[Any]

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
        await open_checked(interaction, services, RejectForm(request_id, number, t), check)


REVIEW_BUTTONS: Final = (Approve, ApproveAsSpoiler, Reject)
"""Every class that must be registered at start."""


def review_view(review: Review, t: Localised) -> ui.View:
    """The three buttons of an open review."""
    place = (review.request_id, review.number)
    return view_of(
        Approve(*place, t("button-approve")),
        ApproveAsSpoiler(*place, t("button-spoiler")),
        Reject(*place, t("button-reject")),
    )
