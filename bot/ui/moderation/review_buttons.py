"""The buttons of a review card, by which moderators decide."""

from typing import Annotated, ClassVar

import discord
from discord import ui

from bot.services.moderation.reviews import Verdict
from bot.ui.components import Interaction, RequestComponent, view_of
from bot.ui.custom_ids import digits
from bot.ui.interactions import caller_of
from bot.ui.moderation.review_forms import RejectForm
from bot.ui.responses import Answer
from bot.ui.services import Services
from bot.ui.texts import Localised
from storage.moderation.reviews import Review


def approve_custom_id(request_id: str, number: int) -> str:
    """The Approve button's custom_id, the marker of a posted review card."""
    return Approve(request_id, number).to_custom_id()


class _Decision(RequestComponent):
    """A button that decides a review at once. `number`: which of the request's reviews."""

    verdict: ClassVar[Verdict]

    number: Annotated[int, digits(6)]

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Decide; the worker updates the card."""
        review = await services.reviews.decide(
            caller_of(interaction), self.request_id, self.number, self.verdict
        )
        await answer.send(answer.t(f"review-done-{self.verdict}-{review.subject}"))


class Approve(_Decision, custom_id="vb:approve:{request_id}:{number}"):
    """Approves a request or its video, or dismisses the reports of a posted one."""

    verdict = Verdict.APPROVE
    style = discord.ButtonStyle.success
    emoji = "✅"


class ApproveAsSpoiler(_Decision, custom_id="vb:spoiler:{request_id}:{number}"):
    """Approves it behind a spoiler."""

    verdict = Verdict.SPOILER
    emoji = "🙈"


class Reject(_Decision, custom_id="vb:reject:{request_id}:{number}"):
    """Opens the form that asks for the reason."""

    verdict = Verdict.REJECT
    style = discord.ButtonStyle.danger
    emoji = "🚫"

    async def form(self, interaction: Interaction, services: Services) -> ui.Modal:
        """The form. Permissions are checked in time where possible, and again on submission."""
        check = services.reviews.check(caller_of(interaction), self.request_id, self.number)
        await services.forms.in_time(check)
        t = services.texts.of(str(interaction.locale))
        return RejectForm(self.request_id, self.number).build(t)


def review_view(review: Review, t: Localised) -> ui.View:
    """The buttons of an open review: three, and on an appeal no spoiler."""
    place = (review.request_id, review.number)
    approve = Approve(*place, label=t("button-approve"))
    spoiler = ApproveAsSpoiler(*place, label=t("button-spoiler"))
    reject = Reject(*place, label=t("button-reject"))
    if review.appeal_of:
        return view_of(approve, reject)
    return view_of(approve, spoiler, reject)
